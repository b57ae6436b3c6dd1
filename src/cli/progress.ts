/**
 * What people see while they wait, on stderr: one line that is rewritten in place on a terminal, and elsewhere one line
 * per finished variant.
 */
import type { Progress } from '../explore/check.ts';
import type { SpaceProgress } from '../export/space.ts';
import { visibleLine } from '../system/visible.ts';
import type { CheckResultDocument } from './documents.ts';
import { type Environment, widthOf } from './environment.ts';
import { bytesText, duration, plural, rounded, unlessMissed } from './text.ts';

export interface ProgressDisplay {
  /** A search is at work; called about ten times a second. */
  working(label: string, progress: Progress): void;
  finished(label: string, result: CheckResultDocument): void;
  /** Everything is done: leaves nothing of itself on a terminal. */
  end(): void;
}

export const NO_PROGRESS: ProgressDisplay = {
  working: () => {},
  finished: () => {},
  end: () => {},
};

export function progressOn(environment: Environment): ProgressDisplay {
  const { stderr } = environment;
  if (stderr.isTTY !== true) {
    return {
      ...NO_PROGRESS,
      finished: (label, result) => stderr.write(`${label}: ${resultLine(result)}\n`),
    };
  }
  return {
    ...NO_PROGRESS,
    working: (label, progress) => {
      const line = `${label}: ${progressLine(progress)}`;
      // A line that wraps cannot be rewritten in place.
      stderr.write(`\r\x1b[2K${line.slice(0, widthOf(stderr, environment) - 1)}`);
    },
    end: () => stderr.write('\r\x1b[2K'),
  };
}

const REWRITE_MS = 100;

/** The same for tables that are filled for other checkers: on a terminal only, and nothing once it is done. */
export function tableProgressOn(environment: Environment, label: string) {
  const { stderr } = environment;
  if (stderr.isTTY !== true) return { working: () => {}, end: () => {} };
  const started = performance.now();
  let shown = Number.NEGATIVE_INFINITY;
  return {
    working: ({ states, steps, depth, waiting }: SpaceProgress) => {
      const now = performance.now();
      if (now - shown < REWRITE_MS) return;
      shown = now;
      const counts = `${rounded(states)} states  ${rounded(steps)} steps  frontier ${rounded(waiting)}  depth ${depth}`;
      const line = `${label}: ${waiting === 0 ? 'writing, ' : ''}${counts}  ${duration((now - started) / 1000)}`;
      stderr.write(`\r\x1b[2K${line.slice(0, widthOf(stderr, environment) - 1)}`);
    },
    end: () => {
      stderr.write('\r\x1b[2K');
    },
  };
}

export function progressLine(progress: Progress): string {
  const { search, phase, states, steps, seconds, waiting, depth, levelsLeft, bytes, costliest } = progress;
  if (phase === 'preparing') return 'preparing the search';
  const rate = (count: number) => rounded(count / Math.max(seconds, 0.001));
  return [
    `${rounded(states)} states`,
    `${rate(states)}/s (${rate(steps)} steps/s)`,
    `${phase === 'cycles' ? 'looking for cycles, left' : search === 'random' ? 'walks left' : 'frontier'} ${rounded(waiting)}`,
    `depth ${depth}`,
    bytesText(bytes),
    duration(seconds),
    ...(levelsLeft === undefined ? [] : [`about ${plural(levelsLeft, 'level')} left`]),
    ...(costliest ? [`${rounded(costliest.values)} values of ${costliest.kind} ${visibleLine(costliest.name)}`] : []),
  ].join('  ');
}

function resultLine(result: CheckResultDocument): string {
  const { verdict, property, states, seconds, bound, error, missProbability } = result;
  const reason = bound ?? error?.code;
  const why = property !== null ? ` "${visibleLine(property)}"` : reason !== undefined ? ` (${reason})` : '';
  const unless = missProbability === null ? '' : `, ${unlessMissed(missProbability)}`;
  return `${verdict === 'model-error' ? 'model error' : verdict}${why}${unless}, ${plural(states, 'state')}, ${duration(seconds)}`;
}
