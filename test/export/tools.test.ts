/** SPIN and Rumur say of exported systems what we say. `npm run crosscheck` does it for the whole catalogue. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { isProgress, modelOf } from '../../src/export/model.ts';
import { toMurphi } from '../../src/export/murphi.ts';
import { toPromela } from '../../src/export/promela.ts';
import { exploreSpace } from '../../src/export/space.ts';
import type { System } from '../../src/system/system.ts';
import { compare } from '../crosscheck/compare.ts';
import { missingTools, runRumur, runSpin, runSpinProgress } from '../crosscheck/tools.ts';
import { countingTo, gateThatMustNotOpen, gateWith, lampWith, oddSystem } from './odd-system.ts';

const missing = missingTools();
if (missing.length > 0) {
  const message = `${missing.join(', ')} not installed: the exports are not tried in other checkers`;
  if (process.env.FAULTLINE_REQUIRE_TOOLS === '1') throw new Error(message);
  console.warn(message);
}

describe.skipIf(missing.length > 0)('SPIN and Rumur agree with us', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-export-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each<[scenario: string, variant: string, parameters: Record<string, unknown>]>([
    ['ping-pong', 'lossy', { max: 3 }],
    ['bounded-fifo', 'unordered', { numbers: 4 }],
    ['dining-philosophers', 'left-right', { philosophers: 3 }],
    ['peterson', 'turn-first', {}],
    ['two-phase-commit', 'fixed', { managers: 3 }],
  ])('about %s %s: counts, verdict, trace', async (name, variant, parameters) => {
    const scenario = catalogue.find((one) => one.name === name)!;
    const system = scenario.build(scenario.parameters.parse(parameters) as Record<string, unknown>, variant);
    const found = await compare(`${name}-${variant}`, system, join(folder, name), { optimise: '-O0' });
    expect(found.differences).toEqual([]);
  });

  test.each([
    ['block', 'fifo'],
    ['drop', 'fifo'],
    ['drop', 'unordered'],
  ] as const)('about timers, odd names and a channel: %s, %s', async (whenFull, order) => {
    const path = join(folder, `odd-${whenFull}-${order}`);
    const found = await compare('odd', oddSystem(whenFull, order), path, { optimise: '-O0' });
    expect(found.differences).toEqual([]);
    expect(found.ours.verdict).toBe('violated');
    expect(found.all).toBeDefined();
  });

  test('about very many local states, and nothing to check', async () => {
    const space = await exploreSpace(countingTo(1500));
    const found = await runSpin(folder, toPromela(modelOf(space), []), { optimise: '-O0' });
    expect(found).toEqual({ verdict: 'holds', states: space.size, steps: space.steps, depth: space.depth });
  });

  test('SPIN finds the witnesses that are asked for, and Rumur misses the ones that there are not', async () => {
    const model = modelOf(await exploreSpace(oddSystem('drop')));
    const number = (kind: string) => model.properties.find((property) => property.kind === kind)!.number;
    const ask = (of: string) =>
      toPromela({ ...model, properties: model.properties.filter(({ kind }) => kind === of) }, []);
    for (const kind of ['reachable', 'happens']) {
      const asked = `#define ASK ${number(kind)}\n${ask(kind)}`;
      expect(await runSpin(folder, asked, { optimise: '-O0' })).toMatchObject({ verdict: 'violated' });
    }
    const never = model.properties.map((property) =>
      property.kind === 'reachable'
        ? { ...property, expression: { kind: 'constant', value: false } as const }
        : property,
    );
    const unmet = { ...model, properties: never.filter(({ kind }) => kind === 'reachable') };
    const found = await runRumur(folder, toMurphi(unmet, []), { optimise: '-O0' });
    expect(found).toMatchObject({ verdict: 'violated', states: model.states, steps: model.steps });
  });

  test.each<[what: string, system: System, expected: Record<string, string>]>([
    [
      'a lamp that somebody has to switch',
      lampWith('weak'),
      { 'it is on': 'holds', 'it goes off again': 'holds', 'it is on again': 'holds', 'not for long': 'holds' },
    ],
    // The run that stops where nobody has to do anything.
    [
      'a lamp that nobody has to switch',
      lampWith('none'),
      {
        'it is on': 'violated',
        'it goes off again': 'violated',
        'it is on again': 'violated',
        'not for long': 'violated',
      },
    ],
    ['a gate that is strongly fair', gateWith('strong'), { 'somebody passes': 'holds' }],
    ['a gate that is weakly fair', gateWith('weak'), { 'somebody passes': 'violated' }],
    // What violates a property is told as that, and is no run without end.
    ['a gate that must not open', gateThatMustNotOpen(), { 'somebody passes': 'holds' }],
  ])('SPIN decides progress under fairness as we do: %s', async (_, system, expected) => {
    const model = modelOf(await exploreSpace(system));
    const asked = model.properties.filter(isProgress);
    const numbers = asked.map(({ number }) => number);
    const found = await runSpinProgress(folder, toPromela(model, []), numbers, { optimise: '-O0', depth: 10_000 });
    const told = Object.fromEntries(asked.map(({ name, number }) => [name, found.get(number)!.verdict]));
    expect(told).toEqual(expected);
  });
});
