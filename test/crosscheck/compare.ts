/** One system in Faultline and, exported, in SPIN and Rumur: do they say the same? */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../src/explore/check.ts';
import { type ForeignTrace, scheduleOfForeign, traceFromRumur, traceFromSpin } from '../../src/export/import.ts';
import { isProgress, type Model, modelOf } from '../../src/export/model.ts';
import { toMurphi } from '../../src/export/murphi.ts';
import { leftOutOfPromela, toPromela } from '../../src/export/promela.ts';
import { exploreSpace, IncompleteSpace } from '../../src/export/space.ts';
import type { System } from '../../src/system/system.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { SafetyProperties } from '../../src/trace/safety.ts';
import { type Found, runRumur, runSpin, runSpinProgress, type ToolOptions } from './tools.ts';

export interface Comparison {
  readonly name: string;
  readonly ours: Omit<Found, 'property'> & { readonly property?: string | undefined };
  /** All states up to violations; undefined when there are too many for this. */
  readonly all?: { readonly states: number; readonly steps: number } | undefined;
  /** Undefined for several initial states, of which SPIN knows nothing. */
  readonly spin?: Found;
  readonly rumur?: Found;
  /** Properties of progress on which SPIN was asked, and what it said; those that cannot be said in SPIN are named. */
  readonly progress: Readonly<Record<string, 'holds' | 'violated' | 'not expressible'>>;
  /** What differs, in words; none when all agree. */
  readonly differences: readonly string[];
  readonly seconds: number;
}

export interface CompareOptions {
  readonly optimise?: string;
  /** Depth-first as well, when all states are compared. */
  readonly depthFirst?: boolean;
  /** Of violated systems, compare all states when there are at most so many. */
  readonly allStatesMax?: number;
  /** Only this one of the tools, which saves the time to compile for the other; of progress only SPIN says something. */
  readonly tool?: 'spin' | 'rumur';
}

/** With fewer states, the compiler takes longer for fast code than that saves. */
const WORTH_OPTIMISING = 200_000;

