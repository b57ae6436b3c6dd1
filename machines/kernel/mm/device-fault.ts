/**
 * A thread that touches a page which is in the memory of a device, by a CPU or by hmm_range_fault() for another device: mm/memory.c
 * do_swap_page(), and in it the driver's migrate_to_ram(), which is migrate_vma_setup() and what follows.
 *
 *   idle -ACCESS-> faulting -RUN-> locked -RUN-> collected -RUN-> (drain) drained -RUN-> faulting -RUN-> idle
 *                                 -> asleep -RUN-> faulting
 *
 * It takes the page's lock before it takes a reference, and sleeps where somebody has the lock ("mm: fix a hmm_range_fault() livelock / starvation
 * problem", 2026). `device-fault-v6.15.ts` tries again at once, `device-fault-v6.14.ts` takes the reference without the lock.
 *
 * List 'AWAIT_UNLOCK' and 'WORK' as `blocking`. At rest in `idle`.
 *
 * Simplifications: the range that is migrated has pages of RAM as well, so that migrate_device_unmap() drains (lru_add_drain_all()); the copy is
 * a part of the step that decides.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type DeviceFaultThreadEvent =
  /** The thread touches the page. */
  | { type: 'ACCESS' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** Its CPU runs a work item. */
  | { type: 'WORK' }
  | { type: 'DEVICE_ENTRY' }
  | { type: 'PRESENT' }
  | { type: 'LOCKED' }
  | { type: 'BUSY' }
  | { type: 'COLLECTED' }
  | { type: 'NOTHING' }
  | { type: 'DRAINED' }
  | { type: 'MIGRATED' }
  | { type: 'RESTORED' };

export interface DeviceFaultThreadInput {
  readonly name: string;
  readonly page: string;
  /** `lru-add-drain.ts` */
  readonly drain: string;
}

/** What versions are made of. */
export const deviceFaultThreadParts = setup({
  types: {
    input: {} as DeviceFaultThreadInput,
    context: {} as DeviceFaultThreadInput,
    events: {} as DeviceFaultThreadEvent,
  },
  actions: {
    look: call('page', 'LOOK'),
    tryLock: call('page', 'TRYLOCK'),
    get: send('page', 'GET'),
    collect: call('page', 'COLLECT'),
    drainAll: call('drain', 'DRAIN_ALL'),
    migrate: call('page', 'MIGRATE'),
    unlock: send('page', 'UNLOCK'),
    put: send('page', 'PUT'),
    awaitUnlock: send('page', 'AWAIT_UNLOCK'),
  },
});

export const deviceFaultThreadConfig = {
  context: ({ input }: { input: DeviceFaultThreadInput }) => input,
  initial: 'idle',
} as const;

/** Another version replaces states. */
export const deviceFaultThreadStates = {
  // In user space.
  idle: deviceFaultThreadParts.createStateConfig({ on: { ACCESS: 'faulting', WORK: {} } }),
  // On the way from user space into a fault.
  faulting: deviceFaultThreadParts.createStateConfig({
    on: { RUN: { target: 'looking', actions: 'look' }, WORK: {} },
  }),
  // Left within the step that entered it, like the other states without RUN; only `draining` is not.
  looking: deviceFaultThreadParts.createStateConfig({
    on: { DEVICE_ENTRY: { target: 'locking', actions: 'tryLock' }, PRESENT: 'idle' },
  }),
  locking: deviceFaultThreadParts.createStateConfig({
    on: { LOCKED: { target: 'locked', actions: 'get' }, BUSY: 'asleep' },
  }),
  asleep: deviceFaultThreadParts.createStateConfig({
    on: { RUN: { target: 'faulting', actions: 'awaitUnlock' }, WORK: {} },
  }),
  // vmf->page->pgmap->ops->migrate_to_ram()
  locked: deviceFaultThreadParts.createStateConfig({
    on: { RUN: { target: 'collecting', actions: 'collect' } },
  }),
  collecting: deviceFaultThreadParts.createStateConfig({ on: { COLLECTED: 'collected' } }),
  collected: deviceFaultThreadParts.createStateConfig({
    on: { RUN: { target: 'draining', actions: 'drainAll' } },
  }),
  draining: deviceFaultThreadParts.createStateConfig({ on: { DRAINED: 'drained' } }),
  drained: deviceFaultThreadParts.createStateConfig({
    on: { RUN: { target: 'migrating', actions: 'migrate' } },
  }),
  migrating: deviceFaultThreadParts.createStateConfig({
    on: { MIGRATED: { target: 'faulting', actions: ['unlock', 'put'] } },
  }),
};

export const deviceFaultThread = deviceFaultThreadParts.createMachine({
  id: 'deviceFaultThread',
  ...deviceFaultThreadConfig,
  states: deviceFaultThreadStates,
});
