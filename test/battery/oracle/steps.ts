/**
 * The steps of a system, taken on XState's snapshots as docs/semantics.md says, and on nothing else of Faultline: no tables, no
 * integers, no replay. A global state holds the snapshots themselves.
 *
 * It knows what the generator of `mixed-systems.ts` uses: timers have ids, and there is no spawning.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import type { Observed } from '../../../src/system/property.ts';
import type { CompleteChannel, System } from '../../../src/system/system.ts';
import { compare } from './canonical.ts';
import { messageText } from './names.ts';

export interface Envelope {
  readonly to: string;
  readonly event: EventObject;
}

/** One machine at rest, with its armed timers by id. */
export interface Local {
  readonly snapshot: AnyMachineSnapshot;
  readonly timers: ReadonlyMap<string, EventObject>;
}

export interface GlobalState {
  readonly actors: readonly Local[];
  readonly monitors: readonly Local[];
  /** Oldest first; of an unordered channel by their text. */
  readonly channels: readonly (readonly Envelope[])[];
}

export interface Step {
  readonly kind: 'choice' | 'timer' | 'deliver' | 'duplicate' | 'lose';
  readonly actor: string;
  readonly event: EventObject;
  readonly timer?: string;
  readonly channel?: string;
}

export interface Taken {
  readonly state: GlobalState;
  /** All that actors took within it, in order. */
  readonly messages: readonly Envelope[];
}

/** What a model must not do; the code is that of a `ModelError`. */
export class Fault extends Error {
  readonly code: string;

  constructor(code: string, message = code) {
    super(message);
    this.code = code;
  }
}

/** The step is disabled. */
const REFUSED = new Error('refused');
/** Far more than any machine of the generator does without going round for ever; the rule says 10,000, which would take long. */
const ENDLESS = 500;

export class Steps {
  readonly #system: System;
  readonly #names: readonly string[];
  readonly #monitors: readonly { machine: AnyStateMachine; input?: unknown }[];
  readonly #channelNames: readonly string[];

  constructor(system: System) {
    this.#system = system;
    this.#names = Object.keys(system.actors);
    this.#channelNames = Object.keys(system.channels);
    this.#monitors = system.properties.filter((property) => property.kind === 'monitor');
  }

  /** @throws Fault */
  initial(): Taken {
    const run = new Run(this.#system, {
      actors: this.#names.map(() => undefined as never),
      monitors: this.#monitors.map(({ machine, input }) => react(machine, 'monitor', { input }, []).local),
      channels: this.#channelNames.map(() => []),
    });
    try {
      return run.start();
    } catch (error) {
      // There is no state before it to stay in.
      if (error === REFUSED) throw new Fault('unhandled-message', 'refused at the start');
      throw error;
    }
  }

  /** The enabled steps in their order; the last one may be a fault, after which nothing is known. */
  *from(state: GlobalState): Generator<{ step: Step; taken: Taken } | { step: Step; fault: Fault }> {
    for (const step of this.#candidates(state)) {
      try {
        yield { step, taken: this.#take(state, step) };
      } catch (error) {
        if (error === REFUSED) continue;
        if (!(error instanceof Fault)) throw error;
        yield { step, fault: error };
        return;
      }
    }
  }

  *#candidates(state: GlobalState): Generator<Step> {
    for (const [at, actor] of this.#names.entries()) {
      const { snapshot, timers } = state.actors[at]!;
      for (const event of this.#system.actors[actor]!.choices) {
        if (snapshot.status === 'active' && snapshot.can(event)) yield { kind: 'choice', actor, event };
      }
      for (const timer of [...timers.keys()].sort(compare))
        yield { kind: 'timer', actor, event: timers.get(timer)!, timer };
    }
    for (const [at, channel] of this.#channelNames.entries()) {
      const { order, duplicating, lossy } = this.#system.channels[channel]!;
      const content = state.channels[at]!;
      const first = new Map(content.map((message) => [messageText(message), message]));
      for (const { to: actor, event } of order === 'fifo' ? content.slice(0, 1) : first.values()) {
        yield { kind: 'deliver', actor, event, channel };
        if (duplicating) yield { kind: 'duplicate', actor, event, channel };
        if (lossy) yield { kind: 'lose', actor, event, channel };
      }
    }
  }

  #take(state: GlobalState, { kind, actor, event, timer, channel }: Step): Taken {
    const run = new Run(this.#system, state);
    if (kind === 'deliver' || kind === 'lose') run.leave(channel!, { to: actor, event });
    if (kind === 'timer') run.disarm(actor, timer!);
    if (kind !== 'lose') run.take(actor, event, kind === 'timer');
    return run.end();
  }
}

