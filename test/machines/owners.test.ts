/** What the scenarios about who owns a group claim of each property, also of those that a shorter trace hides. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';

async function shortest(name: string, variant: string, property: string): Promise<string[]> {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  const result = await check(scenario.build(scenario.parameters.parse({}), variant), { properties: [property] });
  expect(result.property).toBe(property);
  return traceOf(result.tables, result.path!).steps.map(labelOf);
}

const LIFETIME = 'nobody touches a freed group, and no group is freed twice';
const HANDLE_LIFETIME = 'nobody touches the attach handle after it was freed';
const ALL_ANSWERED = 'after the device was detached and the thread is done, each group has its answer';
const WARNED = 'a fault-capable domain is found only with a fault parameter (WARN_ON)';

test.each([
  ['removal-before-drain', 'vtd-rid'],
  ['removal-before-drain', 'smmu-v3'],
  ['group-on-stack', 'vtd-rid'],
  ['group-on-stack', 'smmu-v3'],
])('%s %s violates all that is expected, and nothing else', async (name, variant) => {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  const { violations } = await check(scenario.build(scenario.parameters.parse({}), variant), { allViolations: true });
  const { expected } = scenario.variants[variant]!;
  expect({ properties: violations!.map(({ property }) => property).sort() }).toMatchObject({
    properties: 'properties' in expected ? [...expected.properties].sort() : [],
  });
});

describe('removal before the drain', () => {
  test.each([
    ['vtd-rid', WARNED, 4],
    ['vtd-rid', LIFETIME, 6],
    ['vtd-rid', HANDLE_LIFETIME, 10],
    ['vtd-rid', ALL_ANSWERED, 12],
    ['smmu-v3', WARNED, 5],
    ['smmu-v3', LIFETIME, 7],
    ['smmu-v3', HANDLE_LIFETIME, 10],
    ['smmu-v3', ALL_ANSWERED, 12],
  ])('%s: %s is violated in %i steps', async (variant, property, steps) => {
    expect(await shortest('removal-before-drain', variant, property)).toHaveLength(steps);
  });

  test('frees the group between its linking and its dequeueing', async () => {
    const labels = await shortest('removal-before-drain', 'vtd-rid', LIFETIME);
    expect(labels.slice(-2)).toEqual(['detach0.DETACH', 'irq.RUN']);
  });
});

test('partial-fallthrough: the half group takes the fault parameter with it', async () => {
  const property = 'the fault parameter lives as long as its device is in the queue, and no group is freed twice';
  expect(await shortest('partial-fallthrough', 'missing-return', property)).toHaveLength(7);
});

test('removal-before-flush: the device gets an answer from removal and one from the worker', async () => {
  const property = 'dev0 gets exactly one answer to each group';
  expect(await shortest('removal-before-flush', 'removed-first', property)).toHaveLength(7);
});
