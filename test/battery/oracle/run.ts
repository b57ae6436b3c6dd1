/** Draws systems, has the oracle and every search judge them, and counts what kinds of systems they were. */

import { Threads } from '../../../src/explore/threads.ts';
import { DEADLOCK_PROPERTY, type Fairness } from '../../../src/system/property.ts';
import type { System } from '../../../src/system/system.ts';
import fc from '../../fast-check.ts';
import { judge, searchesOf, summaryOf } from './contradictions.ts';
import { buildMixed, isSymmetric, type MixedSpec, mixedSpecs } from './mixed-systems.ts';
import { isProgress, violatesProgress } from './progress.ts';
import { type Graph, graphOf, type Verdict } from './search.ts';

/** Larger systems are left out. */
const STATES_MAX = 400;

export interface OracleRun {
  /** How many systems of each kind there were. */
  readonly kinds: ReadonlyMap<string, number>;
  /** What to print when something contradicts the oracle. */
  readonly contradiction?: string;
}

export interface OracleOptions {
  readonly seed: number;
  readonly count: number;
  /** Told after every system. */
  readonly onSystem?: (done: number) => void;
}

export async function runOracle({ seed, count, onSystem }: OracleOptions): Promise<OracleRun> {
  const kinds = new Map<string, number>();
  // From the first states on.
  const threads = new Threads(2, { partMin: 1 });
  await threads.start();
  let done = 0;
  let isShrinking = false;
  try {
    const outcome = await fc.check(
      fc.asyncProperty(mixedSpecs, async (spec) => {
        const system = buildMixed(spec);
        const graph = graphOf(system, STATES_MAX);
        if (!graph) kinds.set('too large, not counted', (kinds.get('too large, not counted') ?? 0) + 1);
        fc.pre(graph !== undefined);
        const seen = await compared(spec, graph, threads).catch((error: unknown) => {
          isShrinking = true;
          throw error;
        });
        if (isShrinking) return;
        for (const kind of seen) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        onSystem?.(++done);
      }),
      { seed, numRuns: count },
    );
    if (!outcome.failed) return { kinds };
    const [spec] = outcome.counterexample ?? [];
    const error =
      outcome.errorInstance instanceof Error ? (outcome.errorInstance.stack ?? outcome.errorInstance.message) : '';
    return {
      kinds,
      contradiction: [
        `after ${outcome.numRuns} systems, shrunk ${outcome.numShrinks} times (seed ${outcome.seed}, path ${outcome.counterexamplePath}):`,
        JSON.stringify(spec),
        error,
      ].join('\n'),
    };
  } finally {
    await threads.close();
  }
}

/** @throws Error with both results, when a search contradicts the oracle */
async function compared(spec: MixedSpec, graph: Graph, threads: Threads): Promise<Set<string>> {
  const kinds = new Set<string>([kindOf(graph.system, graph.verdict), ...featuresOf(graph)]);
  for (const search of searchesOf(graph, threads)) {
    const { result, wrong } = await judge(graph, search, !isSymmetric(spec) || !graph.startsSymmetric);
    if (wrong.length > 0) {
      const said = result ? JSON.stringify(summaryOf(result)) : 'nothing';
      const { witnessed, codes, ...verdict } = graph.verdict;
      const oracle = JSON.stringify({ ...verdict, witnessed: [...witnessed], codes: codes && [...codes] });
      throw new Error(`${search.name}: ${wrong.join('; ')}\n  it says     ${said}\n  the oracle  ${oracle}`);
    }
    if (!result) {
      kinds.add('with a symmetry refused');
      continue;
    }
    if (
      result.reductions.some(
        ({ name, used, ...rest }) => name === 'symmetry' && used && 'renamings' in rest && rest.renamings > 1,
      )
    ) {
      kinds.add('with symmetry used');
      if (graph.verdict.verdict === 'holds' && result.verdict === 'holds' && result.states < graph.nodes.length)
        kinds.add('smaller by symmetry');
    }
    if (result.reductions.some((one) => 'left' in one && one.left > 0)) kinds.add('with steps or states left out');
    if (result.path?.cycleStart !== undefined) kinds.add('with a cycle told');
    if (result.path?.stops) kinds.add('with a run told that stops');
    if (result.deadEnd) kinds.add('with a dead end told');
    if (result.bound) kinds.add(`unknown by ${result.bound}`);
  }
  return kinds;
}

function kindOf(system: System, { verdict, property, codes, isProgress }: Verdict): string {
  if (codes) return `model error: ${[...codes].sort().join(' or ')}`;
  if (property === undefined) return verdict;
  if (property === DEADLOCK_PROPERTY) return 'violated: deadlock';
  const { kind } = system.properties.find(({ name }) => name === property)!;
  if (kind !== 'monitor') return `violated: ${kind}`;
  return isProgress ? 'violated: hot monitor' : 'violated: monitor';
}

function featuresOf(graph: Graph): string[] {
  const { system, nodes } = graph;
  const isTimed = nodes.some(({ state }) => state.actors.some(({ timers }) => timers.size > 0));
  const isQueued = nodes.some(({ state }) => state.channels.some((content) => content.length > 0));
  const isFair = Object.keys(system.fairness).length > 0;
  return [
    ...(isTimed ? ['timers armed'] : []),
    ...(isQueued ? ['messages in channels'] : []),
    ...(isFair ? ['fairness declared'] : []),
    ...(isTimed && isQueued && isFair ? ['timers, channels, symmetry and fairness in one'] : []),
    ...(isFair && decides(graph, 'strong', 'weak') ? ['decided by strong fairness'] : []),
    ...(decides(graph, 'weak', 'none') ? ['decided by a word for weak fairness'] : []),
    ...(nodes.length >= 20 ? ['20 states or more'] : []),
  ];
}

/** Whether a property of progress is violated only when less is asked for. */
function decides({ system, nodes }: Graph, asked: Fairness, less: Fairness): boolean {
  if (nodes.length === 0 || nodes.some(({ fault }) => fault)) return false;
  const fairness = JSON.parse(JSON.stringify(system.fairness), (_, value) => (value === asked ? less : value));
  const weaker = { ...system, fairness };
  return system.properties
    .filter(isProgress)
    .some((property) => !violatesProgress(system, nodes, property) && violatesProgress(weaker, nodes, property));
}
