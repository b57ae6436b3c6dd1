/**
 * The event queue (EVTQ) of an SMMUv3 as far as stalls are concerned, and the stalls that have no record yet (SMMUv3
 * 3.12.2, 7.2 and 7.4).
 *
 *   a transaction stalls -> a record, if there is room
 *                        -> waits inside the SMMU, until there is room for its record, or until the SMMU retries it early
 *
 * A stall record is never dropped and never causes an overflow. Software takes one record at a time and moves CONS for
 * each (arm-smmu-v3.c queue_remove_raw()). READ has no transition while the queue is empty: list 'READ' as `blocking`.
 *
 * Simplifications: only stall records, so no overflow and no OVFLG; then of PROD and CONS nothing matters but what is
 * between them, and that is what is kept; several stalls never share a record; a STAG is named after its stream, because a
 * stream has one transaction at a time (`./dma-stream.ts`); EVENTQEN is 1, no aborts.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, send, tell } from '../../parts/call.ts';

/** F_TRANSLATION or F_PERMISSION with STALL = 1; `write` is the inverse of the field RnW. */
export interface StallRecord {
  stag: string;
  page: string;
  write: boolean;
}

export type EventQueueEvent =
  | ({ type: 'STALL' } & StallRecord)
  /** The SMMU writes the record of a stall that waits for room. */
  | { type: 'WRITE_RECORD'; stag: string }
  /** The SMMU retries a stall that has no record yet. */
  | { type: 'RETRY_EARLY'; stag: string }
  /** Software takes the oldest record; the reply is RECORD. */
  | { type: 'READ'; by: string }
  /** Software waits until it has taken all records: list it as `blocking`. */
  | { type: 'EMPTY' };

export const eventQueue = setup({
  types: {
    input: {} as { entries: number },
    context: {} as {
      entries: number;
      records: readonly StallRecord[];
      /** By STAG. */
      unrecorded: Readonly<Record<string, StallRecord>>;
    },
    events: {} as EventQueueEvent,
  },
  guards: {
    isWritable: ({ context }) => context.records.length < context.entries,
    hasRecord: ({ context }) => context.records.length > 0,
    isEmpty: ({ context }) => context.records.length === 0,
    canWriteRecord: ({ context, event }) =>
      event.type === 'WRITE_RECORD' && event.stag in context.unrecorded && context.records.length < context.entries,
    isUnrecorded: ({ context, event }) => event.type === 'RETRY_EARLY' && event.stag in context.unrecorded,
  },
  actions: {
    record: assign(from('STALL', ({ context, event }) => ({ records: [...context.records, recordOf(event)] }))),
    holdBack: assign(
      from('STALL', ({ context, event }) => ({ unrecorded: { ...context.unrecorded, [event.stag]: recordOf(event) } })),
    ),
    recordUnrecorded: assign(
      from('WRITE_RECORD', ({ context, event }) => {
        const { [event.stag]: record, ...unrecorded } = context.unrecorded;
        return { records: [...context.records, record!], unrecorded };
      }),
    ),
    release: assign(
      from('RETRY_EARLY', ({ context, event }) => {
        const { [event.stag]: _, ...unrecorded } = context.unrecorded;
        return { unrecorded };
      }),
    ),
    retry: send(
      from('RETRY_EARLY', ({ event }) => event.stag),
      'RETRY',
    ),
    handOver: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'READ');
      const [oldest, ...records] = context.records;
      const reply = { type: 'RECORD', ...oldest! };
      enqueue.assign({ records });
      tell(enqueue, event.by, reply);
    }),
  },
}).createMachine({
  id: 'eventQueue',
  context: ({ input }) => ({ entries: input.entries, records: [], unrecorded: {} }),
  on: {
    STALL: [
      { guard: 'isWritable', actions: 'record' },
      // SMMUv3 7.4: not lost; the record is written when the queue is writable.
      { actions: 'holdBack' },
    ],
    WRITE_RECORD: { guard: 'canWriteRecord', actions: 'recordUnrecorded' },
    // SMMUv3 3.12.2: before it is recorded a stall may be retried; if that succeeds, there never is a record.
    RETRY_EARLY: { guard: 'isUnrecorded', actions: ['release', 'retry'] },
    READ: { guard: 'hasRecord', actions: 'handOver' },
    // Nothing to do: that it is not refused is what the caller waited for.
    EMPTY: { guard: 'isEmpty' },
  },
});

function recordOf({ stag, page, write }: StallRecord): StallRecord {
  return { stag, page, write };
}
