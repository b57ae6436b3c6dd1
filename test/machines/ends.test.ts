/** Each variant is a system, with the property that it is expected to violate, also at the ends of its parameters. */
import { expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { describeParameters } from '../../src/system/parameters.ts';

const ends = catalogue.flatMap((scenario) =>
  describeParameters(scenario).flatMap(({ name, type, minimum, maximum, default: usual }) =>
    (type === 'boolean' ? [!usual] : [minimum, maximum])
      .filter((end) => end !== undefined)
      .map((end) => ({ scenario, setting: `${name}=${end}`, parameters: { [name]: end } })),
  ),
);

test.each(ends)('$scenario.name --set $setting', ({ scenario, parameters }) => {
  for (const variant of Object.keys(scenario.variants)) {
    expect(() => scenario.build(parameters, variant), variant).not.toThrow();
  }
});
