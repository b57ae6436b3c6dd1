/**
 * Properties: what must never happen, and what must be able to happen.
 *
 * A predicate is a pure function of a `SystemView`. Which actors it reads is observed while it runs and its value is
 * remembered per combination of their local states, so a predicate should read few actors: three small properties
 * explore faster than one that reads everything.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject, InputFrom } from 'xstate';

/** A message in a channel. */
export interface Envelope {
  readonly to: string;
  readonly event: EventObject;
}

/** One global state, as predicates see it. `Snapshots` maps actor names to their snapshot types. */
export interface SystemView<
  Snapshots extends object = Record<string, AnyMachineSnapshot>,
  ChannelName extends string = string,
> {
  get<Name extends keyof Snapshots & string>(name: Name): Snapshots[Name];
  /** The messages that a channel holds; oldest first in a FIFO channel, in a fixed order otherwise. */
  channel(name: ChannelName): readonly Envelope[];
}

/** Selects the messages that a `happens` property waits for. */
export interface MessagePattern<Name extends string = string, Type extends string = string> {
  readonly to?: Name;
  readonly type: Type;
  where?(event: EventObject & Record<string, unknown>): boolean;
}

/** Whether a message to an actor is one that a pattern selects. */
export function selects({ to, type, where }: MessagePattern, receiver: string, event: EventObject): boolean {
  return type === event.type && (to ?? receiver) === receiver && (!where || where(event));
}

/** What a monitor receives for every message that some actor took: the same `type`, so its `on` reads naturally. */
export interface Observed<Message extends EventObject = EventObject> {
  type: Message['type'];
  /** The actor that took the message. */
  to: string;
  message: Message;
}

/** What a monitor receives, where its machine names it, for every message that some actor sends, just before what comes of that. */
export interface Sent<Message extends EventObject = EventObject> {
  type: `sent.${Message['type']}`;
  from: string;
  /** The actor that it is for, or the channel whose receivers compete for it. */
  to: string;
  message: Message;
}

/**
 * What of a monitor's input is a name of the system. A monitor that looks for a name that nobody has finds nothing, so these are checked as
 * all names are; what stands in its machine is checked without it.
 */
export interface MonitorNames {
  readonly actors?: readonly string[];
  readonly messages?: readonly string[];
}

export type Property<Snapshots extends object = Record<string, AnyMachineSnapshot>> =
  /** `holds` is true in every reachable state. */
  | { readonly kind: 'always'; readonly name: string; holds(view: SystemView<Snapshots>): boolean }
  /** Some reachable state satisfies `witness`; without a witness the search ends `violated`. */
  | { readonly kind: 'reachable'; readonly name: string; witness(view: SystemView<Snapshots>): boolean }
  /** Some step contains a matching message; the event counterpart of `reachable`. */
  | { readonly kind: 'happens'; readonly name: string; readonly message: MessagePattern }
  /**
   * A machine that observes every message that an actor takes (see `Observed`), by `sent.TYPE` those that one sends (see `Sent`), and
   * ignores what it has no transition for.
   * A state tagged `violation` is a violation; a state tagged `hot` is an unfulfilled obligation: a fair run must not stay in
   * such states for ever, nor end in one.
   */
  | {
      readonly kind: 'monitor';
      readonly name: string;
      readonly machine: AnyStateMachine;
      readonly input?: unknown;
      readonly names?: MonitorNames;
    }
  /** Every fair run comes to a state that satisfies `goal`. */
  | { readonly kind: 'eventually'; readonly name: string; goal(view: SystemView<Snapshots>): boolean }
  /** After every state that satisfies `trigger`, that one included, every fair run comes to one that satisfies `goal`. */
  | {
      readonly kind: 'leadsTo';
      readonly name: string;
      trigger(view: SystemView<Snapshots>): boolean;
      goal(view: SystemView<Snapshots>): boolean;
    }
  /** Every fair run comes to states that satisfy `goal` again and again; where it ends, its last state does. */
  | { readonly kind: 'infinitelyOften'; readonly name: string; goal(view: SystemView<Snapshots>): boolean };

