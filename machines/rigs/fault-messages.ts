/**
 * Faults of four kinds of hardware, their drivers and cores, and iommufd's queue for all of them: of each kind, say `prq`, the hardware with its
 * records, `prqDriver` and `prqCore`.
 *
 *   prq -RECORD-> prqDriver -REPORT-> prqCore -IOPF_HANDLER-> fault
 *   (user space) WRITE -> fault -GROUP_RESPONSE-> prqCore -PAGE_RESPONSE-> prqDriver -ANSWER-> prq
 */
import { always, type Property, reachable, type SystemView } from '../../src/system/property.ts';
import { type Actor, type Actors, actor } from '../../src/system/system.ts';
import {
  PPR_TAG_INDEX,
  PPR_TAG_LAST,
  type PprRecord,
  recordedPprRequests,
} from '../hardware/amd/recorded-page-requests.ts';
import type { RequestOfGroup } from '../hardware/pcie/page-response-rules.ts';
import type { RecordedRequestsContext, RecordedRequestsInput } from '../hardware/recorded-requests.ts';
import { type PriqRecord, recordedPriRequests } from '../hardware/smmu/recorded-page-requests.ts';
import { type EvtqRecord, recordedStalls } from '../hardware/smmu/recorded-stalls.ts';
import { type PrqRecord, recordedPrqRequests } from '../hardware/vtd/recorded-page-requests.ts';
import type { PprMessagesInput } from '../kernel/amd/ppr-messages.ts';
import { type PriMessagesInput, priMessages } from '../kernel/arm-smmu-v3/pri-messages.ts';
import { stallMessages } from '../kernel/arm-smmu-v3/stall-messages.ts';
import type { PrqMessagesInput } from '../kernel/intel/prq-messages.ts';
import type { HwptPgfault } from '../kernel/io-pgfault/fault-message.ts';
import { messageCore } from '../kernel/io-pgfault/message-core.ts';
import { messageCoreV512 } from '../kernel/io-pgfault/message-core-v5.12.ts';
import { messageQueue, type ReadGroup } from '../kernel/iommufd/message-queue.ts';
import { when } from '../parts/when.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

/** Group indexes of 9 bits, STAGs of 16. */
const INDEXES = [0, 0x1ff];
const STAGS = [0, 0xffff];
const PASIDS = [null, 1];

const both = [false, true];

const requests = (required: boolean): RequestOfGroup[] =>
  INDEXES.flatMap((index) => PASIDS.flatMap((pasid) => both.map((last) => ({ index, last, pasid, required }))));

const stallRecords = (streams: readonly number[]): EvtqRecord[] =>
  streams.flatMap((sid) => STAGS.flatMap((stag) => PASIDS.map((ssid) => ({ sid, stag, ssid }))));

const priqRecords = (required: boolean): PriqRecord[] => requests(required).map((request) => ({ sid: 1, ...request }));

const prqRecords = (required: boolean): PrqRecord[] =>
  requests(required).map((request) => ({ rid: 1, privateData: 0, ...request }));

const pprRecords = (required: boolean, mayPost: (request: RequestOfGroup) => boolean): PprRecord[] =>
  requests(required)
    .filter(mayPost)
    .map(({ index, last, pasid }) => {
      const tag = index + (last ? PPR_TAG_LAST : 0);
      return { devid: 1, tag, gn: pasid !== null, pasid: pasid ?? 0, required };
    });

export interface FaultMessages {
  /** Groups that wait for user space, of all hardware together. */
  readonly groups: number;
  readonly hardware: readonly ('evtq' | 'priq' | 'prq' | 'ppr')[];
  /** Streams of the device that stalls. */
  readonly streams: readonly number[];
  /** PRG Response PASID Required, of the function behind each queue. */
  readonly priqRequired: boolean;
  readonly prqRequired: boolean;
  readonly pprRequired: boolean;
  /** What the function behind the PPR log asks for. */
  readonly pprPosts: (request: RequestOfGroup) => boolean;
  readonly prq: Version<PrqMessagesInput>;
  readonly ppr: Version<PprMessagesInput>;
  readonly pri?: Version<PriMessagesInput>;
}

export function faultMessages({
  groups,
  hardware,
  streams,
  prq,
  ppr,
  pri = priMessages,
  pprPosts,
  ...required
}: FaultMessages) {
  const { priqRequired, prqRequired, pprRequired } = required;
  const path = (name: string) => ({ hardware: name, core: `${name}Core` });
  const all = {
    evtq: {
      hardware: posting(recordedStalls, 'evtq', groups, stallRecords(streams)),
      driver: actor(stallMessages, { input: { ...path('evtq'), streams } }),
    },
    priq: {
      hardware: posting(recordedPriRequests, 'priq', groups + 1, priqRecords(priqRequired)),
      driver: actorOf(pri, { input: { ...path('priq'), sid: 1, prgRespNeedsSsid: priqRequired } }),
    },
    prq: {
      hardware: posting(recordedPrqRequests, 'prq', groups + 1, prqRecords(prqRequired)),
      driver: actorOf(prq, { input: { ...path('prq'), rid: 1 } }),
    },
    ppr: {
      hardware: posting(recordedPprRequests, 'ppr', groups + 1, pprRecords(pprRequired, pprPosts)),
      driver: actorOf(ppr, { input: { ...path('ppr'), devid: 1, priTlp: pprRequired } }),
    },
  };
  const actors: Actors = {};
  for (const name of hardware) {
    actors[name] = all[name].hardware as Actor;
    actors[`${name}Driver`] = all[name].driver as Actor;
    actors[`${name}Core`] = actor(messageCore, {
      input: { name: `${name}Core`, driver: `${name}Driver`, handler: 'fault' },
    }) as unknown as Actor;
  }
  const cookies = Array.from({ length: groups }, (_, at) => at + 1);
  actors.fault = actor(messageQueue, {
    input: { room: groups },
    choices: cookies.flatMap((cookie) => ([0, 1] as const).map((code) => ({ type: 'WRITE' as const, cookie, code }))),
    rest: () => true,
  });
  return {
    actors,
    blocking: ['IOPF_HANDLER'],
    always: [
      ...answersAreRight(hardware),
      always(TOLD, (view) =>
        hardware.every((name) =>
          readGroups(view, name).every(({ faults, message }) => {
            const { records } = contextOf(view, name);
            const record = records[faults.at(-1)!.token];
            // Answered astray already, which is another property's affair.
            if (record === undefined) return true;
            const last = told(record);
            const members = Object.values(records).filter((other) => told(other).grpid === last.grpid);
            return isTold(last, message) && (name === 'evtq' || members.length === faults.length);
          }),
        ),
      ),
    ],
    shows: hardware.map((name) =>
      reachable(`user space has a group of ${name}`, (view) => readGroups(view, name).length > 0),
    ),
  } as const satisfies Rig;
}

