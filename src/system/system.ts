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
import type { AnyStateMachine, EventFromLogic, EventObject, InputFrom, SnapshotFrom, StateValue } from 'xstate';
import { checkNames } from './check-names.ts';
import {
  ACTOR_OPTIONS,
  SYSTEM as COMPLETE_SYSTEM,
  EXTENSION,
  PROPERTIES,
  SYSTEM_DEFINITION,
} from './definition-shapes.ts';
import { definedHere } from './definition-site.ts';
import type { Fairness, Property, PropertyBuilders } from './property.ts';
import {
  always,
  DEADLOCK_PROPERTY,
  eventually,
  happens,
  infinitelyOften,
  leadsTo,
  monitor,
  reachable,
} from './property.ts';
import { bad, checkShape } from './shapes.ts';
import { checkOneXState } from './xstate.ts';

/** A machine with its input, and what the actor may do on its own. Its name is its key in `actors`. */
export interface Actor<M extends AnyStateMachine = AnyStateMachine> {
  readonly machine: M;
  readonly input?: unknown;
  readonly choices: readonly EventObject[];
  readonly rest: readonly StateValue[] | ((snapshot: SnapshotFrom<AnyStateMachine>) => boolean) | undefined;
  /** Left out, as the system says. */
  readonly unhandled?: 'error' | 'ignore' | undefined;
  /** Where it starts anything; left out, everywhere. */
  readonly constraint?: ((snapshot: SnapshotFrom<AnyStateMachine>) => boolean) | undefined;
}

/** A state of a machine, as its snapshots' `matches` takes it: `'a'`, `'a.b'`, `{ a: 'b' }`. */
type StateOf<M extends AnyStateMachine> = Parameters<SnapshotFrom<M>['matches']>[0];

export interface ActorOptions<M extends AnyStateMachine> {
  input?: InputFrom<M>;
  /** Events that the actor or its environment may start whenever the machine has a transition for them. */
  choices?: readonly EventFromLogic<M>[];
  /**
   * Where the actor may stay for ever without it being a deadlock: state values as `matches` takes them, or a predicate.
   * Left out, an actor without choices is always at rest. In a final state every actor is.
   */
  rest?: readonly StateOf<M>[] | ((snapshot: SnapshotFrom<M>) => boolean);
  /** What becomes of a message that the actor has no transition for; left out, what the system says. */
  unhandled?: 'error' | 'ignore';
  /**
   * Bounds what grows without touching the machine: in a state where it does not hold the actor makes no choice, and none of its timers
   * fires. Such a state is no deadlock, and results tell how many there were: what lies behind them was not searched. Stress runs refuse it.
   */
  constraint?: (snapshot: SnapshotFrom<M>) => boolean;
}

/**
 * @throws ModelError `bad-definition` for an option that there is not, and for values of the wrong kind
 *
 * @example
 * ```ts
 * import { actor, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const north = actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }], rest: ['red'] });
 * Object.keys(defineSystem({ actors: { north } }).actors); // => ['north']
 * ```
 */
export function actor<M extends AnyStateMachine>(machine: M, options: ActorOptions<M> = {}): Actor<M> {
  checkShape(options, ACTOR_OPTIONS, `actor() of machine "${(machine as Partial<M> | undefined)?.id}"`);
  return {
    machine,
    input: options.input,
    choices: (options.choices ?? []) as readonly EventObject[],
    rest: options.rest as Actor<M>['rest'],
    ...(options.unhandled !== undefined && { unhandled: options.unhandled }),
    ...(options.constraint && { constraint: options.constraint as NonNullable<Actor['constraint']> }),
  };
}

/**
 * `count` actors named `prefix0`, `prefix1`, …, typed so that `` `${prefix}${number}` `` is a known name.
 *
 * @example
 * ```ts
 * import { actor, family } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const lanes = family('lane', 2, () => actor(light, { choices: [{ type: 'GO' }] }));
 * Object.keys(lanes); // => ['lane0', 'lane1']
 * ```
 */
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
 *
 * @example
 * ```ts
 * import { actor, combineActors, family } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const one = () => actor(light, { choices: [{ type: 'GO' }] });
 * Object.keys(combineActors(family('a', 1, one), { b: one() })); // => ['a0', 'b']
 * ```
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
type TypesOf<M extends AnyStateMachine> = EventFromLogic<M>['type'] & string;
type EventTypeOf<A extends Actors> = { [Name in keyof A]: TypesOf<A[Name]['machine']> }[keyof A];

