/**
 * The one adapter to XState: a machine and a local state in, the next local state and the messages sent out.
 *
 * It calls the machine's own pure `transition` with one inert scope per actor (2-7 µs; XState's `transition()` builds a
 * whole actor per call, 15-30 µs) and reads the effects from the actions that XState hands to the scope's executor.
 * A conformance test holds it equal to XState's public pure functions and to live actors.
 *
 * It refuses, with a `ModelError`, everything that would make a table wrong: spawned or invoked actors, context that is
 * not plain data, steps that are not repeatable, endless `always` loops, exceptions, and guards that look into another actor.
 */
import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  EventObject,
  InspectionEvent,
  StateNode,
} from 'xstate';
import { closest, ModelError, textOf } from '../system/errors.ts';
import { isRefusedWrite, isThenable } from './answers.ts';
import { KeyOrders } from './key-order.ts';
import { answeredAs, type OpenGuards, openGuardsOf } from './open-guards.ts';
import { type Asked, inPerturbedWorld } from './perturb.ts';
import { canonicalKey, copyOf, deepFreeze, isSameOrder, orderedKey } from './plain.ts';
import { runPlainAction } from './plain-action.ts';
import { Review } from './review.ts';
import { hearGuards, watchGuards } from './watched-guards.ts';

/**
 * A timer that an `after` or a delayed `raise` armed. It may fire at any moment, but not before those that its actor armed in the same step
 * with a shorter delay.
 */
export interface Timer {
  readonly id: string;
  readonly event: EventObject;
  /** Of a delayed `sendTo`: the actor that is sent the event when it fires; left out when that is the timer's own actor. */
  readonly to?: string;
  /** The ids of those, as far as they are armed still; left out when there are none. */
  readonly after?: readonly string[];
}

type Armed = Pick<Timer, 'event' | 'to'>;

/** What an actor is, between steps. Equal keys mean equal local states. */
export interface LocalState {
  readonly snapshot: AnyMachineSnapshot;
  /** Sorted by id. */
  readonly timers: readonly Timer[];
  readonly key: string;
}

/** What a step starts from. */
type Situation = Omit<LocalState, 'key'>;

export interface Sent {
  readonly to: string;
  readonly event: EventObject;
}

/** What taking one message does. */
export interface Reaction {
  readonly next: LocalState;
  /** In the order in which XState would deliver them. */
  readonly sends: readonly Sent[];
  /**
   * The timers of `next` that this step has armed, also those that were armed already and start anew, with their delays in
   * milliseconds. No part of the local state: when a timer fires is no matter of what may happen.
   */
  readonly armed: readonly ArmedTimer[];
}

export interface ArmedTimer extends Timer {
  readonly delay: number;
}

/** Hears what XState does within a step. The transitions and state nodes are those of `Stepper.machine`. */
export interface Listener {
  /** Transitions were taken, none when the event had no effect; `nodes` are the active ones after that. */
  microstep(event: EventObject, transitions: readonly AnyTransitionDefinition[], nodes: readonly AnyStateNode[]): void;
  /** A transition's guard was asked. */
  guard(transition: AnyTransitionDefinition, outcome: boolean): void;
}

/** Microsteps within one macrostep before it counts as an endless `always` or `raise` loop; no real model comes near. */
const MICROSTEP_LIMIT = 10_000;

/** So many steps of a kind are taken twice, and then every so many. */
const TWICE_AT_FIRST = 8;
const TWICE_EVERY = 16;

/** What an action without a name is called: after the property that it stands in. */
const INLINE: ReadonlySet<string> = new Set(['actions', 'entry', 'exit', '(anonymous)']);

const ADDRESS_HINT = "address actors by `({ system }) => system.get('name')`";
/** Both look the same from here: `send` to a key that the context has not, and `reply` to a message that says nobody. */
const NAME_HINT =
  'names are data: the actor has no such key in its `input`, or the message that it answers says no name, as `by` does';

/** What a step is, for an error; made up only when there is one. */
type Describe = () => string;

