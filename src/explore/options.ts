/**
 * What a check can be asked for: the kind of each option's value, and which options go together. The one referee: whoever takes
 * options in other words, as the command line does, has it judge them and says how it spells them.
 */
import { closest } from '../system/errors.ts';
import { BIT_SET_BYTES_MAX } from './bit-set.ts';
import type { CheckOptions, SearchKind, StoreKind } from './check.ts';

/** Bytes of a bit array. */
export const DEFAULT_BITS = 64 * 2 ** 20;

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

const OWN_SPELLING: Spelling = {
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
  checkpoint: record('{ every, title, save }', () => true),
  resume: record('what `decodeCheckpoint` or `save` gave', ({ identity, snapshot }) => Boolean(identity && snapshot)),
  origin: record('texts by name', (texts) => Object.values(texts).every((text) => typeof text === 'string')),
  signal: record('an AbortSignal', ({ aborted }) => typeof aborted === 'boolean'),
  onProgress: callable,
  clock: callable,
};

/**
 * Judges options before a search. What is `undefined` is left out.
 *
 * @throws OptionsError for the first thing that is wrong with them
 */
export function judgeOptions(options: CheckOptions, spelling: Spelling = OWN_SPELLING): void {
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
  judgeStore(options, spelling);
  judgeSearch(options, spelling);
  judgeReductions(options, spelling);
  judgeAllViolations(options, spelling);
  judgeCheckpoints(options, spelling);
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

/** The search that a store is for. */
const SEARCH_OF = { 'hash-compact': 'breadth-first', bitstate: 'depth-first' } as const;

/** How the states are searched: what keeps only a part of them goes its own way. */
export function searchKindOf({ search, store = 'exact' }: Pick<CheckOptions, 'search' | 'store'>): SearchKind {
  return search ?? (store === 'exact' ? 'breadth-first' : SEARCH_OF[store]);
}

function judgeStore(options: CheckOptions, { option, search: spellSearch, store: spellStore, kinds }: Spelling): void {
  const { store = 'exact', search, bits, maxBytes } = options;
  if (store !== 'bitstate') {
    const extra = given(options, 'bits', 'swarm');
    if (extra) throw new OptionsError(`${option(extra)} is for bit arrays: it goes with ${spellStore('bitstate')}`);
  }
  if (store === 'exact') return;
  const only = SEARCH_OF[store];
  if (search !== undefined && search !== only) {
    throw new OptionsError(
      `${spellStore(store)} does not go with ${spellSearch(search)}: its search is ${kinds[only]}`,
      'leave the search out',
    );
  }
  if (options.threads) {
    throw new OptionsError(`${option('threads')} does not go with ${spellStore(store)}: it runs in one thread`);
  }
  if (store === 'bitstate' && maxBytes !== undefined && (bits ?? DEFAULT_BITS) >= maxBytes) {
    throw new OptionsError(
      `a bit array of ${megabytes(bits ?? DEFAULT_BITS)} does not fit into ${option('maxBytes')}, ${megabytes(maxBytes)}`,
      `make it smaller by ${option('bits')}`,
    );
  }
}

function judgeSearch(options: CheckOptions, { option, search: spellSearch, store: spellStore }: Spelling): void {
  const search = searchKindOf(options);
  if (search !== 'random') {
    const extra = given(options, 'walks', 'maxSteps');
    if (extra) throw new OptionsError(`${option(extra)} is for random walks: it goes with ${spellSearch('random')}`);
    if (options.seed !== undefined && options.store !== 'bitstate') {
      const two = `${spellSearch('random')} or ${spellStore('bitstate')}`;
      throw new OptionsError(`${option('seed')} is for random choices: it goes with ${two}`);
    }
  } else if (Number.isFinite(options.maxStates)) {
    throw new OptionsError(
      `${option('maxStates')} does not go with ${spellSearch('random')}: random walks keep no states`,
      `bound them by ${option('walks')} and ${option('maxSteps')}, or by ${option('maxSeconds')}`,
    );
  }
  if (options.threads && search !== 'breadth-first') {
    throw new OptionsError(
      `${option('threads')} goes with ${spellSearch('breadth-first')}, got ${spellSearch(search)}`,
    );
  }
}

function judgeReductions(options: CheckOptions, { option }: Spelling): void {
  const reduction = given(options, 'partialOrder', 'chains');
  if (!reduction) return;
  const name = option(reduction);
  if (!keepsWholeLevels(options))
    throw new OptionsError(`${name} is for a breadth-first search that keeps whole states`);
  if (options.coverage) {
    throw new OptionsError(
      `${name} does not go with ${option('coverage')}: the steps that it leaves out would count as not covered`,
    );
  }
  const other = given(options, 'resume', 'checkpoint');
  if (other) throw new OptionsError(`${name} does not go with ${option(other)}: what it has left out is not saved`);
}

function judgeAllViolations(options: CheckOptions, { option }: Spelling): void {
  if (!options.allViolations) return;
  const name = option('allViolations');
  if (!keepsWholeLevels(options)) {
    throw new OptionsError(
      `${name} is for a breadth-first search that keeps whole states`,
      `with another one, ask for one property at a time by ${option('properties')}`,
    );
  }
  const reduction = given(options, 'partialOrder', 'chains');
  if (!reduction) return;
  throw new OptionsError(
    `${option(reduction)} does not go with ${name}: it does not keep the lengths of paths, and looks for one violation only`,
    'leave it out',
  );
}

function judgeCheckpoints(options: CheckOptions, { option }: Spelling): void {
  const other = given(options, 'resume', 'checkpoint');
  if (!other) return;
  if (!keepsWholeLevels(options)) {
    throw new OptionsError(`${option(other)} is for a breadth-first search that keeps whole states`);
  }
  if (options.coverage) {
    throw new OptionsError(
      `${option('coverage')} does not go with ${option(other)}: a checkpoint does not know what has occurred`,
    );
  }
}

function keepsWholeLevels(options: CheckOptions): boolean {
  return (options.store ?? 'exact') === 'exact' && searchKindOf(options) === 'breadth-first';
}

/** The first of some options that is asked for. */
function given<Name extends keyof CheckOptions>(options: CheckOptions, ...names: readonly Name[]): Name | undefined {
  return names.find((name) => options[name] !== undefined && options[name] !== false);
}

function megabytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MB` : `${bytes} bytes`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null
    ? Array.isArray(value)
      ? 'an array'
      : 'an object'
    : String(value);
}
