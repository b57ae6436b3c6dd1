/** A property is judged right whichever parts of a state it looks at, and in whichever order. */
import { expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { Violations } from '../../src/explore/findings.ts';
import { Search } from '../../src/explore/search.ts';
import { always, type Property } from '../../src/system/property.ts';
import { actor, defineSystem, family, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import fc from '../fast-check.ts';

const COUNTERS = 6;
const VALUES = 4;

const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
  guards: { less: ({ context }) => context.n < VALUES - 1 },
}).createMachine({ context: { n: 0 }, on: { GO: { guard: 'less', actions: 'count' } } });

function counters(properties: readonly Property[]): System {
  return defineSystem({
    actors: family('counter', COUNTERS, () => actor(counter, { choices: [{ type: 'GO' }] })),
    deadlock: 'ignore',
    properties: () => properties,
  });
}

/** Looks at some counters, one after the other, as long as they have a value at least. */
const look = fc.uniqueArray(
  fc.record({ counter: fc.nat(COUNTERS - 1), least: fc.integer({ min: 1, max: VALUES - 1 }) }),
  {
    minLength: 1,
    maxLength: COUNTERS,
    selector: (one) => one.counter,
  },
);

it('finds all violations, each by its shortest path, whatever the properties look at', () => {
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 4 }), (looks) => {
      const properties = looks.map((some, at) =>
        always(
          `property ${at}`,
          (view) =>
            !some.every(({ counter, least }) => (view.get(`counter${counter}`).context as { n: number }).n >= least),
        ),
      );
      const violations = new Violations();
      const search = new Search(new Tables(counters(properties)), { states: 1e6, bytes: 2 ** 30 }, { violations });
      while (!search.run(1000));
      const wanted = looks.map((some, at) => [`property ${at}`, some.reduce((sum, { least }) => sum + least, 0)]);
      const found = violations.inOrder().map(({ finding, depth }) => [finding.property, depth]);
      expect(found.sort()).toEqual(wanted.sort());
    }),
    { numRuns: 60 },
  );
});
