import { expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { enabledSteps, footprintOf, type PathStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';

test('a step changes nothing outside what its footprint says it writes', () => {
  for (const { from, step } of someSteps()) {
    const changed = from.flatMap((value, slot) => (value === step.state[slot] ? [] : [slot]));
    expect(footprintOf(step).writes).toEqual(expect.arrayContaining(changed));
  }
});

test('two steps with nothing in common commute', () => {
  const { walker } = philosophers();
  let pairs = 0;
  for (const { from, step } of someSteps()) {
    for (const other of enabledSteps(walker, Int32Array.from(from))) {
      if (!areApart(step, other)) continue;
      const after = (first: PathStep, second: PathStep) =>
        enabledSteps(walker, first.state).find((candidate) => candidate.message === second.message)?.state;
      expect(after(step, other)).toEqual(after(other, step));
      expect(after(step, other)).toBeDefined();
      pairs++;
    }
  }
  expect(pairs).toBeGreaterThan(100);
});

function areApart(one: PathStep, other: PathStep): boolean {
  const [a, b] = [footprintOf(one), footprintOf(other)];
  return !a.writes.some((slot) => b.reads.includes(slot)) && !b.writes.some((slot) => a.reads.includes(slot));
}

function philosophers() {
  const scenario = catalogue.find(({ name }) => name === 'dining-philosophers')!;
  const tables = new Tables(scenario.build({ philosophers: 6 }, 'left-handed'));
  const walker = new Walker(tables);
  walker.start();
  return { tables, walker };
}

/** The steps of the states along a fixed walk. */
function someSteps(): { from: number[]; step: PathStep }[] {
  const { walker } = philosophers();
  const found: { from: number[]; step: PathStep }[] = [];
  let state: Int32Array = walker.current.slice();
  for (let i = 0; i < 30; i++) {
    const steps = enabledSteps(walker, state);
    for (const step of steps) found.push({ from: [...state], step });
    state = steps[(i * 7) % steps.length]!.state;
  }
  return found;
}
