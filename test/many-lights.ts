/** A house with as many lights as wanted, which know nothing of each other, and each of which goes on once. */
import { setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../src/system/scenario.ts';
import { actor, defineSystem, family } from '../src/system/system.ts';

const light = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
  id: 'light',
  initial: 'off',
  states: { off: { on: { GO: 'on' } }, on: {} },
});

export const house = defineScenario({
  name: 'house',
  title: 'lights that know nothing of each other',
  sources: [],
  group: 'textbook',
  parameters: z.object({
    lights: z.number().int().min(2).max(20_000).default(2).describe('lights'),
    alike: z.boolean().default(false).describe('they are declared as interchangeable'),
  }),
  variants: {
    fixed: { title: 'all may go on', expected: { verdict: 'holds' } },
    faulty: { title: 'the second one may not', expected: { verdict: 'violated', property: 'd1 stays off' } },
  },
  stress: { unit: 'house' },
  build: ({ lights, alike }, variant) =>
    defineSystem({
      actors: family('d', lights, () => actor(light, { choices: [{ type: 'GO' }] })),
      deadlock: 'ignore',
      ...(alike && { symmetry: [Array.from({ length: lights }, (_, index) => `d${index}`)] }),
      properties: ({ always }) => [
        variant === 'faulty'
          ? always('d1 stays off', (view) => view.get('d1').matches('off'))
          : always('d0 is a light', (view) => view.get('d0').status === 'active'),
      ],
    }),
});
