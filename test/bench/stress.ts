/**
 * Stress runs measured: `npm run bench:stress -- [--throughput] [--seeds] [--soak] [--only racing,pri] [--seconds 10] [--json]`.
 *
 * - `--throughput`: machine steps per second of each `fixed` variant with one thread and with two, one after the other in each of
 *   five rounds, with tables that a run of ten seconds has filled; medians and their ratio.
 * - `--seeds`: how long it takes until each faulty variant is caught, for ten seeds, at 64 devices on two threads.
 * - `--soak`: each variant that holds, at 256 devices and a million pages on two threads, for `--seconds` (default 600); memory all along.
 *   All of them run at the same time with `--together`.
 *
 * Without one of these: the first two.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { catalogue } from '../../machines/index.ts';
import { Plan } from '../../src/stress/plan.ts';
import type { Mix } from '../../src/stress/run-shape.ts';
import { StressRun } from '../../src/stress/stress.ts';
import type { Scenario } from '../../src/system/scenario.ts';

const { values } = parseArgs({
  options: {
    throughput: { type: 'boolean', default: false },
    seeds: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    together: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const words = values.only.split(',').filter((word) => word !== '');
const scenarios = catalogue.filter(
  ({ name, stress }) => stress && (words.length === 0 || words.some((word) => name.includes(word))),
);
const results: unknown[] = [];
const row = (...cells: (string | number)[]) => {
  results.push(cells);
  if (!values.json) process.stdout.write(`| ${cells.join(' | ')} |\n`);
};

say(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, ${availableParallelism()} threads`);
const isDefault = !values.throughput && !values.seeds && !values.soak;
if (values.throughput || isDefault) await throughput(Number(values.seconds ?? 5), Number(values.rounds));
if (values.seeds || isDefault) await seeds(60);
if (values.soak) await soak(Number(values.seconds ?? 600));
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);

function planOf(scenario: Scenario, variant: string, devices: number, pages: number): Plan {
  const stress = scenario.stress!;
  const parameters = { ...scenario.parameters.parse({}), ...stress.parameters };
  const units = devices / (stress.devices === undefined ? 1 : Number(parameters[stress.devices]));
  return new Plan(scenario.build(parameters, variant), stress, { units, population: Math.ceil(pages / units) });
}

async function run(plan: Plan, threads: number, seconds: number, seed: number, mix: Mix = 'all') {
  const stress = new StressRun(plan, { threads, seed, mix, steps: Number.POSITIVE_INFINITY });
  const from = performance.now();
  const timer = setTimeout(() => stress.stop(), seconds * 1000);
  const finding = await stress.run();
  clearTimeout(timer);
  return { finding, tally: stress.tally, seconds: (performance.now() - from) / 1000 };
}

/** Machine steps per second of threads that have started and whose code is compiled. */
async function speed(plan: Plan, threads: number, settling: number, seconds: number): Promise<number> {
  const stress = new StressRun(plan, { threads, seed: 1, mix: 'all', steps: Number.POSITIVE_INFINITY });
  const running = stress.run();
  const measured = async () => {
    await wait(settling);
    const [from, before] = [performance.now(), stress.tally.machineSteps];
    await wait(seconds);
    const rate = ((stress.tally.machineSteps - before) / (performance.now() - from)) * 1000;
    stress.stop();
    return rate;
  };
  const rate = await measured();
  if (await running) throw new Error('a fixed variant was violated');
  return rate;
}

async function throughput(seconds: number, rounds: number): Promise<void> {
  row('scenario', '1 thread, M machine steps/s', '2 threads', 'ratio', 'machine steps a step');
  row('---', '---:', '---:', '---:', '---:');
  for (const scenario of scenarios) {
    const plan = planOf(scenario, 'fixed', 64, 65_536);
    // What is not in the tables yet is asked of XState, one thread after the other: that is the same for any number of threads.
    await speed(plan, 2, 0, 10);
    const rates: [number, number][] = [];
    for (let round = 0; round < rounds; round++) {
      const one = await speed(plan, 1, 2, seconds);
      const two = await speed(plan, 2, 2, seconds);
      rates.push([one, two]);
      say(`${scenario.name}: round ${round + 1}: ${(one / 1e6).toFixed(2)} and ${(two / 1e6).toFixed(2)}`);
    }
    const one = median(rates.map(([rate]) => rate));
    const two = median(rates.map(([, rate]) => rate));
    const ratio = median(rates.map(([first, second]) => second / first));
    const { tally } = await run(plan, 1, 1, 1);
    const size = tally.machineSteps / tally.steps;
    row(scenario.name, (one / 1e6).toFixed(2), (two / 1e6).toFixed(2), ratio.toFixed(2), size.toFixed(1));
  }
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

async function seeds(secondsMax: number): Promise<void> {
  row('scenario', 'variant', 'caught', 'median s', 'longest s', 'steps until then, median');
  row('---', '---', '---:', '---:', '---:', '---:');
  for (const scenario of scenarios) {
    for (const [variant, { expected }] of Object.entries(scenario.variants)) {
      if (expected.verdict !== 'violated') continue;
      const found: { seconds: number; steps: number }[] = [];
      for (let seed = 1; seed <= 10; seed++) {
        const { finding, seconds, tally } = await run(planOf(scenario, variant, 64, 65_536), 2, secondsMax, seed);
        if (finding) found.push({ seconds, steps: tally.steps });
        else say(`${scenario.name} ${variant}: seed ${seed} found nothing in ${secondsMax} s`);
      }
      const times = found.map(({ seconds }) => seconds);
      row(
        scenario.name,
        variant,
        `${found.length} of 10`,
        median(times).toFixed(2),
        Math.max(...times).toFixed(2),
        Math.round(median(found.map(({ steps }) => steps))),
      );
    }
  }
}

async function soak(seconds: number): Promise<void> {
  row(
    'scenario',
    'variant',
    's',
    'M steps',
    'M machine steps',
    'episodes',
    'longest drain',
    'XState calls',
    'found',
    'process MiB, every tenth',
  );
  row('---', '---', '---:', '---:', '---:', '---:', '---:', '---:', '---', '---');
  const jobs = scenarios.flatMap((scenario) =>
    Object.entries(scenario.variants)
      .filter(([name, { expected }]) => expected.verdict === 'holds' && (name === 'fixed' || !values.together))
      .map(([variant]) => async () => {
        const plan = planOf(scenario, variant, 256, 1_000_000);
        const memory: number[] = [];
        const timer = setInterval(() => memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20)), seconds * 100);
        const { finding, tally, seconds: took } = await run(plan, 2, seconds, 1);
        clearInterval(timer);
        row(
          scenario.name,
          variant,
          took.toFixed(0),
          (tally.steps / 1e6).toFixed(1),
          (tally.machineSteps / 1e6).toFixed(1),
          tally.episodes,
          tally.longestDrain,
          plan.tables.size.xstateCalls,
          finding ? `${finding.kind} ${finding.property ?? ''}` : 'nothing',
          memory.join(' '),
        );
      }),
  );
  if (values.together) await Promise.all(jobs.map((job) => job()));
  else for (const job of jobs) await job();
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
