/** The timeline of a run: written for Perfetto, and what it says of where measured times go. */
import { passagesOf, sharesOf, typicalOf } from '../simulate/breakdown.ts';
import { type ChromeTrace, chromeTrace } from '../simulate/chrome-trace.ts';
import { Simulation } from '../simulate/simulation.ts';
import { type Point, pointText } from '../simulate/study.ts';
import { timelineOf } from '../simulate/timeline.ts';
import { UNITS } from '../system/timing.ts';
import type { SimulateDocument } from './documents.ts';
import { simulatedOf, type TimedSubject } from './timed-target.ts';

/** More is neither drawn nor opened by anybody. */
export const TIMELINE_STEPS = 10_000;

export interface Timeline {
  readonly trace: ChromeTrace;
  readonly breakdowns: NonNullable<SimulateDocument['breakdowns']>;
}

/**
 * The beginning of the run of one seed: of the first point in which a measured time comes to its end, as some points of a study may have
 * nothing to tell; else of the first.
 *
 * @param points of a study; [{}] of a scenario
 * @returns undefined when all of them have a population, whose steps are not kept
 */
export function timelineFor(
  subject: TimedSubject,
  points: readonly Point[],
  seed: number,
  seconds: number | null,
): Timeline | undefined {
  let first: Timeline | undefined;
  for (const point of points) {
    const simulated = simulatedOf(subject, point);
    if (simulated.population !== undefined) continue;
    if (first && simulated.measures?.times === undefined) continue;
    const timeline = timelineOfPoint(subject, point, simulated, seed, seconds);
    if (timeline.breakdowns.length > 0) return timeline;
    first ??= timeline;
  }
  return first;
}

function timelineOfPoint(
  subject: TimedSubject,
  point: Point,
  { system, timing, measures = {}, time }: ReturnType<typeof simulatedOf>,
  seed: number,
  seconds: number | null,
): Timeline {
  const unit = timing.unit ?? 'us';
  const asked = seconds === null ? (time ?? Number.MAX_SAFE_INTEGER) : (seconds * UNITS[unit]) / UNITS.s;
  const run = new Simulation(system, timing, measures).run({
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
    trace: chromeTrace(steps, unit, [subject.spec, pointText(point), `seed ${seed}`].filter(Boolean).join(', ')),
    breakdowns,
  };
}
