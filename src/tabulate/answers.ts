/**
 * Asking functions of the modeller's that must be functions of what they are shown: predicates, `rest`, `where`.
 *
 * Each is asked twice, at first always and later now and then. First it is shown what there is, deeply frozen. Then it is shown
 * copies that it could write to, whose keys are in the reverse order, at another time and with other random numbers. It must give
 * the same answer, and leave the copies as they were: an assignment to what is frozen goes unnoticed where the code is not strict.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { ModelError, textOf } from '../system/errors.ts';
import { type MessagePattern, selects } from '../system/property.ts';
import { checkEvent, checkStateValue, checkTag } from '../system/state-names.ts';
import { inPerturbedWorld } from './perturb.ts';
import { copyOf, deepFreeze, orderedKey, reversedCopyOf } from './plain.ts';
import type { LocalState } from './stepper.ts';

/** How a function is shown what it is asked about. */
export interface Showing {
  snapshot(actor: string, local: LocalState, asker: string): AnyMachineSnapshot;
  /** @param channel the slots of the channel that it is in; none where it is in no channel */
  data<T>(value: T, channel: readonly number[]): T;
}

/** Thrown through a function of the modeller's, and not by it. */
export class Interruption {}

/** As it is, and frozen. */
export const AS_IT_IS: Showing = {
  snapshot: (actor, local, asker) =>
    Object.freeze({ ...shown(actor, local, asker, deepFreeze), tags: FrozenTags.of(local.snapshot.tags) }),
  data: deepFreeze,
};

/** So many snapshots are kept to be shown again. */
const KEPT_MAX = 2 ** 14;

/** As it is, and frozen, to one asker, who is shown the same again and again. */
export class Originals implements Showing {
  readonly #snapshots = new Map<LocalState, { readonly actor: string; readonly shown: AnyMachineSnapshot }>();

  snapshot(actor: string, local: LocalState, asker: string): AnyMachineSnapshot {
    const known = this.#snapshots.get(local);
    if (known?.actor === actor) return known.shown;
    const made = AS_IT_IS.snapshot(actor, local, asker);
    if (this.#snapshots.size >= KEPT_MAX) this.#snapshots.clear();
    this.#snapshots.set(local, { actor, shown: made });
    return made;
  }

  data<T>(value: T): T {
    return deepFreeze(value);
  }
}

/** Tags that cannot be written to, which `Object.freeze` does nothing about. */
class FrozenTags extends Set<string> {
  static of(tags: ReadonlySet<string>): FrozenTags {
    const frozen = new FrozenTags();
    for (const tag of tags) Set.prototype.add.call(frozen, tag);
    return frozen;
  }

  override add(): never {
    throw new TypeError('tags are read only');
  }

  override delete(): never {
    throw new TypeError('tags are read only');
  }

  override clear(): never {
    throw new TypeError('tags are read only');
  }
}

class Copies implements Showing {
  readonly #copy: <T>(value: T) => T;
  readonly #snapshots = new Map<LocalState, { shown: AnyMachineSnapshot; pristine: AnyMachineSnapshot }>();
  readonly #data: { shown: unknown; original: unknown }[] = [];

  constructor(copy: <T>(value: T) => T) {
    this.#copy = copy;
  }

