/**
 * The one adapter to XState: a machine and a local state in, the next local state and the messages sent out.
 *
 * It calls the machine's own pure `transition` with one inert scope per actor (2-7 µs; XState's `transition()` builds a
 * whole actor per call, 15-30 µs) and reads the effects from the actions that XState hands to the scope's executor.
 * A conformance test holds it equal to XState's public pure functions and to live actors.
 *
 * It refuses, with a `ModelError`, everything that would make a table wrong: spawned or invoked actors, context that is
 * not plain data, steps that are not repeatable, endless `always` loops, exceptions, delayed sends to others, and guards
 * that look into another actor.
 */
import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyTransitionDefinition,
  EventObject,
  StateNode,
} from 'xstate';
import { closest, ModelError } from '../system/errors.ts';
import { inPerturbedWorld } from './perturb.ts';
import { canonicalKey, deepFreeze } from './plain.ts';

/** A timer that an `after` or a delayed `raise` armed; it may fire at any moment. */
export interface Timer {
  readonly id: string;
  readonly event: EventObject;
}

/** What an actor is, between steps. Equal keys mean equal local states. */
export interface LocalState {
  readonly snapshot: AnyMachineSnapshot;
  /** Sorted by id. */
  readonly timers: readonly Timer[];
  readonly key: string;
}

export interface Sent {
  readonly to: string;
  readonly event: EventObject;
}

/** What taking one message does. */
export interface Reaction {
  readonly next: LocalState;
  /** In the order in which XState would deliver them. */
  readonly sends: readonly Sent[];
  /** The machine has a transition, but one that does nothing: `EVENT: {}`. */
  readonly forbidden: boolean;
}

/** Microsteps within one macrostep before it counts as an endless `always` or `raise` loop; no real model comes near. */
const MICROSTEP_LIMIT = 10_000;

interface Effects {
  sends: Sent[];
  timers: Map<string, EventObject>;
}

export class Stepper {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly #input: unknown;
  readonly #self: object;
  readonly #names: ReadonlyMap<object, string>;
  readonly #scope: AnyActorScope;
  #effects: Effects = { sends: [], timers: new Map() };
  /** Calls of the machine's `transition` and initial functions so far. */
  calls = 0;

