/**
 * A system on real XState actors: one `createActor` whose root spawns every actor of the system, run one step at a time.
 *
 * XState itself computes the transitions, keeps the mailboxes and delivers what is sent synchronously. Three things are
 * taken out of its hands: a message that a channel declares goes into that channel, a delayed event waits until its timer
 * is fired as a step, and a message that nobody takes is reported, where XState would drop it in silence.
 *
 * It shares no code with the tables' way of running a step, on purpose: `replay` compares the two.
 *
 * What it does not do: take a step back. After a step that failed, the system is good for nothing but a look at its state.
 */
import type { AnyActor, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { ModelError, textOf } from '../system/errors.ts';
import { sentEvent } from '../system/message-types.ts';
import { Routes } from '../system/routes.ts';
import { ignoresUnhandled, type System } from '../system/system.ts';
import { xstateIn } from '../system/xstate.ts';
import { answeredAs, openGuardsOf } from '../tabulate/open-guards.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { boundedCopy, freeTimerId } from '../tabulate/stepper.ts';
import { STEP_MESSAGE_LIMIT } from '../tabulate/walker.ts';
import type { ActorState, ChannelMessage, SystemState, TraceMessage, TraceStep } from './trace.ts';
import { type Internals, intercept, withoutSideEffects } from './xstate-internals.ts';

/** What identifies a step, whatever state it is taken from. */
export type LiveStep = Pick<TraceStep, 'kind' | 'actor' | 'event' | 'timer' | 'channel' | 'place'>;

export interface LiveResult {
  /** What was sent and taken, in order. */
  readonly messages: readonly TraceMessage[];
  /** `blocked`: a refusal or a full channel disables the step; a `ModelError`: it broke off. */
  readonly outcome: 'done' | 'blocked' | ModelError;
}

/** A message on its way into an actor. */
interface Incoming {
  readonly from?: string;
  readonly to: string;
  readonly event: EventObject;
  readonly channel?: string;
  /** A timer's event may come to nothing; any other message must be taken. */
  readonly isTimer?: boolean;
}

interface ArmedTimer {
  readonly id: string;
  readonly event: EventObject;
  /** Of a delayed send to another actor. */
  readonly target?: unknown;
}

export class LiveSystem {
  readonly system: System;
  readonly #actors = new Map<string, AnyActor>();
  readonly #names = new Map<unknown, string>();
  readonly #monitors = new Map<string, AnyActor>();
  /** Those of the monitors. */
  readonly #machines = new Map<string, AnyStateMachine>();
  readonly #channels = new Map<string, ChannelMessage[]>();
  readonly #routes: Routes;
  readonly #timers = new Map<string, Map<string, ArmedTimer>>();
  /** What is in the mailbox of each actor, beside XState's own queue, which does not tell who sent what. */
  readonly #mailboxes = new Map<string, Incoming[]>();
  readonly #ended = new Set<string>();
  readonly #internals: Internals;
  #messages: TraceMessage[] = [];
  #taken = 0;
  #failure: 'blocked' | ModelError | undefined;

  /**
   * Starts all actors, in the order of their declaration.
   *
   * @param start which of several ways to start, counted from 0
   * @throws ModelError when a message that an actor sends at its start is not taken
   */
  constructor(system: System, start = 0) {
    this.system = system;
    this.#routes = new Routes(system.channels);
    for (const name of Object.keys(system.channels)) this.#channels.set(name, []);
    for (const name of Object.keys(system.actors)) {
      this.#timers.set(name, new Map());
      this.#mailboxes.set(name, []);
    }
    for (const property of system.properties) {
      if (property.kind === 'monitor') this.#startMonitor(property.name, property.machine, property.input);
    }

    let internals: Internals | undefined;
    const { createActor, createMachine } = xstateIn(system).xstate;
    const root = createMachine({
      context: ({ spawn, self }) => {
        internals = intercept(self.system, {
          relay: (source, target, event) => this.#relay(source, target, event),
          schedule: (source, target, event, id) => this.#schedule(source, target, event, id),
          cancel: (source, id) => this.#timers.get(this.#names.get(source)!)?.delete(id),
          stopped: (actor) => this.#end(actor),
          get: (name) => this.#get(name),
        });
        const inputs = system.starts[start]!;
        for (const [name, { machine, input: own }] of Object.entries(system.actors)) {
          const input = Object.hasOwn(inputs, name) ? inputs[name] : own;
          const actor = spawn(this.#tapped(name, machine), { id: name, systemId: name, input }) as AnyActor;
          this.#actors.set(name, actor);
          this.#names.set(actor, name);
        }
        return {};
      },
    });
    // XState would start those that are done from the beginning after all others.
    root.start = () => {
      for (const actor of this.#actors.values()) actor.start();
    };
    const rootActor = createActor(root, { logger: () => {} });
    this.#internals = internals!;
    rootActor.start();
    if (this.#failure === 'blocked') {
      throw new ModelError(
        'unhandled-message',
        'an actor sends a message at its start that is refused or whose channel is full',
      );
    }
    if (this.#failure) throw this.#failure;
  }

  /** Takes one step. Whether it is enabled shows in the outcome. */
  step({ kind, actor, event, timer, channel, place }: LiveStep): LiveResult {
    if (this.#failure) throw new Error('a live system cannot go on after a step that failed');
    this.#messages = [];
    this.#taken = 0;
    switch (kind) {
      case 'choice':
        this.#deliver({ to: actor, event });
        break;
      case 'timer':
        this.#fire(actor, timer!, event);
        break;
      case 'deliver':
        this.#remove(channel!, actor, event);
        this.#deliver({ to: actor, event, channel: channel! });
        break;
      case 'duplicate':
        this.#deliver({ to: actor, event, channel: channel! });
        break;
      case 'lose':
        this.#remove(channel!, actor, event, place);
        this.#log('lost', { to: actor, event, channel: channel! });
        break;
      default:
        kind satisfies never;
    }
    return { messages: this.#messages, outcome: this.#failure ?? 'done' };
  }

  state(): SystemState {
    const states = (actors: ReadonlyMap<string, AnyActor>) =>
      Object.fromEntries([...actors].map(([name, actor]) => [name, this.#stateOf(name, actor)]));
    return {
      actors: states(this.#actors),
      monitors: states(this.#monitors),
      channels: Object.fromEntries([...this.#channels].map(([name, messages]) => [name, [...messages]])),
    };
  }

  #stateOf(name: string, actor: AnyActor): ActorState {
    const { value, context } = actor.getSnapshot() as AnyMachineSnapshot;
    const timers = [...(this.#timers.get(name)?.keys() ?? [])].sort();
    return { value, context, ...(timers.length > 0 && { timers }) };
  }

  /** The same machine, with an ear at the moment when it takes a message. */
  #tapped(name: string, original: AnyStateMachine): AnyStateMachine {
    const machine = boundedCopy(original);
    const { getInitialSnapshot, transition } = machine;
    const open = openGuardsOf(original);
    machine.getInitialSnapshot = (scope, input) => {
      withoutSideEffects(scope);
      const snapshot = getInitialSnapshot(scope, input) as AnyMachineSnapshot;
      if (snapshot.status === 'error') this.#fail(thrownBy(name, snapshot.error));
      return snapshot;
    };
    const take: typeof transition = (snapshot, event, scope) => {
      const incoming = this.#mailboxes.get(name)!.shift();
      if (!incoming || this.#failure) return snapshot;
      try {
        const isPassed = !incoming.isTimer && machine.getTransitionData(snapshot, event).length === 0;
        if (isPassed && !this.#ignores(incoming)) {
          this.#refuse(incoming);
          return snapshot;
        }
        const next = transition(snapshot, event, scope);
        // What no transition takes may still be looked at by an `always` one.
        if (isPassed && next === snapshot) {
          this.#log('ignored', incoming);
          return snapshot;
        }
        if (++this.#taken > STEP_MESSAGE_LIMIT) {
          this.#fail(new ModelError('endless-loop', `more than ${STEP_MESSAGE_LIMIT} messages in one step`));
          return snapshot;
        }
        this.#log('taken', incoming);
        this.#observe(incoming);
        return next;
      } catch (error) {
        this.#log('refused', incoming);
        this.#fail(thrownBy(name, error));
        return snapshot;
      }
    };
    machine.transition = (snapshot, event, scope) =>
      open ? open.during(event, (bare) => take(snapshot, bare, scope)) : take(snapshot, event, scope);
    return machine;
  }

  /** What XState calls for every message, from an actor or from outside. */
  #relay(source: unknown, target: unknown, event: EventObject): void {
    const to = this.#names.get(target);
    // The root hears of actors that end; nobody waits for it.
    if (to === undefined || this.#failure) return;
    const from = this.#names.get(source)!;
    for (const [name, monitor] of this.#monitors) {
      const sent = sentEvent(this.#machines.get(name)!, from, to, event);
      if (sent) monitor.send(sent);
    }
    const channel = this.#channelFor(from, to, event.type);
    if (channel === undefined) {
      if (to in this.system.channels) {
        this.#fail(new ModelError('bad-definition', `channel "${to}" does not take ${event.type} from "${from}"`));
        return;
      }
      this.#deliver({ from, to, event });
      return;
    }
    const { capacity, whenFull, order } = this.system.channels[channel]!;
    const content = this.#channels.get(channel)!;
    const key = messageKey({ to, event });
    if (order === 'set' && content.some((message) => messageKey(message) === key)) {
      this.#log('merged', { from, to, event, channel });
    } else if (content.length < capacity) {
      content.push({ to, event });
      this.#log('queued', { from, to, event, channel });
    } else if (whenFull === 'drop') {
      this.#log('dropped', { from, to, event, channel });
    } else {
      this.#log('blocked', { from, to, event, channel });
      this.#fail('blocked');
    }
  }

  #deliver(incoming: Incoming): void {
    const { to, event } = incoming;
    if (this.#ended.has(to)) {
      this.#refuse(incoming);
      return;
    }
    this.#mailboxes.get(to)!.push(incoming);
    this.#internals.deliver(this.#actors.get(to)!, event);
  }

  #ignores({ to, event }: Incoming): boolean {
    return ignoresUnhandled(this.system, to) && !this.system.blocking.includes(event.type);
  }

  /** Of an actor that is done, or that has no transition. */
  #refuse(incoming: Incoming): void {
    const { to, event } = incoming;
    if (this.#ignores(incoming)) {
      this.#log('ignored', incoming);
      return;
    }
    this.#log('refused', incoming);
    if (this.system.blocking.includes(event.type)) this.#fail('blocked');
    else {
      this.#fail(new ModelError('unhandled-message', `actor "${to}" has no transition for ${event.type}`));
    }
  }

  /** An actor is done, and XState throws away what is left in its mailbox. */
  #end(actor: unknown): void {
    const name = this.#names.get(actor);
    if (name === undefined) return;
    this.#ended.add(name);
    this.#timers.get(name)!.clear();
    for (const left of this.#mailboxes.get(name)!) if (!this.#failure) this.#refuse(left);
  }

  #observe({ to, event }: Incoming): void {
    const observed = { type: event.type, to, message: event };
    for (const monitor of this.#monitors.values()) monitor.send(observed);
  }

  #startMonitor(name: string, original: AnyStateMachine, input: unknown): void {
    const machine = boundedCopy(original);
    const { getInitialSnapshot } = machine;
    machine.getInitialSnapshot = (scope, initial) => {
      withoutSideEffects(scope);
      return getInitialSnapshot(scope, initial);
    };
    const monitor = xstateIn(this.system).xstate.createActor(machine, { input, logger: () => {} }) as AnyActor;
    monitor.subscribe({ error: (error) => this.#fail(thrownBy(name, error)) });
    this.#machines.set(name, original);
    this.#monitors.set(name, monitor.start());
  }

  #schedule(source: unknown, target: unknown, event: EventObject, id: string | undefined): void {
    const name = this.#names.get(source)!;
    const armed = this.#timers.get(name)!;
    const key = id ?? freeTimerId(armed as ReadonlyMap<string, unknown>, event);
    armed.set(key, { id: key, event, ...(source !== target && { target }) });
  }

  #fire(actor: string, id: string, step: EventObject): void {
    const armed = this.#timers.get(actor)!;
    const timer = armed.get(id);
    if (!timer) throw new Error(`actor "${actor}" has no timer ${id}`);
    armed.delete(id);
    if (timer.target !== undefined) {
      this.#log('taken', { to: actor, event: timer.event });
      this.#relay(this.#actors.get(actor), timer.target, timer.event);
      return;
    }
    this.#deliver({ to: actor, event: answeredAs(timer.event, step), isTimer: true });
  }

  #remove(channel: string, to: string, event: EventObject, place?: number): void {
    const content = this.#channels.get(channel)!;
    const wanted = messageKey({ to: this.system.channels[channel]!.competing ? channel : to, event });
    const at = place ?? content.findIndex((message) => messageKey(message) === wanted);
    const isThere = content[at] !== undefined && messageKey(content[at]) === wanted;
    const { order, lossy } = this.system.channels[channel]!;
    if (!isThere || (at > 0 && order === 'fifo' && (place === undefined || lossy !== 'anywhere'))) {
      throw new Error(`channel "${channel}" has no ${event.type} for "${to}" to give out`);
    }
    content.splice(at, 1);
  }

  #channelFor(from: string, to: string, type: string): string | undefined {
    return this.#routes.carrying(from, to, type)[0];
  }

  /** An actor can address one that is declared after it while it enters its own initial state, and a channel: by a stand-in. */
  #get(name: string): object {
    const actor = this.#actors.get(name);
    if (actor) return actor;
    if (!(name in this.system.actors) && !this.system.channels[name]?.competing) {
      throw new ModelError('unknown-actor', `there is no actor "${name}"`);
    }
    const standIn = { id: name, systemId: name, sessionId: name };
    this.#names.set(standIn, name);
    return standIn;
  }

  #log(fate: TraceMessage['fate'], { from, to, event, channel }: Incoming): void {
    this.#messages.push({
      fate,
      ...(from !== undefined && { from }),
      to,
      event,
      ...(channel !== undefined && { channel }),
    });
  }

  /** The first failure counts; from then on nothing is taken any more. */
  #fail(failure: 'blocked' | ModelError): void {
    this.#failure ??= failure;
  }
}

function messageKey({ to, event }: ChannelMessage): string {
  return `${to} ${canonicalKey(event, 'message')}`;
}

function thrownBy(name: string, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const text = textOf(error);
  const code = text.startsWith('Infinite loop detected') ? 'endless-loop' : 'exception';
  return new ModelError(code, `actor "${name}" threw: ${text}`, '', { cause: error });
}
