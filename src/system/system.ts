/**
 * A system as data: named actors (XState machines), the channels between them, what may start on its own, which
 * messages block, and what must hold. Nothing here runs; `tabulate` steps it, `explore` searches it.
 *
 * The semantics in one paragraph. A *step* is one choice, one fired timer, or one delivery from a channel, and
 * everything synchronous that follows from it, in XState's own run-to-completion order. A send that a channel declares
 * goes into that channel; every other send is taken by its receiver within the same step. A message of a `blocking`
 * type that its receiver cannot take now disables the whole step; any other message without a transition is a model
 * error. A choice is enabled where its machine has a transition for it that does something.
 */
import type { AnyStateMachine, EventFromLogic, EventObject, InputFrom, SnapshotFrom } from 'xstate';
import { definedHere } from './definition-site.ts';
import { closest, ModelError } from './errors.ts';
import {
  always,
  eventually,
  type Fairness,
  happens,
  infinitelyOften,
  leadsTo,
  monitor,
  type Property,
  type PropertyBuilders,
  reachable,
} from './property.ts';

/** A machine with its input, and what the actor may do on its own. Its name is its key in `actors`. */
export interface Actor<M extends AnyStateMachine = AnyStateMachine> {
  readonly machine: M;
  readonly input?: unknown;
  readonly choices: readonly EventObject[];
  readonly rest: readonly string[] | ((snapshot: SnapshotFrom<AnyStateMachine>) => boolean) | undefined;
}

export interface ActorOptions<M extends AnyStateMachine> {
  input?: InputFrom<M>;
  /** Events that the actor or its environment may start whenever the machine has a transition for them. */
  choices?: readonly EventFromLogic<M>[];
  /**
   * Where the actor may stay for ever without it being a deadlock: state values as `matches` takes them, or a predicate.
   * Left out, an actor without choices is always at rest. In a final state every actor is.
   */
  rest?: readonly string[] | ((snapshot: SnapshotFrom<M>) => boolean);
}

export function actor<M extends AnyStateMachine>(machine: M, options: ActorOptions<M> = {}): Actor<M> {
  return {
    machine,
    input: options.input,
    choices: (options.choices ?? []) as readonly EventObject[],
    rest: options.rest as Actor<M>['rest'],
  };
}

/** `count` actors named `prefix0`, `prefix1`, …, typed so that `` `${prefix}${number}` `` is a known name. */
export function family<Prefix extends string, M extends AnyStateMachine>(
  prefix: Prefix,
  count: number,
  build: (index: number) => Actor<M>,
): Record<`${Prefix}${number}`, Actor<M>> {
  const members: Record<string, Actor<M>> = {};
  for (let index = 0; index < count; index++) members[`${prefix}${index}`] = build(index);
  return members as Record<`${Prefix}${number}`, Actor<M>>;
}

export type Actors = Record<string, Actor>;

/** A list of parts that is spread into the call has no known length, but its parts are alike. */
type Combined<Parts extends readonly Actors[]> = Parts extends readonly []
  ? Record<never, never>
  : Parts extends readonly [infer First extends Actors, ...infer Rest extends readonly Actors[]]
    ? First & Combined<Rest>
    : Parts[number];

/**
 * Puts several families and groups of actors together, in this order. Unlike a spread it keeps the names of families
 * known to TypeScript, and no actor silently replaces another.
 *
 * @throws ModelError `bad-definition` when two of them have the same name
 */
export function combineActors<Parts extends readonly Actors[]>(...parts: Parts): Combined<Parts> {
  const all: Actors = {};
  for (const [name, member] of parts.flatMap((part) => Object.entries(part))) {
    if (name in all) throw bad(`two actors are named "${name}"`, 'give each its own name');
    all[name] = member;
  }
  return all as Combined<Parts>;
}

export type SnapshotsOf<A extends Actors> = { [Name in keyof A]: SnapshotFrom<A[Name]['machine']> };
type EventTypeOf<A extends Actors> = { [Name in keyof A]: EventFromLogic<A[Name]['machine']>['type'] }[keyof A] &
  string;

/** An asynchronous link: one queue, or one bag, that takes some senders' messages to some receivers. */
export interface Channel<Name extends string = string, Type extends string = string> {
  /** The senders; left out, all. */
  readonly from?: readonly Name[];
  readonly to: readonly Name[];
  /** The message types that travel here; left out, all types from these senders to these receivers. */
  readonly types?: readonly Type[];
  /** `fifo`: only the oldest message can be delivered. `unordered`: any message can. */
  readonly order: 'fifo' | 'unordered';
  /** How many messages it holds; `Infinity` is allowed, and then the space may be infinite too. */
  readonly capacity: number;
  /** A send to a full channel disables the step (`block`, the default) or is lost (`drop`). */
  readonly whenFull?: 'block' | 'drop';
  /** A message that could be delivered may be lost instead, as a step of its own. */
  readonly lossy?: boolean;
  /** A message may be delivered and yet stay, as a step of its own. */
  readonly duplicating?: boolean;
}

