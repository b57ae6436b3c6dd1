/**
 * A producer, a bounded queue and a consumer: what a full queue does, and what order is worth.
 *
 * Items are numbered modulo V and the queue holds C of them. The contents follow from the next number and the length,
 * so there are V(C+1) states, 2VC steps, and the deepest state is C + 2V - 2 steps away.
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

interface Numbering {
  numbers: number;
}

const producer = setup({
  types: {
    context: {} as Numbering & { next: number },
    input: {} as Numbering,
    events: {} as { type: 'PRODUCE' },
  },
  actions: {
    put: sendTo(
      ({ system }) => system.get('consumer'),
      ({ context }) => ({ type: 'ITEM', number: context.next }),
    ),
    advance: assign({ next: ({ context }) => (context.next + 1) % context.numbers }),
  },
}).createMachine({
  id: 'producer',
  context: ({ input }) => ({ ...input, next: 0 }),
  on: { PRODUCE: { actions: ['put', 'advance'] } },
});

const consumer = setup({
  types: {
    context: {} as Numbering & { next: number },
    input: {} as Numbering,
    events: {} as { type: 'ITEM'; number: number },
  },
  guards: { isNext: ({ context, event }) => event.number === context.next },
  actions: { advance: assign({ next: ({ context }) => (context.next + 1) % context.numbers }) },
}).createMachine({
  id: 'consumer',
  context: ({ input }) => ({ ...input, next: 0 }),
  initial: 'consuming',
  states: {
    consuming: { on: { ITEM: [{ guard: 'isNext', actions: 'advance' }, { target: 'confused' }] } },
    confused: { on: { ITEM: {} } },
  },
});

export const boundedFifo = defineScenario({
  name: 'bounded-fifo',
  title: 'A producer and a consumer at the ends of a bounded queue',
  sources: ['Dijkstra, Cooperating Sequential Processes (EWD 123, 1965)'],
  group: 'textbook',
  parameters: z.object({
    capacity: z.number().int().min(1).max(64).default(8).describe('items that the queue holds'),
    numbers: z.number().int().min(2).max(64).default(16).describe('items are numbered modulo this'),
  }),
  variants: {
    fixed: { title: 'a full queue makes the producer wait', expected: { verdict: 'holds', counts: [144, 256] } },
    drop: {
      title: 'a full queue loses the item',
      expected: { verdict: 'violated', property: 'items arrive complete and in order', length: 19 },
    },
    unordered: {
      title: 'the queue is a bag',
      expected: { verdict: 'violated', property: 'items arrive complete and in order', length: 3 },
    },
  },
  build({ capacity, numbers }, variant) {
    return defineSystem({
      actors: {
        producer: actor(producer, { input: { numbers }, choices: [{ type: 'PRODUCE' }] }),
        consumer: actor(consumer, { input: { numbers } }),
      },
      channels: {
        queue: {
          to: ['consumer'],
          order: variant === 'unordered' ? 'unordered' : 'fifo',
          capacity,
          whenFull: variant === 'drop' ? 'drop' : 'block',
        },
      },
      properties: ({ always, happens }) => [
        always('items arrive complete and in order', (view) => !view.get('consumer').matches('confused')),
        happens('the last number arrives', {
          to: 'consumer',
          type: 'ITEM',
          where: (event) => event.number === numbers - 1,
        }),
      ],
    });
  },
});
