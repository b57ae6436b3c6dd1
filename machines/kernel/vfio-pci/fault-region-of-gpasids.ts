/**
 * The fault region of a device whose page requests name host PASIDs, which its guest does not know; `dma-fault-region.ts` is the ring without them. The
 * handler translates when a request is reported, and a record has the guest's PASID.
 *
 * Version: `fault-region-of-hpasids.ts` leaves the translation to who reads. List 'READ' and 'FLUSH_REGION' as `blocking`.
 *
 * Simplifications: no record finds it full; groups of one request.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';

/** `gpasid` is null where nobody has translated. */
export interface PasidRecord {
  readonly request: PasidRequest;
  readonly gpasid: string | null;
}

export type PasidFaultRegionEvent =
  /** The fault handler, called by the interrupt thread. */
  | { type: 'REPORT'; request: PasidRequest; by: string }
  /** The replies of `../iommu/gpasid-binds.ts`. */
  | { type: 'GPASID'; gpasid: string }
  | { type: 'NO_GPASID' }
  /** The VMM takes the oldest record; the reply is RECORD. */
  | { type: 'READ'; by: string }
  /** Who unbinds waits until no record of this host PASID is left. No series has this. */
  | { type: 'FLUSH_REGION'; hpasid: string };

const ring = entriesIn('records');

/** What versions are made of. */
export const pasidFaultRegionParts = setup({
  types: {
    input: {} as { name: string; binds: string },
    context: {} as {
      readonly name: string;
      readonly binds: string;
      readonly records: readonly PasidRecord[];
      /** The report at hand. */
      readonly reported: PasidRequest | null;
    },
    events: {} as PasidFaultRegionEvent,
  },
  guards: {
    isNotEmpty: ring.isNotEmpty,
    hasNoneOf: from('FLUSH_REGION', ({ context, event }) => {
      return context.records.every(({ request }) => request.pasid !== event.hpasid);
    }),
  },
  actions: {
    keepReport: assign({ reported: from('REPORT', ({ event }) => event.request) }),
    findGpasid: call(
      'binds',
      from('REPORT', ({ event }) => ({ type: 'FIND_GPASID', hpasid: event.request.pasid })),
    ),
    append: ring.add(from('REPORT', ({ event }) => ({ request: event.request, gpasid: null }))),
    appendTranslated: ring.add(
      from('GPASID', ({ context, event }) => ({ request: context.reported!, gpasid: event.gpasid })),
    ),
    answerInvalid: send(
      ({ context }) => context.reported!.device,
      ({ context: { name, reported } }) => {
        const { index, generation } = reported!;
        return { type: 'PRG_RESPONSE', index, code: 'invalid', by: name, generation };
      },
    ),
    forgetReport: assign({ reported: null }),
    replyRecord: reply(({ context }) => ({ type: 'RECORD', ...context.records[0]! })),
    drop: ring.drop(),
  },
});

export const pasidFaultRegionConfig = {
  context: ({ input }: { input: { name: string; binds: string } }) => ({ ...input, records: [], reported: null }),
} as const;

/** Another version replaces transitions. */
export const pasidFaultRegionTransitions = {
  REPORT: { actions: ['keepReport', 'findGpasid'] },
  GPASID: { actions: ['appendTranslated', 'forgetReport'] },
  NO_GPASID: { actions: ['answerInvalid', 'forgetReport'] },
  READ: { guard: 'isNotEmpty', actions: ['replyRecord', 'drop'] },
  // That it is not refused is what the caller waited for.
  FLUSH_REGION: { guard: 'hasNoneOf' },
} as const;

export const faultRegionOfGpasids = pasidFaultRegionParts.createMachine({
  id: 'faultRegionOfGpasids',
  ...pasidFaultRegionConfig,
  on: pasidFaultRegionTransitions,
});
