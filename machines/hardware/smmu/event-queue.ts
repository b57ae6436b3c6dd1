/**
 * The event queue (EVTQ) of an SMMUv3 as far as stalls are concerned, and the stalls that have no record yet (SMMUv3 H.a
 * 3.12.2, 7.2.1 and 7.4).
 *
 *   a transaction stalls -> a record, if there is room
 *                        -> waits inside the SMMU: retried at any time, as if newly arrived; if it faults again that is a new stall,
 *                           with a new record
 *                        -> or, if not retried, its record is written when there is room
 *
 * An invalidation of its page ends the second: after TLBI and CMD_SYNC the record of the fault that was must not become visible, so the
 * transaction has to be retried. The SMMU's command queue tells (`eventQueue` in the input of `./command-queue.ts`); where it is not
 * connected a record may be older than an invalidation, which is more than hardware does.
 *
 * A stall record is never dropped and never causes an overflow. Software takes one record at a time and moves CONS for
 * each (arm-smmu-v3.c queue_remove_raw()). READ has no transition while the queue is empty: list 'READ' as `blocking`.
 *
 * Simplifications: an invalidation counts from its TLBI on, and not from the CMD_SYNC after it (a record that is written in between
 * might as well have been written before); only stall records, so no overflow and no OVFLG; then of PROD and CONS nothing matters but what is
 * between them, and that is what is kept; several stalls never share a record (3.12.2.1); a STAG is named after its stream, because a
 * stream has one transaction at a time (`./dma-stream.ts`); EVENTQEN is 1, no aborts (7.2.2).
 *
 * Left out, though the specification permits it: early retry of a stall that has a record (3.12.2.2). If it succeeds the access is done
 * before software answers, the record and its STAG stay until CMD_RESUME, which then finds no transaction. Here a retry before the answer
 * is always one without a record, and so a stall has one owner at a time (`../../monitors/stalled-transactions.ts`). The access itself is no
 * other than that of another stream, which finds the translation that there is by then. Likewise left out: the record of a
 * stall that was retried with success while the queue was full (7.2.1 permits to write it).
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';

/** F_TRANSLATION or F_PERMISSION with STALL = 1; `write` is the inverse of the field RnW. */
export interface StallRecord {
  stag: string;
  page: string;
  write: boolean;
  /** S2: the fault is one of stage 2. Left out where only one stage translates. */
  stage2?: true;
}

/** A stall without a record. */
export interface Unrecorded extends StallRecord {
  /** Its page was invalidated since. */
  stale: boolean;
}

export type EventQueueEvent =
  | ({ type: 'STALL' } & StallRecord)
  /** The SMMU writes the record of a stall that waited for room, and that it does not retry. */
  | { type: 'WRITE_RECORD'; stag: string }
  /** The SMMU retries a stall that has no record yet, whether there is room or not. */
  | { type: 'RETRY_EARLY'; stag: string }
  /** The command queue has consumed CMD_TLBI. */
  | { type: 'TLBI'; page: string }
  /** Software takes the oldest record; the reply is RECORD. */
  | { type: 'READ'; by: string }
  /** Software waits until it has taken all records: list it as `blocking`. */
  | { type: 'EMPTY' };

const ring = entriesIn('records', 'entries');

export const eventQueue = setup({
  types: {
    input: {} as { entries: number },
    context: {} as {
      entries: number;
      records: readonly StallRecord[];
      /** By STAG. */
      unrecorded: Readonly<Record<string, Unrecorded>>;
    },
    events: {} as EventQueueEvent,
  },
  guards: {
    isWritable: ring.hasRoom,
    hasRecord: ring.isNotEmpty,
    isEmpty: ring.isEmpty,
    canWriteRecord: from(
      'WRITE_RECORD',
      ({ context, event }) => context.unrecorded[event.stag]?.stale === false && ring.hasRoom({ context }),
    ),
    isUnrecorded: ({ context, event }) => event.type === 'RETRY_EARLY' && event.stag in context.unrecorded,
  },
  actions: {
    record: ring.add(from('STALL', ({ event }) => recordOf(event))),
    holdBack: assign(
      from('STALL', ({ context, event }) => ({
        unrecorded: { ...context.unrecorded, [event.stag]: { ...recordOf(event), stale: false } },
      })),
    ),
    recordUnrecorded: assign(
      from('WRITE_RECORD', ({ context, event }) => {
        const { [event.stag]: record, ...unrecorded } = context.unrecorded;
        return { records: [...context.records, recordOf(record!)], unrecorded };
      }),
    ),
    outdate: assign(
      from('TLBI', ({ context, event }) => ({
        unrecorded: Object.fromEntries(
          Object.entries(context.unrecorded).map(([stag, stall]) => [
            stag,
            { ...stall, stale: stall.stale || stall.page === event.page },
          ]),
        ),
      })),
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
    replyOldest: reply(({ context }) => ({ type: 'RECORD', ...context.records[0]! })),
    dropOldest: ring.drop(),
  },
}).createMachine({
  id: 'eventQueue',
  context: ({ input }) => ({ entries: input.entries, records: [], unrecorded: {} }),
  on: {
    STALL: [
      { guard: 'isWritable', actions: 'record' },
      // SMMUv3 7.2.1: not discarded.
      { actions: 'holdBack' },
    ],
    // SMMUv3 7.2.1: it was not retried, so the original record is written when the queue is writable.
    WRITE_RECORD: { guard: 'canWriteRecord', actions: 'recordUnrecorded' },
    // SMMUv3 3.12.2, 7.2.1: as if it had just arrived; if it succeeds there never is a record, if not it is a new stall.
    RETRY_EARLY: { guard: 'isUnrecorded', actions: ['release', 'retry'] },
    // SMMUv3 4.7.3: no event of before becomes visible after the CMD_SYNC.
    TLBI: { actions: 'outdate' },
    READ: { guard: 'hasRecord', actions: ['replyOldest', 'dropOldest'] },
    // Nothing to do: that it is not refused is what the caller waited for.
    EMPTY: { guard: 'isEmpty' },
  },
});

function recordOf({ stag, page, write, stage2 }: StallRecord): StallRecord {
  return { stag, page, write, ...(stage2 && { stage2 }) };
}
