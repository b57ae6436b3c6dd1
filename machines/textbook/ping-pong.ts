/**
 * Stateright's ping-pong: two actors count together by sending a number to and fro over a network.
 *
 * Known counts, M being the number to count to: 2M + 1 states on a reliable network, and 2^(2M+2) - 2 where messages may
 * be lost and delivered again and again: 11, and 14 (M = 1) or 4,094 (M = 5), as in Stateright's own tests. A message
 * that its receiver has no use for is refused, so that it stays in the network and its delivery is no step.
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

interface Player {
  peer: string;
  serves: boolean;
  /** Where the counting stops, so that the space is finite. */
  max: number;
  /** Takes any number for the expected one. */
  careless: boolean;
}

type Numbered = { type: 'PING'; n: number } | { type: 'PONG'; n: number };

const player = setup({
  types: { context: {} as Player & { count: number }, input: {} as Player, events: {} as Numbered },
  guards: {
    serves: ({ context }) => context.serves,
    expected: ({ context, event }) => context.count < context.max && (context.careless || event.n === context.count),
  },
  actions: {
    countOn: assign({ count: ({ context }) => context.count + 1 }),
    serve: sendTo(
      ({ system, context }) => system.get(context.peer),
      () => ({ type: 'PING', n: 0 }),
    ),
    pong: sendTo(
      ({ system, context }) => system.get(context.peer),
      ({ event }) => ({ type: 'PONG', n: event.n }),
    ),
    pingNext: sendTo(
      ({ system, context }) => system.get(context.peer),
      ({ event }) => ({ type: 'PING', n: event.n + 1 }),
    ),
  },
}).createMachine({
  id: 'player',
  context: ({ input }) => ({ ...input, count: 0 }),
  initial: 'resting',
  states: {
    resting: { always: [{ guard: 'serves', target: 'playing', actions: 'serve' }, { target: 'playing' }] },
    playing: {
      on: {
        PING: { guard: 'expected', actions: ['pong', 'countOn'] },
        PONG: { guard: 'expected', actions: ['pingNext', 'countOn'] },
      },
    },
  },
});

export const pingPong = defineScenario({
  name: 'ping-pong',
  title: 'Two actors count together over a network',
  sources: ['Stateright ping_pong (actor tests)'],
  group: 'textbook',
  parameters: z.object({
    max: z.number().int().min(1).max(9).default(5).describe('the number to count to'),
  }),
  variants: {
    reliable: { title: 'the network delivers each message once', expected: { verdict: 'holds', counts: [11, 10] } },
    lossy: {
      title: 'the network loses and duplicates messages',
      expected: { verdict: 'holds', counts: [4_094, 22_527] },
    },
    careless: {
      title: 'on the lossy network, without looking at the numbers that arrive',
      expected: { verdict: 'violated', property: 'the counts differ by one at most', length: 2 },
    },
  },
  build({ max }, variant) {
    const faulty = variant !== 'reliable';
    const careless = variant === 'careless';
    return defineSystem({
      actors: {
        pinger: actor(player, { input: { peer: 'ponger', serves: true, max, careless } }),
        ponger: actor(player, { input: { peer: 'pinger', serves: false, max, careless } }),
      },
      channels: {
        network: {
          to: ['pinger', 'ponger'],
          order: 'unordered',
          capacity: Infinity,
          lossy: faulty,
          duplicating: faulty,
        },
      },
      blocking: ['PING', 'PONG'],
      // The end of the counting leaves a message behind that nobody wants.
      deadlock: 'ignore',
      properties: ({ always, reachable }) => [
        always('the counts differ by one at most', (view) => {
          return Math.abs(view.get('pinger').context.count - view.get('ponger').context.count) <= 1;
        }),
        reachable('the count reaches its maximum', (view) => view.get('pinger').context.count === max),
      ],
    });
  },
});
