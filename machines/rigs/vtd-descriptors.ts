/**
 * The page request queue of VT-d as the ring that it is, `prq`, and the thread that reads it, `irq`, with the tree in which it looks devices
 * up, `devices`, `iommu->iopf_lock` and `iommu->prq_complete`. Who posts, and what is found, is of others.
 */
import { actor } from '../../src/system/system.ts';
import { descriptorRing } from '../hardware/vtd/descriptor-ring.ts';
import { deviceRbtree } from '../kernel/intel/device-rbtree.ts';
import type { PrqEventThreadInput } from '../kernel/intel/prq-event-thread.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { completion } from '../kernel/sched/completion.ts';
import type { completionAll } from '../kernel/sched/completion-all.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface VtdDescriptors<T, D extends string, F extends string> {
  readonly entries: number;
  /** A version of the thread; one that reads under RCU is told of `rcu`. */
  readonly thread: T;
  readonly rcu?: string;
  /** Whom the thread tells of each device's faults. */
  readonly devices: Readonly<Record<D, F>>;
  /** Another version of `iommu->prq_complete`. */
  readonly complete?: typeof completion | typeof completionAll | undefined;
}

export function vtdDescriptors<T extends Version<PrqEventThreadInput>, D extends string, F extends string>({
  entries,
  thread,
  devices,
  complete = completion,
  ...rcu
}: VtdDescriptors<T, D, F>) {
  const actors = {
    prq: actor(descriptorRing, { input: { entries, zero: { index: 'prg0', page: 'page0' } } }),
    irq: actorOf(thread, {
      input: {
        name: 'irq',
        queue: 'prq',
        devices: 'devices',
        lock: 'iopfLock',
        completion: 'prqComplete',
        ...rcu,
      },
      choices: [{ type: 'RUN' }],
      rest: ['idle'],
    }),
    devices: actor(deviceRbtree, { input: { devices } }),
    iopfLock: actor(mutex, { rest: ['free'] }),
    prqComplete: actor(complete),
  };
  return {
    actors,
    expects: Object.entries(devices).flat() as (D | F)[],
    blocking: ['PAGE_REQUEST', 'STOP_MARKER', 'READ_TAIL', 'ACQUIRE'],
  } as const satisfies Rig;
}
