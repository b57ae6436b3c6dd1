/**
 * The alternating bit protocol as Lamport specifies it: a sender repeats the value that it has chosen until the bit that went with
 * it comes back, over two queues that may lose any message that is in them.
 *
 * Known counts, for two values and queues of two: TLC finds 240 distinct states, of which eight are initial, since bit and values
 * may be any at the start, and a depth of 10 (the model MCAlternatingBit of the TLA+ examples). Were only the oldest message of a
 * queue ever lost, there would be 216. TLC also generates, and discards, the states beyond the ends of the queues; here a full
 * queue makes its sender wait. Which of two equal neighbours was lost is one step here.
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { names } from '../parts/names.ts';

type Bit = 0 | 1;

interface Sending {
  bit: Bit;
  value: string;
}

const sender = setup({
  types: {
    context: {} as Sending & { acknowledged: Bit },
    input: {} as Sending,
    events: {} as { type: 'WRITE'; value: string } | { type: 'RUN' } | { type: 'ACKNOWLEDGEMENT'; bit: Bit },
  },
  guards: { mayGoOn: ({ context }) => context.acknowledged === context.bit },
  actions: {
    choose: assign({
      bit: ({ context }): Bit => (context.bit === 0 ? 1 : 0),
      value: ({ context, event }) => (event.type === 'WRITE' ? event.value : context.value),
    }),
    transmit: sendTo(
      ({ system }) => system.get('receiver'),
      ({ context }) => ({ type: 'MESSAGE', bit: context.bit, value: context.value }),
    ),
    noteBit: assign({
      acknowledged: ({ context, event }) => (event.type === 'ACKNOWLEDGEMENT' ? event.bit : context.acknowledged),
    }),
  },
}).createMachine({
  id: 'sender',
  context: ({ input }) => ({ ...input, acknowledged: input.bit }),
  on: {
    // SndNewValue
    WRITE: { guard: 'mayGoOn', actions: ['choose', 'transmit'] },
    // ReSndMsg
    RUN: [{ guard: 'mayGoOn' }, { actions: 'transmit' }],
    // RcvAck
    ACKNOWLEDGEMENT: { actions: 'noteBit' },
  },
});

const receiver = setup({
  types: {
    context: {} as Sending,
    input: {} as Sending,
    events: {} as { type: 'MESSAGE'; bit: Bit; value: string } | { type: 'RUN' },
  },
  actions: {
    take: assign(({ context, event }) =>
      event.type === 'MESSAGE' ? { bit: event.bit, value: event.value } : { ...context },
    ),
    acknowledge: sendTo(
      ({ system }) => system.get('sender'),
      ({ context }) => ({ type: 'ACKNOWLEDGEMENT', bit: context.bit }),
    ),
  },
}).createMachine({
  id: 'receiver',
  context: ({ input }) => input,
  on: {
    // RcvMsg
    MESSAGE: { actions: 'take' },
    // SndAck
    RUN: { actions: 'acknowledge' },
  },
});

export const alternatingBit = defineScenario({
  name: 'alternating-bit',
  title: 'A value is sent again until it is acknowledged, over queues that lose messages',
  sources: [
    'Lamport, Specifying Systems (2002), section 14.2; MCAlternatingBit of the TLA+ examples',
    'Bartlett, Scantlebury and Wilkinson, A Note on Reliable Full-Duplex Transmission over Half-Duplex Links (CACM 12, 1969)',
  ],
  group: 'textbook',
  parameters: z.object({
    values: z.number().int().min(1).max(4).default(2).describe('values that can be sent'),
    capacity: z.number().int().min(1).max(4).default(2).describe('messages that each queue holds'),
  }),
  variants: {
    fixed: { title: 'the queues lose any message', expected: { verdict: 'holds', counts: [240, 1_056] } },
    'oldest-only': {
      title: 'the queues lose only their oldest message',
      expected: { verdict: 'holds', counts: [216, 900] },
    },
    reordered: {
      title: 'the queues are bags, in which an old message may come last',
      expected: { verdict: 'violated', property: 'what is taken for the new value is the new value', length: 8 },
    },
  },
  build({ values: count, capacity }, variant) {
    const values = names('value', count);
    const queue = {
      order: variant === 'reordered' ? 'unordered' : 'fifo',
      capacity,
      lossy: variant === 'fixed' ? 'anywhere' : true,
    } as const;
    const bits: readonly Bit[] = [0, 1];
    return defineSystem({
      actors: {
        sender: actor(sender, {
          input: { bit: 0, value: 'value0' },
          choices: [...values.map((value) => ({ type: 'WRITE', value }) as const), { type: 'RUN' }],
        }),
        receiver: actor(receiver, { input: { bit: 0, value: 'value0' }, choices: [{ type: 'RUN' }] }),
      },
      starts: bits.flatMap((bit) =>
        values.flatMap((value) =>
          values.map((received) => ({ sender: { bit, value }, receiver: { bit, value: received } })),
        ),
      ),
      channels: {
        messages: { from: ['sender'], to: ['receiver'], ...queue },
        acknowledgements: { from: ['receiver'], to: ['sender'], ...queue },
      },
      // As Lamport has it: both repeat themselves, and what is sent again and again comes through.
      fairness: { messages: 'strong', acknowledgements: 'strong' },
      properties: ({ always, leadsTo }) => [
        always('what is taken for the new value is the new value', (view) => {
          const { bit, acknowledged, value } = view.get('sender').context;
          const taken = view.get('receiver').context;
          return bit === acknowledged || taken.bit !== bit || taken.value === value;
        }),
        ...(variant === 'reordered'
          ? []
          : values.map((value) =>
              leadsTo(
                `${value} arrives when it is sent`,
                (view) => {
                  const { bit, acknowledged, value: sent } = view.get('sender').context;
                  return sent === value && bit !== acknowledged;
                },
                (view) => view.get('receiver').context.value === value,
              ),
            )),
      ],
    });
  },
});
