/**
 * What a check can be asked for, and the kind of each option's value. Which options go together is for `plan.ts` to say.
 */
import { closest } from '../system/errors.ts';
import { BIT_SET_BYTES_MAX } from './bit-set.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CostlyPart } from './costly.ts';
import type { ResidentOptions } from './memory.ts';
import type { Threads } from './threads.ts';

/**
 * - `breadth-first`: near states first; every path to a violation is the shortest.
 * - `depth-first`: goes far at once, and covers the same states in the end.
 * - `random`: random walks that remember nothing, for spaces that are too large to be searched.
 *
 * The last two come by long paths, and shorten them.
 */
export type SearchKind = 'breadth-first' | 'depth-first' | 'random';

/**
 * - `exact`: whole states.
 * - `hash-compact`: of each state 64 bits, breadth-first; `holds` comes with the probability that a state was missed.
 * - `bitstate`: of each state three bits in an array of fixed size, depth-first; never says `holds`.
 */
export type StoreKind = 'exact' | 'hash-compact' | 'bitstate';

export interface CheckOptions {
  /**
   * The properties to be judged, by name; the absence of deadlock, where a system asks for it, is one (`DEADLOCK_PROPERTY`). The
   * others are left out of the search: their monitors have no states, and what lies behind their violations is searched. Default: all.
   */
  readonly properties?: readonly string[];
  /**
   * Whether a breadth-first search of exact states goes on after a violation, until every property is decided: then each one's verdict
   * and the length of its trace are those of a search for it alone; only a cycle may be longer, of a system with monitors. Default: false.
   */
  readonly allViolations?: boolean;
  /** Default: breadth-first, but depth-first with `bitstate`. */
  readonly search?: SearchKind;
  /** What is kept of the states. Default: exact. */
  readonly store?: StoreKind;
  /** For `bitstate`: bytes of the bit array, at most 2 GiB. Default: 64 MiB. */
  readonly bits?: number;
  /** For `bitstate`: how many searches to make one after the other, with the seeds from `seed` on. Default: 1. */
  readonly swarm?: number;
  /** For random walks and `bitstate`: a whole number of at least 0 that stands for all random choices. Default: 1. */
  readonly seed?: number;
  /** For random walks: how many. Default: 1000. */
  readonly walks?: number;
  /** For random walks: the length of one that meets no dead end. Default: 1000. */
  readonly maxSteps?: number;
  /**
   * Worker threads of a breadth-first search, used where a level is large. Everything but the time is the same for any number.
   * The caller closes them. Default: none.
   */
  readonly threads?: Threads;
  /**
   * Whether a breadth-first search makes use of the symmetry that the system declares: it stores one of the states that differ
   * only in the names of interchangeable things. Verdicts and lengths of paths are the same. Default: true.
   */
  readonly symmetry?: boolean;
  /** Whether to keep account of what occurs in steps, for `coverageOf`. Not with `resume`. Default: false. */
  readonly coverage?: boolean;
  /**
   * Whether a breadth-first search of exact states follows only some of the steps of a state, where the order of the others makes no
   * difference to any property. Verdicts are the same. It rarely pays (docs/engine.md). Default: false.
   */
  readonly partialOrder?: boolean;
  /** Whether it leaves out states in which only one step is to be followed. Default: false. */
  readonly chains?: boolean;
  /** Stop with `unknown` when more states are found. Default: no bound. Not for random walks, which keep no states. */
  readonly maxStates?: number;
  /** Stop with `unknown` after this many seconds. Default: no bound. */
  readonly maxSeconds?: number;
  /** Stop with `unknown` before states, parents and tables need more bytes. What machines keep in their contexts is not counted. Default: 4 GiB. */
  readonly maxBytes?: number;
  /**
   * Stop with `unknown` before the process needs more memory: with contexts, the caller's own things and garbage, which
   * `maxBytes` cannot see. Default: no bound.
   */
  readonly resident?: ResidentOptions;
  /**
   * A directory for states of a breadth-first search that keeps whole ones: levels that are over go there, and sets of states when
   * half of the memory is taken. Files have no names, so that nothing is left there. Slower than memory; the same is found.
   */
  readonly spill?: string;
  /** Saves what a breadth-first search with exact states has done, so that it can be resumed. */
  readonly checkpoint?: {
    /** Seconds between two checkpoints; one more is saved when the search is stopped by `signal` or `maxSeconds`; not by `maxStates` or memory, within a step. */
    readonly every: number;
    /** For the user: what is searched. */
    readonly title: string;
    /** Takes a checkpoint, for `encodeCheckpoint` before it returns. What it throws ends the check. */
    save(checkpoint: Checkpoint): void;
  };
  /**
   * Goes on from there instead of starting anew; `maxSeconds` counts from now on. Properties are asked about all its states
   * again, and machines about all that they were asked.
   */
  readonly resume?: Checkpoint;
  /**
   * For `checkpoint` and `resume`: where the system comes from, texts by name, as digests of its sources and the values of its
   * parameters. A checkpoint with other ones is refused. The text of functions is compared anyway, but not what they refer to.
   */
  readonly origin?: Readonly<Record<string, string>>;
  /** Stops the search soon, with `unknown`. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds that pass; tests give their own. */
  readonly clock?: () => number;
}

export interface Progress {
  readonly search: SearchKind;
  /**
   * `preparing`: the search has not begun; told once, at the start. `states`: they are being searched. `cycles`: they all are known, and fair
   * cycles are being looked for. `over`: nothing more is searched, and no bound counts any more; told once.
   */
  readonly phase: 'preparing' | 'states' | 'cycles' | 'over';
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** States to be expanded; for random walks, walks to be made; for cycles, states to be looked at, once for each property. */
  readonly waiting: number;
  /** About how many levels are left, where that can be told. */
  readonly levelsLeft?: number;
  readonly bytes: number;
  readonly seconds: number;
  /** What makes it slow, as in `CheckResult.costly`: the part with most values. */
  readonly costliest?: CostlyPart;
}

