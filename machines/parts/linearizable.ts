/**
 * The history of what clients ask a register for and get: can the operations be put into one order that explains all answers and in which
 * nothing comes before what was over when it began?
 *
 * An operation begins when its request is sent and ends when the answer arrives, so the monitor has to see sends. Seeing receipts only, it
 * would take an operation to begin when the server has the request, which is later, and count other states.
 */
import { assign, setup } from 'xstate';
import type { Observed, Sent } from '../../src/system/property.ts';
import { type Answer, NOTHING, type Request } from './register.ts';

interface Operation {
  /** The value that was written; null for a read. */
  writes: string | null;
  /** Of every other client, how many of its operations were over when this one began. */
  after: Readonly<Record<string, number>>;
  /** What a read got; null for a write, and for what is not over. */
  got: string | null;
}

/** By client: its operations that are over, in order, and the one that is not. */
interface History {
  over: Readonly<Record<string, readonly Operation[]>>;
  open: Readonly<Record<string, Operation>>;
}

/** Whether all that is over, and some of what is not, can be put into one order that a single register would explain. */
function isExplained({ over, open }: History, value = NOTHING, done: Readonly<Record<string, number>> = {}): boolean {
  const count = (name: string) => done[name] ?? 0;
  const clients = Object.keys(over);
  if (clients.every((name) => count(name) >= over[name]!.length)) return true;
  return clients.some((name) => {
    const isOver = count(name) < over[name]!.length;
    const next = isOver ? over[name]![count(name)]! : count(name) === over[name]!.length ? open[name] : undefined;
    if (!next || Object.entries(next.after).some(([other, ended]) => count(other) < ended)) return false;
    if (isOver && next.writes === null && next.got !== value) return false;
    return isExplained({ over, open }, next.writes ?? value, { ...done, [name]: count(name) + 1 });
  });
}

export const linearizable = setup({
  types: { context: {} as History, events: {} as Sent<Request> | Observed<Answer> },
  guards: { isNotExplained: ({ context }) => !isExplained(context) },
  actions: {
    begin: assign(({ context: { over, open }, event }) => {
      const { by, ...request } = event.message as Request;
      const others = Object.entries(over).filter(([name, operations]) => name !== by && operations.length > 0);
      const after = Object.fromEntries(others.map(([name, operations]) => [name, operations.length]));
      const operation = { writes: 'value' in request ? request.value : null, after, got: null };
      return { over: { ...over, [by]: over[by] ?? [] }, open: { ...open, [by]: operation } };
    }),
    end: assign(({ context: { over, open }, event }) => {
      const { [event.to]: ended, ...rest } = open;
      const answer = event.message as Answer;
      const operation = { ...ended!, got: answer.type === 'GET_OK' ? answer.value : null };
      return { over: { ...over, [event.to]: [...over[event.to]!, operation] }, open: rest };
    }),
  },
}).createMachine({
  id: 'linearizable',
  context: { over: {}, open: {} },
  initial: 'explained',
  states: {
    explained: {
      on: {
        'sent.PUT': { actions: 'begin' },
        'sent.GET': { actions: 'begin' },
        PUT_OK: { actions: 'end' },
        GET_OK: { actions: 'end' },
      },
      always: { guard: 'isNotExplained', target: 'unexplained' },
    },
    unexplained: { tags: 'violation' },
  },
});
