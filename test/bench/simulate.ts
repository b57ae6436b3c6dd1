/**
 * The simulation measured: `npm run bench:simulate -- [--stations 20000] [--jobs 20000] [--steps 3000000] [--rounds 5] [--json]`.
 *
 * A closed network: jobs go round a ring of M/M/1 stations, so about `stations * jobs / (stations + jobs)` events are pending at any
 * time. Each run after the first one finds the tables filled; what it costs to fill them is told as well. With `--split` a station is two
 * machines, a queue and its server, and a step has more transitions. `--sleepers 10000` adds as many actors whose timers are pending all
 * the time and hardly ever fire: so the heap is as large, and the tables are small. `--profile` tells where the time of these runs goes.
 *
 * `--cells 7000` has so many M/M/1 of three actors each instead, which are alike and have nothing to do with each other: once as a population
 * that shares its steps, and once, unless `--alone` is given, with a tree for each actor. `--pages 67108864` has 16 devices that touch
 * their part of so many pages, after 512 of them.
 */
import { type Profiler, Session } from 'node:inspector/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { assign, sendTo, setup } from 'xstate';
import { Simulation } from '../../src/simulate/simulation.ts';
import { exponential } from '../../src/system/durations.ts';
import { actor, defineSystem, family, type System } from '../../src/system/system.ts';
import type { Timing } from '../../src/system/timing.ts';
import { CELL_TIMES, cells, guestTiming, pagedSystem } from '../simulate/paged.ts';

