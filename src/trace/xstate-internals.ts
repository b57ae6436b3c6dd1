/**
 * XState's internals, as of xstate 5.33: all that Faultline knows of how its actors run is in this file.
 *
 * The names with an underscore are no public API. If a release changes them, live actors stop agreeing with the tables
 * and the conformance test fails; what `check` finds does not depend on them.
 */
import type { AnyActor, AnyActorScope, EventObject } from 'xstate';

export interface Internals {
  /** XState's own delivery: into the mailbox, and processed at once unless the actor is busy or has not started. */
  deliver(target: AnyActor, event: EventObject): void;
}

export interface Interception {
  relay(source: unknown, target: unknown, event: EventObject): void;
  schedule(source: unknown, target: unknown, event: EventObject, id: string | undefined): void;
  cancel(source: unknown, id: string): void;
  stopped(actor: unknown): void;
  get(name: string): object;
}

/**
 * Takes over an actor system: every `sendTo` and every `actor.send` goes through `_relay`, every delayed event through
 * `scheduler`, and an actor that ends calls `_unregister`. The last one also forgets the actor's name, so that
 * `system.get` would give undefined, and `sendTo(undefined)` sends to the sender itself; hence `get`.
 */
export function intercept(actorSystem: unknown, interception: Interception): Internals {
  const system = actorSystem as {
    _relay(source: unknown, target: unknown, event: EventObject): void;
    _unregister(actor: unknown): void;
    get(name: string): unknown;
    scheduler: unknown;
  };
  const relay = system._relay;
  system._relay = interception.relay;
  system.get = interception.get;
  system._unregister = (actor) => {
    // Also called for an actor that is done before it is started, which still has its initial sends to make.
    if ((actor as { _processingStatus: number })._processingStatus === STOPPED) interception.stopped(actor);
  };
  system.scheduler = {
    schedule: (source: unknown, target: unknown, event: EventObject, _delay: number, id?: string) =>
      interception.schedule(source, target, event, id),
    cancel: interception.cancel,
    cancelAll: () => {},
  };
  return { deliver: (target, event) => relay(undefined, target, event) };
}

/** `ProcessingStatus.Stopped`. */
const STOPPED = 2;

/**
 * A replay writes no logs and calls no actions of the user's own: to the tables, too, they are nothing. All actions of an
 * actor, the initial ones included, go through its scope's executor.
 */
export function withoutSideEffects(scope: AnyActorScope): void {
  const { actionExecutor } = scope;
  scope.actionExecutor = (action) => {
    if (action.type.startsWith('xstate.')) actionExecutor(action);
  };
}
