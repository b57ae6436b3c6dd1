/** A study and a scenario with times, for tests: one server, whose waiting time is known. */
import { z } from 'zod';
import { defineStudy } from '../../src/simulate/study.ts';
import { exponential } from '../../src/system/durations.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import type { MeasureDefinition } from '../../src/system/timing.ts';
import { singleServer } from './queues.ts';

const measures: MeasureDefinition = {
  counters: { jobs: { type: 'JOB' } },
  times: { wait: { from: { type: 'JOB' }, to: { type: 'START' } } },
};

const timingOf = (load: number, service: number) => ({
  actors: { source: { ARRIVE: exponential(service / load) }, server: { DONE: exponential(service) } },
});

const service = z.number().min(0.1).max(10).default(1).describe('mean time of service');

export const queueStudy = defineStudy({
  name: 'queue-load',
  title: 'One server',
  question: 'How long does a job wait?',
  sources: ['queueing theory'],
  parameters: z.object({ service }),
  seeds: 3,
  build: ({ load }: { load: number }, parameters) => ({
    system: singleServer(),
    timing: timingOf(load, parameters.service),
    measures,
    time: 20_000,
    read: ({ times }) => ({ wait: times.wait!.mean, p99: times.wait!.p99 }),
  }),
  async run({ parameters, simulate }) {
    const outcomes = await simulate([{ load: 0.3 }, { load: 0.6 }]);
    const [, second] = outcomes;
    return {
      answer: [`At a load of 0.6 a job waits ${second!.values.wait!.mean.toFixed(2)}.`],
      tables: [
        {
          title: 'Waiting',
          head: ['load', 'wait', 'formula'],
          rows: outcomes.map(({ point: { load }, values }) => [
            load,
            values.wait!,
            (parameters.service * load) / (1 - load),
          ]),
        },
      ],
      plots: [
        {
          name: 'wait',
          title: 'Waiting',
          x: { title: 'load' },
          y: { title: 'time', scale: 'log' },
          series: [
            { name: 'simulated', points: outcomes.map(({ point, values }) => [point.load, values.wait!] as const) },
            { name: 'formula', isMeasured: true, points: [[0.3, (parameters.service * 0.3) / 0.7]] },
          ],
        },
      ],
    };
  },
});

export const queueScenario = defineScenario({
  name: 'one-server',
  title: 'One server',
  sources: [],
  group: 'test',
  parameters: z.object({ service, load: z.number().min(0.1).max(0.9).default(0.5).describe('share of time') }),
  variants: {
    fixed: { title: 'as it is', expected: { verdict: 'holds' } },
    untimely: { title: 'its timing is none', expected: { verdict: 'holds' } },
  },
  timing: (parameters, variant) => ({
    ...(variant === 'fixed' ? timingOf(parameters.load, parameters.service) : { actors: { source: { ARRIVE: -1 } } }),
    measures,
    time: 5000,
  }),
  build: () => singleServer(),
});