/**
 * What a run may not do for ever. `weak`: leave out what is enabled all the time. `strong`: leave out what is enabled again and
 * again. `none`: nothing is asked.
 */
export type Fairness = 'none' | 'weak' | 'strong';

/** The property that a dead end violates; not declared, but switched off by `deadlock: 'ignore'`. */
export const DEADLOCK_PROPERTY = 'no deadlock';

/** The builders that `defineSystem` hands to its `properties` callback, typed by the system's actors, messages and channels. */
export interface PropertyBuilders<
  Snapshots extends object,
  Type extends string = string,
  ChannelName extends string = string,
> {
  always(name: string, holds: Test<Snapshots, ChannelName>): Property<Snapshots>;
  reachable(name: string, witness: Test<Snapshots, ChannelName>): Property<Snapshots>;
  happens(name: string, message: MessagePattern<keyof Snapshots & string, Type>): Property<Snapshots>;
  monitor<M extends AnyStateMachine>(
    name: string,
    machine: M,
    input?: InputFrom<M>,
    names?: MonitorNames,
  ): Property<Snapshots>;
  eventually(name: string, goal: Test<Snapshots, ChannelName>): Property<Snapshots>;
  leadsTo(name: string, trigger: Test<Snapshots, ChannelName>, goal: Test<Snapshots, ChannelName>): Property<Snapshots>;
  infinitelyOften(name: string, goal: Test<Snapshots, ChannelName>): Property<Snapshots>;
}

type Test<Snapshots extends object, ChannelName extends string> = (view: SystemView<Snapshots, ChannelName>) => boolean;

/**
 * True in every state. `holds` is asked about every state, and has to be a function of what it reads.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const system = defineSystem({
 *   actors: { north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] }) },
 *   properties: ({ always }) => [always('it is red', (view) => view.get('north').matches('red'))],
 * });
 * (await check(system)).verdict; // => 'violated'
 * ```
 */
export function always(name: string, holds: (view: SystemView) => boolean): Property {
  return { kind: 'always', name, holds };
}

/**
 * True in some state: the premise of an `always` can occur.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const system = defineSystem({
 *   actors: { north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] }) },
 *   properties: ({ reachable }) => [reachable('it is green', (view) => view.get('north').matches('green'))],
 * });
 * (await check(system)).verdict; // => 'holds'
 * ```
 */
export function reachable(name: string, witness: (view: SystemView) => boolean): Property {
  return { kind: 'reachable', name, witness };
}

/**
 * Some step has a message that fits the pattern.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const system = defineSystem({
 *   actors: { north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] }) },
 *   properties: ({ happens }) => [happens('it stops', { type: 'STOP' })],
 * });
 * (await check(system)).verdict; // => 'holds'
 * ```
 */
export function happens(name: string, message: MessagePattern): Property {
  return { kind: 'happens', name, message };
}

export function monitor<M extends AnyStateMachine>(
  name: string,
  machine: M,
  input?: InputFrom<M>,
  names?: MonitorNames,
): Property {
  return { kind: 'monitor', name, machine, input, ...(names && { names }) };
}

/**
 * True at some time of every fair run.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const system = defineSystem({
 *   actors: { north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] }) },
 *   properties: ({ eventually }) => [eventually('it is green', (view) => view.get('north').matches('green'))],
 * });
 * (await check(system)).verdict; // => 'violated'
 * ```
 */
export function eventually(name: string, goal: (view: SystemView) => boolean): Property {
  return { kind: 'eventually', name, goal };
}

export function leadsTo(
  name: string,
  trigger: (view: SystemView) => boolean,
  goal: (view: SystemView) => boolean,
): Property {
  return { kind: 'leadsTo', name, trigger, goal };
}

/**
 * True again and again on every fair run.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const system = defineSystem({
 *   actors: { north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] }) },
 *   fairness: { north: 'weak' },
 *   properties: ({ infinitelyOften }) => [infinitelyOften('it is red', (view) => view.get('north').matches('red'))],
 * });
 * (await check(system)).verdict; // => 'holds'
 * ```
 */
export function infinitelyOften(name: string, goal: (view: SystemView) => boolean): Property {
  return { kind: 'infinitelyOften', name, goal };
}
