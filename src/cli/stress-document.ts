/** What a stress run has done, as the document that `--json` prints. */
import type { Plan } from '../stress/plan.ts';
import { SAMPLE_VALUES } from '../stress/run-shape.ts';
import { EXIT } from '../system/verdict.ts';
import { describeSubject } from './check-result.ts';
import { DOCUMENT_VERSION, type StressDocument, type StressFindingDocument } from './documents.ts';
import type { Sample, StressResult } from './run-stress.ts';
import type { StressRequest } from './stress-request.ts';

export function stressDocument(
  plan: Plan,
  request: StressRequest,
  { curve, last, interrupted, beside }: StressResult,
  finding: StressFindingDocument | null,
  coverage: StressDocument['coverage'],
): StressDocument {
  const { subject, definition, units, devices, pagesOfUnit } = request;
  const { threads, seed, mix, placement, seconds, steps, engine } = request;
  const { target, scenario, variant, parameters } = describeSubject(subject);
  const { tally, tables } = last;
  const { states, messages, reactions, misses, xstateCalls } = tables;
  return {
    version: DOCUMENT_VERSION,
    kind: 'stress',
    status: statusOf(interrupted, finding),
    ...{ target, scenario, variant, parameters },
    outcome: finding ? 'found' : interrupted ? 'interrupted' : 'nothing-found',
    asked: { seconds, steps, threads, seed, mix, placement, episode: plan.episode, engine },
    ...{
      unit: definition.unit,
      units,
      devices,
      pages: pagesOfUnit === null ? null : (units + (request.beside?.units ?? 0)) * pagesOfUnit,
    },
    beside: beside && {
      ...{ variant: request.beside!.subject.variant!, units: request.beside!.units },
      ...{ steps: beside.steps, machineSteps: beside.machineSteps, episodes: beside.episodes },
    },
    sharedBytes: plan.bytes,
    seconds: last.seconds,
    ...{ steps: tally.steps, machineSteps: tally.machineSteps, episodes: tally.episodes },
    longestDrain: tally.longestDrain,
    threads: tally.threads.map((thread) => ({ ...thread })),
    tables: { states, messages, reactions, misses, xstateCalls },
    hits: hitsOf(plan, last),
    balances: (definition.balances ?? []).map(({ name, left, right }) => ({
      name,
      left: [...left],
      right: [...right],
    })),
    gauges: gaugesOf(plan, last),
    latencies: plan.latencies.map(({ name }, at) => latencyOf(name, tally.durations[at]!)),
    curve: curve.map(pointOf),
    finding,
    coverage,
  };
}

/** That it was interrupted matters when nothing was found: then it has not looked as far as it was asked to. */
function statusOf(interrupted: boolean, finding: StressFindingDocument | null): number {
  if (!finding) return interrupted ? EXIT.unknown : EXIT.holds;
  if (finding.reproduced === false) return EXIT.internal;
  return finding.kind === 'unhandled' || finding.kind === 'endless' ? EXIT.model : EXIT.violated;
}

function pointOf({ seconds, tally, bytes, tables }: Sample): StressDocument['curve'][number] {
  const { steps, machineSteps, episodes, threads } = tally;
  return {
    ...{ seconds, steps, machineSteps, episodes, bytes },
    conflicts: threads.reduce((sum, { conflicts }) => sum + conflicts, 0),
    misses: tables.misses,
    threads: threads.map((thread) => thread.steps),
  };
}

function hitsOf(plan: Plan, { tally }: Sample): StressDocument['hits'] {
  const counted = plan.counters.map(({ name }, at): StressDocument['hits'][number] => ({
    name,
    kind: at < plan.firstOwnCounter ? 'happens' : 'counter',
    count: tally.counters[at]!,
    samples: null,
  }));
  const sampled = sampledIn(plan, tally, false).map(({ name, values }): StressDocument['hits'][number] => ({
    ...{ name, kind: 'reachable', count: values[1]! },
    samples: total(values),
  }));
  const happens = counted.filter(({ kind }) => kind === 'happens');
  return [...happens, ...sampled, ...counted.filter(({ kind }) => kind === 'counter')];
}

function gaugesOf(plan: Plan, { tally }: Sample): StressDocument['gauges'] {
  return sampledIn(plan, tally, true).map(({ name, values }) => {
    const samples = total(values);
    const used = values.slice(0, 1 + values.findLastIndex((times) => times > 0));
    const sum = values.reduce((all, times, value) => all + times * value, 0);
    return {
      ...{ name, samples },
      min: samples === 0 ? null : values.findIndex((times) => times > 0),
      mean: samples === 0 ? null : sum / samples,
      p99: quantile(values, 0.99),
      max: samples === 0 ? null : used.length - 1,
      values: used,
    };
  });
}

/** The sampled values of gauges, or of `reachable` properties. */
function sampledIn(plan: Plan, { samples }: Sample['tally'], areGauges: boolean) {
  const gauges = plan.definition.gauges ?? {};
  return plan.predicates
    .slice(plan.firstSampled)
    .map(({ name }, at) => ({ name, values: samples[at]! }))
    .filter(({ name }) => Object.hasOwn(gauges, name) === areGauges);
}

/** Whether a gauge's value may have been more. */
export function isCapped(value: number): boolean {
  return value === SAMPLE_VALUES - 1;
}

function latencyOf(name: string, buckets: readonly number[]): StressDocument['latencies'][number] {
  const range = (bucket: number | null) => (bucket === null ? null : rangeOf(bucket, buckets.length));
  const last = buckets.findLastIndex((times) => times > 0);
  return {
    name,
    count: total(buckets),
    p50: range(quantile(buckets, 0.5)),
    p90: range(quantile(buckets, 0.9)),
    p99: range(quantile(buckets, 0.99)),
    max: range(last < 0 ? null : last),
    buckets: buckets.slice(0, last + 1),
  };
}

/** The steps that a bucket stands for: 0, 1, 2 to 3, 4 to 7, …; the last one has no end. */
export function rangeOf(bucket: number, buckets: number): { from: number; to: number | null } {
  if (bucket === 0) return { from: 0, to: 0 };
  return { from: 2 ** (bucket - 1), to: bucket === buckets - 1 ? null : 2 ** bucket - 1 };
}

/** The first place up to which there are so many of all. */
function quantile(values: readonly number[], share: number): number | null {
  const wanted = share * total(values);
  if (wanted === 0) return null;
  let sum = 0;
  return values.findIndex((times) => {
    sum += times;
    return sum >= wanted;
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, times) => sum + times, 0);
}
