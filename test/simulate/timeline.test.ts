/** The timeline of a run: where measured times go, and what Perfetto is given. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { passagesOf, sharesOf, typicalOf } from '../../src/simulate/breakdown.ts';
import { chromeTrace, type TraceEvent } from '../../src/simulate/chrome-trace.ts';
import { Simulation } from '../../src/simulate/simulation.ts';
import { type TimedStep, timelineOf } from '../../src/simulate/timeline.ts';
import { exponential } from '../../src/system/durations.ts';
import { timingOf } from '../../src/system/scenario.ts';
import type { Timing } from '../../src/system/timing.ts';
import { lossSystem, singleServer } from './queues.ts';

const measures = {
  times: {
    stay: { from: { type: 'JOB' }, to: { type: 'FREE' } },
    wait: { from: { type: 'JOB' }, to: { type: 'START' } },
  },
};

function timelineWith(system = singleServer(), timing: Timing = queueing, options = {}) {
  const run = new Simulation(system, timing, measures).run({
    seed: 3,
    time: 500,
    warmUp: 0,
    timeline: true,
    ...options,
  });
  return { run, steps: timelineOf(system, run) };
}

const queueing: Timing = { actors: { source: { ARRIVE: exponential(2) }, server: { DONE: exponential(1) } } };

describe('a timeline', () => {
  it('has each step with its times in order, and what was sent in it', () => {
    const { run, steps } = timelineWith();
    expect(steps).toHaveLength(run.steps);
    for (const { enabled, began, happened, ended } of steps) {
      expect(enabled).toBeLessThanOrEqual(began);
      expect(began).toBeLessThanOrEqual(happened);
      expect(happened).toBeLessThanOrEqual(ended);
    }
    const [first] = steps;
    expect(first).toMatchObject({ actor: 'source', type: 'ARRIVE', state: '-', enabled: 0, began: 0 });
    expect(new Set(steps.filter(({ type }) => type === 'DONE').map(({ state }) => state))).toEqual(new Set(['busy']));
    expect(first!.messages.map(({ from, to, type }) => `${from} ${to} ${type}`)).toEqual([
      'null source ARRIVE',
      'source queue JOB',
      'queue server START',
    ]);
  });

  it('tells work that goes on after its step', () => {
    const timing: Timing = {
      ...queueing,
      actors: { ...queueing.actors, server: { DONE: { takes: 0.5, effect: 'start' } } },
    };
    const done = timelineWith(singleServer(), timing).steps.filter(({ type }) => type === 'DONE');
    for (const { began, happened, ended } of done) {
      expect(happened).toBe(began);
      expect(ended - began).toBeCloseTo(0.5, 9);
    }
  });
});

/** A step of an actor that takes one message of its own, and sends one at most. */
function step(actor: string, enabled: number, happened: number, sent?: { to: string; type: string }): TimedStep {
  const own = { from: null, to: actor, type: 'RUN', event: { type: 'RUN' }, fate: 'taken' as const };
  const other = sent && { from: actor, event: { type: sent.type }, fate: 'taken' as const, ...sent };
  return {
    ...{ actor, channel: null, type: 'RUN', state: '-', enabled, began: enabled, happened, ended: happened },
    messages: other ? [own, other] : [own],
  };
}

describe('where a time goes', () => {
  it('goes back to what enabled a step, and not to what happened beside it', () => {
    const steps = [
      step('device', 0, 5, { to: 'thread', type: 'FAULT' }),
      step('thread', 5, 7, { to: 'worker', type: 'WORK' }),
      // At the same moment, and nobody's cause.
      step('clock', 6, 7),
      step('worker', 7, 10, { to: 'device', type: 'ANSWER' }),
    ];
    const [passage] = passagesOf(steps, { from: { type: 'FAULT' }, to: { type: 'ANSWER' } });
    expect(passage!.segments.map(({ actor, from, to }) => [actor, from, to])).toEqual([
      ['thread', 5, 7],
      ['worker', 7, 10],
    ]);
  });

  it('is told without a gap, whatever it is', () => {
    const { build } = priOverflow;
    const { measures: measured, time: _, ...timing } = timingOf(priOverflow, {}, 'fixed')!;
    const system = build({}, 'fixed');
    const run = new Simulation(system, timing, measured).run({ seed: 1, time: 2e4, warmUp: 0, timeline: true });
    const steps = timelineOf(system, run);
    const name = 'group of dev0-prg0';
    const passages = passagesOf(steps, measured!.times![name]!);
    expect(passages).toHaveLength(run.times[name]!.count);
    const mean = passages.reduce((sum, { from, to }) => sum + to - from, 0) / passages.length;
    expect(mean).toBeCloseTo(run.times[name]!.mean, 9);
    for (const { from, to, segments } of passages) {
      let at = from;
      for (const segment of segments) {
        expect(segment.from).toBeCloseTo(at, 9);
        at = segment.to;
      }
      if (segments.length > 0) expect(at).toBeCloseTo(to, 9);
      else expect(to - from).toBe(0);
    }
    const shares = sharesOf(passages);
    expect(shares.reduce((sum, { time }) => sum + time, 0)).toBeCloseTo(mean, 9);
    expect(shares.map(({ actor, kind, state }) => `${actor} ${kind} ${state}`)).toEqual([
      'priqThread waits awake',
      'priqThread works awake',
      'priqThread works handling',
      'worker* waits idle',
      'worker* works idle',
      'worker* works handling',
      'worker* works responding',
    ]);
    const { from, to } = typicalOf(passages)!;
    expect((to - from) / run.times[name]!.median).toBeCloseTo(1, 1);
  });

  it('has what the server works on before, when a job waits', () => {
    const { steps, run } = timelineWith();
    const waits = passagesOf(steps, measures.times.wait).filter(({ from, to }) => to > from);
    expect(waits.length).toBeGreaterThan(20);
    for (const { segments } of waits)
      expect(new Set(segments.map(({ actor, type }) => `${actor} ${type}`))).toEqual(new Set(['server DONE']));
    expect(passagesOf(steps, measures.times.stay)).toHaveLength(run.times.stay!.count);
  });

  it('keeps times with different keys apart, and forgets those that have no end', () => {
    const system = lossSystem(2);
    const timing = { actors: { source: { ARRIVE: exponential(1) }, 'circuit*': { DONE: exponential(2) } } };
    const definition = { from: { type: 'JOB' }, to: { type: 'START' }, unless: { type: 'LOST' } };
    const run = new Simulation(system, timing, { times: { begin: definition } }).run({
      seed: 1,
      time: 200,
      warmUp: 0,
      timeline: true,
    });
    const passages = passagesOf(timelineOf(system, run), definition);
    expect(passages).toHaveLength(run.times.begin!.count);
    expect(passages.every(({ from, to }) => from === to)).toBe(true);
  });
});

