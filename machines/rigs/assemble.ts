/**
 * Rigs: subsystems that are wired once, and systems that are put together from them.
 *
 * A rig brings its actors, and what a system of them needs: channels, blocking messages, properties. It says which actors of others it
 * talks to. A system in which somebody is missing does not compile, and is a model error when it is built.
 *
 *   const rig = assemble(stallPath({ devices, ... }), vfioContainer({ ... }), hostMemory({ ... }), { actors: { guest } });
 *   return defineSystem({ ...rig.parts, symmetry: interchangeable(rig.things.devices), properties: ({ happens }) => [...rig.always, ...] });
 */
import type { AnyStateMachine, EventFromLogic, InputFrom } from 'xstate';
import { ModelError } from '../../src/system/errors.ts';
import type { Property } from '../../src/system/property.ts';
import { type Actor, type Actors, type Channel, combineActors } from '../../src/system/system.ts';
import { alike } from '../parts/names.ts';

/** Things of which a system has several, each made up of actors of several rigs. */
const KINDS = ['devices', 'pages', 'indexes', 'workers', 'readers', 'processes'] as const;
type Kind = (typeof KINDS)[number];

interface Things {
  /** How many there are. */
  readonly count: number;
  /** Of the names that belong to one. */
  readonly prefixes: readonly string[];
  /** And what else belongs to one. */
  readonly namesOf?: (index: number) => readonly string[];
}

export interface Rig<A extends Actors = Actors, Expected extends string = string> {
  readonly actors: A;
  /** Actors of others that its own talk to. */
  readonly expects?: readonly Expected[];
  readonly channels?: Readonly<Record<string, Channel>>;
  readonly blocking?: readonly string[];
  /** What holds wherever the rig is right; `properties` of the system are these and more. */
  readonly always?: readonly Property[];
  /** What is reachable, or happens, wherever the rig does what it is there for. */
  readonly shows?: readonly Property[];
  readonly things?: Readonly<Partial<Record<Kind, Things>>>;
}

type ActorsOf<R extends readonly Rig[]> = { readonly [At in keyof R]: R[At]['actors'] };
type Combined<R extends readonly Rig[]> = ReturnType<typeof combineActors<ActorsOf<R>>>;
type Provided<R extends Rig> = R extends Rig ? keyof R['actors'] : never;
type Expected<R extends Rig> = R extends { readonly expects: readonly (infer Name)[] } ? Name : never;
type Missing<R extends readonly Rig[]> = Exclude<Expected<R[number]>, Provided<R[number]>>;
/** What the compiler says of a system in which somebody is missing. */
type Complete<R extends readonly Rig[]> = [Missing<R>] extends [never]
  ? unknown
  : { readonly 'no rig provides these actors': Missing<R> };

/** For `defineSystem`. */
export interface Assembled<A extends Actors> {
  readonly actors: A;
  // Their names and types are checked when the system is built.
  readonly channels: Readonly<Record<string, Channel<never, never>>>;
  readonly blocking: readonly never[];
  readonly unsent: 'ignore';
}

/** @throws ModelError `bad-definition` when an actor is expected and not there, or two have the same name */
export function assemble<const R extends readonly Rig[]>(
  ...rigs: R & Complete<R>
): {
  readonly parts: Assembled<Combined<R>>;
  readonly always: readonly Property[];
  readonly shows: readonly Property[];
  readonly things: Readonly<Record<Kind, string[][]>>;
} {
  const all: readonly Rig[] = rigs;
  const actors = combineActors(...all.map((rig) => rig.actors));
  for (const name of all.flatMap(({ expects = [] }) => expects)) {
    if (Object.hasOwn(actors, name)) continue;
    throw new ModelError(
      'bad-definition',
      `a rig expects the actor "${name}", and no rig provides it`,
      `there are: ${Object.keys(actors).join(', ')}`,
    );
  }
  const thingsOf = (kind: Kind) => {
    const found = all.flatMap(({ things }) => things?.[kind] ?? []);
    const things = alike(found[0]?.count ?? 0, ...found.flatMap(({ prefixes }) => prefixes));
    return things.map((own, index) => [...own, ...found.flatMap(({ namesOf }) => namesOf?.(index) ?? [])]);
  };
  return {
    parts: {
      actors: actors as Combined<R>,
      channels: Object.assign({}, ...all.map(({ channels }) => channels)) as Assembled<Actors>['channels'],
      blocking: [...new Set(all.flatMap(({ blocking = [] }) => blocking))] as never[],
      unsent: 'ignore',
    },
    always: all.flatMap(({ always = [] }) => always),
    shows: all.flatMap(({ shows = [] }) => shows),
    things: Object.fromEntries(KINDS.map((kind) => [kind, thingsOf(kind)])) as Record<Kind, string[][]>,
  };
}

/**
 * A version of something that a rig gives its input, and that runs in a thread: it goes on when the scheduler lets it, and may rest when
 * it is idle.
 *
 * @param more what this version wants to know beside it
 */
export function inThread<M extends AnyStateMachine, More extends Partial<InputFrom<M>> = Record<never, never>>(
  machine: M & Runs<M>,
  more?: More,
): (input: Omit<InputFrom<M>, keyof More>) => Actor<M> {
  return (input) => ({ machine, input: { ...input, ...more }, choices: [{ type: 'RUN' }], rest: ['idle'] });
}

/** What the compiler says of a machine that no scheduler can let run. */
type Runs<M extends AnyStateMachine> = 'RUN' extends EventFromLogic<M>['type']
  ? unknown
  : { readonly 'has no event RUN': never };
