/**
 * The interrupt thread of VT-d's page request queue as in `prq-v7.0.ts`, with what it does about an overflow (intel/prq.c prq_event_thread(),
 * since d5b9e4bfe0d8, v5.14): when it has moved the head over all that it has handled, it reads PRO. If that is set, it reads tail and
 * head again, and only if the queue is empty it discards the partial requests of all devices, and then clears PRO. Else it leaves
 * PRO for its next run, for which the interrupt of the requests that are left has been raised.
 *
 *   asleep -IRQ-> woken -RUN-> handling ... -RUN-> moved -RUN-> [overflowed -RUN-> [discarding -RUN-> clearing -RUN->]] asleep
 *
 * Other versions are made of the same parts. Simplifications: those of `prq-v7.0.ts`, but for the overflow.
 */
import { call, from, send } from '../../parts/call.ts';
import { prqV70Config, prqV70Parts, prqV70States } from './prq-v7.0.ts';

/** What versions are made of. */
export const prqOverflowParts = prqV70Parts.extend({
  guards: {
    isOverflow: from('STATUS', ({ event }) => event.pro),
    isEmpty: from('POINTERS', ({ event }) => event.requests === 0),
  },
  actions: {
    readStatus: call('registers', 'READ_STATUS'),
    /** `iopf_queue_discard_partial()` */
    discardPartial: send('core', 'DISCARD_PARTIAL'),
    clearPro: send('registers', 'CLEAR_PRO'),
  },
});

export const prqOverflowStates = {
  ...prqV70States,
  handling: prqOverflowParts.createStateConfig({
    on: {
      RUN: [{ guard: 'hasHandledAll', target: 'moved', actions: ['writeHead', 'endPass'] }, { actions: 'readEntry' }],
      ENTRY: { actions: ['countHandled', 'report'] },
      CALL_HANDLER: { target: 'calling', actions: 'noteHandler' },
    },
  }),
  moved: prqOverflowParts.createStateConfig({
    on: {
      RUN: { actions: 'readStatus' },
      STATUS: [{ guard: 'isOverflow', target: 'overflowed' }, { target: 'asleep' }],
    },
  }),
  overflowed: prqOverflowParts.createStateConfig({
    on: {
      RUN: { actions: 'readPointers' },
      POINTERS: [{ guard: 'isEmpty', target: 'discarding' }, { target: 'asleep' }],
    },
  }),
  discarding: prqOverflowParts.createStateConfig({ on: { RUN: { target: 'clearing', actions: 'discardPartial' } } }),
  clearing: prqOverflowParts.createStateConfig({ on: { RUN: { target: 'asleep', actions: 'clearPro' } } }),
};

export const prqOverflowThread = prqOverflowParts.createMachine({
  id: 'prqOverflowThread',
  ...prqV70Config,
  states: prqOverflowStates,
});
