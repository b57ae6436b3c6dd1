/**
 * Stalls of a device with nested translation: `dev0`, the event queue and its thread, the fault data of RFC v3 in a version, `core0`, and back by
 * CMD_RESUME.
 *
 *   dev0 -STALL-> evtq -> evtqThread -REPORT-> core0 -DEVICE_FAULT-> handler; core0 -PRG_RESPONSE-> smmuDriver -RESUME-> cmdq -> dev0
 */
import { actor } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { nestedStream } from '../hardware/smmu/nested-stream.ts';
import { evtqThread } from '../kernel/arm-smmu-v3/evtq.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import type { NestedDeviceFaultInput } from '../kernel/iommu/v5.12-nested.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface NestedStalls<Fault> {
  readonly pages: number;
  /** A version of the device's fault data. */
  readonly fault: Fault;
  readonly hasL1: boolean;
  readonly hasL2: boolean;
}

export function nestedStalls<Fault extends Version<NestedDeviceFaultInput>>({
  pages,
  fault,
  ...flags
}: NestedStalls<Fault>) {
  const actors = {
    dev0: actor(nestedStream, {
      input: { name: 'dev0', eventQueue: 'evtq' },
      choices: names('page', pages).map((page) => ({ type: 'DMA', page }) as const),
      rest: ['idle'],
    }),
    evtq: actor(eventQueue, { input: { entries: 1 }, rest: ({ context }) => context.records.length === 0 }),
    cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: {} } }),
    evtqThread: actor(evtqThread, {
      input: { name: 'evtqThread', queue: 'evtq', cores: { dev0: 'core0' } },
      choices: [{ type: 'RUN' }],
      rest: ['idle'],
    }),
    smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
    core0: actorOf(fault, {
      input: { name: 'core0', device: 'smmuDriver', lock: 'paramLock', handler: 'handler', ...flags },
    }),
    paramLock: actor(mutex),
  };
  return {
    actors,
    expects: ['handler', ...names('page', pages)],
    channels: { commands: { to: ['cmdq'], types: ['RESUME'], order: 'fifo', capacity: 2 } },
    blocking: ['DMA', 'READ', 'ACQUIRE'],
  } as const satisfies Rig;
}