/**
 * Things that may change places without anybody noticing. Each is a name, or the list of all names that belong to it:
 * `[['dev0', 'core0'], ['dev1', 'core1']]`. A name is one word of letters, digits and `_`; it is replaced wherever it
 * stands as a whole word, also inside `dev0-link`.
 */
export type Interchangeable = readonly (string | readonly string[])[];

export interface SystemDefinition<A extends Actors> {
  actors: A;
  channels?: Record<string, Channel<NoInfer<keyof A & string>, NoInfer<EventTypeOf<A>>>>;
  /** Message types that disable the step when their receiver has no transition for them now. */
  blocking?: readonly NoInfer<EventTypeOf<A>>[];
  properties?: (builders: PropertyBuilders<SnapshotsOf<A>>) => readonly (Property<SnapshotsOf<A>> | Property)[];
  /** `violation` (default): a state without steps where some actor is not at rest, or a channel not empty, is a violation. */
  deadlock?: 'violation' | 'ignore';
  /**
   * What is interchangeable with what. A breadth-first search then keeps one of the states that differ only in these names; it
   * checks that what is declared is true, and refuses it with `not-symmetric` when it is not.
   */
  symmetry?: readonly Interchangeable[];
  /**
   * Interchangeable things, as pages, of which a stress run may have any number instead of these few. Each is the list of all its
   * names: `[['page0', 'tlb0'], ['page1', 'tlb1']]`. A local state may name a few of them at a time, so a dictionary or a list over
   * all of them has no place in a context, other than one of the input that never changes.
   */
  population?: Interchangeable;
  /**
   * Which runs the properties of progress (`eventually`, `leadsTo`, `infinitelyOften`, `hot` states of monitors) are about, by
   * actor or channel.
   *
   * - One word for an actor: all its choices and timers together, as one. By event type: its choices or timers of that type.
   * - One word for a channel: the delivery of each message, each for itself. By type: the deliveries of such messages.
   *
   * What is not named here: choices of type `RUN` (a scheduler lets every thread run in the end), timers and deliveries are
   * weakly fair; for other choices, which nobody needs to make, there is no fairness.
   */
  fairness?: { readonly [Name in string]?: Fairness | Readonly<Record<string, Fairness>> };
}

const SYSTEM = Symbol.for('faultline.system');

export interface System {
  readonly [SYSTEM]: 1;
  readonly actors: Readonly<Actors>;
  readonly channels: Readonly<Record<string, Required<Channel>>>;
  readonly blocking: readonly string[];
  readonly properties: readonly Property[];
  readonly deadlock: 'violation' | 'ignore';
  /** Per list of interchangeable things, the names of each of them. */
  readonly symmetry: readonly (readonly (readonly string[])[])[];
  /** The names of each thing of the population; empty when there is none. */
  readonly population: readonly (readonly string[])[];
  readonly fairness: Readonly<Record<string, Fairness | Readonly<Record<string, Fairness>>>>;
}

const BUILDERS = { always, reachable, happens, monitor, eventually, leadsTo, infinitelyOften };

/**
 * Checks a definition and gives it the shape that the rest of Faultline works on.
 *
 * @throws ModelError `bad-definition` for unknown names, empty or duplicate parts, and impossible numbers.
 */
export function defineSystem<A extends Actors>(definition: SystemDefinition<A>): System {
  const names = Object.keys(definition.actors);
  if (names.length === 0) throw bad('the system has no actors', 'give at least one: actors: { name: actor(machine) }');
  for (const name of names) checkActor(name, definition.actors[name]!);

  const channels: Record<string, Required<Channel>> = {};
  for (const [name, channel] of Object.entries(definition.channels ?? {})) {
    channels[name] = completeChannel(name, channel, names);
  }
  const properties = [...(definition.properties?.(BUILDERS as PropertyBuilders<SnapshotsOf<A>>) ?? [])] as Property[];
  for (const name of Object.keys(channels)) {
    if (names.includes(name)) throw bad(`an actor and a channel are named "${name}"`, 'traces tell them apart by name');
  }
  const taken = new Set([...names, ...Object.keys(channels)]);
  for (const property of properties) {
    if (taken.has(property.name)) {
      throw bad(
        `the property name "${property.name}" is taken, by another property, an actor or a channel`,
        'give each its own sentence',
      );
    }
    taken.add(property.name);
    if (property.kind === 'happens' && property.message.to !== undefined) {
      checkName(property.message.to, names, `property "${property.name}"`);
    }
    if (property.kind === 'monitor') checkMachine(`monitor "${property.name}"`, property.machine);
  }
  return {
    [SYSTEM]: 1,
    ...definedHere(defineSystem),
    actors: definition.actors,
    channels,
    blocking: [...(definition.blocking ?? [])],
    properties,
    deadlock: definition.deadlock ?? 'violation',
    symmetry: (definition.symmetry ?? []).map((things) => completeThings('symmetry', things)),
    population: completeThings('population', definition.population ?? []),
    fairness: checkFairness(definition.fairness ?? {}, definition.actors, channels),
  };
}

/** True for what `defineSystem` returned, also when another copy of this package made it. */
export function isSystem(value: unknown): value is System {
  return typeof value === 'object' && value !== null && SYSTEM in value;
}

