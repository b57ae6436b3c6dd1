/**
 * Messages between actors, by name. Names are data, in a context or in a message, so that one machine serves many wirings.
 *
 * A call is a message that says in `by` who calls; the answer is a message to that name, within the same step or later.
 */
import {
  type ActionFunction,
  type ActorSystem,
  type AnyEventObject,
  assertEvent,
  type EventObject,
  enqueueActions,
  type MachineContext,
  sendTo,
} from 'xstate';

interface Args<C, E> {
  readonly context: C;
  readonly event: E;
  readonly self: { readonly id: string };
}
/** Keys of the context that hold a name. */
type NameKey<C> = { [K in keyof C & string]: C[K] extends string | null ? K : never }[keyof C & string];
/** Who is meant: a key of the context that holds a name, or a function that gives one. */
type Whom<C, E> = NameKey<C> | ((args: Args<C, E>) => string);
/** What is said: a type alone, a message, or a function that gives one. */
type What<C, E, P> = string | AnyEventObject | ((args: Args<C, E>, params: P) => EventObject);
type Params = Record<string, unknown> | undefined;
type Sending<C extends MachineContext, E extends EventObject, P extends Params> = ActionFunction<
  C,
  E,
  E,
  P,
  never,
  never,
  never,
  never,
  never
>;

/** Sends a message. */
export function send<C extends MachineContext, E extends EventObject, P extends Params>(
  whom: Whom<C, E>,
  what: What<C, E, P>,
): Sending<C, E, P> {
  const action = sendTo(
    ({ system, ...args }) => system.get(nameOf(whom, args as unknown as Args<C, E>)),
    (args, params) => messageOf(what, args as unknown as Args<C, E>, params as P),
  );
  return action as unknown as Sending<C, E, P>;
}

/** Sends a message that says who sends it, to be answered. */
export function call<C extends MachineContext & { readonly name: string }, E extends EventObject, P extends Params>(
  whom: Whom<C, E>,
  what: What<C, E, P>,
): Sending<C, E, P> {
  return send<C, E, P>(whom, (args, params) => ({ ...messageOf(what, args, params), by: args.context.name }));
}

/** Sends a message to each of several, one after the other. */
export function sendEach<C extends MachineContext, E extends EventObject>(
  whom: (args: Args<C, E>) => readonly string[],
  what: What<C, E, undefined>,
): Sending<C, E, undefined> {
  const action = enqueueActions(({ enqueue, ...rest }) => {
    const args = rest as unknown as Args<C, E>;
    const message = messageOf(what, args, undefined);
    for (const name of whom(args)) tell(enqueue, name, message);
  });
  return action as unknown as Sending<C, E, undefined>;
}

/** Answers the call that is the event at hand. */
export function reply<C extends MachineContext, E extends EventObject, P extends Params>(
  what: What<C, E, P>,
): Sending<C, E, P> {
  return send<C, E, P>(({ event }) => (event as unknown as { readonly by: string }).by, what);
}

/** What is made of an event of certain types; only transitions that take one of these may run it. */
export function from<A extends { readonly event: EventObject }, T extends A['event']['type'], R>(
  type: T | readonly T[],
  make: (args: Omit<A, 'event'> & { readonly event: Extract<A['event'], { readonly type: T }> }) => R,
): (args: A) => R {
  return (args) => {
    assertEvent(args.event, type as never);
    return make(args as never);
  };
}

/** What `enqueueActions` gives, as far as it sends. */
interface Enqueue {
  // biome-ignore lint/suspicious/noExplicitAny: whatever machine it is of
  sendTo(whom: any, message: any): void;
}

/** Sends a message to an actor by its name, from within `enqueueActions`. */
export function tell(enqueue: Enqueue, name: string, message: EventObject): void {
  enqueue.sendTo(({ system }: { system: ActorSystem<never> }) => system.get(name), message);
}

function nameOf<C, E>(whom: Whom<C, E>, args: Args<C, E>): string {
  return typeof whom === 'function' ? whom(args) : (args.context[whom] as string);
}

function messageOf<C, E, P>(what: What<C, E, P>, args: Args<C, E>, params: P): EventObject {
  if (typeof what === 'string') return { type: what };
  return typeof what === 'function' ? what(args, params) : what;
}
