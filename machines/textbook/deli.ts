/**
 * A deli: customers draw numbers and wait in one line, from which whichever worker is idle takes the next one. Only such a line makes
 * receivers compete: nobody knows, when a customer comes, who will serve him.
 *
 * Known counts: TLC finds 82 distinct states and generates 215, the initial one included, for two workers and three customers (deli of the
 * TLA+ examples, whose manifest says so). There a customer may always come, and a constraint cuts off what a fourth one leads to; here he
 * is turned away, which changes nothing.
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { alike, interchangeable, names } from '../parts/names.ts';

const door = setup({
  types: {
    context: {} as { arrivals: number; most: number },
    input: {} as { most: number },
    events: {} as { type: 'ARRIVE' },
  },
  guards: { isOpen: ({ context }) => context.arrivals < context.most },
  actions: {
    drawNumber: assign({ arrivals: ({ context }) => context.arrivals + 1 }),
    joinLine: sendTo(
      ({ system }) => system.get('line'),
      ({ context }) => ({ type: 'CUSTOMER', number: context.arrivals }),
    ),
    turnAway: () => {},
  },
}).createMachine({
  id: 'door',
  context: ({ input }) => ({ ...input, arrivals: 0 }),
  // Arrive
  on: { ARRIVE: [{ guard: 'isOpen', actions: ['drawNumber', 'joinLine'] }, { actions: 'turnAway' }] },
});

const deliWorker = setup({
  types: {
    context: {} as { customer: number },
    events: {} as { type: 'CUSTOMER'; number: number } | { type: 'RUN' },
  },
  actions: {
    greet: assign({ customer: ({ context, event }) => (event.type === 'CUSTOMER' ? event.number : context.customer) }),
    tellServed: sendTo(
      ({ system }) => system.get('served'),
      ({ context }) => ({ type: 'SERVED', number: context.customer }),
    ),
    sayGoodbye: assign({ customer: 0 }),
  },
}).createMachine({
  id: 'deliWorker',
  context: { customer: 0 },
  initial: 'idle',
  states: {
    // AssignWorker, FinishPreparing, CompleteService
    idle: { on: { CUSTOMER: { target: 'preparing', actions: 'greet' } } },
    preparing: { on: { RUN: 'serving' } },
    serving: { on: { RUN: { target: 'idle', actions: ['tellServed', 'sayGoodbye'] } } },
  },
});

const servedCustomers = setup({
  types: { context: {} as { numbers: readonly number[] }, events: {} as { type: 'SERVED'; number: number } },
  actions: {
    note: assign({ numbers: ({ context, event }) => [...new Set([...context.numbers, event.number])].sort() }),
  },
}).createMachine({ id: 'servedCustomers', context: { numbers: [] }, on: { SERVED: { actions: 'note' } } });

export const deli = defineScenario({
  name: 'deli',
  title: 'Customers wait in one line, from which several workers take the next one',
  sources: ['deli of the TLA+ examples (Spencer)'],
  group: 'textbook',
  parameters: z.object({
    workers: z.number().int().min(1).max(3).default(2).describe('workers behind the counter'),
    customers: z.number().int().min(3).max(5).default(3).describe('customers who are let in'),
  }),
  variants: {
    fixed: {
      title: 'a customer leaves the line when a worker takes him',
      expected: { verdict: 'holds', counts: [82, 214], reduced: [46, 118] },
    },
    'called-twice': {
      title: 'a customer may stay in the line',
      expected: { verdict: 'violated', property: 'every customer is in the line, with a worker or served', length: 2 },
    },
  },
  build({ workers: count, customers }, variant) {
    const workers = names('worker', count);
    return defineSystem({
      actors: combineActors(
        { door: actor(door, { input: { most: customers }, choices: [{ type: 'ARRIVE' }] }) },
        family('worker', count, () => actor(deliWorker, { choices: [{ type: 'RUN' }], rest: ['idle'] })),
        { served: actor(servedCustomers) },
      ),
      channels: {
        line: {
          to: workers,
          competing: true,
          order: 'fifo',
          capacity: customers,
          duplicating: variant === 'called-twice',
        },
      },
      blocking: ['CUSTOMER'],
      symmetry: interchangeable(alike(count, 'worker')),
      properties: ({ always, reachable }) => [
        // TicketStatePartition, and with it NoDoubleAssignment
        always('every customer is in the line, with a worker or served', (view) => {
          const waiting = view.channel('line').map(({ event }) => (event as { number?: number }).number);
          const taken = workers.map((name) => view.get(name).context.customer).filter((number) => number > 0);
          const all = [...waiting, ...taken, ...view.get('served').context.numbers];
          return new Set(all).size === all.length && all.length === view.get('door').context.arrivals;
        }),
        reachable('all workers serve at once', (view) => workers.every((name) => view.get(name).matches('serving'))),
      ],
    });
  },
});