function checkActor(name: string, actor: Actor): void {
  if (!/^[\w-]+$/.test(name)) {
    throw bad(
      `actor name "${name}" has a character that labels and schedules cannot hold`,
      'use letters, digits, _ and -',
    );
  }
  checkMachine(`actor "${name}"`, actor?.machine);
  for (const choice of actor.choices ?? []) {
    if (typeof choice?.type !== 'string') {
      throw bad(`actor "${name}" has a choice without a type: got ${JSON.stringify(choice)}`, "write { type: 'RUN' }");
    }
  }
}

function checkMachine(owner: string, machine: unknown): void {
  const candidate = machine as Partial<AnyStateMachine> | undefined;
  if (typeof candidate?.transition !== 'function' || typeof candidate.provide !== 'function') {
    throw bad(`${owner} has no XState v5 machine: got ${typeof machine}`, 'use setup({...}).createMachine({...})');
  }
}

function completeChannel(name: string, channel: Channel, actors: readonly string[]): Required<Channel> {
  const where = `channel "${name}"`;
  for (const end of [...(channel.from ?? []), ...channel.to]) checkName(end, actors, where);
  if (channel.to.length === 0) throw bad(`${where} has no receiver`, 'name at least one actor in `to`');
  if (!(channel.capacity === Infinity || (Number.isInteger(channel.capacity) && channel.capacity >= 1))) {
    throw bad(`${where} has capacity ${channel.capacity}`, 'use a whole number of at least 1, or Infinity');
  }
  return {
    from: channel.from ?? actors,
    to: channel.to,
    types: channel.types ?? [],
    order: channel.order,
    capacity: channel.capacity,
    whenFull: channel.whenFull ?? 'block',
    lossy: channel.lossy ?? false,
    duplicating: channel.duplicating ?? false,
  };
}

function completeThings(what: 'symmetry' | 'population', things: Interchangeable): readonly (readonly string[])[] {
  const complete = things.map((thing) => (typeof thing === 'string' ? [thing] : [...thing]));
  const all = complete.flat();
  const where = `${what} [${complete.map((thing) => thing.join('+')).join(', ')}]`;
  for (const name of all) {
    if (!/^\w+$/.test(name)) throw bad(`${where}: "${name}" is not one word`, 'use letters, digits and _');
  }
  if (new Set(all).size < all.length) throw bad(`${where} names something twice`, 'a name belongs to one thing');
  if (complete.some((thing) => thing.length === 0 || thing.length !== complete[0]!.length)) {
    throw bad(
      `${where}: the things have different numbers of names`,
      'list the same names, in the same order, for each',
    );
  }
  return complete;
}

const FAIRNESS: readonly unknown[] = ['none', 'weak', 'strong'] satisfies Fairness[];

/** Which of its events an actor has as timers is known only when it is run: `checkFairTypes` of the tables does the rest. */
function checkFairness(
  declared: NonNullable<SystemDefinition<Actors>['fairness']>,
  actors: Readonly<Actors>,
  channels: Readonly<Record<string, Required<Channel>>>,
): System['fairness'] {
  const known = [...Object.keys(actors), ...Object.keys(channels)];
  for (const [name, fairness] of Object.entries(declared)) {
    checkName(name, known, 'fairness', 'actor or channel');
    const words = typeof fairness === 'object' && fairness !== null ? Object.values(fairness) : [fairness];
    const wrong = words.find((word) => !FAIRNESS.includes(word));
    if (wrong !== undefined || words.length === 0) {
      throw bad(
        `fairness of "${name}": got ${JSON.stringify(wrong ?? fairness)}`,
        "use 'none', 'weak' or 'strong', or these by event type: { RUN: 'strong' }",
      );
    }
    if (typeof fairness !== 'object') continue;
    const types = name in actors ? startedTypes(actors[name]!) : deliveredTypes(channels[name]!, actors);
    for (const type of Object.keys(fairness)) {
      if (types.some((known) => known === type || known.endsWith('*'))) continue;
      const guess = closest(type, types);
      throw bad(
        `fairness of "${name}" names the event type ${type}, which it does not have`,
        guess ? `did you mean ${guess}?` : `there are: ${types.join(', ')}`,
      );
    }
  }
  return declared as System['fairness'];
}

/** The event types that an actor may start a step with; its other events among them. */
function startedTypes({ machine, choices }: Actor): string[] {
  return [...new Set([...choices.map(({ type }) => type), ...machine.events])];
}

function deliveredTypes({ to, types }: Required<Channel>, actors: Readonly<Actors>): readonly string[] {
  return types.length > 0 ? types : [...new Set(to.flatMap((name) => actors[name]!.machine.events as string[]))];
}

function checkName(name: string, known: readonly string[], where: string, what = 'actor'): void {
  if (known.includes(name)) return;
  const guess = closest(name, known);
  throw bad(
    `${where} names the ${what} "${name}", which does not exist`,
    guess ? `did you mean "${guess}"?` : `there are: ${known.join(', ')}`,
  );
}

function bad(message: string, hint: string): ModelError {
  return new ModelError('bad-definition', message, hint);
}
