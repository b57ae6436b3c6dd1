/** Studies, and scenarios that have times. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runSeeds, runStudy } from '../../src/simulate/run-study.ts';
import type { Estimate } from '../../src/simulate/statistics.ts';
import { defineStudy } from '../../src/simulate/study.ts';
import { timingOf } from '../../src/system/scenario.ts';
import { queueScenario, queueStudy } from './queue-study.ts';
import { singleServer } from './queues.ts';

describe('a study', () => {
  it('simulates its points with all seeds, and tells what came out', async () => {
    const { tables, answer } = await runStudy(queueStudy);
    for (const [load, wait, formula] of tables[0]!.rows) {
      const { mean, count } = wait as Estimate;
      expect(count, `load ${load}`).toBe(3);
      expect(Math.abs(mean / (formula as number) - 1), `load ${load}: ${mean} against ${formula}`).toBeLessThan(0.15);
    }
    expect(answer[0]).toMatch(/At a load of 0.6 a job waits 1\.\d\d\./);
  });

  it('is the same with the same seeds, and takes parameters', async () => {
    const [one, other] = await Promise.all([runStudy(queueStudy, { seeds: 2 }), runStudy(queueStudy, { seeds: 2 })]);
    expect(other).toEqual(one);
    const slow = await runStudy(queueStudy, { seeds: 2, parameters: { service: 10 } });
    const meanOf = ({ tables }: typeof one) => (tables[0]!.rows[0]![1] as Estimate).mean;
    expect(meanOf(slow) / meanOf(one)).toBeGreaterThan(8);
  });

  it('says at which point something is wrong', async () => {
    const wrong = defineStudy({
      ...definition,
      build: ({ load }: { load: number }) => ({
        system: singleServer(),
        timing: { actors: { source: { ARRIVE: load - 0.5 }, server: { DONE: 1 } } },
        time: 10,
        read: () => ({}),
      }),
      run: async ({ simulate }) => {
        await simulate([{ load: 0.6 }, { load: 0.3 }]);
        return { answer: [], tables: [], plots: [] };
      },
    });
    await expect(runStudy(wrong)).rejects.toThrow(
      'at load=0.3: timing: actors.source.ARRIVE: it is -0.2, expected a time from 0',
    );
  });

  it.each([
    [
      'a name with capitals',
      { name: 'Queue' },
      'study "Queue": name is "Queue", expected a name of small letters, digits and dashes',
    ],
    ['no question', { question: undefined }, 'study "queue-load": question is missing'],
    ['one seed', { seeds: 1 }, 'study "queue-load": seeds is 1, expected a whole number of at least 2'],
    ['a word that there is not', { colour: 'red' }, 'study "queue-load" has the unknown key "colour"'],
  ])('with %s is refused', (_, change, message) => {
    expect(() => defineStudy({ ...definition, ...change } as typeof definition)).toThrow(message);
  });

  it('whose numbers are none is refused', async () => {
    const none = defineStudy({ ...definition, build: () => ({ ...simulated, read: () => ({ wait: Number.NaN }) }) });
    await expect(runStudy(none)).rejects.toThrow('at a=1: read: "wait" is NaN, expected a number');
  });

  it('whose reading throws is told so, with its point', async () => {
    const wrong = defineStudy({
      ...definition,
      build: () => ({ ...simulated, read: ({ times }) => ({ p99: times.wiat!.p99 }) }),
    });
    await expect(runStudy(wrong)).rejects.toThrow(/^at a=1: read threw: Cannot read properties of undefined/);
  });

  it('whose rows do not fit their head is refused', async () => {
    const tables = [{ title: 'Waiting', head: ['load', 'wait'], rows: [[1, 2, 3]] }];
    const wrong = defineStudy({ ...definition, run: async () => ({ answer: [], tables, plots: [] }) });
    await expect(runStudy(wrong)).rejects.toThrow(
      'study "queue-load": the table "Waiting" has a row of 3 cells, expected 2',
    );
    const none = defineStudy({ ...definition, run: async () => ({}) as never });
    await expect(runStudy(none)).rejects.toThrow(
      'study "queue-load": run gives an object, expected { answer, tables, plots }',
    );
  });

  it.each([
    [{ time: -5 }, 'timing: time is -5, expected a number above 0'],
    [{ warmUp: 10 }, 'timing: warmUp is 10, expected from 0 to below 10'],
  ])('of %j is the mistake of whoever wrote it', (change, message) => {
    expect(() => runSeeds({ ...simulated, ...change }, { seeds: [1] })).toThrow(message);
  });

  it('that builds no system is refused', async () => {
    const none = defineStudy({ ...definition, build: () => ({}) as never });
    await expect(runStudy(none)).rejects.toThrow(
      'at a=1: study "queue-load" builds an object, expected { system, timing, read }',
    );
  });

  it('whose work has no end, though it should have one, is told so', () => {
    const { time: _, ...endless } = simulated;
    expect(() => runSeeds(endless, { seeds: [1], steps: 50 })).toThrow(
      /the work does not end: after 50 steps, at time [\d.]+, something is still going on; expected an end, as no time is given/,
    );
  });

  it('whose work has an end cannot be asked for a time', async () => {
    const ends = defineStudy({ ...definition, build: () => ({ ...simulated, time: undefined }) as never });
    await expect(runStudy(ends, { time: 5 })).rejects.toThrow('this work has an end, so no time can be asked for');
  });
});

const simulated = {
  system: singleServer(),
  timing: { actors: { source: { ARRIVE: 2 }, server: { DONE: 1 } } },
  time: 10,
  read: () => ({}),
};

const definition = {
  name: 'queue-load',
  title: 'One server',
  question: 'How long?',
  sources: [],
  parameters: z.object({}),
  build: () => simulated,
  run: async ({ simulate }: { simulate: (points: readonly { a: number }[]) => Promise<readonly unknown[]> }) => {
    await simulate([{ a: 1 }]);
    return { answer: [], tables: [], plots: [] };
  },
};

describe('a scenario', () => {
  it('gives its times for parameters and a variant', () => {
    const { measures, time, warmUp, ...timing } = timingOf(queueScenario, { load: 0.8 }, 'fixed')!;
    const [run] = runSeeds(
      { system: queueScenario.build({}, 'fixed'), timing, measures: measures!, time: time! },
      { seeds: [1] },
    );
    expect(warmUp).toBeUndefined();
    expect(run!.counters.jobs!.rate).toBeCloseTo(0.8, 1);
  });

  it('refuses parameters and variants that there are not', () => {
    expect(() => timingOf(queueScenario, { load: 2 }, 'fixed')).toThrow(
      'parameter load: got "2", expected from 0.1 to 0.9',
    );
    expect(() => timingOf(queueScenario, {}, 'broken' as never)).toThrow('has no variant "broken"');
  });
});
