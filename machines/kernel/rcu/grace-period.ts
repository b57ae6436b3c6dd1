/**
 * RCU: what somebody may still read is freed only after everybody who may read it has stopped (kernel/rcu/tree.c rcu_read_lock(),
 * rcu_read_unlock(), call_rcu(); Documentation/RCU/whatisRCU.rst). A grace period waits for those who were reading when it
 * began, and for nobody who began later.
 *
 * Callbacks run one by one, in the order in which they were queued, each as a step of its own (RUN) once its grace period is over.
 *
 * Simplifications: a grace period begins when its callback is queued; readers do not nest; synchronize_rcu() and the deadlock
 * that it is within a reader are left out.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';

export interface RcuCallback {
  /** Whose memory: it gets FREE. */
  readonly object: string;
  /** Who was reading when it was queued, and still is. */
  readonly readers: readonly string[];
}

export type GracePeriodEvent =
  | { type: 'READ_LOCK'; by: string }
  | { type: 'READ_UNLOCK'; by: string }
  /** `kfree_rcu()` */
  | { type: 'KFREE_RCU'; object: string }
  /** The callbacks of a grace period that is over are run. */
  | { type: 'RUN' };

export const gracePeriod = setup({
  types: {
    context: {} as { readonly readers: readonly string[]; readonly callbacks: readonly RcuCallback[] },
    events: {} as GracePeriodEvent,
  },
  guards: {
    isOver: ({ context }) => context.callbacks[0]?.readers.length === 0,
  },
  actions: {
    beginReading: assign({
      readers: from('READ_LOCK', ({ context, event }) => [...context.readers, event.by].sort()),
    }),
    endReading: assign(
      from('READ_UNLOCK', ({ context, event }) => {
        const others = (readers: readonly string[]) => readers.filter((reader) => reader !== event.by);
        return {
          readers: others(context.readers),
          callbacks: context.callbacks.map(({ object, readers }) => ({ object, readers: others(readers) })),
        };
      }),
    ),
    queueCallback: assign({
      callbacks: from('KFREE_RCU', ({ context, event }) => [
        ...context.callbacks,
        { object: event.object, readers: context.readers },
      ]),
    }),
    runCallback: enqueueActions(({ context, enqueue }) => {
      const [oldest, ...others] = context.callbacks;
      enqueue.assign({ callbacks: others });
      tell(enqueue, oldest!.object, { type: 'FREE' });
    }),
  },
}).createMachine({
  id: 'gracePeriod',
  context: { readers: [], callbacks: [] },
  on: {
    READ_LOCK: { actions: 'beginReading' },
    READ_UNLOCK: { actions: 'endReading' },
    KFREE_RCU: { actions: 'queueCallback' },
    RUN: { guard: 'isOver', actions: 'runCallback' },
  },
});
