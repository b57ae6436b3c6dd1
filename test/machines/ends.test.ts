/** Each variant is a system, with the property that it is expected to violate, also at the ends of its parameters. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { describeParameters } from '../../src/system/parameters.ts';

describe.each(catalogue.map((scenario) => ({ name: scenario.name, scenario })))('$name', ({ scenario }) => {
  const ends = describeParameters(scenario).flatMap(({ name, type, minimum, maximum, default: usual }) =>
    (type === 'boolean' ? [!usual] : [minimum, maximum].filter((end) => end !== undefined)).map((end) => ({
      [name]: end,
    })),
  );

  test.each(ends)('%j', (parameters) => {
    for (const variant of Object.keys(scenario.variants)) {
      expect(() => scenario.build(parameters, variant), variant).not.toThrow();
    }
  });
});
