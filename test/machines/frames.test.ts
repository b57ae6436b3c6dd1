/** Where there are fewer frames than pages, whoever finds none is told so, and everything else stays as it is. */
import { describe, expect, test } from 'vitest';
import { atcBeforeTlb } from '../../machines/races/B-16-atc-before-tlb.ts';
import { racingUnmap } from '../../machines/races/B-62-racing-unmap.ts';
import { check } from '../../src/explore/check.ts';
import type { ParameterValues } from '../../src/system/parameters.ts';
import { happens, type Property } from '../../src/system/property.ts';
import type { Scenario } from '../../src/system/scenario.ts';

const NO_FRAME = happens('an allocation finds no frame', { type: 'NO_FRAME' });
const ABORT = happens('a DMA is aborted', { type: 'TERMINATE' });

const cases: readonly { scenario: Scenario; parameters: ParameterValues; witnesses: readonly Property[] }[] = [
  { scenario: racingUnmap, parameters: { pages: 3, frames: 2, devices: 1 }, witnesses: [NO_FRAME, ABORT] },
  { scenario: racingUnmap, parameters: { pages: 2, frames: 1 }, witnesses: [NO_FRAME, ABORT] },
  { scenario: atcBeforeTlb, parameters: { pages: 3, frames: 2, devices: 1 }, witnesses: [NO_FRAME] },
];

describe.each(cases)('$scenario.name $parameters', ({ scenario, parameters, witnesses }) => {
  test.each(Object.entries(scenario.variants))('%s', async (variant, { expected }) => {
    const system = scenario.build(scenario.parameters.parse(parameters), variant);
    const properties = [...system.properties, ...(expected.verdict === 'holds' ? witnesses : [])];
    const { verdict, property, error } = await check({ ...system, properties });
    expect(error?.message).toBeUndefined();
    // What is pinned beside them is of the default size.
    expect({ verdict, property }).toEqual({
      verdict: expected.verdict,
      property: 'property' in expected ? expected.property : undefined,
    });
  });
});

test('as many frames as pages are what 0 stands for', async () => {
  const [zero, two] = await Promise.all(
    [0, 2].map((frames) => check(racingUnmap.build(racingUnmap.parameters.parse({ frames }), 'fixed'))),
  );
  expect([zero!.states, zero!.steps]).toEqual([two!.states, two!.steps]);
});
