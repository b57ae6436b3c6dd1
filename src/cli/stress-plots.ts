/**
 * What a stress run has done, in pictures: how fast it was, its memory, its threads, how deep the queues were, how long things took.
 *
 * Vega draws them without a browser. The colours are those of the diagrams, for light and dark backgrounds.
 */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { INK } from '../diagram/palette.ts';
import { DURATION_BUCKETS } from '../stress/records.ts';
import { chartTitle } from './charts.ts';
import type { StressDocument } from './documents.ts';
import { drawn, SERIES } from './plots.ts';
import { isCapped, rangeOf } from './stress-document.ts';
import { howText, rangeText, sizeText } from './stress-text.ts';
import { plural } from './text.ts';
import { writeWhole } from './write-file.ts';

/** More bars than that have no room for a number each. */
const LABELLED_BARS_MAX = 16;

interface Plot {
  /** The file's name, without its suffix. */
  readonly name: string;
  readonly title: string;
  readonly layers: TopLevelSpec;
}

/** @returns the files that were written */
export async function writePlots(folder: string, document: StressDocument): Promise<string[]> {
  const files: string[] = [];
  for (const { name, title, layers } of plotsOf(document)) {
    const path = join(folder, `${name}.svg`);
    writeWhole(path, await drawn(layers, title, aboutLines(document)));
    files.push(path);
  }
  return files;
}

/** Several lines: the width of text is only estimated. */
function aboutLines(document: StressDocument): string[] {
  return [`${chartTitle(document)}: ${sizeText(document)}`, howText(document)];
}

function plotsOf(document: StressDocument): Plot[] {
  const { gauges, latencies, episodes } = document;
  return [
    throughput(document),
    memory(document),
    threads(document),
    ...gauges.map(({ name, values, samples }) =>
      histogram(
        { name: `depth-${slug(name)}`, title: `${name}: how deep it was, in ${plural(samples, 'sample')}` },
        values.map((times, value) => ({ label: isCapped(value) ? `${value}+` : `${value}`, times })),
        { x: 'entries', y: 'share of the samples' },
      ),
    ),
    ...latencies.map(({ name, buckets, count }) =>
      histogram(
        {
          name: `duration-${slug(name)}`,
          title: `${name}: how long it took, ${plural(count, 'time')} in ${plural(episodes, 'episode')}`,
        },
        buckets.map((times, bucket) => ({ label: rangeText(rangeOf(bucket, DURATION_BUCKETS)), times })),
        { x: 'steps of the unit', y: 'share of all' },
      ),
    ),
  ];
}

function throughput({ curve }: StressDocument): Plot {
  const values = intervals(curve).flatMap(({ seconds, before, after }) => {
    const passed = after.seconds - before.seconds;
    return [
      { seconds, rate: (after.steps - before.steps) / passed, what: 'steps' },
      { seconds, rate: (after.machineSteps - before.machineSteps) / passed, what: 'machine steps' },
    ];
  });
  return { name: 'throughput', title: 'Throughput', layers: lines(values, 'rate', 'per second', '~s') };
}

function memory({ curve }: StressDocument): Plot {
  const values = curve.map(({ seconds, bytes }) => ({ seconds, megabytes: bytes / 2 ** 20, what: 'process' }));
  return { name: 'memory', title: 'Memory of the process', layers: lines(values, 'megabytes', 'MB', '~f') };
}

function threads({ curve }: StressDocument): Plot {
  const values = intervals(curve).flatMap(({ seconds, before, after }) =>
    after.threads.map((steps, thread) => ({
      seconds,
      rate: (steps - before.threads[thread]!) / (after.seconds - before.seconds),
      what: `thread ${thread}`,
    })),
  );
  return { name: 'threads', title: 'Steps of each thread', layers: lines(values, 'rate', 'steps per second', '~s') };
}

type Point = StressDocument['curve'][number];

/** Neighbours of the curve; the last one may be too short to say anything. */
function intervals(curve: readonly Point[]): { seconds: number; before: Point; after: Point }[] {
  const all = curve.slice(1).map((after, at) => ({ seconds: after.seconds, before: curve[at]!, after }));
  const long = all.filter(({ before, after }) => after.seconds - before.seconds >= 0.5);
  return long.length > 0 ? long : all.filter(({ before, after }) => after.seconds > before.seconds);
}

function lines(values: readonly object[], field: string, unit: string, format: string): TopLevelSpec {
  const series = [...new Set(values.map((value) => (value as { what: string }).what))];
  return {
    data: { values: [...values] },
    mark: { type: 'line', strokeWidth: 2, point: { size: 18, filled: true } },
    encoding: {
      x: {
        field: 'seconds',
        type: 'quantitative',
        title: 'seconds since the run was begun',
        axis: { format: ',~f', tickMinStep: 1 },
        scale: { zero: true, nice: true },
      },
      y: { field, type: 'quantitative', title: unit, axis: { format }, scale: { zero: true, nice: true } },
      color: {
        field: 'what',
        type: 'nominal',
        scale: { domain: series, range: series.map((_, at) => SERIES[at % SERIES.length]!) },
        legend: series.length > 1 ? { title: null, orient: 'bottom' } : null,
      },
    },
  };
}

interface Bar {
  readonly label: string;
  readonly times: number;
}

function histogram(about: Pick<Plot, 'name' | 'title'>, bars: readonly Bar[], axes: { x: string; y: string }): Plot {
  const all = bars.reduce((sum, { times }) => sum + times, 0);
  const values = bars.map(({ label, times }) => ({
    label,
    share: times / Math.max(1, all),
    text: shareText(times, all),
  }));
  const x = {
    field: 'label',
    type: 'ordinal',
    sort: null,
    title: axes.x,
    axis: { labelAngle: bars.length > 12 ? -45 : 0 },
  } as const;
  const y = {
    field: 'share',
    type: 'quantitative',
    title: axes.y,
    axis: { format: '~%' },
    scale: { zero: true, nice: true },
  } as const;
  const labels = {
    mark: { type: 'text', dy: -7, color: INK.faint, fontSize: 10 } as const,
    encoding: { x, y, text: { field: 'text' } as const },
  };
  return {
    ...about,
    layers: {
      data: { values },
      layer: [
        { mark: { type: 'bar', color: INK.action }, encoding: { x, y } },
        ...(bars.length > LABELLED_BARS_MAX ? [] : [labels]),
      ],
    },
  };
}

function shareText(times: number, all: number): string {
  if (times === 0) return '0';
  const share = (100 * times) / all;
  return share < 0.01 ? '< 0.01%' : `${Number(share.toPrecision(2))}%`;
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/\W+/g, '-').replaceAll(/^-|-$/g, '');
}
