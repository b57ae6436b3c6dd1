/**
 * `struct mmu_notifier` by its references to the mm (mm/mmu_notifier.c): mmu_notifier_register() takes one; mmu_notifier_put() drops none, it
 * queues a callback for the end of an SRCU grace period, and that one does (mmu_notifier_free_rcu()), on whatever CPU and as soon as it may.
 *
 * Simplification: the notifier's callbacks, which are SRCU's readers, are left out; without readers a grace period is over at any time.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type MmuNotifierPutEvent =
  | { type: 'REGISTER' }
  | { type: 'PUT' }
  /** mmu_notifier_free_rcu(), with `ops->free_notifier()`. */
  | { type: 'FREE' };

interface Input {
  readonly name: string;
  readonly mm: string;
  /** A `../rcu/grace-period.ts`. */
  readonly srcu: string;
}

export const mmuNotifierPut = setup({
  types: { input: {} as Input, context: {} as Input, events: {} as MmuNotifierPutEvent },
  actions: {
    grabMm: send('mm', 'MMGRAB'),
    queueCallback: send('srcu', ({ context }) => ({ type: 'KFREE_RCU', object: context.name })),
    dropMm: send('mm', 'MMDROP'),
  },
}).createMachine({
  id: 'mmuNotifierPut',
  context: ({ input }) => input,
  initial: 'unregistered',
  states: {
    unregistered: { on: { REGISTER: { target: 'registered', actions: 'grabMm' } } },
    registered: { on: { PUT: { target: 'put', actions: 'queueCallback' } } },
    put: { on: { FREE: { target: 'unregistered', actions: 'dropMm' } } },
  },
});