interface PrivateDataMessages {
  readonly prq: Version<PrqMessagesInput>;
  /** What requests may have. */
  readonly privateData: readonly number[];
  readonly core: 'v5.12' | 'v6.9';
}

/** VT-d with private data in all requests of one group. With the core of v5.12 workers answer, with that of v6.9 whoever has the groups. */
export function privateDataMessages({ prq, privateData, core }: PrivateDataMessages) {
  const records = both.flatMap((last) =>
    privateData.map((data) => ({ rid: 1, index: 0, pasid: 1, last, required: true, privateData: data })),
  );
  const codes = [0, 1] as const;
  const rest = () => true;
  const cores: Readonly<Record<typeof core, Actors>> = {
    'v5.12': {
      prqCore: actor(messageCoreV512, {
        input: { driver: 'prqDriver' },
        choices: [0, 1].flatMap((at) => codes.map((code) => ({ type: 'RESPOND' as const, at, code }))),
        rest,
      }) as unknown as Actor,
    },
    'v6.9': {
      prqCore: actor(messageCore, {
        input: { name: 'prqCore', driver: 'prqDriver', handler: 'fault' },
      }) as unknown as Actor,
      fault: actor(messageQueue, {
        input: { room: 2 },
        choices: [1, 2].flatMap((cookie) => codes.map((code) => ({ type: 'WRITE' as const, cookie, code }))),
        rest,
      }) as unknown as Actor,
    },
  };
  const actors: Actors = {
    prq: posting(recordedPrqRequests, 'prq', 2, records) as Actor,
    prqDriver: actorOf(prq, { input: { hardware: 'prq', core: 'prqCore', rid: 1 } }) as Actor,
    ...cores[core],
  };
  return {
    actors,
    blocking: when(core === 'v6.9', 'IOPF_HANDLER'),
    always: answersAreRight(['prq']),
  } as const satisfies Rig;
}

export const RIGHT_REQUEST = 'an answer reaches the request that it was given for';
export const NO_RESERVED = 'no answer has a code that its specification does not define';
export const RIGHT_CODE = 'the hardware takes from an answer what was meant';
export const TOLD = 'user space is told the PASID and the group of the record, and of all its requests';

function answersAreRight(hardware: readonly string[]): readonly Property[] {
  const isNever = (wrong: string) => (view: SystemView) =>
    hardware.every((name) => contextOf(view, name).wrong !== wrong);
  return [
    always(RIGHT_REQUEST, isNever('astray')),
    always(NO_RESERVED, isNever('reserved')),
    always(RIGHT_CODE, isNever('misread')),
  ];
}

type AnyRecord = EvtqRecord | PriqRecord | PrqRecord | PprRecord;

/** The hardware of one kind, which posts any of these records, with memory for its group or without. */
function posting<R extends AnyRecord>(
  machine: Version<RecordedRequestsInput>,
  name: string,
  room: number,
  records: readonly R[],
) {
  return actorOf(machine, {
    input: { driver: `${name}Driver`, room },
    choices: records.flatMap((record) =>
      // Only a last request needs memory that is not the driver's.
      (told(record).last ? [true, false] : [true]).map((memory) => ({ type: 'POST', record, memory })),
    ),
    rest: () => true,
  });
}

/** What a record says of its request. */
function told(record: AnyRecord): { readonly pasid: number | null; readonly grpid: number; readonly last: boolean } {
  if ('stag' in record) return { pasid: record.ssid, grpid: record.stag, last: true };
  if (!('tag' in record)) return { pasid: record.pasid, grpid: record.index, last: record.last };
  const { tag, gn, pasid } = record;
  return { pasid: gn ? pasid : null, grpid: tag & PPR_TAG_INDEX, last: (tag & PPR_TAG_LAST) !== 0 };
}

function isTold({ pasid, grpid }: ReturnType<typeof told>, message: HwptPgfault): boolean {
  return message.grpid === grpid && (pasid === null ? (message.flags & 1) === 0 : message.pasid === pasid);
}

function contextOf(view: SystemView, name: string): RecordedRequestsContext<AnyRecord> {
  return view.get(name).context as RecordedRequestsContext<AnyRecord>;
}

function readGroups(view: SystemView, name: string): readonly ReadGroup[] {
  const { response } = view.get('fault').context as { response: Readonly<Record<number, ReadGroup>> };
  return Object.values(response).filter(({ core }) => core === `${name}Core`);
}
