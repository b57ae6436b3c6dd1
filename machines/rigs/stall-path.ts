/**
 * The way of a stalled transaction: devices whose DMA an SMMU translates, its event queue, the thread that reads it, the fault data of
 * each device, and back by CMD_RESUME.
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { dmaStream } from '../hardware/smmu/dma-stream.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { evtqThread } from '../kernel/arm-smmu-v3/evtq.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { deviceFault } from '../kernel/iommu/v5.12.ts';
import type { deviceFaultRegisters } from '../kernel/iommu/v5.12-register.ts';
import type { deviceFaultUnregisters } from '../kernel/iommu/v5.12-unregister.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { everyStallHasOneOwner } from '../monitors/stalled-transactions.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

interface StallPath {
  /** With one DMA at a time each. */
  readonly devices: number;
  /** Entries of the event queue; with fewer than devices, stalls have to wait for room. */
  readonly entries: number;
  /** What the SMMU's TLBs hold, by what a TLBI names. */
  readonly tlbs: Readonly<Record<string, string>>;
  /** What translates each page for a device; left out, what a TLBI of the page names. */
  readonly tlbsOf?: (index: number) => Readonly<Record<string, string>>;
  /** What a device may start by itself; left out, somebody else starts its DMA. */
  readonly choices?: (index: number) => readonly { type: 'DMA'; page: string; write: boolean }[];
  /** The fault data of each device; left out, with a handler from the start. */
  readonly fault?: typeof deviceFault | typeof deviceFaultRegisters | typeof deviceFaultUnregisters;
  /** Commands that the command queue may have to hold beside an answer to each device. */
  readonly commands?: number;
}

/** Its devices are `dev0`, …; it calls the actor `handler` with each fault. */
export function stallPath({
  devices,
  entries,
  tlbs,
  tlbsOf = () => tlbs,
  choices = () => [],
  fault = deviceFault,
  commands = 0,
}: StallPath) {
  const deviceNames = names('dev', devices);
  const cores = pairs(deviceNames, names('core', devices));
  const actors = combineActors(
    family('dev', devices, (index) =>
      actor(dmaStream, {
        input: { name: `dev${index}`, eventQueue: 'evtq', tlbs: tlbsOf(index) },
        choices: choices(index),
        rest: ['idle'],
      }),
    ),
    {
      // Without room for each, a stall has to be told of what is invalidated while it waits.
      cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs, ...(entries < devices && { eventQueue: 'evtq' }) } }),
      evtq: actor(eventQueue, {
        input: { entries },
        // Only with fewer entries than devices a stall waits for room inside the SMMU.
        choices: entries < devices ? deviceNames.flatMap((stag) => [writeRecord(stag), retryEarly(stag)]) : [],
        rest: ({ context }) => context.records.length === 0 && Object.keys(context.unrecorded).length === 0,
      }),
      evtqThread: actor(evtqThread, {
        input: { name: 'evtqThread', queue: 'evtq', cores },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
      smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
    },
    family('core', devices, (index) =>
      actor(fault, {
        input: { name: `core${index}`, device: 'smmuDriver', lock: `paramLock${index}`, handler: 'handler' },
      }),
    ),
    family('paramLock', devices, () => actor(mutex, { rest: ['free'] })),
  );
  return {
    actors,
    expects: ['handler'],
    channels: {
      // An answer to each device and what else there is, so that nobody waits for room.
      commands: {
        to: ['cmdq'],
        types: commands > 0 ? ['TLBI', 'SYNC', 'RESUME'] : ['RESUME'],
        order: 'fifo',
        capacity: devices + commands,
      },
    },
    blocking: ['DMA', 'READ', 'ACQUIRE', 'SYNC'],
    always: everyStallHasOneOwner({ cores, eventQueue: 'evtq', evtqThread: 'evtqThread', commands: 'commands' }),
    shows: [happens('a DMA is done after its page was faulted in', { type: 'ACCESS' })],
    things: { devices: { count: devices, prefixes: ['dev', 'core', 'paramLock'] } },
  } as const satisfies Rig;
}

/** With fewer entries than devices. */
export const waitsForRoom = reachable('a stall waits inside the SMMU for room in the event queue', (view) => {
  return Object.keys(view.get('evtq').context.unrecorded as object).length > 0;
});

const writeRecord = (stag: string) => ({ type: 'WRITE_RECORD', stag }) as const;
const retryEarly = (stag: string) => ({ type: 'RETRY_EARLY', stag }) as const;
