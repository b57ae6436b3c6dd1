/**
 * A register that clients write and read over a network, and the history of what they ask for and get: is it linearizable, that is, can
 * the operations be put into one order that explains all answers and in which nothing comes before what was over when it began?
 *
 * An operation begins when its request is sent and ends when the answer arrives, so the monitor that keeps the history has to see sends.
 * Seeing receipts only, it would take an operation to begin when the server has the request, which is later, and count other states.
 *
 * Known counts: Stateright finds 93 states for two clients and one server; with two servers, of which each client writes to one and reads
 * from another, an answer that cannot be explained after four steps (its example single-copy-register).
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import type { Observed, Sent } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { names } from '../parts/names.ts';

/** What a register has before anybody has written. */
const NOTHING = '-';

type Request = { type: 'PUT'; by: string; value: string } | { type: 'GET'; by: string };
type Answer = { type: 'PUT_OK' } | { type: 'GET_OK'; value: string };

const register = setup({
  types: { context: {} as { value: string }, events: {} as Request },
  actions: {
    store: assign({ value: ({ context, event }) => (event.type === 'PUT' ? event.value : context.value) }),
    confirm: sendTo(({ system, event }) => system.get(event.by), { type: 'PUT_OK' }),
    answer: sendTo(
      ({ system, event }) => system.get(event.by),
      ({ context }) => ({ type: 'GET_OK', value: context.value }),
    ),
  },
}).createMachine({
  id: 'register',
  context: { value: NOTHING },
  on: { PUT: { actions: ['store', 'confirm'] }, GET: { actions: 'answer' } },
});

interface Client {
  value: string;
  /** The servers that it writes to and reads from. */
  writesTo: string;
  readsFrom: string;
}

const client = setup({
  types: { context: {} as Client, input: {} as Client, events: {} as Answer },
  actions: {
    put: sendTo(
      ({ system, context }) => system.get(context.writesTo),
      ({ self, context }) => ({ type: 'PUT', by: self.id, value: context.value }),
    ),
    get: sendTo(
      ({ system, context }) => system.get(context.readsFrom),
      ({ self }) => ({ type: 'GET', by: self.id }),
    ),
  },
}).createMachine({
  id: 'client',
  context: ({ input }) => input,
  initial: 'writing',
  states: {
    writing: { entry: 'put', on: { PUT_OK: 'reading' } },
    reading: { entry: 'get', on: { GET_OK: 'done' } },
    done: {},
  },
});

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

/** Keeps the history. */
const linearizable = setup({
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

export const singleCopyRegister = defineScenario({
  name: 'single-copy-register',
  title: 'Clients write and read a register over a network',
  sources: ['Stateright single-copy-register; Herlihy and Wing, Linearizability (TOPLAS 12, 1990)'],
  group: 'textbook',
  parameters: z.object({
    clients: z.number().int().min(2).max(4).default(2).describe('clients, each of which writes once and then reads'),
  }),
  variants: {
    fixed: { title: 'one server has the register', expected: { verdict: 'holds', counts: [93, 120] } },
    'two-copies': {
      title: 'two servers have a register each, and clients read the one that they do not write',
      expected: { verdict: 'violated', property: 'the history is linearizable', length: 4 },
    },
  },
  build({ clients: count }, variant) {
    const servers = names('server', variant === 'two-copies' ? 2 : 1);
    const server = (index: number) => servers[index % servers.length]!;
    return defineSystem({
      actors: combineActors(
        Object.fromEntries(servers.map((name) => [name, actor(register)])),
        family('client', count, (index) =>
          actor(client, {
            input: { value: 'ABCD'[index]!, writesTo: server(index), readsFrom: server(index + 1) },
            rest: ['done'],
          }),
        ),
      ),
      channels: {
        network: { to: [...servers, ...names('client', count)], order: 'unordered', capacity: Infinity },
      },
      properties: ({ monitor, reachable }) => [
        monitor('the history is linearizable', linearizable),
        reachable('a value that was written is read', (view) =>
          view
            .channel('network')
            .some(({ event }) => event.type === 'GET_OK' && (event as { value?: string }).value !== NOTHING),
        ),
      ],
    });
  },
});
