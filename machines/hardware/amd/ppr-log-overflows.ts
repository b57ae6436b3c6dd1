/**
 * The peripheral page request log of an AMD IOMMU, as `ppr-log.ts`, with what happens when it is full: the request is discarded,
 * PprOverflow is set, and the log stops (PprRun is 0). Nothing is logged from then on, though there may be room again, until software has
 * cleared PprOverflow and written 0 and then 1 to PPRLogEn. 5ce97f4ec5e0 quotes the specification on this for the event log, and found
 * that the 0 is needed.
 *
 * A discarded request has no answer, whether it is the last of its group or not, unless PprAutoRspEn is set: then the IOMMU answers the
 * last one itself. Hardware has this (PprAutoRspSup); Linux never turns it on (to 7.0).
 *
 * Both bits of the status register are written with 1 to clear them, each for itself.
 *
 * Simplifications: PprOverflow is set where the log stops, and not again while it is stopped (our reading of "to be written and there is
 * no usable entry"); the code of an automatic answer, which a register has, makes no difference to a function whose index is free after
 * any answer; automatic answers begin when the log is full, not at a threshold.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PprLogOverflowsEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The status register is read; the reply is STATUS. */
  | { type: 'READ_STATUS'; by: string }
  /** It is written, with 1 for the bits to be cleared. */
  | { type: 'CLEAR_STATUS'; pprInt: boolean; overflow: boolean }
  /** Head and tail are read; the reply is POINTERS, with the number of entries between them. */
  | { type: 'READ_POINTERS'; by: string }
  /** The entry at the head is copied and the head moved over it; the reply is ENTRY. */
  | { type: 'TAKE_ENTRY'; by: string }
  /** `amd_iommu_restart_log()`: where PprRun is 0, PPRLogEn is written with 0, PprOverflow cleared, and PPRLogEn written with 1. */
  | { type: 'RESTART_LOG' };

const ring = entriesIn('requests');

export const pprLogOverflows = setup({
  types: {
    input: {} as { name: string; entries: number; thread: string; pprAutoRspEn: boolean },
    context: {} as {
      readonly name: string;
      readonly capacity: number;
      /** The interrupt thread. */
      readonly thread: string;
      readonly pprAutoRspEn: boolean;
      readonly requests: readonly PasidRequest[];
      readonly pprInt: boolean;
      readonly overflow: boolean;
    },
    events: {} as PprLogOverflowsEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isAnswered: from('PAGE_REQUEST', ({ context, event }) => context.pprAutoRspEn && event.last),
  },
  actions: {
    add: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    setPprInt: assign({ pprInt: true }),
    setOverflow: assign({ overflow: true }),
    raiseInterrupt: send('thread', 'IRQ'),
    answer: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event: { index, pasid, generation } }) => ({
        type: 'PRG_RESPONSE',
        index,
        pasid,
        code: 'success',
        by: context.name,
        generation,
      })),
    ),
    replyStatus: reply(({ context: { pprInt, overflow } }) => ({ type: 'STATUS', pprInt, overflow })),
    clearStatus: assign(
      from('CLEAR_STATUS', ({ context, event }) => ({
        pprInt: context.pprInt && !event.pprInt,
        overflow: context.overflow && !event.overflow,
      })),
    ),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests.length })),
    replyEntry: reply(({ context }) => ({ type: 'ENTRY', request: context.requests[0]! })),
    moveHead: ring.drop(),
    clearOverflow: assign({ overflow: false }),
  },
}).createMachine({
  id: 'pprLogOverflows',
  context: ({ input: { entries, ...input } }) => ({
    ...input,
    capacity: entries,
    requests: [],
    pprInt: false,
    overflow: false,
  }),
  initial: 'running',
  on: {
    READ_STATUS: { actions: 'replyStatus' },
    CLEAR_STATUS: { actions: 'clearStatus' },
    READ_POINTERS: { actions: 'replyPointers' },
    TAKE_ENTRY: { actions: ['replyEntry', 'moveHead'] },
  },
  states: {
    // PprRun is 1.
    running: {
      on: {
        PAGE_REQUEST: [
          { guard: 'hasRoom', actions: ['add', 'setPprInt', 'raiseInterrupt'] },
          { guard: 'isAnswered', target: 'stopped', actions: ['setOverflow', 'raiseInterrupt', 'answer'] },
          { target: 'stopped', actions: ['setOverflow', 'raiseInterrupt'] },
        ],
        RESTART_LOG: {},
      },
    },
    // PprRun is 0.
    stopped: {
      on: {
        PAGE_REQUEST: [{ guard: 'isAnswered', actions: 'answer' }, {}],
        RESTART_LOG: { target: 'running', actions: 'clearOverflow' },
      },
    },
  },
});