const { values } = parseArgs({
  options: {
    stations: { type: 'string', default: '20000' },
    jobs: { type: 'string' },
    steps: { type: 'string', default: '3000000' },
    rounds: { type: 'string', default: '5' },
    split: { type: 'boolean', default: false },
    sleepers: { type: 'string', default: '0' },
    cells: { type: 'string' },
    pages: { type: 'string' },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const stations = Number(values.stations);
const jobs = Number(values.jobs ?? values.stations);
const steps = Number(values.steps);

/** It serves its jobs one after the other and sends each on. */
const station = setup({
  types: {
    input: {} as { jobs: number; next: string },
    context: {} as { jobs: number; next: string },
    events: {} as { type: 'JOB' } | { type: 'DONE' },
  },
  guards: { isLast: ({ context }) => context.jobs === 1, isEmpty: ({ context }) => context.jobs === 0 },
  actions: {
    take: assign({ jobs: ({ context }) => context.jobs + 1 }),
    leave: assign({ jobs: ({ context }) => context.jobs - 1 }),
    pass: sendTo(({ system, context }) => system.get(context.next), { type: 'JOB' }),
  },
}).createMachine({
  id: 'station',
  context: ({ input }) => input,
  initial: 'busy',
  on: { JOB: { target: '.busy', actions: 'take' } },
  states: {
    busy: {
      always: { guard: 'isEmpty', target: 'idle' },
      on: { DONE: { target: 'busy', actions: ['leave', 'pass'] } },
    },
    idle: {},
  },
});

/** The same in two: it gives jobs to its server. */
const queue = setup({
  types: {
    input: {} as { jobs: number; server: string },
    context: {} as { jobs: number; server: string; isBusy: boolean },
    events: {} as { type: 'JOB' } | { type: 'FREE' },
  },
  guards: { isBusy: ({ context }) => context.isBusy, isEmpty: ({ context }) => context.jobs === 0 },
  actions: {
    take: assign({ jobs: ({ context }) => context.jobs + 1 }),
    leave: assign({ jobs: ({ context }) => context.jobs - 1 }),
    begin: sendTo(({ system, context }) => system.get(context.server), { type: 'START' }),
    occupy: assign({ isBusy: true }),
    rest: assign({ isBusy: false }),
  },
}).createMachine({
  id: 'queue',
  context: ({ input }) => ({ ...input, isBusy: input.jobs > 0, jobs: Math.max(0, input.jobs - 1) }),
  on: {
    JOB: [{ guard: 'isBusy', actions: 'take' }, { actions: ['occupy', 'begin'] }],
    FREE: [{ guard: 'isEmpty', actions: 'rest' }, { actions: ['leave', 'begin'] }],
  },
});

const server = setup({
  types: {
    input: {} as { isBusy: boolean; own: string; next: string },
    context: {} as { own: string; next: string },
    events: {} as { type: 'START' } | { type: 'DONE' },
  },
  actions: {
    pass: sendTo(({ system, context }) => system.get(context.next), { type: 'JOB' }),
    free: sendTo(({ system, context }) => system.get(context.own), { type: 'FREE' }),
  },
}).createMachine({
  id: 'server',
  context: ({ input: { own, next } }) => ({ own, next }),
  initial: 'busy',
  states: {
    idle: { on: { START: 'busy' } },
    busy: { on: { DONE: { target: 'idle', actions: ['pass', 'free'] } } },
  },
});

/** It turns over in its sleep. */
const sleeper = setup({ types: { events: {} as { type: 'TURN' } } }).createMachine({
  id: 'sleeper',
  initial: 'left',
  states: { left: { on: { TURN: 'right' } }, right: { on: { TURN: 'left' } } },
});
const sleepers = family('sleeper', Number(values.sleepers), () => actor(sleeper, { choices: [{ type: 'TURN' }] }));

/** Jobs at a station at the start: as evenly as can be. */
const jobsAt = (at: number) => Math.floor(((at + 1) * jobs) / stations) - Math.floor((at * jobs) / stations);

function ring(): System {
  const all = Array.from({ length: stations }, (_, at) => at);
  const next = (at: number) => (at + 1) % stations;
  if (!values.split) {
    const actors = all.map((at) => [
      `station${at}`,
      actor(station, { input: { jobs: jobsAt(at), next: `station${next(at)}` }, choices: [{ type: 'DONE' }] }),
    ]);
    return defineSystem({ actors: { ...Object.fromEntries(actors), ...sleepers } });
  }
  if (jobs < stations) throw new Error('a server starts busy: give --jobs of at least --stations');
  const actors = all.flatMap((at) => [
    [`queue${at}`, actor(queue, { input: { jobs: jobsAt(at), server: `server${at}` } })],
    [
      `server${at}`,
      actor(server, {
        input: { isBusy: true, own: `queue${at}`, next: `queue${next(at)}` },
        choices: [{ type: 'DONE' }],
      }),
    ],
  ]);
  return defineSystem({ actors: { ...Object.fromEntries(actors), ...sleepers } });
}

const say = (text: string) => process.stderr.write(`${text}\n`);
say(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`);
/** What is measured, one after the other, by what it is. */
const benches: (readonly [string, () => Simulation])[] = [];
if (values.cells !== undefined) {
  const count = Number(values.cells);
  benches.push([`${count} cells of a population`, () => new Simulation(cells(4), CELL_TIMES, {}, count)]);
  if (!values.alone) {
    benches.push([`${count} cells, each for itself`, () => new Simulation(cells(count), CELL_TIMES)]);
  }
}
if (values.pages !== undefined) {
  for (const count of [512, Number(values.pages)]) {
    const build = () => new Simulation(pagedSystem(4, 16, false), guestTiming(16, count / 16), {}, count);
    benches.push([`${count} pages of 16 guests`, build]);
  }
}
if (benches.length === 0) {
  const timing: Timing = {
    actors: {
      [values.split ? 'server*' : 'station*']: { DONE: exponential(1) },
      ...(Number(values.sleepers) > 0 && { 'sleeper*': { TURN: exponential(1e5) } }),
    },
  };
  benches.push([`${stations} stations, ${jobs} jobs`, () => new Simulation(ring(), timing)]);
}

for (const [name, build] of benches) {
  const rates = await measure(name, build);
  rates.sort((a, b) => a - b);
  const median = rates[rates.length >> 1]!;
  if (values.json) process.stdout.write(`${JSON.stringify({ name, steps, median, rates })}\n`);
  else {
    process.stdout.write(
      `| ${name} | ${steps} | ${median.toFixed(2)} | ${rates[0]!.toFixed(2)} - ${rates.at(-1)!.toFixed(2)} |\n`,
    );
  }
}

/** M machine steps in a second of the processor, by round. */
async function measure(name: string, build: () => Simulation): Promise<number[]> {
  say(`${name}, ${steps} steps a run`);
  let from = performance.now();
  const simulation = build();
  say(`built in ${((performance.now() - from) / 1000).toFixed(1)} s`);
  const session = new Session();
  session.connect();
  const rates: number[] = [];
  for (let round = 0; round <= Math.max(1, Number(values.rounds)); round++) {
    const calls = simulation.tables.xstateTransitions;
    if (values.profile && round === 1) {
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
    }
    from = performance.now();
    const used = process.cpuUsage();
    const run = simulation.run({ seed: 1, time: 1e9, warmUp: 0, steps });
    const wall = (performance.now() - from) / 1000;
    // The time of the processor: others may be at work.
    const { user, system } = process.cpuUsage(used);
    const seconds = (user + system) / 1e6;
    const [rate, stepRate] = [run.machineSteps / seconds / 1e6, run.steps / seconds / 1e6];
    if (round > 0) rates.push(rate);
    say(
      `${round === 0 ? 'cold' : `round ${round}`}: ${wall.toFixed(2)} s, ${seconds.toFixed(2)} s of the processor, ${rate.toFixed(2)} M machine steps/s, ` +
        `${stepRate.toFixed(2)} M steps/s, ${run.pending} events pending, ` +
        `${simulation.tables.xstateTransitions - calls} calls of XState, ` +
        `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB, digest ${run.digest.toString(16)}`,
    );
  }
  if (values.profile) tellProfile((await session.post('Profiler.stop')).profile);
  session.disconnect();
  return rates;
}

/** The functions that most of the time was spent in, without what they call. */
function tellProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName || '(anonymous)']));
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((id, at) => {
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[at]!);
    total += timeDeltas[at]!;
  });
  const top = [...times].sort(([, one], [, other]) => other - one).slice(0, 16);
  for (const [name, time] of top) say(`${((100 * time) / total).toFixed(1).padStart(6)}%  ${name}`);
}