/** Options that make no sense; the message says what was got and what was expected, the hint what to do, where that helps. */
export class OptionsError extends TypeError {
  override readonly name = 'OptionsError';
  readonly hint: string;

  constructor(message: string, hint = '') {
    super(message);
    this.hint = hint;
  }
}

/** How an option is called, alone or with a value that is a word. */
export interface Spelling {
  option(name: keyof CheckOptions): string;
  search(kind: SearchKind): string;
  store(kind: StoreKind): string;
  /** A kind of search by itself. */
  readonly kinds: Readonly<Record<SearchKind, string>>;
}

export const OWN_SPELLING: Spelling = {
  option: (name) => name,
  search: (kind) => `search: '${kind}'`,
  store: (kind) => `store: '${kind}'`,
  kinds: { 'breadth-first': 'breadth-first', 'depth-first': 'depth-first', random: 'random' },
};

interface Kind {
  readonly expected: string;
  fits(value: unknown): boolean;
}

const oneOf = (...words: readonly string[]): Kind => ({
  expected: words.map((word) => `'${word}'`).join(' or '),
  fits: (value) => words.includes(value as string),
});
const whole = (min: number, max = Number.MAX_SAFE_INTEGER): Kind => ({
  expected:
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
  fits: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
});
const orInfinity = ({ expected, fits }: Kind): Kind => ({
  expected,
  fits: (value) => value === Number.POSITIVE_INFINITY || fits(value),
});
const above0 = (what: string): Kind => ({
  expected: `${what} above 0`,
  fits: (value) => typeof value === 'number' && value > 0,
});
const flag: Kind = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };
const callable: Kind = { expected: 'a function', fits: (value) => typeof value === 'function' };
const record = (expected: string, fits: (value: Readonly<Record<string, unknown>>) => boolean): Kind => ({
  expected,
  fits: (value) => typeof value === 'object' && value !== null && fits(value as Readonly<Record<string, unknown>>),
});

const CHECKPOINT: Readonly<Record<keyof NonNullable<CheckOptions['checkpoint']>, Kind>> = {
  every: above0('a number of seconds'),
  title: { expected: 'a text', fits: (value) => typeof value === 'string' },
  save: callable,
};

const KINDS: Readonly<Record<keyof CheckOptions, Kind>> = {
  properties: {
    expected: 'a list of names of properties, one at least',
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string'),
  },
  allViolations: flag,
  search: oneOf('breadth-first', 'depth-first', 'random'),
  store: oneOf('exact', 'hash-compact', 'bitstate'),
  bits: whole(1, BIT_SET_BYTES_MAX),
  swarm: whole(1),
  seed: whole(0),
  walks: whole(1),
  maxSteps: whole(1),
  threads: record('what `new Threads(count)` makes', ({ expand }) => typeof expand === 'function'),
  symmetry: flag,
  coverage: flag,
  partialOrder: flag,
  chains: flag,
  maxStates: orInfinity(whole(1)),
  maxSeconds: above0('a number of seconds'),
  maxBytes: above0('a number of bytes'),
  resident: record(
    '{ bytesMax, measure, collect? }',
    ({ bytesMax, measure, collect }) =>
      typeof bytesMax === 'number' &&
      bytesMax > 0 &&
      typeof measure === 'function' &&
      (collect === undefined || typeof collect === 'function'),
  ),
  spill: { expected: 'the name of a directory', fits: (value) => typeof value === 'string' && value !== '' },
  checkpoint: record('{ every, title, save }', () => true),
  resume: record('what `decodeCheckpoint` or `save` gave', ({ identity, snapshot }) => Boolean(identity && snapshot)),
  origin: record('texts by name', (texts) => Object.values(texts).every((text) => typeof text === 'string')),
  signal: record('an AbortSignal', ({ aborted }) => typeof aborted === 'boolean'),
  onProgress: callable,
  clock: callable,
};

/** @throws OptionsError for the first thing that is wrong with a value; what is `undefined` is left out */
export function judgeValues(options: CheckOptions, spelling: Spelling): void {
  if (typeof options !== 'object' || options === null)
    throw new OptionsError(`options: got ${shown(options)}, expected an object`);
  judgeKinds(options, KINDS, (name) => spelling.option(name as keyof CheckOptions));
  if (options.checkpoint) {
    judgeKinds(options.checkpoint, CHECKPOINT, (name) => `${spelling.option('checkpoint')}.${name}`);
    const missing = Object.keys(CHECKPOINT).find(
      (name) => options.checkpoint![name as keyof typeof CHECKPOINT] === undefined,
    );
    if (missing !== undefined) throw new OptionsError(`${spelling.option('checkpoint')}.${missing} is missing`);
  }
}

function judgeKinds(given: object, kinds: Readonly<Record<string, Kind>>, spell: (name: string) => string): void {
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (!kind) {
      const names = Object.keys(kinds);
      const guess = closest(name, names);
      const hint = guess === undefined ? `there are: ${names.join(', ')}` : `did you mean ${spell(guess)}?`;
      throw new OptionsError(`there is no option ${spell(name)}`, hint);
    }
    if (value !== undefined && !kind.fits(value)) {
      throw new OptionsError(`${spell(name)}: got ${shown(value)}, expected ${kind.expected}`);
    }
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null
    ? Array.isArray(value)
      ? 'an array'
      : 'an object'
    : String(value);
}
