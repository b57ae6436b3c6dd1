/**
 * The peripheral page request log of an AMD IOMMU as `ppr-log.ts`, which may overflow: what comes when the log is full is discarded, PPROverflow is
 * set, and logging stops (PPRLogRun is 0) until software starts it again.
 *
 *   running -a request, no room-> stopped -RESTART-> running
 *
 * The hardware answers the last request of a group that it discards, with Success (PPR auto response).
 *
 * From the text of 5ce97f4ec5e0 about the event log, and from memory; the specification's chapter on the PPR log was not read.
 *
 * Simplifications: auto response is on, which Linux 7.0 does not do (without it nobody answers, and the index is in use for ever); an entry is readable as soon as the tail has moved; the early warning is left out.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PprLogOverflowsEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The status register is read, and PPRInt and PPROverflow written with 1, which clears them; the reply is STATUS. */
  | { type: 'READ_STATUS'; by: string }
  | { type: 'READ_POINTERS'; by: string }
  /** The entry at the head is copied and the head moved over it; the reply is ENTRY. */
  | { type: 'TAKE_ENTRY'; by: string }
  /** PPRLogEn is written with 0 and then with 1. */
  | { type: 'RESTART' };

const ring = entriesIn('requests');

export const pprLogOverflows = setup({
  types: {
    input: {} as { name: string; entries: number; thread: string },
    context: {} as {
      readonly name: string;
      readonly capacity: number;
      /** The interrupt thread. */
      readonly thread: string;
      readonly requests: readonly PasidRequest[];
      readonly pprInt: boolean;
      readonly overflow: boolean;
    },
    events: {} as PprLogOverflowsEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isLast: from('PAGE_REQUEST', ({ event }) => event.last),
  },
  actions: {
    add: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    setPprInt: assign({ pprInt: true }),
    setOverflow: assign({ overflow: true }),
    raiseInterrupt: send('thread', 'IRQ'),
    respond: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event: { index, generation } }) => {
        return { type: 'PRG_RESPONSE', index, code: 'success', by: context.name, generation };
      }),
    ),
    replyStatus: reply(({ context: { pprInt, overflow } }) => ({ type: 'STATUS', pprInt, overflow })),
    clearStatus: assign({ pprInt: false, overflow: false }),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests.length })),
    replyEntry: reply(({ context }) => ({ type: 'ENTRY', request: context.requests[0]! })),
    moveHead: ring.drop(),
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
    READ_STATUS: { actions: ['replyStatus', 'clearStatus'] },
    READ_POINTERS: { actions: 'replyPointers' },
    TAKE_ENTRY: { actions: ['replyEntry', 'moveHead'] },
  },
  states: {
    running: {
      on: {
        PAGE_REQUEST: [
          { guard: 'hasRoom', actions: ['add', 'setPprInt', 'raiseInterrupt'] },
          { guard: 'isLast', target: 'stopped', actions: ['setOverflow', 'raiseInterrupt', 'respond'] },
          { target: 'stopped', actions: ['setOverflow', 'raiseInterrupt'] },
        ],
      },
    },
    stopped: { on: { PAGE_REQUEST: [{ guard: 'isLast', actions: 'respond' }, {}], RESTART: 'running' } },
  },
});