/** An asynchronous link: one queue, or one bag, that takes some senders' messages to some receivers. */
export interface Channel<Name extends string = string, Type extends string = string> {
  /** The senders; left out, all. */
  readonly from?: readonly Name[];
  readonly to: readonly Name[];
  /** The message types that travel here; left out, all types from these senders to these receivers. */
  readonly types?: readonly Type[];
  /**
   * `fifo`: only the oldest message can be delivered. `unordered`: any message can. `set`: any message can, and one that is there
   * already is not there twice.
   */
  readonly order: 'fifo' | 'unordered' | 'set';
  /** How many messages it holds; `Infinity` is allowed, and then the space may be infinite too. A `set` has room for all: `Infinity`. */
  readonly capacity: number;
  /** A send to a full channel disables the step (`block`, the default) or is lost (`drop`). */
  readonly whenFull?: 'block' | 'drop';
  /**
   * A message that could be delivered may be lost instead, as a step of its own. `anywhere`: so may any other one, for in a `fifo`
   * only the oldest can be delivered.
   */
  readonly lossy?: boolean | 'anywhere';
  /**
   * A message may be delivered and yet stay, as a step of its own. `always`: every delivered message stays, so that all that was ever
   * sent can be received, again and again; then nothing needs to leave the channel for the system to be at rest.
   */
  readonly duplicating?: boolean | 'always';
  /**
   * Messages are sent to the channel itself, by its name, and whichever of `to` takes one has it: workers at one queue. What is sent
   * to one of these by its own name does not come here.
   */
  readonly competing?: boolean;
}

/**
 * Things that may change places without anybody noticing. Each is a name, or the list of all names that belong to it:
 * `[['dev0', 'core0'], ['dev1', 'core1']]`. A name is one word of letters, digits and `_`; it is replaced wherever it
 * stands as a whole word, also inside `dev0-link`.
 */
export type Interchangeable = readonly (string | readonly string[])[];

/** Of the events of a state's timers, XState makes the types. */
type TimerType = `xstate.after.${string}`;

type FairnessByType<Type extends string> = Fairness | { readonly [T in Type]?: Fairness };

type FairnessOf<A extends Actors, C> = {
  readonly [Name in keyof A & string]?: FairnessByType<TypesOf<A[Name]['machine']> | TimerType>;
} & { readonly [Name in keyof C & string]?: FairnessByType<EventTypeOf<A>> };

/** Channels between actors, by name. */
export type ChannelsOf<A extends Actors> = Readonly<Record<string, Channel<keyof A & string, EventTypeOf<A>>>>;

/** Inputs by actor, in the place of those that the actors are declared with. */
export type StartOf<A extends Actors> = { readonly [Name in keyof A]?: InputFrom<A[Name]['machine']> };