/** @param folder for the files of the tools; it must exist */
export async function compare(
  name: string,
  system: System,
  folder: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  const started = performance.now();
  const { allStatesMax = 30_000, depthFirst = false, tool: only, ...given } = options;
  // The tools know nothing of names.
  const result = await check(system, { symmetry: false });
  const { verdict, property, states, steps, depth, path } = result;
  if (verdict !== 'holds' && verdict !== 'violated') throw new Error(`${name}: ${verdict}`);
  const rest = { optimise: states < WORTH_OPTIMISING ? '-O0' : '-O2', ...given };
  const traceLength = path?.steps.length;
  const ours = {
    verdict,
    states,
    steps,
    depth,
    ...(verdict === 'violated' && { property, traceLength: traceLength ?? 0 }),
  };
  const differences: string[] = [];
  const differs = (where: string, what: string, theirs: unknown, own: unknown) => {
    if (theirs !== own) differences.push(`${where}: ${what} ${theirs}, ours ${own}`);
  };

  const last = path && (path.steps.at(-1)?.state ?? path.initial);
  const inLast = last && !result.deadEnd ? new SafetyProperties(result.tables).violatedIn(last) : [];
  const kind = result.properties.find(({ name: of }) => of === property)?.kind;
  const progressViolated =
    PROGRESS.has(kind ?? '') || (kind === 'monitor' && !result.deadEnd && !inLast.includes(property ?? ''));
  // A run that goes on or stops violates nothing in the states that the search went through, which were all.
  const isViolated = traceLength !== undefined && !progressViolated;
  const model = modelOf(await exploreSpace(system, isViolated ? { depth: traceLength } : {}));
  const tools = await ask(model, join(folder, 'verdict'), { ...rest, states: model.states }, only);
  for (const [tool, found] of Object.entries(tools)) {
    differs(tool, 'verdict', found.verdict, isViolated ? 'violated' : 'holds');
    if (!isViolated) {
      differs(tool, 'states', found.states, states);
      differs(tool, 'steps', found.steps, steps);
      if (found.depth !== undefined) differs(tool, 'depth', found.depth, depth);
      continue;
    }
    differs(tool, 'trace length', found.traceLength, traceLength);
    if (found.property === 0) differences.push(`${tool}: reports something that is no property`);
    if (found.trace === undefined) continue;
    const trace = tool === 'spin' ? traceFromSpin(found.trace) : traceFromRumur(found.trace);
    const violatedThere = model.properties.find(({ number }) => number === found.property)?.name ?? 'nothing';
    replays(tool, trace, violatedThere);
  }
  const progress: Record<string, 'holds' | 'violated' | 'not expressible'> = {};
  const whole = isViolated ? await wholeModel(system, allStatesMax) : model;
  if (only !== 'rumur' && whole?.properties.some(isProgress) && forSpin(whole)) {
    // A hot monitor has one name for what must never happen and what must not last.
    const asked = whole.properties.filter(isProgress);
    const text = toPromela(whole, []);
    const sayable = asked.filter(({ number }) => text.includes(`ltl property_${number} {`));
    if (sayable.length + leftOutOfPromela(whole).length !== asked.length) differences.push('spin: a property is lost');
    for (const { name: of } of asked) progress[of] = 'not expressible';
    const said = await inFolder(join(folder, 'progress'), (path) =>
      runSpinProgress(
        path,
        text,
        sayable.map(({ number }) => number),
        // A claim has some states of its own, with each of which it may meet each of these.
        { ...rest, depth: Math.min(5e6, 100_000 + 100 * whole.states) },
      ),
    );
    for (const { number, name: of } of sayable) {
      const found = said.get(number)!;
      progress[of] = found.verdict;
      // The first violation ends the search here: of the others nothing is known, nor whether the same monitor is hot for ever.
      const own = isViolated ? undefined : result.properties.find((one) => one.name === of)?.status;
      if (own === 'holds' || own === 'violated') differs('spin, progress', `"${of}"`, found.verdict, own);
      if (found.trace !== undefined) replays('spin, progress', traceFromSpin(found.trace), of);
    }
  }
  let all: Comparison['all'];
  if (whole && (isViolated || (depthFirst && forSpin(whole)))) {
    all = { states: whole.states, steps: whole.steps };
    const bare = { ...whole, properties: [] };
    const found: Record<string, Found> = isViolated
      ? await ask(bare, join(folder, 'all'), { ...rest, states: whole.states }, only)
      : {
          'spin dfs': await inFolder(join(folder, 'dfs'), (path) =>
            runSpin(path, toPromela(model, []), { ...rest, search: 'depth-first', states: model.states }),
          ),
        };
    for (const [tool, { states, steps }] of Object.entries(found)) {
      differs(`${tool}, all states`, 'states', states, whole.states);
      differs(`${tool}, all states`, 'steps', steps, whole.steps);
    }
  }
  return { name, ours, all, ...tools, progress, differences, seconds: (performance.now() - started) / 1000 };

  function replays(tool: string, trace: ForeignTrace, wanted: string): void {
    const { violated } = replaySchedule(system, scheduleOfForeign(system, trace));
    if (violated.includes(wanted)) return;
    differences.push(`${tool}: its trace, replayed, violates ${violated.join(', ') || 'nothing'}, not ${wanted}`);
  }
}

const PROGRESS: ReadonlySet<string> = new Set(['eventually', 'leadsTo', 'infinitelyOften']);

/** Both tools, or the one; what SPIN cannot say, Rumur is asked. */
async function ask(
  model: Model,
  folder: string,
  options: ToolOptions,
  only: 'spin' | 'rumur' | undefined,
): Promise<{ spin?: Found; rumur?: Found }> {
  const bySpin = only !== 'rumur' && forSpin(model);
  return inFolder(folder, async (path) => ({
    ...(bySpin && { spin: await runSpin(path, toPromela(model, []), options) }),
    ...((only !== 'spin' || !bySpin) && { rumur: await runRumur(path, toMurphi(model, []), options) }),
  }));
}

function forSpin({ starts }: Model): boolean {
  return starts.length === 1;
}

function inFolder<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  mkdirSync(path, { recursive: true });
  return use(path);
}

/** Undefined when there are too many states, or a model error hides beside the violation. */
async function wholeModel(system: System, maxStates: number): Promise<Model | undefined> {
  try {
    return modelOf(await exploreSpace(system, { maxStates }));
  } catch (error) {
    if (error instanceof IncompleteSpace) return undefined;
    if (error instanceof Error && error.name === 'ModelError') return undefined;
    throw error;
  }
}
