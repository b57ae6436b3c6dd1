/** The options of a search as `check` calls them. Which of them go together is for the library's referee to say. */
import { availableParallelism } from 'node:os';
import { type CheckOptions, OptionsError, type SearchKind, type Spelling } from '../explore/options.ts';
import { judgeOptions, takesThreads } from '../explore/plan.ts';
import { Threads } from '../explore/threads.ts';
import { UsageError } from './errors.ts';
import { type BoundOptions, boundsOf } from './jobs.ts';
import { parseBytes, parseCount, parseSeed } from './text.ts';

export interface SearchOptions extends BoundOptions {
  readonly search?: string;
  readonly seed?: string;
  readonly walks?: string;
  readonly maxSteps?: string;
  readonly workers?: string;
  readonly hashCompact?: true;
  readonly bitstate?: true;
  readonly bits?: string;
  readonly swarm?: string;
  /** False when it is switched off. */
  readonly symmetry: boolean;
  readonly partialOrder?: true;
  readonly chains?: true;
  readonly allViolations?: true;
  readonly spill?: string;
  readonly checkpoint?: string;
  readonly resume?: string;
}

const WORKERS_MAX = 256;

const SEARCHES = new Map<string, SearchKind>([
  ['bfs', 'breadth-first'],
  ['dfs', 'depth-first'],
  ['random', 'random'],
]);
const KINDS = { 'breadth-first': 'bfs', 'depth-first': 'dfs', random: 'random' } as const;

/**
 * What the command line asks for, but for where checkpoints go; the caller closes the threads.
 *
 * @throws UsageError
 */
export function searchOptionsOf(options: SearchOptions, coverage: boolean): CheckOptions {
  const { search: name, hashCompact, bitstate, bits, swarm, seed, walks, maxSteps, symmetry } = options;
  const search = name === undefined ? undefined : SEARCHES.get(name);
  if (name !== undefined && !search) {
    throw new UsageError(`--search ${name}: got ${JSON.stringify(name)}, expected bfs, dfs or random`);
  }
  if (hashCompact && bitstate) throw new UsageError('--hash-compact does not go with --bitstate', 'choose one of them');
  const asked: CheckOptions = {
    ...boundsOf(options),
    ...(search && { search }),
    ...(hashCompact && { store: 'hash-compact' }),
    ...(bitstate && { store: 'bitstate' }),
    ...(bits !== undefined && { bits: parseBytes('--bits', bits) }),
    ...(swarm !== undefined && { swarm: parseCount('--swarm', swarm) }),
    ...(seed !== undefined && { seed: parseSeed('--seed', seed) }),
    ...(walks !== undefined && { walks: parseCount('--walks', walks) }),
    ...(maxSteps !== undefined && { maxSteps: parseCount('--max-steps', maxSteps) }),
    symmetry,
    coverage,
    ...(options.partialOrder && { partialOrder: true }),
    ...(options.chains && { chains: true }),
    ...(options.allViolations && { allViolations: true }),
    ...(options.spill !== undefined && { spill: options.spill }),
  };
  const threads = threadsOf(options);
  const isAsked = options.workers !== undefined;
  judge({ ...asked, ...(isAsked && { threads }), ...standIns(options) }, spellingOf(options));
  return { ...asked, ...(threads.count > 1 && takesThreads(asked) && { threads }) };
}

/** @throws UsageError instead of `OptionsError` */
function judge(options: CheckOptions, spelling: Spelling): void {
  try {
    judgeOptions(options, spelling);
  } catch (error) {
    if (error instanceof OptionsError) throw new UsageError(error.message, error.hint);
    throw error;
  }
}

/** What goes together does not depend on what a checkpoint holds, so nothing is read or made for what makes no sense. */
function standIns({ checkpoint, resume }: SearchOptions): CheckOptions {
  return {
    ...(resume !== undefined && {
      resume: { identity: {}, snapshot: {} } as unknown as NonNullable<CheckOptions['resume']>,
    }),
    ...(checkpoint !== undefined && { checkpoint: { every: 1, title: '', save: () => {} } }),
  };
}

function spellingOf({ maxMemory }: SearchOptions): Spelling {
  const names: Partial<Record<keyof CheckOptions, string>> = {
    threads: '--workers',
    maxBytes: maxMemory === undefined ? "half of the machine's memory" : `--max-memory ${maxMemory}`,
    coverage: 'coverage',
    properties: '--property',
  };
  return {
    option: (name) => names[name] ?? `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    search: (kind) => `--search ${KINDS[kind]}`,
    store: (kind) => `--${kind}`,
    kinds: KINDS,
  };
}

/** One is no thread but the main one. */
function threadsOf({ workers }: SearchOptions): Threads {
  const count = workers === undefined ? availableParallelism() : parseCount('--workers', workers);
  if (count > WORKERS_MAX) throw new UsageError(`--workers ${workers}: got ${count}, expected at most ${WORKERS_MAX}`);
  return new Threads(count);
}
