/**
 * A sequence count (`seqcount_t`, include/linux/seqlock.h): readers take no lock, and find out afterwards whether a writer was
 * at work.
 *
 *   reader: READ_BEGIN, read, READ_RETRY; CHANGED: from the beginning
 *   writer: with a lock against other writers: WRITE_BEGIN, write, WRITE_END
 *
 * read_seqcount_begin() spins while the count is odd: list 'READ_BEGIN' as `blocking`. A reader that has begun is not kept from
 * reading, whatever it then reads.
 *
 * Simplifications: all that anybody asks is whether the count has grown since it was read, so that is what is kept, for each
 * reader; the memory barriers are the order of the steps.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type SeqcountEvent =
  /** write_seqcount_begin() and write_seqcount_end() */
  | { type: 'WRITE_BEGIN' }
  | { type: 'WRITE_END' }
  /** read_seqcount_begin() */
  | { type: 'READ_BEGIN'; by: string }
  /** read_seqcount_retry(): the reply is UNCHANGED or CHANGED; the reader has to begin again. */
  | { type: 'READ_RETRY'; by: string };

export const seqcount = setup({
  types: {
    context: {} as {
      /** By reader: has the count grown since it began? */
      grown: Readonly<Record<string, boolean>>;
    },
    events: {} as SeqcountEvent,
  },
  guards: {
    hasGrown: ({ context, event }) => event.type === 'READ_RETRY' && context.grown[event.by] === true,
  },
  actions: {
    sample: assign(from('READ_BEGIN', ({ context, event }) => ({ grown: { ...context.grown, [event.by]: false } }))),
    grow: assign(({ context }) => ({
      grown: Object.fromEntries(Object.keys(context.grown).map((reader) => [reader, true])),
    })),
    forget: assign(
      from('READ_RETRY', ({ context, event }) => {
        const { [event.by]: _, ...grown } = context.grown;
        return { grown };
      }),
    ),
    replyChanged: reply('CHANGED'),
    replyUnchanged: reply('UNCHANGED'),
  },
}).createMachine({
  id: 'seqcount',
  context: { grown: {} },
  initial: 'even',
  on: {
    READ_RETRY: [{ guard: 'hasGrown', actions: ['forget', 'replyChanged'] }, { actions: ['forget', 'replyUnchanged'] }],
  },
  states: {
    even: {
      on: {
        READ_BEGIN: { actions: 'sample' },
        WRITE_BEGIN: { target: 'odd', actions: 'grow' },
      },
    },
    odd: {
      on: { WRITE_END: 'even' },
    },
  },
});
