/**
 * The host's part of a page request with nested translation, in two versions: whole groups that the core gathers, for one handler
 * (`nestedGroups`), or each request as it comes (`nestedRequests`). The requests come from `dev0`.
 *
 *   dev0 -PAGE_REQUEST-> prq -ENTRY-> irq -REPORT-> core0 -QUEUE_WORK or DEVICE_FAULT-> handler; -RESPOND-> core0 -PRG_RESPONSE-> dev0
 */
import { actor } from '../../src/system/system.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { prqThreadWalks } from '../kernel/intel/prq-walks-stage1.ts';
import { iopfCore738e6f32e61d } from '../kernel/io-pgfault/738e6f32e61d.ts';
import { nestedDeviceFaultByIndex } from '../kernel/iommu/v5.12-nested-index.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import type { NestedHandlerInput } from '../kernel/vfio-type1/nested-joins.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;
const prq = actor(pageRequestQueue, { input: { entries: 2 }, rest: ({ context }) => context.entries.length === 0 });
const irq = { input: { name: 'irq', queue: 'prq', cores: { dev0: 'core0' } }, choices: [RUN], rest: ['idle'] } as const;
const blocking = ['PAGE_REQUEST', 'PEEK'] as const;

/** With a core that answers whoever asks it to (738e6f32e61d). */
export function nestedGroups<Handler extends Version<NestedHandlerInput>>(handler: Handler) {
  const actors = {
    prq,
    irq: actor(prqThread, irq),
    core0: actor(iopfCore738e6f32e61d, { input: { name: 'core0', device: 'dev0', workQueue: 'handler' } }),
    handler: actorOf(handler, {
      input: { name: 'handler', core: 'core0', guestCore: 'guestCore0' },
      choices: [RUN],
      rest: ['idle'],
    }),
  };
  return { actors, expects: ['dev0', 'guestCore0'], blocking } as const satisfies Rig;
}

/** With the fault data of v5.12, whose flags ask for both stages, and a thread that finds out which one it is. */
export function nestedRequests() {
  const actors = {
    prq,
    irq: actor(prqThreadWalks, irq),
    core0: actor(nestedDeviceFaultByIndex, {
      input: { name: 'core0', device: 'dev0', lock: 'paramLock', handler: 'handler', hasL1: true, hasL2: true },
    }),
    paramLock: actor(mutex),
  };
  return { actors, expects: ['dev0', 'handler'], blocking: [...blocking, 'ACQUIRE'] } as const satisfies Rig;
}