const common = { pid: z.int(), tid: z.int(), ts: z.number().min(0), name: z.string() };
/** As the Trace Event Format wants its events. */
const eventSchema = z.discriminatedUnion('ph', [
  z.strictObject({
    ph: z.literal('X'),
    cat: z.string(),
    dur: z.number().min(0),
    args: z.record(z.string(), z.unknown()).optional(),
    ...common,
  }),
  ...(['b', 'e'] as const).map((ph) => z.strictObject({ ph: z.literal(ph), cat: z.string(), id: z.int(), ...common })),
  z.strictObject({ ph: z.literal('s'), cat: z.string(), id: z.int(), ...common }),
  z.strictObject({ ph: z.literal('f'), bp: z.literal('e'), cat: z.string(), id: z.int(), ...common }),
  z.strictObject({ ph: z.literal('C'), args: z.record(z.string(), z.number()), ...common }),
  z.strictObject({ ph: z.literal('M'), args: z.record(z.string(), z.unknown()), ...common }),
] as never);

describe("Chrome's trace events", () => {
  const { build } = priOverflow;
  const { measures: _, time: __, ...timing } = timingOf(priOverflow, {}, 'fixed')!;
  const system = build({ posted: true }, 'fixed');
  const run = new Simulation(system, timing).run({ seed: 1, time: 1000, warmUp: 0, timeline: true });
  const trace = chromeTrace(timelineOf(system, run), 'ms', 'a title');
  const events = trace.traceEvents as readonly TraceEvent[];

  it('are what their format wants', () => {
    for (const event of events) expect(eventSchema.safeParse(event).error, JSON.stringify(event)).toBeUndefined();
    expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
  });

  it('have microseconds, whatever the unit is', () => {
    const last = Math.max(...events.map(({ ts }) => ts));
    expect(last / 1000).toBeGreaterThan(900);
    expect(last / 1000).toBeLessThanOrEqual(1000);
  });

  it('nest on each line, and arrows have both ends', () => {
    const lines = new Map<number, TraceEvent[]>();
    for (const event of events) if (event.ph === 'X') lines.set(event.tid, [...(lines.get(event.tid) ?? []), event]);
    expect(lines.size).toBeGreaterThan(8);
    for (const slices of lines.values()) {
      const long = slices.filter(({ dur }) => dur! > 0).sort((one, other) => one.ts - other.ts);
      for (let at = 1; at < long.length; at++)
        expect(long[at]!.ts).toBeGreaterThanOrEqual(long[at - 1]!.ts + long[at - 1]!.dur! - 1e-6);
    }
    const idsOf = (ph: string) => events.filter((event) => event.ph === ph).map(({ id }) => id);
    expect(idsOf('s').length).toBeGreaterThan(100);
    expect(idsOf('f')).toEqual(idsOf('s'));
    expect(idsOf('e')).toEqual(idsOf('b'));
  });

  it('have a line more for choices that race', () => {
    const slices = chromeTrace([step('page', 0, 10), step('page', 5, 12), step('page', 12, 13)], 'us', '').traceEvents;
    const lines = slices.filter(({ ph }) => ph === 'X').map(({ tid }) => tid);
    expect(lines).toEqual([1, 2, 1]);
    expect(slices.filter(({ name }) => name === 'thread_name').map(({ args }) => args!.name)).toEqual(['page', 'page']);
  });

  it('count what channels hold', () => {
    const counts = events.filter(({ ph }) => ph === 'C').map(({ args }) => args!.messages as number);
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBeGreaterThan(0);
  });
});