interface Effects {
  sends: Sent[];
  timers: Map<string, Armed>;
  /** By the id of a timer that the step arms. */
  delays: Map<string, number>;
  /** The actions that are functions of the modeller's own. They are not run. */
  actions: ExecutableAction[];
}

/** As XState hands it to its executor. */
interface ExecutableAction {
  readonly type: string;
  readonly params: unknown;
  readonly info: { readonly context: unknown; readonly event: EventObject };
  readonly exec: ((info: unknown, params: unknown) => unknown) | undefined;
}

/** Takes a step from a local state, and maybe by a message, that it is given. */
type Take = (from: AnyMachineSnapshot, event: EventObject) => AnyMachineSnapshot;

export class Stepper {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly #input: unknown;
  readonly #self: object;
  readonly #names: WeakMap<object, string>;
  readonly #scope: AnyActorScope;
  readonly #orders: KeyOrders<LocalState>;
  readonly #eventOrders: KeyOrders<EventObject>;
  readonly #review: Review;
  /** Guards that nobody has implemented, if they may go both ways. */
  readonly #openGuards: OpenGuards | undefined;
  #effects: Effects = { sends: [], timers: new Map(), delays: new Map(), actions: [] };
  /** The guard that has returned a promise. */
  #promised: string | undefined;
  /** What a guard has thrown. */
  #thrown: unknown;
  /** How many guards have been asked. */
  #guardsAsked = 0;
  /** What was found to be not repeatable need not show a second time, and stays refused. */
  #unrepeatable: ModelError | undefined;
  #listener: Listener | undefined;
  #guardsAreWatched = false;
  /** How often the machine has been taken through steps of a kind. */
  readonly #times = new Map<string, number>();
  /** Calls of the machine's `transition` and initial functions so far. */
  calls = 0;

