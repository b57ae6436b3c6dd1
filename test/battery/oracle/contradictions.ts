/**
 * Holds every search against the oracle: what is exact must say the same, and what forgets or stops early must not say what is not so.
 * Each path is followed in the oracle's own graph, and once more on live actors.
 */
import { type CheckOptions, type CheckResult, check } from '../../../src/explore/check.ts';
import type { Threads } from '../../../src/explore/threads.ts';
import { ModelError } from '../../../src/system/errors.ts';
import { DEADLOCK_PROPERTY } from '../../../src/system/property.ts';
import { replaySchedule } from '../../../src/trace/replay.ts';
import { scheduleOf, type Trace, traceOf } from '../../../src/trace/trace.ts';
import { begins, FairGraph, isProgress, owes } from './progress.ts';
import { type Edge, type Graph, nameOf } from './search.ts';

export interface Search {
  readonly name: string;
  readonly options: CheckOptions;
  /** What is the same as the oracle's: all that is counted, all but what a reduction leaves out, the verdict alone, or only what it claims. */
  readonly isExact: 'in all' | 'in its orbits' | 'but for counts' | 'but for findings' | 'not at all';
}

/** @param threads that start at once; left out, there is no search with threads */
export function searchesOf({ nodes }: Graph, threads?: Threads): Search[] {
  const half = { maxStates: Math.max(1, Math.floor(nodes.length / 2)) };
  const plain = { symmetry: false };
  return [
    { name: 'breadth-first', options: plain, isExact: 'in all' },
    { name: 'breadth-first with symmetry', options: {}, isExact: 'in its orbits' },
    ...(threads ? [{ name: '2 threads', options: { ...plain, threads }, isExact: 'in all' } as const] : []),
    { name: 'partial order', options: { ...plain, partialOrder: true }, isExact: 'but for counts' },
    { name: 'chains', options: { ...plain, chains: true }, isExact: 'but for counts' },
    {
      name: 'partial order, chains and symmetry',
      options: { partialOrder: true, chains: true },
      isExact: 'but for counts',
    },
    { name: 'depth-first', options: { search: 'depth-first' }, isExact: 'but for findings' },
    { name: 'hash-compact', options: { store: 'hash-compact' }, isExact: 'not at all' },
    { name: 'bitstate', options: { store: 'bitstate', bits: 2 ** 12 }, isExact: 'not at all' },
    { name: 'random walks', options: { search: 'random', walks: 20, maxSteps: 60 }, isExact: 'not at all' },
    { name: 'breadth-first cut short', options: { ...plain, ...half }, isExact: 'not at all' },
    { name: 'breadth-first with symmetry cut short', options: half, isExact: 'not at all' },
    { name: 'depth-first cut short', options: { search: 'depth-first', ...half }, isExact: 'not at all' },
  ];
}

/** What a search said, in a line of JSON. */
export function summaryOf({ verdict, property, bound, error, states, steps, depth, path, properties }: CheckResult) {
  const statuses = Object.fromEntries(properties.map(({ name, status }) => [name, status]));
  return { verdict, property, bound, code: error?.code, states, steps, depth, length: path?.steps.length, statuses };
}

/**
 * @param maySaySo whether the search may refuse the symmetry
 * @returns what it said, and what is wrong with it; no result when it refused the symmetry
 * @throws Error what is no model error
 */
export async function judge(
  graph: Graph,
  { options, isExact }: Search,
  mayRefuse: boolean,
): Promise<{ result?: CheckResult; wrong: string[] }> {
  let result: CheckResult;
  try {
    result = await check(graph.system, options);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    if (error.code === 'not-symmetric' && mayRefuse) return { wrong: [] };
    const isKnown = graph.nodes.length === 0 && graph.codes.has(error.code);
    return { wrong: isKnown ? [] : [`throws the model error ${error.code}: ${error.message}`] };
  }
  if (result.error?.code === 'not-symmetric') {
    return { wrong: mayRefuse ? [] : [`refuses the symmetry: ${result.error.message}`] };
  }
  const wrong = [...claims(graph, result), ...pathOf(graph, result)];
  if (isExact !== 'not at all') wrong.push(...differences(graph, result, isExact));
  return { result, wrong };
}

/** What it says is so, and is not. */
function claims(graph: Graph, result: CheckResult): string[] {
  const wrong: string[] = [];
  const { verdict, property, error, store, missProbability, properties } = result;
  if (verdict === 'holds') {
    if (graph.verdict.verdict !== 'holds') wrong.push(`holds, but the oracle says ${graph.verdict.verdict}`);
    if (store === 'bitstate' || result.search === 'random') wrong.push('holds, which it cannot know');
    if (store === 'hash-compact' && missProbability === undefined) wrong.push('holds without a probability');
  }
  if (verdict === 'violated' && !graph.violated.has(property!)) wrong.push(`${property} is violated nowhere`);
  if (verdict === 'model-error' && !graph.codes.has(error!.code))
    wrong.push(`there is no ${error!.code}: ${error!.message}`);
  for (const { name, status } of properties) {
    if (status === 'witnessed' && !graph.witnessed.has(name)) wrong.push(`${name} is witnessed nowhere`);
    if (status === 'holds' && graph.violated.has(name)) wrong.push(`${name} is said to hold, and is violated`);
    if (status === 'violated' && !graph.violated.has(name)) wrong.push(`${name} is said to be violated, and is not`);
  }
  return wrong;
}

