/** What `check` makes of the reductions: the same verdicts, and the shortest traces, whichever are used. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';

const OPTIONS = [
  { partialOrder: true },
  { chains: true },
  { partialOrder: true, chains: true },
  { partialOrder: true, chains: true, symmetry: false },
];
/** Small ones of each kind: that hold, and violated by a property, a dead end, and a cycle. */
const CASES = [
  ['partial-fallthrough', 'fixed'],
  ['partial-fallthrough', 'missing-return'],
  ['slow-reader', 'mutex-held'],
  ['dining-philosophers', 'left-right'],
  ['flush-deadlock', 'flush-under-lock'],
  ['two-phase-commit', 'fixed'],
  ['unacknowledged-overflow', 'in-shadow'],
] as const;

describe('check with reductions', () => {
  it.each(CASES)('says the same of %s %s, by as short a trace', async (name, variant) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const system = scenario.build(scenario.parameters.parse({}), variant);
    const full = await check(system);
    for (const options of OPTIONS) {
      const reduced = await check(system, options);
      const outcome = ({ verdict, property, path, properties }: typeof full) => ({
        verdict,
        property,
        length: path?.steps.length,
        properties,
      });
      expect(outcome(reduced)).toEqual(outcome(full));
      const asked = reduced.reductions.filter((reduction) => reduction.name !== 'symmetry');
      expect(asked.length).toBe(Number('partialOrder' in options) + Number('chains' in options));
      const isProgress = name === 'unacknowledged-overflow';
      for (const { used, reason } of asked) {
        if (isProgress) expect([used, reason]).toEqual([false, 'progress']);
        // Partial order is given up where images of a step may be refused by other receivers.
        else expect(reason).toBe(used ? undefined : 'search');
      }
      if (full.verdict === 'holds' && !('symmetry' in options)) expect(reduced.states).toBeLessThanOrEqual(full.states);
    }
  });

  it('tells the reduced trace when the full search comes to a bound', async () => {
    const scenario = catalogue.find(({ name }) => name === 'dining-philosophers')!;
    const system = scenario.build(scenario.parameters.parse({ philosophers: 7 }), 'left-right');
    const full = await check(system);
    const bound = { maxStates: 60 };
    const reduced = await check(system, { partialOrder: true, ...bound });
    expect(reduced.verdict).toBe('violated');
    expect(reduced.path!.steps.length).toBeGreaterThanOrEqual(full.path!.steps.length);
    expect((await check(system, bound)).verdict).toBe('unknown');
  });

  it('does not claim coverage', async () => {
    const scenario = catalogue.find(({ name }) => name === 'slow-reader')!;
    const system = scenario.build(scenario.parameters.parse({}), 'fixed');
    await expect(check(system, { partialOrder: true, coverage: true })).rejects.toThrow('coverage');
  });
});
