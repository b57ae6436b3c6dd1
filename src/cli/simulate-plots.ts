/** The plots of a study; of a scenario, how its times are distributed. */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import type { Axis, StudyPlot } from '../simulate/study.ts';
import type { SimulateDocument } from './documents.ts';
import { drawn, SERIES } from './plots.ts';
import { plural } from './text.ts';
import { writeWhole } from './write-file.ts';

/** @returns the files that were written */
export async function writeStudyPlots(folder: string, document: SimulateDocument): Promise<string[]> {
  const files: string[] = [];
  for (const { name, svg } of await studyPlots(document)) {
    const path = join(folder, `${document.study ?? document.scenario}-${name}.svg`);
    writeWhole(path, svg);
    files.push(path);
  }
  return files;
}

export async function studyPlots(
  document: SimulateDocument,
): Promise<{ readonly name: string; readonly title: string; readonly svg: string }[]> {
  const plots: { name: string; title: string; svg: string }[] = [];
  for (const plot of plotsOf(document)) {
    const svg = await drawn(layersOf(plot), plot.title, [aboutOf(document)]);
    plots.push({ name: plot.name, title: plot.title, svg });
  }
  return plots;
}

function aboutOf({ study, scenario, variant, seeds }: SimulateDocument): string {
  return `${study ?? [scenario, variant].filter(Boolean).join(' ')}, ${plural(seeds.length, 'seed')}`;
}

function plotsOf({ plots, summary, unit }: SimulateDocument): readonly StudyPlot[] {
  const measured = (summary?.times ?? []).filter(({ quantiles }) => quantiles.length > 0);
  const distribution = (name: string, points: StudyPlot['series'][number]['points']): StudyPlot => ({
    name: `time-${name.toLowerCase().replaceAll(/\W+/g, '-')}`,
    title: `${name}: the share of times up to one`,
    x: { title: `${name}, ${unit}` },
    y: { title: 'share' },
    series: [{ name, points }],
  });
  return [
    ...plots,
    ...measured.map(({ name, quantiles }) =>
      distribution(
        name,
        quantiles.map(({ share, time }) => [time.mean, share] as const),
      ),
    ),
  ];
}

/** Lines with dots, the intervals as thin strokes, and measurements as crosses. */
function layersOf({ x, y, series }: StudyPlot): TopLevelSpec {
  const values = series.flatMap(({ name, points, isMeasured = false }) =>
    points.map(([at, value]) => {
      const [mean, halfWidth] = typeof value === 'number' ? [value, 0] : [value.mean, value.halfWidth || 0];
      // A logarithmic axis has no place for what is not above 0.
      const low = y.scale === 'log' ? Math.max(mean - halfWidth, mean / 10) : mean - halfWidth;
      return { x: at, y: mean, low, high: mean + halfWidth, what: name, isMeasured };
    }),
  );
  const names = series.map(({ name }) => name);
  const horizontal = { field: 'x', type: 'quantitative', ...axisOf(x) } as const;
  const color = {
    field: 'what',
    type: 'nominal',
    scale: { domain: names, range: names.map((_, at) => SERIES[at % SERIES.length]!) },
    legend: names.length > 1 ? { title: null, orient: 'bottom', columns: 3, labelLimit: 260 } : null,
  } as const;
  // Where there are more lines than colours, those that share one differ by their strokes.
  const strokeDash = {
    field: 'what',
    type: 'nominal',
    scale: { domain: names, range: names.map((_, at) => (at < SERIES.length ? [1, 0] : [5, 3])) },
    legend: { title: null, orient: 'bottom', columns: 3, labelLimit: 260 },
  } as const;
  const encoding = { x: horizontal, y: { field: 'y', type: 'quantitative', ...axisOf(y) } as const, color };
  return {
    data: { values },
    layer: [
      {
        transform: [{ filter: '!datum.isMeasured' }],
        mark: { type: 'line', strokeWidth: 2, point: { size: 24, filled: true } },
        encoding: names.length > SERIES.length ? { ...encoding, strokeDash } : encoding,
      },
      {
        transform: [{ filter: 'datum.high > datum.low' }],
        mark: { type: 'rule', strokeWidth: 1 },
        encoding: {
          x: horizontal,
          color,
          y: { field: 'low', type: 'quantitative', ...axisOf(y) },
          y2: { field: 'high' },
        },
      },
      {
        transform: [{ filter: 'datum.isMeasured' }],
        mark: { type: 'point', shape: 'cross', size: 70, filled: true },
        encoding,
      },
    ],
  } as TopLevelSpec;
}

function axisOf({ title, scale = 'linear' }: Axis) {
  return {
    title,
    scale: scale === 'log' ? { type: 'log' as const, nice: true } : { zero: true, nice: true },
    axis: { format: ',~r' },
  };
}
