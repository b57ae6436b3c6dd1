/** Message charts of a trace in the formats of `--chart`, and where they go. */
import { renderChart } from '../trace/chart.ts';
import { renderChartSvg } from '../trace/chart-svg.ts';
import { toMermaid } from '../trace/mermaid.ts';
import type { ChartMarks } from '../trace/sequence.ts';
import type { Trace } from '../trace/trace.ts';
import type { Look } from './check-text.ts';
import { possibleNames, UsageError } from './errors.ts';

export const CHART_FORMATS = ['svg', 'mermaid', 'text'] as const;
export type ChartFormat = (typeof CHART_FORMATS)[number];

const SUFFIXES: Readonly<Record<string, ChartFormat>> = {
  svg: 'svg',
  mmd: 'mermaid',
  mermaid: 'mermaid',
  txt: 'text',
};

/** A trace, what it is a trace of, and what is known of its end. */
export interface Charted extends ChartMarks {
  readonly trace: Trace;
  readonly title: string;
  readonly error?: { readonly message: string; readonly hint?: string };
}

/** The chart, with a newline at its end. */
export function drawChart(format: ChartFormat, { trace, title, ...marks }: Charted, { colours, width }: Look): string {
  switch (format) {
    case 'svg':
      return renderChartSvg(trace, { title, ...marks });
    case 'mermaid':
      return toMermaid(trace, marks);
    case 'text':
      return `${renderChart(trace, { colours, width, ...marks }).trimEnd()}\n`;
    default:
      return format satisfies never;
  }
}

/** @throws UsageError */
export function parseChartFormat(name: string): ChartFormat {
  const format = CHART_FORMATS.find((known) => known === name);
  if (format) return format;
  throw new UsageError(`--chart ${name}: there is no such chart`, possibleNames(name, CHART_FORMATS));
}

/** The format that a file's suffix says. @throws UsageError */
export function chartFormatOfFile(path: string): ChartFormat {
  const suffix = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  const format = suffix === undefined ? undefined : SUFFIXES[suffix];
  if (format) return format;
  const suffixes = Object.keys(SUFFIXES).map((known) => `.${known}`);
  throw new UsageError(
    `the suffix of ${path} says no chart format`,
    `there are: ${suffixes.join(', ')}; or give --chart ${CHART_FORMATS.join('|')}`,
  );
}

/** `pri-overflow, no-discard`. */
export function chartTitle({ scenario, variant }: { scenario: string; variant: string | null }): string {
  return variant === null ? scenario : `${scenario}, ${variant}`;
}