export interface SystemDefinition<A extends Actors, C extends ChannelsOf<A> = ChannelsOf<A>> {
  actors: A;
  channels?: C;
  /**
   * The ways to start, where there are several: for each, the actors that start from another input than the one that they are
   * declared with. Each gives an initial state, and every run begins in one of them.
   */
  starts?: readonly NoInfer<StartOf<A>>[];
  /** Message types that disable the step when their receiver has no transition for them now. */
  blocking?: readonly NoInfer<EventTypeOf<A>>[];
  properties?: (
    builders: NoInfer<PropertyBuilders<SnapshotsOf<A>, EventTypeOf<A>, keyof C & string>>,
  ) => readonly (Property<NoInfer<SnapshotsOf<A>>> | Property)[];
  /** `violation` (default): a state without steps where some actor is not at rest, or a channel not empty, is a violation. */
  deadlock?: 'violation' | 'ignore';
  /**
   * What becomes of a message that its receiver has no transition for, and whose type does not block. `error` (default): it is a model error.
   * `ignore`: it comes to nothing, as in live XState, also when the receiver is done; results tell which were ignored.
   */
  unhandled?: 'error' | 'ignore';
  /**
   * `tell` (default): messages that a machine has transitions for and nobody ever sends are told as hollow. `ignore`: that is as it
   * should be, for machines that are shared with other systems know more than one of them needs.
   */
  unsent?: 'tell' | 'ignore';
  /**
   * What is interchangeable with what. A breadth-first search then keeps one of the states that differ only in these names; it
   * checks that what is declared is true, and refuses it with `not-symmetric` when it is not.
   */
  symmetry?: readonly Interchangeable[];
  /**
   * For `faultline stress`, and for nothing else: interchangeable things, as pages, of which a run may have any number instead of these
   * few; the scenario's `stress` says by `pages` which parameter counts them. Each is the list of all its names:
   * `[['page0', 'tlb0'], ['page1', 'tlb1']]`. A local state may name a few of them at a time, so a dictionary or a list over all of them
   * has no place in a context, other than one of the input that never changes.
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
  fairness?: NoInfer<FairnessOf<A, C>>;
}

const SYSTEM = Symbol.for('faultline.system');

/** A channel with its defaults filled in. Without `from` its senders are all actors, also those that an extension adds. */
export type CompleteChannel = Required<Omit<Channel, 'from'>> & Pick<Channel, 'from'>;

/** What `defineSystem` returns. To add to it, use `extendSystem`. */
export interface System<A extends Actors = Actors> {
  readonly [SYSTEM]: 1;
  readonly actors: Readonly<A>;
  readonly channels: Readonly<Record<string, CompleteChannel>>;
  /** At least one: inputs by actor, in the place of those of `actors`. */
  readonly starts: readonly Readonly<Record<string, unknown>>[];
  readonly blocking: readonly string[];
  readonly properties: readonly Property[];
  readonly deadlock: 'violation' | 'ignore';
  readonly unhandled: 'error' | 'ignore';
  readonly unsent: 'tell' | 'ignore';
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
 * @throws ModelError `bad-definition` for unknown keys, words and names (actors, channels, message types, states), values of the wrong
 *   kind, empty or duplicate parts, and impossible numbers
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const system = defineSystem({ actors: { north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] }) } });
 * (await check(system)).states; // => 2
 * ```
 */
export function defineSystem<A extends Actors, C extends ChannelsOf<A> = Record<never, never>>(
  definition: SystemDefinition<A, C>,
): System<A> {
  checkShape(definition, SYSTEM_DEFINITION, 'the system');
  return complete<A>(definition as unknown as SystemDefinition<Actors>, [], definedHere(defineSystem));
}

/** What `extendSystem` adds: as in a definition, but with the names of the base as well. */
export type SystemAdditions<A extends Actors, B extends Actors> = Partial<
  Omit<SystemDefinition<A & B>, 'actors' | 'fairness'>
> & {
  actors?: B;
  fairness?: { readonly [Name in string]?: FairnessByType<string> };
};

/**
 * A system with more in it: actors and channels after those of the base, properties after its properties, and whatever else is
 * declared beside what it declares. It is the same as the system that is written in one piece. A channel of the base without `from`
 * takes the messages of new actors as well. Where both can start in several ways, each way of the one goes with each of the other.
 *
 * @throws ModelError `bad-definition` as `defineSystem` does, and for a name that the base has
 *
 * @example
 * ```ts
 * import { check, extendSystem } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const system = extendSystem(lights, {
 *   properties: ({ always }) => [always('east is red', (view) => view.get('east').matches('red'))],
 * });
 * const { property } = await check(system, { properties: ['east is red'] });
 * property; // => 'east is red'
 * ```
 */
export function extendSystem<A extends Actors, B extends Actors = Record<never, never>>(
  base: System<A>,
  additions: SystemAdditions<A, B>,
): System<A & B> {
  checkShape(additions, EXTENSION, 'the extension');
  const more = additions as unknown as Partial<SystemDefinition<Actors>>;
  const definition = {
    actors: joined<Actor>('actor', base.actors, more.actors),
    channels: joined<Channel>('channel', base.channels, more.channels),
    starts: base.starts.flatMap((start) => (more.starts ?? [{}]).map((other) => ({ ...start, ...other }))),
    blocking: [...new Set([...base.blocking, ...(more.blocking ?? [])])],
    deadlock: more.deadlock ?? base.deadlock,
    unhandled: more.unhandled ?? base.unhandled,
    unsent: more.unsent ?? base.unsent,
    symmetry: [...base.symmetry, ...(more.symmetry ?? [])],
    population: [...base.population, ...(more.population ?? [])],
    fairness: joined<FairnessByType<string>>('fairness of', base.fairness, more.fairness),
    ...(more.properties && { properties: more.properties }),
  };
  return complete<A & B>(definition, base.properties, definedHere(extendSystem));
}

/** @throws ModelError when both have something of a name */
function joined<T>(
  what: string,
  base: Readonly<Record<string, T>>,
  more: Readonly<Record<string, T | undefined>> = {},
) {
  const twice = Object.keys(more).find((name) => Object.hasOwn(base, name));
  if (twice === undefined) return { ...base, ...more } as Record<string, T>;
  throw bad(
    `the extension declares ${what} "${twice}", which the base has`,
    'give it a name of its own, or change the base',
  );
}

/**
 * @param properties those that come before the properties of the definition
 * @param site of the definition
 */
function complete<A extends Actors>(
  definition: SystemDefinition<Actors>,
  properties: readonly Property[],
  site: object,
): System<A> {
  const system: Omit<System, typeof SYSTEM> = {
    ...site,
    actors: { ...definition.actors },
    channels: completeChannels(definition.channels ?? {}),
    starts: (definition.starts ?? [{}]).map((start) => ({ ...start })),
    blocking: [...(definition.blocking ?? [])],
    properties: [...properties, ...declaredProperties(definition)],
    deadlock: definition.deadlock ?? 'violation',
    unhandled: definition.unhandled ?? 'error',
    unsent: definition.unsent ?? 'tell',
    symmetry: (definition.symmetry ?? []).map((things) => completeThings('symmetry', things)),
    population: completeThings('population', definition.population ?? []),
    fairness: { ...definition.fairness } as System['fairness'],
  };
  return checked<A>(system);
}

function checked<A extends Actors>(system: Omit<System, typeof SYSTEM>): System<A> {
  checkOneXState(system);
  checkNames(system);
  return branded<A>(system);
}

/** Whether an actor ignores what it has no transition for. */
export function ignoresUnhandled({ actors, unhandled }: Pick<System, 'actors' | 'unhandled'>, name: string): boolean {
  return (actors[name]?.unhandled ?? unhandled) === 'ignore';
}

/** All that a system can violate, in the order in which results tell it. */
export function propertyNames({ properties, deadlock }: System): string[] {
  return [...properties.map(({ name }) => name), ...(deadlock === 'violation' ? [DEADLOCK_PROPERTY] : [])];
}

/** The same system, whose names have been checked, with less to be judged. */
export function withJudged(system: System, judged: Pick<System, 'properties' | 'deadlock' | 'symmetry'>): System {
  return branded({ ...system, ...judged });
}

/** Not enumerable: what is made from a system by a spread has not been checked, and is none. */
function branded<A extends Actors>(system: Omit<System, typeof SYSTEM>): System<A> {
  // What is put into it later would not have been checked.
  for (const part of [system.actors, system.channels, system.blocking, system.properties, system.fairness])
    Object.freeze(part);
  return Object.freeze(Object.defineProperty(system, SYSTEM, { value: 1 })) as unknown as System<A>;
}

/**
 * True for what `defineSystem` returned, also when another copy of this package made it.
 *
 * @example
 * ```ts
 * import { isSystem } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * isSystem(lights); // => true
 * isSystem({ ...lights }); // => false
 * ```
 */
export function isSystem(value: unknown): value is System {
  return typeof value === 'object' && value !== null && SYSTEM in value;
}

/**
 * What was made from a system by a spread, once it has been checked as a definition is.
 *
 * @throws ModelError `bad-definition`
 */
export function asSystem(value: System): System {
  if (isSystem(value)) return value;
  checkShape(value, COMPLETE_SYSTEM, 'the system');
  return checked({ ...(value as System) });
}

function declaredProperties({ properties }: SystemDefinition<Actors>): Property[] {
  const declared: unknown = properties?.(BUILDERS as Parameters<typeof properties>[0]);
  if (declared === undefined && properties === undefined) return [];
  checkShape(declared, PROPERTIES, 'the system: what `properties` returns');
  return [...(declared as Property[])];
}

function completeChannels(channels: Readonly<Record<string, Channel>>): Record<string, CompleteChannel> {
  return Object.fromEntries(
    Object.entries(channels).map(([name, channel]): [string, CompleteChannel] => [
      name,
      {
        ...(channel.from && { from: channel.from }),
        to: channel.to,
        types: channel.types ?? [],
        order: channel.order,
        capacity: channel.capacity,
        whenFull: channel.whenFull ?? 'block',
        lossy: channel.order === 'fifo' ? (channel.lossy ?? false) : Boolean(channel.lossy),
        duplicating: channel.duplicating ?? false,
        competing: channel.competing ?? false,
      },
    ]),
  );
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
