/** The timeline of a run: written for Perfetto, and what it says of where measured times go. */
import { passagesOf, sharesOf, typicalOf } from '../simulate/breakdown.ts';
import { type ChromeTrace, chromeTrace } from '../simulate/chrome-trace.ts';
import { Simulation } from '../simulate/simulation.ts';
import { type Point, pointText } from '../simulate/study.ts';
import { type TimedStep, timelineOf } from '../simulate/timeline.ts';
import { UNITS } from '../system/timing.ts';
import type { SimulateDocument } from './documents.ts';
import { simulatedOf, type TimedSubject } from './timed-target.ts';

/** More is neither drawn nor opened by anybody. */
export const TIMELINE_STEPS = 10_000;

export interface Timeline {
  readonly steps: readonly TimedStep[];
  readonly trace: ChromeTrace;
  readonly breakdowns: NonNullable<SimulateDocument['breakdowns']>;
}

/**
 * The beginning of the run of one seed.
 *
 * @param point of a study; {} of a scenario
 */
export function timelineFor(subject: TimedSubject, point: Point, seed: number, seconds: number | null): Timeline {
  const { system, timing, measures = {}, time, population } = simulatedOf(subject, point);
  const unit = timing.unit ?? 'us';
  const asked = seconds === null ? (time ?? Number.MAX_SAFE_INTEGER) : (seconds * UNITS[unit]) / UNITS.s;
  const run = new Simulation(system, timing, measures, population).run({
    ...{ seed, time: asked, warmUp: 0, steps: TIMELINE_STEPS, timeline: true },
  });
  const steps = timelineOf(system, run);
  const breakdowns = Object.entries(measures.times ?? {}).flatMap(([name, definition]) => {
    const passages = passagesOf(steps, definition);
    const typical = typicalOf(passages);
    if (!typical) return [];
    const mean = passages.reduce((sum, { from, to }) => sum + to - from, 0) / passages.length;
    return [
      {
        name,
        point: pointText(point),
        unit,
        seed,
        count: passages.length,
        mean,
        shares: sharesOf(passages),
        typical: { ...typical, segments: [...typical.segments] },
      },
    ];
  });
  return {
    steps,
    trace: chromeTrace(steps, unit, [subject.spec, pointText(point), `seed ${seed}`].filter(Boolean).join(', ')),
    breakdowns,
  };
}
