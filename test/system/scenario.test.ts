/** `scenario.build` takes what `--set` and `--variant` take, and refuses the rest in the same words. */
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { z } from 'zod';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { catalogue } from '../../machines/races/index.ts';
import { parseSettings } from '../../src/cli/parameters.ts';
import { subjectOf } from '../../src/cli/target.ts';
import { defineScenario, type Scenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';

const machine = createMachine({ on: { GO: {} } });
const scenario = defineScenario({
  name: 'devices',
  title: 'some devices',
  sources: [],
  group: 'textbook',
  parameters: z.object({ devices: z.number().int().min(1).max(4).default(2).describe('how many') }),
  variants: {
    fixed: { title: 'as it is', expected: { verdict: 'holds' } },
    broken: { title: 'as it was', expected: { verdict: 'violated', property: 'no deadlock' } },
  },
  build: ({ devices }) => defineSystem({ actors: family('dev', devices, () => actor(machine)) }),
});
const untyped: Scenario = scenario;

/** The error of a call, as people see it. */
function refusal(run: () => unknown): object | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    const { name, message, hint } = error as Error & { hint: string };
    return { name, message, hint };
  }
}

describe('build', () => {
  test('fills in the defaults', () => {
    expect(Object.keys(scenario.build({}, 'fixed').actors)).toEqual(['dev0', 'dev1']);
    expect(Object.keys(scenario.build({ devices: 3 }, 'broken').actors)).toHaveLength(3);
  });

  test('refuses a variant that there is not, as the command line does', () => {
    const error = refusal(() => untyped.build({}, 'fixde'));
    expect(error).toEqual({
      name: 'UsageError',
      message: 'scenario "devices" has no variant "fixde"',
      hint: 'did you mean "fixed"? there are: fixed, broken',
    });
    expect(refusal(() => subjectOf({ spec: 'devices', scenario: untyped }, 'fixde', []))).toEqual(error);
    expect(refusal(() => untyped.build({}, 'toString'))).toMatchObject({ name: 'UsageError' });
  });

  test('refuses what are no parameters, and no variant', () => {
    for (const parameters of [undefined, null, [], 5] as never[]) {
      const error = refusal(() => untyped.build(parameters, 'fixed')) as { name: string; message: string };
      expect(error.name).toBe('UsageError');
      expect(error.message).toMatch(/^scenario "devices": its parameters are /);
    }
    for (const variant of [undefined, 5] as never[]) {
      const error = refusal(() => untyped.build({}, variant)) as { name: string; message: string };
      expect(error).toMatchObject({ name: 'UsageError', message: `scenario "devices" has no variant ${variant}` });
    }
  });

  test.each([
    [{ devicez: 3 }, 'devicez=3', 'scenario "devices" has no parameter "devicez"'],
    [{ devices: 9 }, 'devices=9', 'parameter devices: got "9", expected a whole number from 1 to 4'],
    [{ devices: 'x' }, 'devices=x', 'parameter devices: got "x", expected a whole number from 1 to 4'],
  ])('refuses %j, as the command line does', (parameters, setting, message) => {
    const error = refusal(() => untyped.build(parameters, 'fixed'));
    expect(error).toMatchObject({ name: 'UsageError', message });
    expect(refusal(() => parseSettings(untyped, [setting]))).toEqual(error);
  });

  test('tells what a builder does wrong as a mistake of the model', () => {
    const building = (build: () => never) =>
      refusal(() => defineScenario({ ...scenario, build }).build({}, 'fixed')) as { name: string; message: string };
    expect(building((() => 5) as never).message).toBe('scenario "devices" builds no system');
    const nested = building(() => untyped.build({ devicez: 1 }, 'fixed') as never);
    expect(nested).toMatchObject({ name: 'ModelError' });
    expect(nested.message).toContain('threw while building: scenario "devices" has no parameter "devicez"');
  });

  test('of every scenario of the catalogue refuses what it does not know', () => {
    for (const known of catalogue) {
      expect(
        refusal(() => known.build({ devicez: 'x' }, 'typo')),
        known.name,
      ).toBeDefined();
      const [variant] = Object.keys(known.variants);
      expect(
        refusal(() => known.build({ devicez: 'x' }, variant!)),
        known.name,
      ).toMatchObject({ name: 'UsageError' });
    }
  });
});

test('a misuse of a scenario does not compile', () => {
  const mistakes = [
    // @ts-expect-error no such parameter
    () => scenario.build({ devicez: 3 }, 'fixed'),
    // @ts-expect-error another type
    () => scenario.build({ devices: 'x' }, 'fixed'),
    // @ts-expect-error no such variant
    () => scenario.build({}, 'typo'),
    // @ts-expect-error neither
    () => priOverflow.build({ devicez: 'x' }, 'typo'),
  ];
  for (const mistake of mistakes) expect(mistake).toThrow();
});
