/** Says and writes what has come out of a check; also the keeper of the process does, for a search that it had to end. */
import type { coverageDocument } from '../coverage/document.ts';
import { type ChartFormat, chartFormatOfFile, chartTitle, drawChart, parseChartFormat } from './charts.ts';
import type { Options } from './check.ts';
import { statusOf, traceFileOf, worst } from './check-result.ts';
import { coverageText } from './coverage-text.ts';
import { type CheckDocument, type CheckResultDocument, DOCUMENT_VERSION } from './documents.ts';
import { type Environment, toJson, writeJson } from './environment.ts';
import { UsageError } from './errors.ts';
import { racesOf, whyNotLines } from './explanation-text.ts';
import { type Judged, toJunit } from './junit.ts';
import { toMarkdown } from './markdown.ts';
import { lookOf, writeReport } from './report.ts';
import { toSarif } from './sarif.ts';
import { traceFileText } from './trace-file.ts';
import { writeWhole } from './write-file.ts';

const LEFT_OUT =
  '--quick has left out the searches that are long, or of which that is not known: check --all makes them all.';

/** Says and writes what has come out. */
export function concludeCheck(
  judged: readonly Judged[],
  options: Options,
  environment: Environment,
  coverage?: ReturnType<typeof coverageDocument>,
): number {
  const results = judged.map(({ result }) => result);
  const status = worst(judged.map(({ result, compared }) => statusOf(result, compared, options.strict)));
  const chart = chartOf(options);
  // A chart for programs has stdout to itself.
  const chartOnStdout = chart !== undefined && chart.path === undefined;
  if (options.json) {
    writeJson(environment.stdout, {
      version: DOCUMENT_VERSION,
      kind: 'check',
      status,
      ...(options.quick && { quick: true }),
      results,
      ...(coverage && { coverage }),
    } satisfies CheckDocument);
  } else {
    const output = chartOnStdout ? { ...environment, stdout: environment.stderr } : environment;
    writeReport(judged, output);
    if (options.quick) output.stdout.write(`\n${LEFT_OUT}\n`);
    if (options.printSystem) writeSystems(results, output);
    if (options.whyNot !== undefined) writeAnswer(results[0]!, output);
    if (coverage && options.coverage)
      output.stdout.write(`\n${coverageText(coverage, results, lookOf(output.stdout, environment))}\n`);
  }
  if (options.traceOut !== undefined) writeTrace(results[0]!, options.traceOut, environment);
  if (chart) writeChart(results[0]!, chart, environment);
  if (options.coverageOut !== undefined && coverage) writeWhole(options.coverageOut, `${toJson(coverage)}\n`);
  if (options.junit !== undefined) writeWhole(options.junit, toJunit(judged));
  if (options.sarif !== undefined) {
    writeWhole(options.sarif, `${toJson(toSarif(judged, { version: environment.version, status }))}\n`);
  }
  if (options.markdown !== undefined) {
    const notes = options.quick ? [LEFT_OUT] : [];
    writeWhole(options.markdown, toMarkdown(judged, { status, strict: options.strict ?? false, notes }));
  }
  return status;
}

function writeSystems(results: readonly CheckResultDocument[], { stdout }: Environment): void {
  for (const { machine } of results) if (machine) stdout.write(`\n${machine.system}`);
}

function writeAnswer({ whyNot, verdict }: CheckResultDocument, environment: Environment): void {
  const { stdout, stderr } = environment;
  if (whyNot) stdout.write(`\n${whyNotLines(whyNot, lookOf(stdout, environment))}\n`);
  else stderr.write(`faultline: ${verdict}, without a trace: there is no step that --why-not could be about\n`);
}

function writeTrace(result: CheckResultDocument, path: string, { stderr }: Environment): void {
  const file = traceFileOf(result);
  if (file) {
    writeWhole(path, traceFileText(file));
    const others = (result.violations ?? []).filter((one) => one.property !== result.property && one.length !== null);
    if (others.length > 0)
      stderr.write(
        `faultline: ${path} has the trace ${whichOf(result)}: for another one, name its property by --property\n`,
      );
  } else stderr.write(`faultline: ${result.verdict}, without a trace: ${path} is not written\n`);
}

function whichOf({ property }: CheckResultDocument): string {
  return property === null ? 'to the mistake in the model' : `to "${property}"`;
}

interface Chart {
  readonly format: ChartFormat;
  /** Left out for stdout. */
  readonly path: string | undefined;
}

export function chartOf({ chart, chartOut, json }: Options): Chart | undefined {
  if (chart === undefined) {
    return chartOut === undefined ? undefined : { format: chartFormatOfFile(chartOut), path: chartOut };
  }
  const format = parseChartFormat(chart);
  if (json && chartOut === undefined) {
    throw new UsageError(
      `--json and --chart ${chart} both want stdout`,
      'say where the chart goes by --chart-out FILE',
    );
  }
  return { format, path: chartOut };
}

function writeChart(result: CheckResultDocument, { format, path }: Chart, environment: Environment): void {
  const { trace, property, deadEnd, error, verdict, explanation } = result;
  if (!trace) {
    const missing = path === undefined ? 'there is no chart' : `${path} is not written`;
    environment.stderr.write(`faultline: ${verdict}, without a trace: ${missing}\n`);
    return;
  }
  const ending = {
    ...(property !== null && { property }),
    ...(error && { error }),
    deadEnd,
    races: racesOf(explanation),
  };
  const look = lookOf(path === undefined ? environment.stdout : { write: () => {} }, environment);
  const text = drawChart(format, { trace, title: chartTitle(result), ...ending }, look);
  if (path === undefined) environment.stdout.write(text);
  else writeWhole(path, text);
}
