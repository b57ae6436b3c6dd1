/** What is said of every fault of the catalogue is true of all its interleavings, found again by brute force. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import { explanationText } from '../../src/explain/words.ts';
import { check } from '../../src/explore/check.ts';
import { replayTrace } from '../../src/trace/replay.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';
import { sweptFaults } from '../sweep.ts';
import { has, interleavingsOf, respects } from './interleavings.ts';

/** So many interleavings are all made; of more, a sample. */
const ALL_MAX = 300;
const SAMPLE = 60;

const faults = sweptFaults.map(({ scenario, variant }) => ({
  ...{ scenario, variant },
  name: `${scenario.name} --variant ${variant}`,
}));

async function explained(name: string) {
  const { scenario, variant } = faults.find((fault) => fault.name === name)!;
  const system = scenario.build(scenario.parameters.parse({}), variant);
  const result = await check(system);
  const { tables, path, property, deadEnd } = result;
  const found = path && explain(tables, path, { property: property!, deadEnd: deadEnd! }, { isShortest: true });
  return { system, result, found };
}

describe.each(faults)('$name', ({ name }) => {
  test('is explained by what its interleavings show', async () => {
    const { system, result, found } = await explained(name);
    // A missing witness is no run.
    if (!result.path) {
      expect(found).toBeUndefined();
      return;
    }
    const property = result.property!;
    const kind = system.properties.find((declared) => declared.name === property)?.kind;
    if (
      kind === 'eventually' ||
      kind === 'leadsTo' ||
      kind === 'infinitelyOften' ||
      result.path.cycleStart !== undefined
    ) {
      // Progress is violated by whole runs: each thing that is treated fairly is taken, or something keeps it from being enabled.
      const { staying, race } = found!.explanation;
      expect(race).toBeNull();
      for (const { takenIn, hindrance } of staying!.fair) expect(takenIn !== null || hindrance !== null).toBe(true);
      return;
    }
    const { explanation, path } = found!;
    const trace = traceOf(result.tables, path);
    expect(path.steps).toHaveLength(result.path.steps.length);
    expect(replayTrace(system, trace).violated).toContain(property);

    const race = explanation.race!;
    const whole = race.interleavings <= ALL_MAX;
    let seed = 1;
    const next = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const sample = { max: ALL_MAX, ...(!whole && { random: { count: SAMPLE, next } }) };
    const interleavings = interleavingsOf(system, trace, { property }, sample)!;
    if (whole) {
      expect(interleavings).toHaveLength(race.interleavings);
      expect(interleavings.filter(({ reachesEnd }) => reachesEnd)).toHaveLength(race.violating);
    }
    expect(race.areEnough).toBe(true);
    for (const interleaving of interleavings) {
      for (const { first, second, isNeeded, window } of race.orders) {
        if (!interleaving.reachesEnd) continue;
        if (isNeeded) expect(has(interleaving, first.step, second.step)).toBe(true);
        for (const step of window?.between ?? []) {
          expect(has(interleaving, window!.after.step, step)).toBe(true);
          if (isNeeded) expect(has(interleaving, step, second.step)).toBe(true);
        }
      }
      const hasAll = race.orders.every(({ first, second }) => respects(interleaving, first.step, second.step));
      if (hasAll) expect(interleaving.reachesEnd).toBe(true);
    }

    const lines = explanationText(explanation, trace).flatMap(({ head, items }) => [head, ...items]);
    expect(lines.length).toBeLessThanOrEqual(16);
    if (kind === 'always') expect(explanation.predicate!.reason).not.toEqual([]);
    if (kind === 'monitor') expect(explanation.drives!.at(-1)!.step).toBe(trace.steps.length - 1);
    if (result.deadEnd) expect(explanation.waits).not.toEqual([]);
  });
});

test('the explanation of racing-unmap names the reclaim between getting the page and mapping it', async () => {
  const { result, found } = await explained('racing-unmap --variant no-lock-over-gup');
  const trace = traceOf(result.tables, found!.path);
  const [first] = found!.explanation.race!.orders;
  const named = (step: number) => labelOf(trace.steps[step]!);
  const { window, second } = first!;
  expect(window!.between.map(named)).toEqual(['kswapd.RECLAIM(page=page0)', 'kswapd.RUN', 'notifier.RUN']);
  expect([named(window!.after.step), window!.after.meets]).toMatchObject([
    'handler.RUN',
    { to: 'page0', event: { type: 'GUP' } },
  ]);
  expect([named(second.step), second.meets]).toMatchObject([
    'handler.RUN',
    { to: 'mapped0', event: { type: 'SET_MAPPED' } },
  ]);
  expect(first!.isNeeded).toBe(true);
  const maps = trace.steps[second.step]!.messages.some(({ to, event }) => to === 'iopte0' && event.type === 'MAP');
  expect(maps).toBe(true);
});