/** One step on copies of what it changes. */
class Run {
  readonly #system: System;
  readonly #names: readonly string[];
  readonly #monitors: readonly { machine: AnyStateMachine }[];
  readonly #actors: Local[];
  readonly #monitorStates: Local[];
  readonly #channels: Record<string, Envelope[]>;
  /** Of actors that are in the middle of something: what waits for them, oldest first. */
  readonly #mail = new Map<string, EventObject[]>();
  readonly #messages: Envelope[] = [];

  constructor(system: System, state: GlobalState) {
    this.#system = system;
    this.#names = Object.keys(system.actors);
    this.#monitors = system.properties.filter((property) => property.kind === 'monitor');
    this.#actors = [...state.actors];
    this.#monitorStates = [...state.monitors];
    this.#channels = Object.fromEntries(
      Object.keys(system.channels).map((name, at) => [name, [...state.channels[at]!]]),
    );
  }

  start(): Taken {
    const sent = this.#names.map((name, at) => {
      const { machine, input } = this.#system.actors[name]!;
      const { local, sends } = react(machine, name, { input }, this.#names);
      this.#actors[at] = local;
      this.#mail.set(name, []);
      return sends;
    });
    for (const [at, name] of this.#names.entries()) {
      this.#send(name, sent[at]!);
      this.#empty(name);
    }
    return this.end();
  }

  end(): Taken {
    const channels = Object.entries(this.#channels).map(([name, content]) =>
      this.#system.channels[name]!.order === 'fifo' ? content : sorted(content),
    );
    return { state: { actors: this.#actors, monitors: this.#monitorStates, channels }, messages: this.#messages };
  }

  leave(channel: string, message: Envelope): void {
    const content = this.#channels[channel]!;
    const wanted = messageText(message);
    content.splice(
      content.findIndex((other) => messageText(other) === wanted),
      1,
    );
  }

  disarm(actor: string, timer: string): void {
    const at = this.#names.indexOf(actor);
    const timers = new Map(this.#actors[at]!.timers);
    timers.delete(timer);
    this.#actors[at] = { ...this.#actors[at]!, timers };
  }

  take(actor: string, event: EventObject, isTimer = false): void {
    const waiting = this.#mail.get(actor);
    if (waiting) {
      waiting.push(event);
      return;
    }
    this.#mail.set(actor, []);
    this.#react(actor, event, isTimer);
    this.#empty(actor);
  }

  #empty(actor: string): void {
    const waiting = this.#mail.get(actor)!;
    while (waiting.length > 0) this.#react(actor, waiting.shift()!, false);
    this.#mail.delete(actor);
  }

  #react(actor: string, event: EventObject, isTimer: boolean): void {
    const at = this.#names.indexOf(actor);
    const { machine } = this.#system.actors[actor]!;
    const before = this.#actors[at]!;
    if (!isTimer && !hasTransition(before.snapshot, event)) {
      if (this.#system.blocking.includes(event.type)) throw REFUSED;
      throw new Fault('unhandled-message', `${actor} does not take ${event.type}`);
    }
    this.#messages.push({ to: actor, event });
    if (this.#messages.length > ENDLESS) throw new Fault('endless-loop');
    const { local, sends } = react(machine, actor, { before, event }, this.#names);
    this.#actors[at] = local;
    this.#observe({ type: event.type, to: actor, message: event });
    this.#send(actor, sends);
  }

  #observe(event: Observed): void {
    for (const [at, { machine }] of this.#monitors.entries()) {
      const before = this.#monitorStates[at]!;
      if (hasTransition(before.snapshot, event)) {
        this.#monitorStates[at] = react(machine, 'monitor', { before, event }, []).local;
      }
    }
  }

  #send(from: string, sends: readonly Envelope[]): void {
    for (const message of sends) {
      const { to, event } = message;
      const channels = Object.entries(this.#system.channels).filter(([, one]) => carries(one, from, to, event.type));
      if (channels.length > 1) throw new Fault('bad-definition', 'two channels for one message');
      const [channel] = channels;
      if (!channel) {
        this.take(to, event);
        continue;
      }
      const [name, { capacity, whenFull }] = channel;
      const content = this.#channels[name]!;
      if (content.length < capacity) content.push(message);
      else if (whenFull === 'block') throw REFUSED;
    }
  }
}

function sorted(content: readonly Envelope[]): Envelope[] {
  return [...content].sort((one, other) => compare(messageText(one), messageText(other)));
}

function carries({ from, to, types }: CompleteChannel, sender: string, receiver: string, type: string): boolean {
  return (
    (from === undefined || from.includes(sender)) &&
    to.includes(receiver) &&
    (types.length === 0 || types.includes(type))
  );
}

function hasTransition(snapshot: AnyMachineSnapshot, event: EventObject): boolean {
  return snapshot.status === 'active' && snapshot.machine.getTransitionData(snapshot, event).length > 0;
}

type Cause = { input: unknown } | { before: Local; event: EventObject };

/** Starts a machine or has it take an event, and collects what it asks to be done. */
function react(machine: AnyStateMachine, name: string, cause: Cause, names: readonly string[]) {
  const timers = new Map('before' in cause ? cause.before.timers : []);
  const sends: Envelope[] = [];
  let microsteps = 0;
  const references = new Map(names.map((one) => [one, { id: one }]));
  const scope = {
    id: name,
    sessionId: name,
    self: references.get(name) ?? { id: name },
    system: {
      get(wanted: string) {
        const reference = references.get(wanted);
        if (!reference) throw new Fault('unknown-actor');
        return reference;
      },
      _sendInspectionEvent() {
        if (++microsteps > ENDLESS) throw new Fault('endless-loop');
      },
    },
    logger: () => {},
    emit: () => {},
    defer: () => {},
    stopChild: () => {},
    actionExecutor({ type, params }: ExecutableAction) {
      switch (type) {
        case 'xstate.sendTo':
          sends.push({ to: params.to!.id, event: params.event! });
          break;
        case 'xstate.raise':
          if (params.delay === undefined) break;
          if (params.id === undefined) throw new Error('the oracle knows no timers without an id');
          timers.set(params.id, params.event!);
          break;
        case 'xstate.cancel':
          timers.delete(params.sendId!);
          break;
        // Others do nothing that counts.
      }
    },
  } as unknown as AnyActorScope;
  let snapshot: AnyMachineSnapshot;
  try {
    snapshot =
      'before' in cause
        ? machine.transition(cause.before.snapshot, cause.event, scope)
        : machine.getInitialSnapshot(scope, cause.input as never);
    if (snapshot.status === 'error') throw snapshot.error;
  } catch (error) {
    throw error instanceof Fault ? error : new Fault('exception', String(error));
  }
  if (snapshot.status !== 'active') timers.clear();
  return { local: { snapshot, timers } satisfies Local, sends };
}

interface ExecutableAction {
  type: string;
  params: { to?: { id: string }; event?: EventObject; delay?: number; id?: string; sendId?: string };
}
