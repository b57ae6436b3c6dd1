/** One system in Faultline and, exported, in SPIN and Rumur: do they say the same? */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../src/explore/check.ts';
import { labelsFromRumur, labelsFromSpin, scheduleFromLabels } from '../../src/export/import.ts';
import { type Model, modelOf } from '../../src/export/model.ts';
import { toMurphi } from '../../src/export/murphi.ts';
import { toPromela } from '../../src/export/promela.ts';
import { exploreSpace, IncompleteSpace } from '../../src/export/space.ts';
import type { System } from '../../src/system/system.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { type Found, runRumur, runSpin, type ToolOptions } from './tools.ts';

export interface Comparison {
  readonly name: string;
  readonly ours: Omit<Found, 'property'> & { readonly property?: string | undefined };
  /** All states, also those beyond a violation; undefined when there are too many for this. */
  readonly all?: { readonly states: number; readonly steps: number } | undefined;
  readonly spin: Found;
  readonly rumur: Found;
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
}

/** @param folder for the files of the tools; it must exist */
export async function compare(
  name: string,
  system: System,
  folder: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  const started = performance.now();
  const { allStatesMax = 30_000, depthFirst = false, ...rest } = options;
  // The tools know nothing of names.
  const result = await check(system, { symmetry: false });
  const { verdict, property, states, steps, depth, path } = result;
  if (verdict !== 'holds' && verdict !== 'violated') throw new Error(`${name}: ${verdict}`);
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

  const isViolated = traceLength !== undefined;
  // Two levels more than the violation needs: SPIN finds it when it expands the last state, with a step of its own.
  const model = modelOf(await exploreSpace(system, isViolated ? { depth: traceLength + 1 } : {}));
  const tools = await both(model, join(folder, 'verdict'), { ...rest, states: model.states });
  for (const [tool, found] of Object.entries(tools)) {
    differs(tool, 'verdict', found.verdict, verdict);
    if (!isViolated) {
      differs(tool, 'states', found.states, states);
      differs(tool, 'steps', found.steps, steps);
      if (found.depth !== undefined) differs(tool, 'depth', found.depth, depth);
      continue;
    }
    differs(tool, 'trace length', found.traceLength, traceLength);
    if (found.property === 0) differences.push(`${tool}: reports something that is no property`);
    if (found.trace === undefined) continue;
    const labels = tool === 'spin' ? labelsFromSpin(found.trace) : labelsFromRumur(found.trace);
    const { violated } = replaySchedule(system, scheduleFromLabels(system, labels));
    const violatedThere = model.properties.find(({ number }) => number === found.property)?.name ?? 'nothing';
    if (!violated.includes(violatedThere)) {
      differences.push(
        `${tool}: its trace, replayed, violates ${violated.join(', ') || 'nothing'}, not ${violatedThere}`,
      );
    }
  }
  let all: Comparison['all'];
  const whole = isViolated ? await wholeModel(system, allStatesMax) : model;
  if (whole && (isViolated || depthFirst)) {
    all = { states: whole.states, steps: whole.steps };
    const bare = { ...whole, properties: [] };
    const found: Record<string, Found> = isViolated
      ? await both(bare, join(folder, 'all'), { ...rest, states: whole.states })
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
  return { name, ours, all, ...tools, differences, seconds: (performance.now() - started) / 1000 };
}

async function both(model: Model, folder: string, options: ToolOptions): Promise<{ spin: Found; rumur: Found }> {
  return inFolder(folder, async (path) => ({
    spin: await runSpin(path, toPromela(model, []), options),
    rumur: await runRumur(path, toMurphi(model, []), options),
  }));
}

function inFolder<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  mkdirSync(path, { recursive: true });
  return use(path);
}

/** Undefined when there are too many states, or a model error hides behind the violation. */
async function wholeModel(system: System, maxStates: number): Promise<Model | undefined> {
  try {
    return modelOf(await exploreSpace(system, { maxStates }));
  } catch (error) {
    if (error instanceof IncompleteSpace) return undefined;
    if (error instanceof Error && error.name === 'ModelError') return undefined;
    throw error;
  }
}