  snapshot(actor: string, local: LocalState, asker: string): AnyMachineSnapshot {
    let copy = this.#snapshots.get(local);
    if (!copy) {
      const made = shown(actor, local, asker, this.#copy);
      copy = { shown: made, pristine: { ...made } };
      this.#snapshots.set(local, copy);
    }
    return copy.shown;
  }

  data<T>(value: T): T {
    const copy = this.#copy(value);
    this.#data.push({ shown: copy, original: value });
    return copy;
  }

  /** Whether anything that was shown lists its keys in another order than what it is a copy of. */
  get reordered(): boolean {
    const parts = [...this.#snapshots.keys()].flatMap(({ snapshot }) => PLAIN_PARTS.map((part) => snapshot[part]));
    const all = [...parts, ...this.#data.map(({ original }) => original)];
    return all.some((original) => orderedKey(this.#copy(original)) !== orderedKey(original));
  }

  /** What has been written to; undefined when nothing has. */
  written(): string | undefined {
    for (const [local, { shown, pristine }] of this.#snapshots) {
      const keys = Object.keys(pristine) as (keyof AnyMachineSnapshot)[];
      const isSame =
        Object.keys(shown).length === keys.length &&
        keys.every((key) => shown[key] === pristine[key]) &&
        PLAIN_PARTS.every((part) => isDeepStrictEqual(shown[part], local.snapshot[part])) &&
        [...shown.tags].sort().join('\n') === [...local.snapshot.tags].sort().join('\n');
      if (!isSame) return 'a snapshot';
    }
    return this.#data.every((item) => isDeepStrictEqual(item.shown, item.original)) ? undefined : 'a message';
  }
}

const PLAIN_PARTS = ['value', 'context', 'output'] as const;

function shown(actor: string, local: LocalState, asker: string, show: <T>(value: T) => T): AnyMachineSnapshot {
  const { snapshot } = local;
  const { value, context, output, tags, machine } = snapshot;
  const matches = (wanted: unknown): boolean => {
    checkStateValue(machine.root, wanted, `${asker}: \`matches\` of actor "${actor}"`);
    return snapshot.matches(wanted as never);
  };
  const hasTag = (tag: string): boolean => {
    if (!tags.has(tag)) checkTag(machine, tag, `${asker}: \`hasTag\` of actor "${actor}"`);
    return tags.has(tag);
  };
  const can = (event: EventObject): boolean => {
    checkEvent(machine, event, `${asker}: \`can\` of actor "${actor}"`);
    return snapshot.can(event);
  };
  return {
    ...snapshot,
    value: show(value),
    context: show(context),
    output: show(output),
    tags: new Set(tags),
    matches,
    hasTag,
    can,
  } as unknown as AnyMachineSnapshot;
}

/** So many questions of an asker are asked twice, and then every so many: copies cost far more than an answer. */
const TWICE_AT_FIRST = 64;
const TWICE_EVERY = 64;

/** Whether the next of an asker's questions is to be asked twice, when so many have been asked. */
export function isAskedTwice(asked: number): boolean {
  return asked < TWICE_AT_FIRST || asked % TWICE_EVERY === 0;
}

/**
 * @param asker how errors name the function, as `property "no leak"`
 * @param ask called once or twice; the first time it is shown things by `originals`
 * @throws ModelError when it throws, is not a function of what it is shown, or changes that
 */
export function answerOf<T extends number | boolean>(
  asker: string,
  ask: (showing: Showing) => T,
  { twice = true, originals = AS_IT_IS }: { readonly twice?: boolean; readonly originals?: Showing } = {},
): T {
  const answer = guarded(asker, () => ask(originals));
  if (!twice) return answer;
  const copies = new Copies(reversedCopyOf);
  const again = inPerturbedWorld(() => guarded(asker, () => ask(copies)));
  const written = copies.written();
  if (written !== undefined) throw changes(asker, written);
  if (again.asked) {
    throw new ModelError(
      'not-repeatable',
      `${asker} ${again.asked === 'a clock' ? 'reads a clock' : 'draws a random number'}`,
      again.asked === 'a clock'
        ? 'it may depend on nothing but what it is shown: time that matters is a timer of an actor'
        : 'what may go one way or the other is a choice of an actor; a property only looks at states',
    );
  }
  if (again.result === answer) return answer;
  if (copies.reordered) {
    const unsorted = inPerturbedWorld(() => guarded(asker, () => ask(new Copies(copyOf))));
    if (unsorted.result === answer) throw readsOrder(asker);
  }
  throw twoAnswers(asker, answer, again.result);
}

export function twoAnswers(asker: string, one: number | boolean, other: number | boolean): ModelError {
  return new ModelError(
    'not-repeatable',
    `${asker} gave two answers to the same question: ${one} and ${other}`,
    'it may depend on nothing but what it is shown: no clock, no variable that changes, no comparison of objects by ===',
  );
}

/** @throws ModelError for what counts as true whatever is in it, as the promise of an `async` function does */
export function truthOf(asker: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (isThenable(value)) {
    throw new ModelError(
      'bad-definition',
      `${asker} returns a promise, which counts as true whatever comes of it`,
      'expected true or false: take away `async`, and wait for nothing',
    );
  }
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol') {
    const got = Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
    throw new ModelError(
      'bad-definition',
      `${asker} returns ${got}, which counts as true whatever is in it`,
      'expected true or false',
    );
  }
  return Boolean(value);
}

/** What `selects` says, of a pattern whose `where` must be a function of the message. */
export function selectsSurely(asker: string, pattern: MessagePattern, receiver: string, event: EventObject): boolean {
  const { where } = pattern;
  if (!where || !selects({ ...pattern, where: () => true }, receiver, event)) return selects(pattern, receiver, event);
  return answerOf(asker, (showing) => truthOf(asker, where.call(pattern, showing.data(event, []) as never)));
}

export function isThenable(value: unknown): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

export function readsOrder(asker: string): ModelError {
  return new ModelError(
    'not-repeatable',
    `${asker} depends on the order of the keys of an object: states that differ in nothing else are the same`,
    'sort the keys before going through them, or keep an array',
  );
}

function guarded<T>(asker: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ModelError || error instanceof Interruption) throw error;
    if (isRefusedWrite(error)) throw changes(asker);
    throw new ModelError('exception', `${asker} threw: ${textOf(error)}`, 'a predicate must not throw', {
      cause: error,
    });
  }
}

/** What strict code throws when it writes to something frozen. */
export function isRefusedWrite(error: unknown): boolean {
  return (
    error instanceof TypeError && /read only|not extensible|Cannot (add|delete|redefine) property/.test(error.message)
  );
}

function changes(asker: string, what?: string): ModelError {
  return new ModelError(
    'not-repeatable',
    `${asker} changes ${what === undefined ? 'what' : `${what} that`} it is shown`,
    'a property only looks: write === to compare, and copy a list before sorting it',
  );
}
