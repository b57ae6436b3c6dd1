/**
 * `struct arm_smmu_queue` of a queue that the SMMU fills, as the unmerged PRI series of 2018 to 2020 has it: the driver's copies of
 * PROD and CONS (`q->llq`), which are as old as the last look at the registers, the count of batches (`q->batch`), and the lock
 * of the wait queue (`q->wq.lock`) that the interrupt thread and a flush share both under.
 *
 * An overflow is what queue_sync_prod_in() takes for one: OVFLG is not what it was when PROD was last read, by whomever. So
 * each overflow is seen once, by one of them.
 *
 * List 'LOCK' as `blocking`.
 *
 * Simplifications: `q->batch` is kept relative to the one flush that may be waiting, and no further than two.
 */
import { assign, setup } from 'xstate';
import type { PriQueueEntry } from '../../hardware/smmu/pri-queue.ts';
import { isOverflowActive, type QueuePointer, START } from '../../hardware/smmu/queue-pointer.ts';
import { call, from, reply, send } from '../../parts/call.ts';
import { advance, isEmpty } from '../../parts/ring.ts';

export type SmmuQueueEvent =
  /** spin_lock(&q->wq.lock): refused while another one holds it. */
  | { type: 'LOCK' }
  | { type: 'UNLOCK' }
  /** queue_sync_prod_in(): copies PROD; the reply is SYNCED, with its answer (-EOVERFLOW) and what the copies say then. */
  | { type: 'SYNC_PROD_IN'; by: string }
  /** queue_read() of the oldest entry up to the copy of PROD; the reply is REMOVED, or EAGAIN when there is none. */
  | { type: 'READ'; by: string }
  /** queue_inc_cons(), queue_sync_cons_out(): gives the slot of that entry back. */
  | { type: 'INC_CONS' }
  /** Writes CONS with OVACKFLG set to the OVFLG of the copy of PROD. */
  | { type: 'SYNC_OVERFLOW' }
  /** `q->batch++` */
  | { type: 'COUNT_BATCH' }
  /** A flush notes `q->batch`. */
  | { type: 'NOTE_BATCH' }
  /** What a flush waits for, as it is now; the reply is LOOKED. */
  | { type: 'LOOK'; by: string }
  /** The flush waits no longer. */
  | { type: 'FORGET_BATCH' }
  /** The SMMU's replies. */
  | { type: 'PROD'; prod: QueuePointer }
  | { type: 'ENTRY'; entry: PriQueueEntry };

/** What the driver knows after it has copied PROD. */
export interface Synced {
  type: 'SYNCED';
  /** OVFLG is not what it was: -EOVERFLOW. */
  overflow: boolean;
  /** OVFLG is not what OVACKFLG is. */
  active: boolean;
  empty: boolean;
}

export interface SmmuQueueInput {
  name: string;
  /** The SMMU's side: a `../../hardware/smmu/pri-queue.ts`. */
  hardware: string;
  entries: number;
}

export const smmuQueue = setup({
  types: {
    input: {} as SmmuQueueInput,
    context: {} as SmmuQueueInput & {
      prod: QueuePointer;
      cons: QueuePointer;
      /** Since a flush noted the count; null while none waits. */
      batches: number | null;
      /** To whom the reply goes, within a step. */
      caller: string | null;
    },
    events: {} as SmmuQueueEvent,
  },
  guards: {
    isEmpty: ({ context: { prod, cons } }) => isEmpty(prod, cons),
    isWanted: ({ context }) => context.batches !== null && context.batches < 2,
  },
  actions: {
    rememberCaller: assign({ caller: from(['SYNC_PROD_IN', 'READ'], ({ event }) => event.by) }),
    forgetCaller: assign({ caller: null }),
    readProd: call('hardware', 'READ_PROD'),
    replySynced: send(
      'caller',
      from('PROD', ({ context, event: { prod } }) => ({
        type: 'SYNCED',
        overflow: prod.flag !== context.prod.flag,
        active: isOverflowActive(prod, context.cons),
        empty: isEmpty(prod, context.cons),
      })),
    ),
    copyProd: assign({ prod: from('PROD', ({ event }) => event.prod) }),
    readEntry: call('hardware', ({ context }) => ({ type: 'READ_ENTRY', index: context.cons.index })),
    replyEntry: send(
      'caller',
      from('ENTRY', ({ event }) => ({ type: 'REMOVED', entry: event.entry })),
    ),
    replyAgain: reply('EAGAIN'),
    advanceCons: assign({ cons: ({ context }) => advance(context.cons, context.entries) }),
    takeOverOverflow: assign(({ context: { prod, cons } }) => ({ cons: { ...cons, flag: prod.flag } })),
    writeCons: send('hardware', ({ context }) => ({ type: 'WRITE_CONS', cons: context.cons })),
    startCount: assign({ batches: 0 }),
    count: assign({ batches: ({ context }) => context.batches! + 1 }),
    stopCount: assign({ batches: null }),
    replyLooked: reply(({ context: { prod, cons, batches } }) => ({
      type: 'LOOKED',
      empty: isEmpty(prod, cons),
      batches: batches ?? 0,
    })),
  },
}).createMachine({
  id: 'smmuQueue',
  context: ({ input }) => ({ ...input, prod: START, cons: START, batches: null, caller: null }),
  initial: 'unlocked',
  states: {
    unlocked: {
      on: { LOCK: 'locked' },
    },
    locked: {
      on: {
        UNLOCK: 'unlocked',
        SYNC_PROD_IN: { target: 'readingProd', actions: ['rememberCaller', 'readProd'] },
        READ: [
          { guard: 'isEmpty', actions: 'replyAgain' },
          { target: 'readingEntry', actions: ['rememberCaller', 'readEntry'] },
        ],
        INC_CONS: { actions: ['advanceCons', 'writeCons'] },
        SYNC_OVERFLOW: { actions: ['takeOverOverflow', 'writeCons'] },
        COUNT_BATCH: [{ guard: 'isWanted', actions: 'count' }, {}],
        NOTE_BATCH: { actions: 'startCount' },
        LOOK: { actions: 'replyLooked' },
        FORGET_BATCH: { actions: 'stopCount' },
      },
    },
    // Left within the step that entered it, as is `readingEntry`.
    readingProd: {
      on: { PROD: { target: 'locked', actions: ['replySynced', 'copyProd', 'forgetCaller'] } },
    },
    readingEntry: {
      on: { ENTRY: { target: 'locked', actions: ['replyEntry', 'forgetCaller'] } },
    },
  },
});
