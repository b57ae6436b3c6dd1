/** Queues whose answers are known, built from machines: the simulation has to agree with the formulas. */
import { describe, expect, it } from 'vitest';
import { type ReplicationOptions, type Replications, replicate } from '../../src/simulate/replications.ts';
import type { Run } from '../../src/simulate/run.ts';
import { covers } from '../../src/simulate/statistics.ts';
import { exponential } from '../../src/system/durations.ts';
import type { System } from '../../src/system/system.ts';
import type { MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { competingServers, lossSystem, singleServer, timedSingleServer } from './queues.ts';

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);
const WAITING = (context: unknown) => (context as { waiting: number }).waiting;

const queueing: MeasureDefinition = {
  gauges: {
    waiting: { actors: 'queue', value: ({ context }) => WAITING(context) },
    busy: { actors: 'server', value: (snapshot) => Number(snapshot.matches('busy')) },
  },
  counters: { jobs: { type: 'JOB' }, lost: { type: 'LOST' } },
  times: { wait: { from: { type: 'JOB' }, to: { type: 'START' }, unless: { type: 'LOST' } } },
};

function measured(
  system: System,
  timing: Timing,
  time: number,
  measures = queueing,
  more: Partial<ReplicationOptions> = {},
): Replications {
  return replicate(system, timing, { seeds: SEEDS, time, measures, confidence: 0.99, ...more });
}

/** Each of these is in the interval of confidence of its formula. */
function expectAll(runs: Replications, expected: Record<string, readonly [(run: Run) => number, number]>): void {
  for (const [name, [read, value]] of Object.entries(expected)) {
    const found = runs.of(read);
    const told = `${name}: expected ${value.toFixed(5)}, got ${found.mean.toFixed(5)} +- ${found.halfWidth.toFixed(5)}`;
    expect(covers(found, value), told).toBe(true);
    // An interval that is wide covers everything.
    expect(found.halfWidth / value, told).toBeLessThan(0.1);
  }
}

const wait = (run: Run) => run.times.wait!.mean;
const waiting = (run: Run) => run.gauges.waiting!.mean;
const lostShare = ({ counters: { lost, jobs } }: Run) => lost!.count / jobs!.count;

/** That an arrival has to wait, with so many servers (Erlang C); `load` is in servers. */
function erlangC(servers: number, load: number): number {
  const lost = erlangB(servers, load);
  return lost / (1 - (load / servers) * (1 - lost));
}

function erlangB(servers: number, load: number): number {
  let lost = 1;
  for (let count = 1; count <= servers; count++) lost = (load * lost) / (count + load * lost);
  return lost;
}

describe('queues with known answers', () => {
  it('M/M/1', () => {
    const load = 0.7;
    const runs = measured(
      singleServer(),
      { actors: { source: { ARRIVE: exponential(1 / load) }, server: { DONE: exponential(1) } } },
      30_000,
    );
    expectAll(runs, {
      wait: [wait, load / (1 - load)],
      waiting: [waiting, load ** 2 / (1 - load)],
      utilisation: [(run) => run.gauges.busy!.mean, load],
      rate: [(run) => run.counters.jobs!.rate, load],
    });
  });

  it('M/D/1, whose server waits for its own timer', () => {
    const load = 0.8;
    const runs = measured(
      timedSingleServer(),
      // The timer is one of 2 ms.
      { unit: 'us', actors: { source: { ARRIVE: exponential(2000 / load) } } },
      60_000_000,
    );
    expectAll(runs, {
      wait: [wait, (2000 * load) / (2 * (1 - load))],
      waiting: [waiting, load ** 2 / (2 * (1 - load))],
      utilisation: [(run) => run.gauges.busy!.mean, load],
    });
  });

  it('M/M/c, whose servers compete for one channel', () => {
    const [servers, load] = [3, 2.4];
    const runs = measured(
      competingServers(servers),
      { actors: { source: { ARRIVE: exponential(1 / load) }, 'worker*': { DONE: exponential(1) } } },
      15_000,
      {
        gauges: {
          waiting: { channel: 'jobs' },
          busy: { actors: 'worker*', value: (snapshot) => Number(snapshot.matches('busy')) },
        },
        times: { wait: { from: { type: 'ARRIVE' }, to: { type: 'JOB' } } },
      },
    );
    const delayed = erlangC(servers, load);
    expectAll(runs, {
      wait: [wait, delayed / (servers - load)],
      waiting: [waiting, (delayed * load) / (servers - load)],
      busy: [(run) => run.gauges.busy!.mean, load],
    });
  });

  it('M/M/c, whose servers are the units of a resource', () => {
    const [units, load] = [3, 2.1];
    const runs = measured(
      // More threads than there are jobs, but for once in thousands of times: those that have one wait for a CPU.
      competingServers(24),
      {
        resources: { cpu: { units } },
        actors: {
          source: { ARRIVE: exponential(1 / load) },
          'worker*': { DONE: { takes: exponential(1), uses: 'cpu' } },
        },
      },
      4000,
      { times: { wait: { from: { type: 'ARRIVE' }, to: { type: 'DONE' } } } },
    );
    const delayed = erlangC(units, load);
    expectAll(runs, {
      sojourn: [wait, delayed / (units - load) + 1],
      waiting: [(run) => run.resources.cpu!.waiting, (delayed * load) / (units - load)],
      utilisation: [(run) => run.resources.cpu!.utilisation, load / units],
    });
  });

  it('M/M/1/K', () => {
    const [load, places] = [0.9, 5];
    const runs = measured(
      singleServer(places - 1),
      { actors: { source: { ARRIVE: exponential(1 / load) }, server: { DONE: exponential(1) } } },
      20_000,
    );
    const share = (count: number) => ((1 - load) * load ** count) / (1 - load ** (places + 1));
    const inside = Array.from({ length: places + 1 }, (_, count) => count * share(count)).reduce((a, b) => a + b);
    const busy = 1 - share(0);
    expectAll(runs, {
      lost: [lostShare, share(places)],
      waiting: [waiting, inside - busy],
      wait: [wait, (inside - busy) / (load * (1 - share(places)))],
    });
  });

  it('Erlang loss', () => {
    const [circuits, load] = [5, 4];
    const runs = measured(
      lossSystem(circuits),
      { actors: { source: { ARRIVE: exponential(1 / load) }, 'circuit*': { DONE: exponential(1) } } },
      4000,
      {
        gauges: { busy: { actors: 'circuit*', value: (snapshot) => Number(snapshot.matches('busy')) } },
        counters: queueing.counters!,
      },
    );
    const lost = erlangB(circuits, load);
    expectAll(runs, {
      lost: [lostShare, lost],
      busy: [(run) => run.gauges.busy!.mean, load * (1 - lost)],
    });
  });
});