function differences(graph: Graph, result: CheckResult, isExact: Exclude<Search['isExact'], 'not at all'>): string[] {
  const { verdict: expected, violated, codes } = graph;
  const got = { ...summaryOf(result) };
  const wrong: string[] = [];
  const compare = (what: string, one: unknown, other: unknown) => {
    if (one !== other) wrong.push(`${what}: got ${one}, expected ${other}`);
  };
  const isFinding = expected.length !== undefined || expected.codes !== undefined;
  if (isExact === 'but for findings' && isFinding) {
    // Whatever it comes to first.
    const isThere = got.verdict === 'violated' ? violated.has(got.property!) : codes.has(got.code!);
    if (!isThere) wrong.push(`got ${got.verdict} ${got.property ?? got.code}, which there is not`);
    return wrong;
  }
  compare('verdict', got.verdict, expected.verdict);
  compare('property', got.property, expected.property);
  if (!expected.isProgress) compare('length', got.length, expected.length);
  if (expected.codes && !expected.codes.has(got.code!))
    wrong.push(`code: got ${got.code}, expected ${[...expected.codes]}`);
  // Where an enumeration breaks off depends on the order of messages in a bag, which is not defined.
  if (expected.verdict === 'model-error' || isExact === 'but for counts') return wrong;
  const isReduced = result.reductions.some(({ name, used }) => name === 'symmetry' && used);
  const counts = isReduced ? expected.orbits : expected;
  if (counts) compare('states', got.states, counts.states);
  if (counts) compare('steps', got.steps, counts.steps);
  if (isExact !== 'but for findings') compare('depth', got.depth, expected.depth);
  for (const { name, kind, status } of result.properties) {
    if (kind !== 'reachable' && kind !== 'happens') continue;
    compare(`${name} is witnessed`, status === 'witnessed', expected.witnessed.has(name));
  }
  return wrong;
}

/** Follows its path, here and on live actors, to what it is said to show. */
function pathOf(graph: Graph, result: CheckResult): string[] {
  const { path, tables, property, verdict } = result;
  if (!path) {
    const isMissing = verdict === 'violated' && !isAwaited(graph, property!);
    return isMissing ? [`${property} is violated without a path`] : [];
  }
  const trace = traceOf(tables, path);
  const schedule = scheduleOf(trace);
  const wrong = followed(graph, trace, result);
  if (trace.failed) return wrong;
  const { violated, unfair } = replaySchedule(graph.system, schedule);
  if (verdict === 'violated' && !violated.includes(property!)) {
    wrong.push(`${schedule} is replayed and violates ${violated.join() || 'nothing'}, not ${property}`);
  }
  if (unfair.length > 0) wrong.push(`${schedule} is replayed and is not fair: ${unfair.join()}`);
  return wrong;
}

function isAwaited({ system }: Graph, name: string): boolean {
  const kind = system.properties.find((property) => property.name === name)?.kind;
  return kind === 'reachable' || kind === 'happens';
}

function followed(graph: Graph, trace: Trace, { verdict, property, error }: CheckResult): string[] {
  const { nodes } = graph;
  // The start itself failed.
  if (nodes.length === 0) return [];
  const places = [0];
  const edges: Edge[] = [];
  for (const [at, step] of trace.steps.entries()) {
    const node = nodes[places.at(-1)!]!;
    const name = nameOf(step);
    if (trace.failed && at === trace.steps.length - 1) {
      const isIt = node.fault && nameOf(node.fault.step) === name && node.fault.code === error?.code;
      // Behind another fault of the same state: the order of messages in a bag is not defined.
      return isIt || node.fault ? [] : [`its last step, ${name}, does not fail`];
    }
    const edge = node.edges.find((one) => nameOf(one.step) === name);
    if (!edge) return node.fault ? [] : [`its step ${at}, ${name}, is not enabled`];
    edges.push(edge);
    places.push(edge.target);
  }
  if (verdict !== 'violated') return [];
  const end = nodes[places.at(-1)!]!;
  if (property === DEADLOCK_PROPERTY)
    return end.deadEnd.includes(property) ? [] : ['it ends where there is no deadlock'];
  if (end.violated.includes(property!) || end.deadEnd.includes(property!)) return [];
  const declared = graph.system.properties.find(({ name }) => name === property);
  if (!declared || !isProgress(declared)) return [`it ends where ${property} is not violated`];

  const isOwing = owes(graph.system, declared, nodes);
  const start = trace.cycleStart ?? trace.steps.length;
  let owed = places.length;
  while (owed > 0 && isOwing[places[owed - 1]!]) owed--;
  const wrong: string[] = [];
  if (owed > start) wrong.push(`its cycle does what ${property} asks for`);
  if (!places.slice(owed, start + 1).some((at) => begins(declared, nodes[at]!, at)))
    wrong.push(`nothing begins what ${property} asks for`);
  const fairness = new FairGraph(graph.system, nodes);
  if (trace.cycleStart === undefined) {
    if (!fairness.mayStop(places.at(-1)!)) wrong.push('it stops where somebody has to go on');
    return wrong;
  }
  if (places[start] !== places.at(-1)) wrong.push('its cycle does not close');
  const unfair = fairness.unfairIn(places.slice(start), edges.slice(start));
  if (unfair.length > 0) wrong.push(`its cycle is not fair to ${unfair.join()}`);
  return wrong;
}