  /**
   * @param addresses one inert reference per actor of the system; `system.get` hands them out.
   * @param review hears of what is to be looked at once more in the end
   */
  constructor(
    name: string,
    machine: AnyStateMachine,
    input: unknown,
    addresses: ReadonlyMap<string, object>,
    review: Review = new Review(),
  ) {
    this.name = name;
    this.machine = boundedCopy(machine);
    this.#openGuards = openGuardsOf(machine);
    this.#input = input;
    this.#review = review;
    this.#self = addresses.get(name) ?? inertReference(name);
    this.#names = namesIn(addresses);
    this.#orders = new KeyOrders<LocalState>(isSameStateOrder, (one, other) =>
      orderMatters(name, 'its context', `${describe(one)} and ${describe(other)}`),
    );
    this.#eventOrders = new KeyOrders<EventObject>(isSameOrder, (one, other) =>
      orderMatters(name, 'a message', `${orderedKey(one)} and ${orderedKey(other)}`),
    );
    refuseChildren(name, this.machine.root);
    hearGuards(this.machine, {
      returned: (guard, outcome) => {
        this.#guardsAsked++;
        if (isThenable(outcome)) this.#promised ??= guard;
      },
      threw: (error) => {
        this.#thrown = error;
      },
    });
    this.#scope = {
      self: this.#self,
      id: name,
      sessionId: name,
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      system: inertSystem(name, addresses, (event) => this.#hear(event)),
      actionExecutor: (action: ExecutableAction) => this.#record(action),
    } as unknown as AnyActorScope;
  }

  /** The initial local state and the messages that entering it sends. @param input left out, the actor's own */
  initial(input = this.#input): Reaction {
    const what = () => 'its initial state';
    const start = () =>
      this.#once(what, () => {
        const start = () => this.machine.getInitialSnapshot(this.#scope, input) as AnyMachineSnapshot;
        const snapshot = this.#answering(what, { type: '' }, start);
        if (snapshot.status === 'error') throw snapshot.error;
        return snapshot;
      });
    const reaction = start();
    const { actions } = this.#effects;
    this.#insistOn(what, reaction, start);
    const ask = () => this.#reactionKey(start());
    this.#remember('start', what, reaction.next, { type: '' }, ask, this.#reactionKey(reaction));
    this.#meet(actions, what);
    return this.#noted(reaction);
  }

  /**
   * The local state that is like another, maybe of another actor with the same machine, but for its context and timers.
   *
   * @throws ModelError `unsupported-action` when it remembers a history, whose state nodes belong to the other actor
   */
  stateOf(
    { value, status, output, historyValue }: AnyMachineSnapshot,
    context: unknown,
    timers: readonly Timer[],
  ): LocalState {
    if (Object.keys(historyValue ?? {}).length > 0) {
      throw new ModelError('unsupported-action', `actor "${this.name}" remembers a history, which cannot be renamed`);
    }
    const like = { value, status, output, context } as unknown as Parameters<AnyStateMachine['resolveState']>[0];
    const snapshot = this.machine.resolveState(like);
    deepFreeze(snapshot.context);
    return { snapshot, timers, key: this.#keyOf(snapshot, timers) };
  }

  /** What the actor does with a message in a local state; undefined when it has no transition for it. */
  react(local: LocalState, event: EventObject): Reaction | undefined {
    const reaction = this.#react(local, event);
    this.#orders.ask(local.key, (other) => this.#reactionKey(this.#react(other, event)));
    this.#eventOrders.ask(event, (other) => this.#reactionKey(this.#react(local, other)));
    return reaction;
  }

  /**
   * A message that is equal to one that it has been asked about, or may be, but lists its keys in another order.
   *
   * @param event the message that stands for both
   */
  noteOrder(event: EventObject, other: EventObject): void {
    this.#eventOrders.note(event, event);
    this.#eventOrders.note(event, other);
  }

  /** The orders of the keys of a local state that have turned up, but for the one that stands for them. */
  otherOrdersOf(local: LocalState): readonly LocalState[] {
    return this.#orders.variantsOf(local.key).filter((other) => other !== local);
  }

  /** Whether the machine has a transition for a choice that does something; what it does is not asked yet. */
  chooses(local: LocalState, event: EventObject): boolean {
    const chosen = this.#chooses(local, event);
    this.#orders.ask(local.key, (other) => String(this.#chooses(other, event)));
    return chosen;
  }

  #chooses(local: LocalState, event: EventObject): boolean {
    const ask = (from: Situation, message: EventObject) => {
      const transitions = this.#transitionsFor(from, message);
      this.#insistOnAnswers(messageTo(local, event));
      return transitions.length > 0 && !areForbidden(transitions);
    };
    const chosen = ask(local, event);
    if (this.#isDue(local, event, 'choice')) this.#insistOnAnswer('choice', ask, local, event, chosen);
    return chosen;
  }

  /** Whether it has a transition. A step that is taken is looked at with all that it does, so only a refusal is asked again. */
  #takes(local: LocalState, event: EventObject): boolean {
    const ask = (from: Situation, message: EventObject) => this.#transitionsFor(from, message).length > 0;
    const asked = this.#guardsAsked;
    if (ask(local, event)) return true;
    // Without guards there is nothing that could answer otherwise.
    if (this.#guardsAsked > asked && this.#isDue(local, event, 'refusal')) {
      this.#insistOnAnswer('refusal', ask, local, event, false);
    }
    return false;
  }

  /** Asks once more, in a perturbed world and with copies that could be written to, and insists on the same answer. */
  #insistOnAnswer(
    kind: string,
    ask: (from: Situation, message: EventObject) => boolean,
    local: LocalState,
    event: EventObject,
    answer: boolean,
  ): void {
    const what = messageTo(local, event);
    const copy = copyOfState(local);
    const again = inPerturbedWorld(() => ask(copy, copyOf(event)));
    if (again.asked) throw this.#fails(asks(this.name, what(), again.asked));
    if (again.result !== answer) {
      throw this.#fails(
        twoResults(this.name, what(), `${answer ? '' : 'not '}enabled and ${answer ? 'not ' : ''}enabled`),
      );
    }
    if (this.#keyOf(copy.snapshot, copy.timers) !== local.key) throw this.#fails(mutated(this.name, what()));
    this.#remember(kind, what, local, event, () => String(ask(local, event)), String(answer));
  }

  #remember(
    kind: string,
    what: Describe,
    { snapshot }: Situation,
    { type }: EventObject,
    ask: () => string,
    answer: string,
  ): void {
    const about = () => `actor "${this.name}" (${what()})`;
    const uncounted = () => {
      const { calls } = this;
      try {
        return ask();
      } finally {
        this.calls = calls;
      }
    };
    this.#review.remember(`${this.name} ${JSON.stringify(snapshot.value)} ${type} ${kind}`, () => ({
      about,
      ask: uncounted,
      answer,
    }));
  }

  #fails(error: ModelError): ModelError {
    this.#unrepeatable ??= error;
    return error;
  }

  /**
   * What happens when an armed timer fires: it is gone, and its event is taken. An event without a transition is no
   * mistake here, and still something that happens: XState looks for `always` transitions after it.
   */
  fire(local: LocalState, timer: Timer): Reaction {
    const reaction = this.#fire(local, timer);
    this.#orders.ask(local.key, (other) => {
      const own = other.timers.find(({ id }) => id === timer.id);
      return this.#reactionKey(this.#fire(other, { ...timer, event: answeredAs((own ?? timer).event, timer.event) }));
    });
    return reaction;
  }

  /**
   * Takes a step once more and tells what XState does in it. It is known to be possible and repeatable, so nothing of that is
   * checked again.
   */
  retrace(listener: Listener, local: LocalState, event: EventObject): void {
    this.#listening(listener, () => {
      this.#once(
        () => `${describe(local)}, message ${event.type}`,
        () => this.#asking(event, (bare) => this.machine.transition(local.snapshot, bare, this.#scope)),
      );
    });
  }

  /** The same for the start. */
  retraceStart(listener: Listener, input = this.#input): void {
    this.#listening(listener, () => {
      this.#once(
        () => 'its initial state',
        () => this.machine.getInitialSnapshot(this.#scope, input) as AnyMachineSnapshot,
      );
    });
  }

  /** The transitions that a message would take; tells of the guards that are asked for that. */
  select(listener: Listener, local: LocalState, event: EventObject): readonly AnyTransitionDefinition[] {
    return this.#listening(listener, () => this.#transitionsFor(local, event));
  }

  #listening<T>(listener: Listener, run: () => T): T {
    if (!this.#guardsAreWatched) {
      watchGuards(this.machine, (transition, outcome) => this.#listener?.guard(transition, outcome));
      this.#guardsAreWatched = true;
    }
    this.#listener = listener;
    try {
      return run();
    } finally {
      this.#listener = undefined;
    }
  }

  #hear(inspection: InspectionEvent): void {
    if (!this.#listener || inspection.type !== '@xstate.microstep') return;
    const { event, snapshot, _transitions } = inspection;
    this.#listener.microstep(event, _transitions, (snapshot as AnyMachineSnapshot)._nodes as readonly AnyStateNode[]);
  }

  /**
   * What comes of a message that it has no transition for where XState drops it: nothing, unless an `always` transition looks at it.
   * Undefined stands for nothing.
   */
  pass(local: LocalState, event: EventObject): Reaction | undefined {
    if (local.snapshot.status !== 'active') return undefined;
    const reaction = this.#transition(messageTo(local, event), local, event);
    return reaction.next.key === local.key && reaction.sends.length === 0 ? undefined : reaction;
  }

  #react(local: LocalState, event: EventObject): Reaction | undefined {
    if (this.#unrepeatable) throw this.#unrepeatable;
    if (!this.#takes(local, event)) {
      this.#insistOnAnswers(messageTo(local, event));
      return undefined;
    }
    return this.#transition(messageTo(local, event), local, event);
  }

  /** A choice or a timer as the events that stand for it: one for each way in which open guards may turn out. */
  waysOf(local: LocalState, event: EventObject): readonly EventObject[] {
    if (!this.#openGuards || local.snapshot.status !== 'active') return [event];
    return this.#openGuards.waysOf(event, (way) => {
      this.#effects = { sends: [], timers: new Map(), delays: new Map(), actions: [] };
      this.calls++;
      try {
        this.#asking(way, (bare) => this.machine.transition(local.snapshot, bare, this.#scope));
      } catch {
        // Whoever takes the step hears of it.
      }
    });
  }

  /** Runs machine code with the answers that an event brings for guards that are open. */
  #asking<T>(event: EventObject, run: (event: EventObject) => T): T {
    return this.#openGuards ? this.#openGuards.during(event, run) : run(event);
  }

  /** The same where every guard that is asked must have an answer. */
  #answering<T>(what: Describe, event: EventObject, run: (event: EventObject) => T): T {
    const result = this.#asking(event, run);
    this.#insistOnAnswers(what);
    return result;
  }

  #insistOnAnswers(what: Describe): void {
    const guard = this.#openGuards?.unanswered;
    if (guard !== undefined) throw openGuard(this.name, what(), guard);
  }

  #transitionsFor(local: Situation, event: EventObject): readonly AnyTransitionDefinition[] {
    if (local.snapshot.status !== 'active') return [];
    return this.#guarded(messageTo(local, event), () =>
      this.#asking(event, (bare) => this.machine.getTransitionData(local.snapshot, bare)),
    );
  }

  #fire(local: LocalState, { id, event }: Timer): Reaction {
    const timer = local.timers.find((armed) => armed.id === id)!;
    const timers = local.timers.filter((armed) => armed !== timer);
    if (timer.to !== undefined) {
      const left = inOrder(new Map(timers.map((one) => [one.id, one])), new Map(), timers);
      const next = { snapshot: local.snapshot, timers: left, key: this.#keyOf(local.snapshot, left) };
      return this.#noted({ next, sends: [{ to: timer.to, event: timer.event }], armed: [] });
    }
    const disarmed = { snapshot: local.snapshot, timers };
    return this.#transition(() => `${describe(local)}, timer ${timer.id}`, disarmed, answeredAs(timer.event, event));
  }

  #transition(what: Describe, local: Situation, event: EventObject): Reaction {
    const take: Take = (from, message) =>
      this.#answering(what, message, (bare) => this.machine.transition(from, bare, this.#scope));
    return this.#repeatable(what, take, local, event);
  }

  /**
   * Takes the step twice, the second time in a perturbed world and with copies of the context and the message that it could write
   * to, and insists on equal results. Where the machine has been taken through the like many times, in one state by one type of
   * message, only now and then.
   */
  #repeatable(what: Describe, take: Take, local: Situation, event: EventObject): Reaction {
    if (this.#unrepeatable) throw this.#unrepeatable;
    // What it is given is frozen, so nothing of that can be another thing afterwards.
    const reaction = this.#once(what, () => take(local.snapshot, event), local);
    if (!this.#isDue(local, event)) return this.#noted(reaction);
    const { actions } = this.#effects;
    const before = this.#keyOf(local.snapshot, local.timers);
    const copy = copyOfState(local);
    const message = copyOf(event);
    this.#insistOn(what, reaction, () => this.#once(what, () => take(copy.snapshot, message), copy));
    if (
      before !== this.#keyOf(copy.snapshot, copy.timers) ||
      canonicalKey(message, 'message') !== canonicalKey(event, 'message')
    ) {
      throw this.#fails(mutated(this.name, what()));
    }
    const ask = () => this.#reactionKey(this.#once(what, () => take(local.snapshot, event), local));
    this.#remember('step', what, local, event, ask, this.#reactionKey(reaction));
    this.#meet(actions, what);
    return this.#noted(reaction);
  }

  /** @param again takes the step once more */
  #insistOn(what: Describe, reaction: Reaction, again: () => Reaction): void {
    const { result, asked } = inPerturbedWorld(again);
    if (asked) throw this.#fails(asks(this.name, what(), asked));
    const [first, second] = [this.#reactionKey(reaction), this.#reactionKey(result)];
    if (first !== second) throw this.#fails(twoResults(this.name, what(), difference(first, second)));
  }

  #noted(reaction: Reaction): Reaction {
    this.#orders.note(reaction.next.key, reaction.next);
    return reaction;
  }

  /** Actions that XState would run and the tables do not: what they do is looked at in the end. */
  #meet(actions: readonly ExecutableAction[], what: Describe): void {
    for (const { type, params, info, exec } of actions) {
      if (!exec) continue;
      const about = () => `actor "${this.name}" (${what()}): ${INLINE.has(type) ? 'an action' : `the action ${type}`}`;
      const run = () => this.#guarded(what, () => runPlainAction(about, exec, info, params));
      this.#review.meet({ about, code: exec, run });
    }
  }

  /** Whether a step is to be taken twice. */
  #isDue({ snapshot }: Situation, { type }: EventObject, question = 'step'): boolean {
    const kind = `${JSON.stringify(snapshot.value)} ${type} ${question}`;
    const times = this.#times.get(kind) ?? 0;
    this.#times.set(kind, times + 1);
    return times < TWICE_AT_FIRST || times % TWICE_EVERY === 0;
  }

  #once(what: Describe, step: () => AnyMachineSnapshot, local?: Situation): Reaction {
    const timers = new Map<string, Armed>(local?.timers.map((timer) => [timer.id, timer]));
    const delays = new Map<string, number>();
    this.#effects = { sends: [], timers, delays, actions: [] };
    this.calls++;
    const snapshot = this.#guarded(what, step);
    if (Object.keys(snapshot.children).length > 0) throw spawned(this.name);
    const next = snapshot.status === 'active' ? inOrder(timers, delays, local?.timers ?? []) : [];
    const key = this.#keyOf(snapshot, next);
    // Only now: what is not plain data, and so not ours to freeze, has been refused.
    deepFreeze(snapshot.context);
    deepFreeze(snapshot.value);
    const newly = next.flatMap((timer) => {
      const delay = delays.get(timer.id);
      return delay === undefined ? [] : [{ ...timer, delay }];
    });
    return { next: { snapshot, timers: next, key }, sends: this.#effects.sends, armed: newly };
  }

  /** Runs machine code and turns what it throws into a model error that names the actor and the step. */
  #guarded<T>(what: Describe, run: () => T): T {
    this.#promised = undefined;
    this.#thrown = undefined;
    try {
      const result = run();
      if (this.#promised !== undefined) throw promised(this.name, what(), this.#promised);
      return result;
    } catch (error) {
      if (error instanceof ModelError) throw error;
      if (error instanceof Forbidden) {
        throw new ModelError(
          'unsupported-action',
          `actor "${this.name}" (${what()}) ${error.message}`,
          'a step may read its own context and event only; ask the other actor by a message',
        );
      }
      const text = textOf(error);
      if (text.startsWith('Infinite loop detected')) {
        throw new ModelError(
          'endless-loop',
          `actor "${this.name}" (${what()}): more than ${MICROSTEP_LIMIT} microsteps without coming to rest`,
          'look for `always` transitions or raised events that lead back to where they start',
          { cause: error },
        );
      }
      if (text.startsWith('Unable to send event to actor')) {
        throw new ModelError('unknown-actor', `actor "${this.name}" (${what()}): ${text}`, ADDRESS_HINT, {
          cause: error,
        });
      }
      const thrown = this.#thrown ?? error;
      if (isRefusedWrite(thrown)) throw mutated(this.name, `${what()}: ${textOf(thrown)}`);
      throw new ModelError(
        'exception',
        `actor "${this.name}" (${what()}) threw: ${text}`,
        'guards and actions must not throw',
        {
          cause: error,
        },
      );
    }
  }

  #record(action: ExecutableAction): void {
    const { type, params } = action;
    const { sends, timers, delays, actions } = this.#effects;
    switch (type) {
      case 'xstate.sendTo': {
        const { to, event, delay, id } = params as { to: object; event: EventObject; delay?: number; id?: string };
        const name = to === this.#self ? this.name : this.#names.get(to);
        if (name === undefined) {
          throw new ModelError(
            'unknown-actor',
            `actor "${this.name}" sends ${event.type} to something that is not an actor of the system`,
            ADDRESS_HINT,
          );
        }
        if (delay === undefined) sends.push({ to: name, event: plainEvent(event, this.name) });
        else this.#arm(id, delay, { event: plainEvent(event, this.name), ...(name !== this.name && { to: name }) });
        return;
      }
      case 'xstate.raise': {
        const { event, delay, id } = params as { event: EventObject; delay?: unknown; id?: string };
        // Without a delay XState has already processed it within this macrostep.
        if (typeof delay === 'number') this.#arm(id, delay, { event: plainEvent(event, this.name) });
        return;
      }
      case 'xstate.cancel':
        timers.delete((params as { sendId: string }).sendId);
        delays.delete((params as { sendId: string }).sendId);
        return;
      case 'xstate.spawnChild':
      case 'xstate.stopChild':
        throw spawned(this.name);
      case 'xstate.log':
      case 'xstate.emit':
        // Nothing that another actor could take.
        return;
      default:
        actions.push(action);
    }
  }

  #arm(given: string | undefined, delay: number, armed: Armed): void {
    const { timers, delays } = this.#effects;
    const id = given ?? freeTimerId(timers, armed.event);
    timers.set(id, armed);
    delays.set(id, delay);
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
      snapshot.output === undefined ? '' : canonicalKey(snapshot.output, `output of actor "${this.name}"`),
      timers
        .map(({ id, event, to, after = [] }) => {
          const target = to === undefined ? '' : ` to ${JSON.stringify(to)}`;
          const order = after.length > 0 ? ` after ${canonicalKey(after, 'timer')}` : '';
          return `${id}=${canonicalKey(event, `timer of actor "${this.name}"`)}${target}${order}`;
        })
        .join(','),
    ].join(' ');
  }

  #reactionKey(reaction: Reaction | undefined): string {
    if (!reaction) return 'none';
    const { next, sends } = reaction;
    return [next.key, ...sends.map(({ to, event }) => `${to}<-${canonicalKey(event, `message to "${to}"`)}`)].join(
      '\n',
    );
  }
}