  /** @param addresses one inert reference per actor of the system; `system.get` hands them out. */
  constructor(name: string, machine: AnyStateMachine, input: unknown, addresses: ReadonlyMap<string, object>) {
    this.name = name;
    this.machine = boundedCopy(machine);
    this.#input = input;
    this.#self = addresses.get(name) ?? inertReference(name);
    this.#names = new Map([...addresses, [name, this.#self] as const].map(([actor, address]) => [address, actor]));
    refuseChildren(name, this.machine.root);
    this.#scope = {
      self: this.#self,
      id: name,
      sessionId: name,
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      system: inertSystem(name, addresses),
      actionExecutor: (action: { type: string; params?: unknown }) => this.#record(action.type, action.params),
    } as unknown as AnyActorScope;
  }

  /** The initial local state and the messages that entering it sends. */
  initial(): Reaction {
    return this.#repeatable('its initial state', () => {
      const snapshot = this.machine.getInitialSnapshot(this.#scope, this.#input) as AnyMachineSnapshot;
      if (snapshot.status === 'error') throw snapshot.error;
      return snapshot;
    });
  }

  /** What the actor does with a message in a local state; undefined when it has no transition for it. */
  react(local: LocalState, event: EventObject): Reaction | undefined {
    if (local.snapshot.status !== 'active') return undefined;
    const what = `${describe(local)}, message ${event.type}`;
    const transitions = this.#guarded(what, () => this.machine.getTransitionData(local.snapshot, event));
    if (transitions.length === 0) return undefined;
    const forbidden = (transitions as AnyTransitionDefinition[]).every(
      (transition) => transition.target === undefined && transition.actions.length === 0,
    );
    const reaction = this.#repeatable(what, () => this.machine.transition(local.snapshot, event, this.#scope), local);
    return forbidden ? { ...reaction, forbidden } : reaction;
  }

  /** What happens when an armed timer fires: it is gone, and its event is taken or, as in XState, comes to nothing. */
  fire(local: LocalState, timer: Timer): Reaction {
    const timers = local.timers.filter((armed) => armed !== timer);
    const disarmed = { snapshot: local.snapshot, timers, key: this.#keyOf(local.snapshot, timers) };
    return this.react(disarmed, timer.event) ?? { next: disarmed, sends: [], forbidden: false };
  }

  /** Takes the step twice, the second time in a perturbed world, and insists on equal results. */
  #repeatable(what: string, step: () => AnyMachineSnapshot, local?: LocalState): Reaction {
    const before = local && this.#keyOf(local.snapshot, local.timers);
    const reaction = this.#once(what, step, local);
    const again = inPerturbedWorld(() => this.#once(what, step, local));
    const [first, second] = [this.#reactionKey(reaction), this.#reactionKey(again)];
    if (first !== second) {
      throw new ModelError(
        'not-repeatable',
        `actor "${this.name}" (${what}): the same step gave two results: ${difference(first, second)}`,
        'a guard, action or context factory reads a clock, a random source or a variable outside its context; pass it in by the event',
      );
    }
    if (local && before !== this.#keyOf(local.snapshot, local.timers)) {
      throw mutated(this.name, what);
    }
    return reaction;
  }

  #once(what: string, step: () => AnyMachineSnapshot, local?: LocalState): Reaction {
    const timers = new Map(local?.timers.map((timer) => [timer.id, timer.event]));
    this.#effects = { sends: [], timers };
    this.calls++;
    const snapshot = this.#guarded(what, step);
    if (Object.keys(snapshot.children).length > 0) throw spawned(this.name);
    deepFreeze(snapshot.context);
    const armed = snapshot.status === 'active' ? [...timers].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
    const next = armed.map(([id, event]) => ({ id, event }));
    return {
      next: { snapshot, timers: next, key: this.#keyOf(snapshot, next) },
      sends: this.#effects.sends,
      forbidden: false,
    };
  }

  /** Runs machine code and turns what it throws into a model error that names the actor and the step. */
  #guarded<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof ModelError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      if (text.startsWith('Infinite loop detected')) {
        throw new ModelError(
          'endless-loop',
          `actor "${this.name}" (${what}): more than ${MICROSTEP_LIMIT} microsteps without coming to rest`,
          'look for `always` transitions or raised events that lead back to where they start',
          { cause: error },
        );
      }
      if (error instanceof TypeError && /read only|not extensible|Cannot (add|delete) property/.test(text)) {
        throw mutated(this.name, `${what}: ${text}`);
      }
      throw new ModelError(
        'exception',
        `actor "${this.name}" (${what}) threw: ${text}`,
        'guards and actions must not throw',
        {
          cause: error,
        },
      );
    }
  }

  #record(type: string, params: unknown): void {
    const { sends, timers } = this.#effects;
    switch (type) {
      case 'xstate.sendTo': {
        const { to, event, delay } = params as { to: object; event: EventObject; delay?: number };
        const name = this.#names.get(to);
        if (name === undefined) {
          throw new ModelError(
            'unknown-actor',
            `actor "${this.name}" sends ${event.type} to something that is not an actor of the system`,
            "address actors by `({ system }) => system.get('name')`",
          );
        }
        if (delay !== undefined) {
          throw new ModelError(
            'unsupported-action',
            `actor "${this.name}" sends ${event.type} to "${name}" with a delay`,
            'raise a delayed event to itself and send from its transition, or declare a channel',
          );
        }
        sends.push({ to: name, event: plainEvent(event, this.name) });
        return;
      }
      case 'xstate.raise': {
        const { event, delay, id } = params as { event: EventObject; delay?: number; id?: string };
        // Without a delay XState has already processed it within this macrostep.
        if (delay === undefined) return;
        timers.set(id ?? freeTimerId(timers, event), plainEvent(event, this.name));
        return;
      }
      case 'xstate.cancel':
        timers.delete((params as { sendId: string }).sendId);
        return;
      case 'xstate.spawnChild':
      case 'xstate.stopChild':
        throw spawned(this.name);
      default:
        // Logs, emitted events and the user's own side effects: nothing that another actor could take.
        return;
    }
  }

  #keyOf(snapshot: AnyMachineSnapshot, timers: readonly Timer[]): string {
    const history: Record<string, string[]> = {};
    for (const [id, nodes] of Object.entries((snapshot.historyValue ?? {}) as Record<string, StateNode[]>)) {
      history[id] = nodes.map((node) => node.id).sort();
    }
    const where = `context of actor "${this.name}"`;
    return [
      snapshot.status === 'active' ? '' : snapshot.status,
      canonicalKey(snapshot.value, where),
      canonicalKey(snapshot.context, where),
      canonicalKey(history, where),
      timers.map((timer) => `${timer.id}=${canonicalKey(timer.event, `timer of actor "${this.name}"`)}`).join(','),
    ].join(' ');
  }

  #reactionKey({ next, sends }: Reaction): string {
    return [next.key, ...sends.map(({ to, event }) => `${to}<-${canonicalKey(event, `message to "${to}"`)}`)].join(
      '\n',
    );
  }
}

