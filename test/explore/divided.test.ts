/** A search goes on as before when the slots are divided anew on the way. */
import { expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { Search } from '../../src/explore/search.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';

const VALUES = 10;
const PAIRS = 4;

/** Each counter has an image of itself, which stands in the other half at first. */
const counter = setup({
  types: { context: {} as { n: number; image: string }, input: {} as { image: string }, events: {} as { type: 'GO' } },
  actions: {
    count: assign({ n: ({ context }) => (context.n + 1) % VALUES }),
    tell: sendTo(({ system, context }) => system.get(context.image), { type: 'GO' }),
  },
}).createMachine({
  context: ({ input }) => ({ n: 0, image: input.image }),
  on: { GO: { actions: ['count', 'tell'] } },
});
const image = setup({
  types: { context: {} as { n: number } },
  actions: { count: assign({ n: ({ context }) => (context.n + 1) % VALUES }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'count' } } });

it.each([100, 5000])('finds all states, in slices of %i', (slice) => {
  const system = defineSystem({
    actors: {
      ...family('counter', PAIRS, (at) =>
        actor(counter, { input: { image: `image${at}` }, choices: [{ type: 'GO' }] }),
      ),
      ...family('image', PAIRS, () => actor(image)),
    } as never,
  });
  const search = new Search(new Tables(system), { states: 1e6, bytes: 2 ** 30 });
  while (!search.run(slice));
  expect([search.done, search.states, search.steps]).toEqual([true, VALUES ** PAIRS, PAIRS * VALUES ** PAIRS]);
  // Pairs are together now.
  const [slots] = search.partition;
  for (const slot of slots) expect(slots).toContain((slot + PAIRS) % (2 * PAIRS));
});