/** What a machine may not do while it computes a step; the stepper that runs it knows which machine it is. */
class Forbidden extends Error {}

/** References to the actors of a system, as `system.get` hands them out: good as addresses, useless for anything else. */
export function inertAddresses(names: readonly string[]): ReadonlyMap<string, object> {
  return new Map(names.map((name) => [name, inertReference(name)]));
}

const namesOf = new WeakMap<ReadonlyMap<string, object>, WeakMap<object, string>>();

/** The names of addresses: one table for all actors of a system, of which there may be ten thousand. */
function namesIn(addresses: ReadonlyMap<string, object>): WeakMap<object, string> {
  let names = namesOf.get(addresses);
  if (!names) {
    names = new WeakMap([...addresses].map(([name, address]) => [address, name] as const));
    namesOf.set(addresses, names);
  }
  return names;
}

function inertReference(name: string): object {
  const refuse = (what: string) => () => {
    throw new Forbidden(`calls ${what} on actor "${name}"`);
  };
  return {
    id: name,
    systemId: name,
    sessionId: name,
    send: refuse('send()'),
    getSnapshot: refuse('getSnapshot()'),
    subscribe: refuse('subscribe()'),
    on: refuse('on()'),
    system: {
      // XState books an id first whenever it creates an actor, in the system of its parent.
      _bookId: () => {
        throw spawned(name);
      },
    },
  };
}