/** References to the actors of a system, as `system.get` hands them out: good as addresses, useless for anything else. */
export function inertAddresses(names: readonly string[]): ReadonlyMap<string, object> {
  return new Map(names.map((name) => [name, inertReference(name)]));
}

function inertReference(name: string): object {
  const refuse = (what: string) => () => {
    throw new ModelError(
      'unsupported-action',
      `a machine calls ${what} on actor "${name}" while it computes a step`,
      'a step may read its own context and event only; ask the other actor by a message',
    );
  };
  return {
    id: name,
    systemId: name,
    sessionId: name,
    send: refuse('send()'),
    getSnapshot: refuse('getSnapshot()'),
    subscribe: refuse('subscribe()'),
    on: refuse('on()'),
  };
}

function inertSystem(owner: string, addresses: ReadonlyMap<string, object>): object {
  return {
    get: (name: string) => {
      const address = addresses.get(name);
      if (address) return address;
      const guess = closest(name, addresses.keys());
      throw new ModelError(
        'unknown-actor',
        `actor "${owner}" looks up the actor "${name}", which does not exist`,
        guess ? `did you mean "${guess}"?` : `there are: ${[...addresses.keys()].join(', ')}`,
      );
    },
    getAll: () => Object.fromEntries(addresses),
    _sendInspectionEvent: () => {},
    // XState books an id first whenever it creates an actor.
    _bookId: () => {
      throw spawned(owner);
    },
  };
}

/** A copy with the same config and implementations that stops endless loops, which XState by default does not. */
function boundedCopy(machine: AnyStateMachine): AnyStateMachine {
  const copy = machine.provide({}) as AnyStateMachine & { options: { maxIterations?: number } };
  copy.options.maxIterations = Math.min(copy.options.maxIterations ?? MICROSTEP_LIMIT, MICROSTEP_LIMIT);
  return copy;
}

function refuseChildren(name: string, node: StateNode): void {
  if (node.invoke.length > 0) throw spawned(name, ` in state "${node.id}"`);
  for (const child of Object.values(node.states)) refuseChildren(name, child as StateNode);
}

function spawned(name: string, where = ''): ModelError {
  return new ModelError(
    'spawned-actor',
    `actor "${name}" spawns or invokes another actor${where}`,
    'the system owns the composition: make the child an actor of the system and talk to it by messages',
  );
}

function mutated(name: string, what: string): ModelError {
  return new ModelError(
    'not-repeatable',
    `actor "${name}" (${what}) changes a context or message in place`,
    'build a new value in `assign` instead of changing the old one',
  );
}

function plainEvent(event: EventObject, sender: string): EventObject {
  canonicalKey(event, `message ${event.type} of actor "${sender}"`);
  return deepFreeze(event);
}

function freeTimerId(timers: ReadonlyMap<string, EventObject>, event: EventObject): string {
  const key = canonicalKey(event, 'timer');
  let index = 0;
  while (timers.has(`${key}#${index}`)) index++;
  return `${key}#${index}`;
}

/** A local state as people read it: `waiting {"page":1}`. */
export function describe(local: LocalState): string {
  const { value, context } = local.snapshot;
  const where = typeof value === 'string' ? value : JSON.stringify(value);
  return Object.keys(context ?? {}).length === 0 ? `state ${where}` : `state ${where} ${JSON.stringify(context)}`;
}

function difference(a: string, b: string): string {
  let at = 0;
  while (a[at] === b[at]) at++;
  const cut = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  return `${cut(a)} and ${cut(b)}`;
}