function inertSystem(
  owner: string,
  addresses: ReadonlyMap<string, object>,
  inspect: (event: InspectionEvent) => void,
): object {
  return {
    get: (name: unknown) => {
      if (typeof name !== 'string') {
        throw new ModelError(
          'unknown-actor',
          `actor "${owner}" looks up an actor by ${String(name)}, not by a name`,
          NAME_HINT,
        );
      }
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
    _sendInspectionEvent: inspect,
  };
}

/** A copy with the same config and implementations that stops endless loops, which XState by default does not. */
export function boundedCopy(machine: AnyStateMachine): AnyStateMachine {
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

function asks(name: string, what: string, asked: Asked): ModelError {
  const who = `actor "${name}" (${what}): a guard, action or context factory`;
  if (asked === 'a clock') {
    return new ModelError(
      'not-repeatable',
      `${who} reads a clock`,
      'time that matters is a delay of the machine, or comes in by an event',
    );
  }
  return new ModelError(
    'not-repeatable',
    `${who} calls Math.random or draws a random number otherwise`,
    'what may go one way or the other is a choice: declare an event for each way in `choices`',
  );
}

function twoResults(name: string, what: string, results: string): ModelError {
  return new ModelError(
    'not-repeatable',
    `actor "${name}" (${what}): the same step gave two results: ${results}`,
    'a guard, action or context factory reads a clock, a random source or a variable outside its context, which could come in ' +
      'by the event, or compares objects by ===, which tells copies of the same data apart',
  );
}

function openGuard(name: string, what: string, guard: string): ModelError {
  return new ModelError(
    'unsupported-action',
    `actor "${name}" (${what}) asks the guard "${guard}", which nobody has implemented: only choices and timers can go both ways`,
    `implement it: machine.provide({ guards: { ${guard.replace(/\(.*/s, '')}: … } })`,
  );
}

function promised(name: string, what: string, guard: string): ModelError {
  return new ModelError(
    'bad-definition',
    `actor "${name}" (${what}): the guard ${guard} returns a promise, which counts as true whatever comes of it`,
    'expected true or false: take away `async`, and wait for nothing',
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

/** Armed timers by their ids, each with those that fire before it. */
function inOrder(
  armed: ReadonlyMap<string, Armed>,
  delays: ReadonlyMap<string, number>,
  before: readonly Timer[],
): Timer[] {
  const sorted = [...armed].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([id, { event, to }]) => {
    const delay = delays.get(id);
    const after =
      delay === undefined
        ? (before.find((timer) => timer.id === id)?.after ?? []).filter((one) => armed.has(one) && !delays.has(one))
        : sorted.flatMap(([other]) => ((delays.get(other) ?? Number.POSITIVE_INFINITY) < delay ? [other] : []));
    return { id, event, ...(to !== undefined && { to }), ...(after.length > 0 && { after }) };
  });
}

/** The timers that may fire next. */
export function dueTimers({ timers }: Pick<LocalState, 'timers'>): readonly Timer[] {
  return timers.filter(({ after }) => after === undefined);
}

/** The id of a timer that its machine gives none: its event, numbered while several are armed. */
export function freeTimerId(timers: ReadonlyMap<string, unknown>, event: EventObject): string {
  const key = canonicalKey(event, 'timer');
  let index = 0;
  while (timers.has(`${key}#${index}`)) index++;
  return `${key}#${index}`;
}

/** A local state as people read it: `waiting {"page":1}`. */
function messageTo(local: Situation, { type }: EventObject): Describe {
  return () => `${describe(local)}, message ${type}`;
}

/** Transitions that do nothing: `EVENT: {}`. */
function areForbidden(transitions: readonly AnyTransitionDefinition[]): boolean {
  return transitions.every(({ target, actions }) => target === undefined && actions.length === 0);
}

export function describe(local: Situation): string {
  const { value, context } = local.snapshot;
  const where = typeof value === 'string' ? value : orderedKey(value);
  return Object.keys(context ?? {}).length === 0 ? `state ${where}` : `state ${where} ${orderedKey(context)}`;
}

/** A local state that shares no data with it, and may be written to. */
function copyOfState({ snapshot, timers }: Situation): Situation {
  const { value, context } = snapshot;
  return { snapshot: { ...snapshot, value: copyOf(value), context: copyOf(context) } as AnyMachineSnapshot, timers };
}

function isSameStateOrder(one: LocalState, other: LocalState): boolean {
  return (
    isSameOrder(one.snapshot.context, other.snapshot.context) &&
    one.timers.every(({ event }, index) => isSameOrder(event, other.timers[index]!.event))
  );
}

function orderMatters(name: string, what: string, orders: string): ModelError {
  return new ModelError(
    'not-repeatable',
    `actor "${name}" reacts differently to the order of the keys in ${what}: ${orders}`,
    'sort the keys before going through them, or keep an array',
  );
}

function difference(a: string, b: string): string {
  let at = 0;
  while (a[at] === b[at]) at++;
  const cut = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  return `${cut(a)} and ${cut(b)}`;
}
