/**
 * A system as integers: every local state, message and channel content gets a small number the first time it is seen,
 * and what an actor does with a message is computed by XState once and then looked up.
 *
 * A global state is a vector of *slots*: one per actor, then one per monitor, then one per channel, or one per part of a channel
 * (`channel-parts.ts`). The walker (`walker.ts`) runs steps over such vectors with nothing but these tables; it calls back here for a
 * missing entry.
 *
 * Invariant: equal numbers mean equal data, and different numbers different data, within one kind. Numbers depend on the
 * order of discovery and mean nothing outside one `Tables` object.
 */
import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { ModelError } from '../system/errors.ts';
import { observesTaken, sentEvent } from '../system/message-types.ts';
import type { Envelope } from '../system/property.ts';
import { addressesOf, Routes } from '../system/routes.ts';
import { type CompleteChannel, ignoresUnhandled, type System } from '../system/system.ts';
import { answerOf, readsOrder, type Showing, truthOf } from './answers.ts';
import { type ChannelPart, divisionOf, placeIn } from './channel-parts.ts';
import { mix, mixText } from './digest.ts';
import { IntGrid, Ints, SparseGrid } from './ints.ts';
import { canonicalKey, deepFreeze, isSameOrder } from './plain.ts';
import { Review } from './review.ts';
import { describe, dueTimers, inertAddresses, type LocalState, type Reaction, Stepper, type Timer } from './stepper.ts';

/**
 * An entry of an actor's table, by local state and message:
 *
 * | value | meaning |
 * |---|---|
 * | `UNKNOWN` | not computed yet |
 * | `REFUSED` | no transition, and the message's type is blocking: the step is disabled |
 * | `UNHANDLED` | no transition: a model error if the message ever arrives |
 * | other | where its effect starts in `effects` |
 *
 * An effect is `[next local state, number of sends n, n x (channel or SYNC, message or channel column)]`. Before a send there is a
 * pair `(OBSERVE, message)` for each monitor that sees it: the message is the monitor's. That of a message that comes to nothing is
 * `[local state, IGNORED]`, and nobody has taken it.
 */
export const UNKNOWN = 0;
export const REFUSED = 1;
export const UNHANDLED = 2;
const FIRST_EFFECT = 4;
/** In the place of the number of sends. */
export const IGNORED = -1;
/** In an effect: the send goes to its receiver within the step. */
export const SYNC = -1;
export const OBSERVE = -2;

/** In a channel's push table, beside the content after the push plus one (so that 0 is "not computed yet"). */
export const PUSH_BLOCKED = -1;
export const PUSH_LOST = -2;

/** How a channel's message leaves it, in a list of deliveries: `[count, count x (kind, message, content afterwards)]`. */
export const DELIVER = 0;
export const DUPLICATE = 1;
export const LOSE = 2;

/** A question that the tables were asked and that may have given new numbers: `[kind, three operands, digest of the answer]`. */
const ASKED_REACTION = 0;
const ASKED_OPTIONS = 1;
const ASKED_PUSH = 2;
const ASKED_DELIVERIES = 3;
const ASKED_MESSAGE = 4;
type Asked = readonly [kind: number, one: number, two: number, three: number, answer: number];
export const LOG_WORDS = 5;
/** Stands for the answer to a question that ended in a model error. */
const FAILED = -1;

/** Answers between two times at which the tables tell that they grow. */
const ANSWERS_TOLD = 32;

/** What gives other tables of the same system the same numbers: all questions in their order, and what was answered. */
export interface TablesLog {
  readonly asked: Int32Array;
  /** The messages among them. */
  readonly messages: readonly { readonly event: EventObject; readonly timer?: Timer }[];
}

export interface Message {
  /** The slot of its receiver: an actor, or a channel whose receivers compete. */
  readonly to: number;
  readonly event: EventObject;
  /** Set when this is the firing of an armed timer rather than a message. */
  readonly timer?: Timer;
  /** Of one to a channel: the same message to each of those that compete for it, in the order in which the channel names them. */
  readonly takers?: readonly number[];
}

export class ActorTable {
  readonly name: string;
  readonly slot: number;
  readonly stepper: Stepper;
  readonly locals: LocalState[] = [];
  readonly entries = new IntGrid();
  /** Per local state, where the list `[count, messages...]` of its choices and timers starts in `lists`; 0: not computed. */
  readonly options = new Ints();
  readonly columns: number[] = [];
  /** The actor's declared choices, as messages to itself. */
  choices: number[] = [];
  /** Of the keys of all local states so far. */
  digest = 0;
  /** Per local state that has been asked, whether the actor may stay there for ever. */
  readonly atRest = new Map<number, boolean>();
  /** The local states that do not meet the actor's constraint. */
  readonly outside = new Set<number>();
  /** What the constraint has said, by the key of a local state. */
  readonly isOutside = new Map<string, boolean>();
  /** Some local state so far has an armed timer. */
  hasTimers = false;
  onFirstTimer: () => void = () => {};
  readonly #byKey = new Map<string, number>();

  constructor(name: string, slot: number, stepper: Stepper) {
    this.name = name;
    this.slot = slot;
    this.stepper = stepper;
  }

  intern(local: LocalState): number {
    let id = this.#byKey.get(local.key);
    if (id === undefined) {
      id = this.locals.length;
      this.entries.reserve(id + 1, this.columns.length);
      this.#byKey.set(local.key, id);
      this.digest = mixText(this.digest, local.key);
      this.locals.push(local);
      this.options.set(id, 0);
      if (local.timers.length > 0 && !this.hasTimers) {
        this.hasTimers = true;
        this.onFirstTimer();
      }
    }
    return id;
  }
}

/** A channel, or a part of one. */
export class ChannelTable {
  /** Of the channel, also where this is a part of it. */
  readonly name: string;
  /** Undefined when it is the whole channel. */
  readonly part: ChannelPart | undefined;
  readonly slot: number;
  readonly channel: CompleteChannel;
  /** The messages of each content; a bag and a set are sorted. Content 0 is the empty channel. */
  readonly contents: (readonly number[])[] = [[]];
  /** By content and column. Sparse, for there may be as many contents as states, and few messages are ever sent to one. */
  readonly pushes = new SparseGrid();
  /** Per content, where its list of deliveries starts in `lists`; 0: not computed. */
  readonly deliveries = new Ints();
  /** The message of each column of `pushes`. */
  readonly columns: number[] = [];
  /** Of all contents so far. */
  digest = 0;
  readonly #byKey = new Map<string, number>([['', 0]]);
  readonly #columnOf = new Map<number, number>();

  constructor(name: string, part: ChannelPart | undefined, slot: number, channel: CompleteChannel) {
    this.name = name;
    this.part = part;
    this.slot = slot;
    this.channel = channel;
    this.deliveries.set(0, 0);
  }

  intern(messages: readonly number[]): number {
    const key = messages.join(',');
    let id = this.#byKey.get(key);
    if (id === undefined) {
      id = this.contents.length;
      this.#byKey.set(key, id);
      this.digest = mixText(this.digest, key);
      this.contents.push(messages);
      this.deliveries.set(id, 0);
    }
    return id;
  }

  columnOf(message: number): number {
    let column = this.#columnOf.get(message);
    if (column === undefined) {
      column = this.columns.length;
      this.#columnOf.set(message, column);
      this.columns.push(message);
    }
    return column;
  }
}

export interface TablesOptions {
  /** Every channel has one slot, for whoever shows states as the system declares them. */
  readonly wholeChannels?: boolean;
}

export class Tables {
  readonly system: System;
  /** Actors first, then monitors: all that has local states. Index = slot. */
  readonly actors: ActorTable[];
  /** How many of `actors` are the system's own; the rest are monitors. */
  readonly actorCount: number;
  /** The channels in the order of their declaration, each in one part or several. */
  readonly channels: ChannelTable[] = [];
  /** The parts of each channel, by its name. */
  readonly partsOf = new Map<string, readonly ChannelTable[]>();
  readonly slotCount: number;
  readonly messages: Message[] = [];
  /** Per message: its receiver, its column in the receiver's table, and its observers' list in `lists` (0: none). */
  readonly messageTo = new Ints();
  readonly messageColumn = new Ints();
  readonly messageObservers = new Ints();
  /** Per message: how many unwitnessed `happens` properties it would witness. */
  readonly messageWatch = new Ints();
  readonly effects = new Ints();
  readonly lists = new Ints();
  /**
   * The slots that may start a step, in order: actors with choices or that have ever had a timer armed, then channels.
   * Replaced, not changed, when an actor gets its first timer; states seen before that cannot have it armed.
   */
  get starters(): readonly number[] {
    this.#starters ??= this.#findStarters();
    return this.#starters;
  }
  /**
   * Called now and then before the tables grow, and before one of their arrays needs so many bytes: what it throws ends what is
   * being done, and leaves the tables as they are.
   */
  onGrowth: ((bytes: number) => void) | undefined;
  /** Called when a message is seen for the first time, so that properties can mark the ones they wait for. */
  onMessage: (message: number) => void = () => {};
  /** What is to be asked once more when the search ends, whatever its verdict. */
  readonly review = new Review();

  readonly #asked = new Ints();
  readonly #askedMessages: { event: EventObject; timer?: Timer }[] = [];
  #answers = 0;
  /** A question is being answered: those that it leads to come by themselves. */
  #answering = false;
  /** Found when they are asked for: thousands of actors may get their first timer one after the other. */
  #starters: readonly number[] | undefined;
  readonly #slotOf = new Map<string, number>();
  /** The parts that each channel can be divided into, in their order, whether or not it is: so the order of steps is the same. */
  readonly #divisions = new Map<string, readonly ChannelPart[]>();
  readonly #routes: Routes;
  readonly #messageByKey = new Map<string, number>();
  readonly #messageKeys: string[] = [];
  #messageDigest = 0;
  readonly #blocking: ReadonlySet<string>;

  constructor(system: System, { wholeChannels = false }: TablesOptions = {}) {
    this.system = system;
    this.#blocking = new Set(system.blocking);
    const names = Object.keys(system.actors);
    const addresses = inertAddresses(addressesOf(system));
    this.actors = names.map((name, slot) => {
      const { machine, input } = system.actors[name]!;
      return new ActorTable(name, slot, new Stepper(name, machine, input, addresses, this.review));
    });
    this.actorCount = names.length;
    for (const property of system.properties) {
      if (property.kind !== 'monitor') continue;
      const name = property.name;
      const stepper = new Stepper(name, property.machine, property.input, addresses, this.review);
      this.actors.push(new ActorTable(name, this.actors.length, stepper));
    }
    for (const name of names) this.#slotOf.set(name, this.#slotOf.size);
    const machineOf = (name: string) => system.actors[name]!.machine;
    let slot = this.actors.length;
    for (const [name, channel] of Object.entries(system.channels)) {
      const division = divisionOf(channel, machineOf, (receiver) => messageKey(this.#slotOf.get(receiver)!, ''));
      const parts = wholeChannels || division.length === 0 ? [undefined] : division;
      const tables = parts.map((part) => new ChannelTable(name, part, slot++, channel));
      this.#divisions.set(name, division);
      this.partsOf.set(name, tables);
      this.channels.push(...tables);
    }
    this.#routes = new Routes(system.channels);
    this.slotCount = this.actors.length + this.channels.length;
    const onGrowth = (bytes: number) => this.onGrowth?.(bytes);
    for (const { entries } of this.actors) entries.onGrowth = onGrowth;
    for (const { pushes } of this.channels) pushes.onGrowth = onGrowth;
    this.effects.length = FIRST_EFFECT;
    this.lists.length = 1; // offset 0 means "not computed" or "none"
    for (const name of names) {
      const actor = this.actors[this.#slotOf.get(name)!]!;
      actor.choices = system.actors[name]!.choices.map((event) => this.messageOf(actor.slot, event));
      actor.onFirstTimer = () => {
        this.#starters = undefined;
      };
    }
  }

  #findStarters(): number[] {
    const starting = this.actors
      .slice(0, this.actorCount)
      .filter((actor) => actor.choices.length > 0 || actor.hasTimers);
    return [...starting, ...this.channels].map(({ slot }) => slot);
  }

  /** The number of a message; the same event to the same actor is the same message. */
  messageOf(to: number, event: EventObject, timer?: Timer): number {
    const key = messageKey(to, `${timerKey(timer)}${canonicalKey(event, `message ${event.type}`)}`);
    let message = this.#messageByKey.get(key);
    if (message === undefined) {
      const actor = this.actors[to];
      actor?.entries.reserve(actor.locals.length, actor.columns.length + 1);
      const takers = this.#takersOf(to, event);
      if (!this.#answering) {
        this.#note(ASKED_MESSAGE, to, this.#askedMessages.length, 0);
        this.#asked.data[this.#asked.length - 1] = this.messages.length;
        this.#askedMessages.push({ event, ...(timer && { timer }) });
      }
      message = this.messages.length;
      this.#messageByKey.set(key, message);
      this.#messageKeys.push(key);
      this.#messageDigest = mixText(this.#messageDigest, key);
      this.messages.push({ to, event: deepFreeze(event), ...(timer && { timer }), ...(takers && { takers }) });
      this.messageTo.push(to);
      this.messageColumn.push(actor?.columns.length ?? 0);
      actor?.columns.push(message);
      this.messageWatch.push(0);
      this.messageObservers.push(0);
      // A timer that sends to another actor is nothing that its own actor takes.
      if (to < this.actorCount && timer?.to === undefined) {
        const observers = this.#observersOf(to, event); // may grow the array, so it comes before the store
        this.messageObservers.data[message] = observers;
        this.onMessage(message);
      }
    } else if (!timer) this.#noteOrder(message, event);
    return message;
  }

  /** A message that is known may list its keys in another order now. */
  #noteOrder(message: number, event: EventObject): void {
    const { to, event: known, takers } = this.messages[message]!;
    if (isSameOrder(known, event)) return;
    if (takers) {
      for (const taker of takers) this.#noteOrder(taker, event);
      return;
    }
    const { stepper, name } = this.actors[to]!;
    stepper.noteOrder(known, deepFreeze(event));
    const observers = this.messageObservers.data[message]!;
    for (let at = 0; at < (this.lists.data[observers] ?? 0) && observers > 0; at++) {
      const observed = this.messages[this.lists.data[observers + 1 + at]!]!;
      const other = { type: event.type, to: name, message: event } as EventObject;
      this.actors[observed.to]!.stepper.noteOrder(observed.event, other);
    }
  }

  /** Of a message to a channel, the same to each of its receivers. */
  #takersOf(to: number, event: EventObject): number[] | undefined {
    const shared = this.channelAt(to);
    return shared && [...new Set(shared.channel.to)].map((name) => this.messageOf(this.#slotOf.get(name)!, event));
  }

  /** The message as a channel holds it that is delivered, or lost, as another one: to whoever takes it. */
  heldAs(channel: ChannelTable, message: number): number {
    const { to, event } = this.messages[message]!;
    return !channel.channel.competing || to === channel.slot ? message : this.messageOf(channel.slot, event);
  }

  /** What has been asked since `forgetLog`. */
  get log(): TablesLog {
    return { asked: this.#asked.data.subarray(0, this.#asked.length), messages: this.#askedMessages };
  }

  forgetLog(): void {
    this.#asked.length = 0;
    this.#askedMessages.length = 0;
  }

  /**
   * Asks everything again. What was an error is one again, and no more.
   *
   * @returns what is answered otherwise than before, in words; undefined when nothing is
   */
  replay({ asked, messages }: TablesLog): string | undefined {
    for (let at = 0; at < asked.length; at += LOG_WORDS) {
      const [kind, one, two, three, answer] = asked.subarray(at, at + LOG_WORDS) as unknown as Asked;
      if (!this.#canAsk(kind, one, two, three, messages.length)) return 'what was asked about is not there';
      const given = this.#askAgain(kind, one, two, three, messages);
      if (given !== answer) return this.#wordsFor(kind, one, two, three);
    }
    return undefined;
  }

  /** The digest of the answer. */
  #askAgain(kind: number, one: number, two: number, three: number, messages: TablesLog['messages']): number {
    try {
      if (kind === ASKED_MESSAGE) return this.messageOf(one, messages[two]!.event, messages[two]!.timer);
      if (kind === ASKED_REACTION) this.resolve(one, two, three);
      else if (kind === ASKED_OPTIONS) this.resolveOptions(one, two);
      else if (kind === ASKED_PUSH) {
        const channel = this.channels[one]!;
        this.resolvePush(channel, two, channel.columnOf(three));
      } else this.resolveDeliveries(this.channels[one]!, two);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
    return this.#asked.data[this.#asked.length - 1]!;
  }

  #canAsk(kind: number, one: number, two: number, three: number, messages: number): boolean {
    if (Math.min(one, two, three) < 0) return false;
    if (kind === ASKED_MESSAGE) return one < this.slotCount && two < messages;
    if (kind === ASKED_REACTION || kind === ASKED_OPTIONS) {
      if (kind === ASKED_REACTION && this.messages[three]?.to !== one) return false;
      return two < (this.actors[one]?.locals.length ?? 0);
    }
    if (kind !== ASKED_PUSH && kind !== ASKED_DELIVERIES) return false;
    return two < (this.channels[one]?.contents.length ?? 0) && three < this.messages.length;
  }

  #wordsFor(kind: number, one: number, two: number, three: number): string {
    if (kind === ASKED_MESSAGE) return `what is sent to "${this.nameOf(one)}"`;
    if (kind === ASKED_PUSH || kind === ASKED_DELIVERIES) return `what the channel "${this.channels[one]!.name}" does`;
    const { name, locals } = this.actors[one]!;
    const state = `"${name}" (${describe(locals[two]!)})`;
    if (kind === ASKED_OPTIONS) return `what ${state} may start`;
    return `what ${state} does with ${this.messages[three]!.event.type}`;
  }

  #note(kind: number, one: number, two: number, three: number): void {
    for (const word of [kind, one, two, three, FAILED]) this.#asked.push(word);
  }

  /** Answers a question and notes both. */
  #ask(kind: number, one: number, two: number, three: number, answer: () => number): number {
    if (this.#answering) return answer();
    if (this.onGrowth && ++this.#answers % ANSWERS_TOLD === 0) this.onGrowth(0);
    this.#note(kind, one, two, three);
    this.#answering = true;
    try {
      const given = answer();
      this.#asked.data[this.#asked.length - 1] = this.#digestOf(kind, given);
      return given;
    } finally {
      this.#answering = false;
    }
  }

  /** Of an answer, wherever it lies; never `FAILED`. */
  #digestOf(kind: number, given: number): number {
    let digest = mix(kind, 0);
    const add = (ints: Ints, from: number, count: number) => {
      for (let at = from; at < from + count; at++) digest = mix(digest, ints.data[at]!);
    };
    if (kind === ASKED_REACTION && given >= FIRST_EFFECT)
      add(this.effects, given, 2 + 2 * this.effects.data[given + 1]!);
    else if (kind === ASKED_OPTIONS) add(this.lists, given, 1 + this.lists.data[given]!);
    else if (kind === ASKED_DELIVERIES) add(this.lists, given, 1 + 3 * this.lists.data[given]!);
    else digest = mix(digest, given);
    return digest === FAILED ? 0 : digest;
  }

  /** Computes a missing entry of an actor's table. */
  resolve(slot: number, local: number, message: number): number {
    return this.#ask(ASKED_REACTION, slot, local, message, () => this.#resolve(slot, local, message));
  }

  #resolve(slot: number, local: number, message: number): number {
    const actor = this.actors[slot]!;
    const { event, timer } = this.messages[message]!;
    const state = actor.locals[local]!;
    const reaction = timer ? actor.stepper.fire(state, timer) : actor.stepper.react(state, event);
    const entry = reaction ? this.#effectOf(actor, reaction) : this.#withoutTransition(actor, local, event);
    actor.entries.data[local * actor.entries.width + this.messageColumn.data[message]!] = entry;
    return entry;
  }

  /** The start of the list `[count, messages...]` of what an actor may start on its own in a local state. */
  resolveOptions(slot: number, local: number): number {
    return this.#ask(ASKED_OPTIONS, slot, local, 0, () => this.#resolveOptions(slot, local));
  }

  #resolveOptions(slot: number, local: number): number {
    const actor = this.actors[slot]!;
    const state = actor.locals[local]!;
    const enabled: number[] = [];
    if (this.#isOutside(actor, state)) actor.outside.add(local);
    else {
      for (const choice of actor.choices) {
        for (const way of this.waysOf(actor, local, choice)) if (this.#isEnabled(actor, local, way)) enabled.push(way);
      }
      for (const timer of dueTimers(state)) enabled.push(...this.waysOfTimer(actor, local, timer));
    }
    const start = this.#list(enabled);
    actor.options.data[local] = start;
    return start;
  }

  /** A choice or a timer as the messages that stand for it: one for each way in which guards may turn out that are open. */
  waysOf({ slot, locals, stepper }: ActorTable, local: number, message: number): number[] {
    const { event, timer } = this.messages[message]!;
    // It is taken by another actor, later.
    if (timer?.to !== undefined) return [message];
    const ways = stepper.waysOf(locals[local]!, event);
    return ways.map((way) => (way === event ? message : this.messageOf(slot, way, timer && { ...timer, event: way })));
  }

  /** The same of a timer that is armed, whether it is its turn or not. */
  waysOfTimer(actor: ActorTable, local: number, timer: Timer): number[] {
    return this.waysOf(actor, local, this.messageOf(actor.slot, timer.event, timer));
  }

  /**
   * A choice that the state forbids (`EVENT: {}`) is not enabled, unlike a message, which would be ignored. One that
   * throws is: it fails when it is run, so that the error has its step.
   */
  #isEnabled(actor: ActorTable, local: number, choice: number): boolean {
    try {
      return actor.stepper.chooses(actor.locals[local]!, this.messages[choice]!.event);
    } catch (error) {
      if (error instanceof ModelError) return true;
      throw error;
    }
  }

  /** The content after a push plus one, `PUSH_BLOCKED` or `PUSH_LOST`. */
  resolvePush(channel: ChannelTable, content: number, column: number): number {
    const index = channel.slot - this.actors.length;
    const message = channel.columns[column]!;
    return this.#ask(ASKED_PUSH, index, content, message, () => this.#resolvePush(channel, content, column));
  }

  #resolvePush(channel: ChannelTable, content: number, column: number): number {
    const messages = channel.contents[content]!;
    const { capacity, whenFull, order } = channel.channel;
    let result: number;
    if (order === 'set' && messages.includes(channel.columns[column]!)) {
      result = content + 1;
    } else if (messages.length >= capacity) {
      result = whenFull === 'block' ? PUSH_BLOCKED : PUSH_LOST;
    } else {
      const pushed = [...messages, channel.columns[column]!];
      if (order !== 'fifo') pushed.sort((a, b) => this.#inOrder(channel, a, b));
      result = channel.intern(pushed) + 1;
    }
    channel.pushes.set(content, column, result);
    return result;
  }

  /**
   * By their parts, and by their keys, not their numbers: the order of the deliveries is part of what a schedule means, in any search, and
   * in any tables.
   */
  #inOrder(channel: ChannelTable, one: number, other: number): number {
    if (one === other) return 0;
    if (channel.part) return this.#inKeyOrder(one, other);
    return this.#placeOf(channel, one) - this.#placeOf(channel, other) || this.#inKeyOrder(one, other);
  }

  #inKeyOrder(one: number, other: number): number {
    return this.#messageKeys[one]! < this.#messageKeys[other]! ? -1 : 1;
  }

  /** The place of the part that a message of a channel belongs to; 0 when it cannot be divided. */
  #placeOf({ name }: ChannelTable, message: number): number {
    const { to, event } = this.messages[message]!;
    return placeIn(this.#divisions.get(name)!, this.nameOf(to), event.type);
  }

  /** The start of the list of deliveries of a channel's content. */
  resolveDeliveries(channel: ChannelTable, content: number): number {
    const index = channel.slot - this.actors.length;
    return this.#ask(ASKED_DELIVERIES, index, content, 0, () => this.#resolveDeliveries(channel, content));
  }

  #resolveDeliveries(channel: ChannelTable, content: number): number {
    const messages = channel.contents[content]!;
    const { order, lossy, duplicating } = channel.channel;
    const list: number[] = [];
    messages.forEach((message, index) => {
      const deliverable = order === 'fifo' ? index === 0 : messages.indexOf(message) === index;
      if (!deliverable) {
        // Of equal neighbours it makes no difference which one is lost.
        if (lossy !== 'anywhere' || messages[index - 1] === message) return;
        list.push(LOSE, message, channel.intern(messages.toSpliced(index, 1)));
        return;
      }
      const after = channel.intern(messages.toSpliced(index, 1));
      const takers = this.messages[message]!.takers ?? [message];
      if (duplicating !== 'always') for (const taker of takers) list.push(DELIVER, taker, after);
      if (duplicating) for (const taker of takers) list.push(DUPLICATE, taker, content);
      if (lossy) list.push(LOSE, message, after);
    });
    const start = this.#list(list, list.length / 3);
    channel.deliveries.data[content] = start;
    return start;
  }

  unhandled(slot: number, local: number, message: number): ModelError {
    const actor = this.actors[slot]!;
    const { event } = this.messages[message]!;
    const state = actor.locals[local]!;
    const text = canonicalKey(event, 'message');
    const ignored = "let the actor or the system have `unhandled: 'ignore'`";
    if (state.snapshot.status === 'done') {
      const what = `actor "${actor.name}" (${describe(state)}) is done and cannot take ${text}`;
      return new ModelError(
        'unhandled-message',
        what,
        `send it nothing after its end, or ${ignored}, as it is in live XState`,
      );
    }
    return new ModelError(
      'unhandled-message',
      `actor "${actor.name}" (${describe(state)}) has no transition for ${text}`,
      `handle ${event.type} there, ignore it with \`${event.type}: {}\`, ${ignored}, or list it as blocking if the sender must wait`,
    );
  }

  /** Whether an actor may stay in a local state for ever. */
  atRest(slot: number, local: number): boolean {
    const { atRest } = this.actors[slot]!;
    const known = atRest.get(local) ?? this.#atRest(slot, local);
    atRest.set(local, known);
    return known;
  }

  #atRest(slot: number, local: number): boolean {
    const { name, locals, outside } = this.actors[slot]!;
    const { rest, choices } = this.system.actors[name]!;
    const { snapshot } = locals[local]!;
    if (snapshot.status === 'done' || outside.has(local)) return true;
    if (rest === undefined) return choices.length === 0;
    if (typeof rest !== 'function') return rest.some((value) => snapshot.matches(value));
    return this.#askOf(this.actors[slot]!, locals[local]!, 'rest', rest);
  }

  /** Whether it does not meet the actor's constraint. Behind the end of a machine there is nothing to be kept from. */
  #isOutside(actor: ActorTable, state: LocalState): boolean {
    const constraint = this.system.actors[actor.name]?.constraint;
    if (!constraint || state.snapshot.status !== 'active') return false;
    const known = actor.isOutside.get(state.key) ?? !this.#askOf(actor, state, 'constraint', constraint);
    actor.isOutside.set(state.key, known);
    return known;
  }

  /** What a predicate of an actor's own says of one of its local states. */
  #askOf(
    { name, stepper }: ActorTable,
    state: LocalState,
    what: string,
    predicate: (snapshot: AnyMachineSnapshot) => boolean,
  ): boolean {
    const asker = `\`${what}\` of actor "${name}"`;
    const ask = (at: LocalState) =>
      answerOf(asker, (showing: Showing) => truthOf(asker, predicate(showing.snapshot(name, at, asker))));
    const answer = ask(state);
    const askAll = () => {
      if (stepper.otherOrdersOf(state).some((other) => ask(other) !== answer)) throw readsOrder(asker);
      return String(ask(state));
    };
    const about = () => `${asker} (${describe(state)})`;
    this.review.remember(asker, () => ({ about, ask: askAll, answer: String(answer) }));
    askAll();
    return answer;
  }

  /** What an actor or a monitor is in one of the ways to start, and what entering that sends. */
  initial(slot: number, start: number): Reaction {
    const reaction = this.actors[slot]!.stepper.initial(this.#inputAt(slot, start));
    this.#isOutside(this.actors[slot]!, reaction.next);
    return reaction;
  }

  /** From what an actor may start; undefined stands for its own input. */
  inputsOf(slot: number): unknown[] {
    return [...new Set(this.system.starts.map((_, start) => this.#inputAt(slot, start)))];
  }

  #inputAt(slot: number, start: number): unknown {
    const inputs = this.system.starts[start]!;
    const { name } = this.actors[slot]!;
    return slot < this.actorCount && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  }

  /** How many different values each slot has shown so far. */
  valueCounts(): number[] {
    return [
      ...this.actors.map((actor) => actor.locals.length),
      ...this.channels.map((channel) => channel.contents.length),
    ];
  }

  /** Of all values that `valueCounts` counts, slot by slot, and of the messages: equal in tables that were asked the same. */
  digests(): number[] {
    return [...this.actors, ...this.channels].map(({ digest }) => digest).concat(this.#messageDigest);
  }

  /** Of an actor, a monitor or a channel. */
  nameOf(slot: number): string {
    return (this.actors[slot] ?? this.channelAt(slot)!).name;
  }

  slotOf(name: string): number | undefined {
    return this.#slotOf.get(name);
  }

  /** The channel of a slot, or the part of one; undefined when the slot is an actor's or none. */
  channelAt(slot: number): ChannelTable | undefined {
    return this.channels[slot - this.actors.length];
  }

  /** Which message of a queue is lost when it becomes the other: its place, from 0; of a bag, always 0. */
  placeOfLoss({ channel: { order }, contents }: ChannelTable, before: number, after: number): number {
    if (order !== 'fifo') return 0;
    const [whole, left] = [contents[before]!, contents[after]!];
    const different = left.findIndex((message, place) => message !== whole[place]);
    let place = different < 0 ? left.length : different;
    while (place > 0 && whole[place - 1] === whole[place]) place--;
    return place;
  }

  /** What some parts of a channel hold in a state. */
  envelopes(parts: readonly ChannelTable[], state: Int32Array): Envelope[] {
    return parts.flatMap(({ slot, contents }) =>
      contents[state[slot]!]!.map((message) => {
        const { to, event } = this.messages[message]!;
        return { to: this.nameOf(to), event };
      }),
    );
  }

  /** How many times XState computed a step; everything else was looked up. */
  get xstateTransitions(): number {
    return this.actors.reduce((sum, actor) => sum + actor.stepper.calls, 0);
  }

  /** Memory of the tables that the inner loops read. */
  get bytes(): number {
    let bytes = this.effects.bytes + this.lists.bytes + this.messageTo.bytes * 4;
    for (const actor of this.actors) bytes += actor.entries.bytes + actor.options.bytes;
    for (const channel of this.channels) bytes += channel.pushes.bytes + channel.deliveries.bytes;
    return bytes;
  }

  /** The sends of a reaction as they stand in an effect. */
  encodeSends(slot: number, reaction: Reaction): number[] {
    return reaction.sends.flatMap(({ to, event }) => {
      const channel = this.#channelFor(this.actors[slot]!.name, to, event.type);
      const message = this.messageOf(this.#slotOf.get(to) ?? this.partsOf.get(to)![0]!.slot, event);
      const send = channel ? [channel.slot - this.actors.length, channel.columnOf(message)] : [SYNC, message];
      return [...this.#sightsOf(this.actors[slot]!.name, to, event), ...send];
    });
  }

  /** The pairs before a send for the monitors that see it. */
  #sightsOf(from: string, to: string, event: EventObject): number[] {
    return this.actors.slice(this.actorCount).flatMap(({ slot, stepper }) => {
      const sent = sentEvent(stepper.machine, from, to, event);
      return sent ? [OBSERVE, this.messageOf(slot, sent as EventObject)] : [];
    });
  }

  #effectOf(actor: ActorTable, reaction: Reaction): number {
    // A constraint that throws belongs to the step that comes to the state.
    this.#isOutside(actor, reaction.next);
    const next = actor.intern(reaction.next);
    if (actor.slot >= this.actorCount && (reaction.sends.length > 0 || reaction.next.timers.length > 0)) {
      throw new ModelError(
        'unsupported-action',
        `monitor "${actor.name}" sends a message or arms a timer`,
        'a monitor only observes',
      );
    }
    const sends = this.encodeSends(actor.slot, reaction);
    const entry = this.effects.push(next);
    this.effects.push(sends.length / 2);
    for (const part of sends) this.effects.push(part);
    return entry;
  }

  /** What an actor without a transition means: it ignores the message, as monitors do, or a sender waits, or the model is wrong. */
  #withoutTransition(actor: ActorTable, local: number, event: EventObject): number {
    const isMonitor = actor.slot >= this.actorCount;
    if (!isMonitor && this.#blocking.has(event.type)) return REFUSED;
    if (!isMonitor && !ignoresUnhandled(this.system, actor.name)) return UNHANDLED;
    const reaction = isMonitor ? undefined : actor.stepper.pass(actor.locals[local]!, event);
    if (reaction) return this.#effectOf(actor, reaction);
    const entry = this.effects.push(local);
    this.effects.push(isMonitor ? 0 : IGNORED);
    return entry;
  }

  /** The channel that takes a message, or its part for the receiver. */
  #channelFor(from: string, to: string, type: string): ChannelTable | undefined {
    const matching = this.#routes.carrying(from, to, type);
    if (matching.length > 1) {
      throw new ModelError(
        'bad-definition',
        `the channels ${matching.map((name) => `"${name}"`).join(' and ')} both take ${type} from "${from}" to "${to}"`,
        'give each its own senders, receivers or types',
      );
    }
    const [channel] = matching;
    if (channel === undefined && this.partsOf.has(to)) {
      throw new ModelError(
        'bad-definition',
        `actor "${from}" sends ${type} to the channel "${to}", which does not take that`,
        'add the sender to its `from`, or the type to its `types`',
      );
    }
    if (channel === undefined) return undefined;
    const parts = this.partsOf.get(channel)!;
    return parts.length === 1 ? parts[0] : parts[placeIn(this.#divisions.get(channel)!, to, type)];
  }

  #observersOf(to: number, event: EventObject): number {
    const list: number[] = [];
    for (const monitor of this.actors.slice(this.actorCount)) {
      if (!observesTaken(monitor.stepper.machine, event.type)) continue;
      list.push(
        this.messageOf(monitor.slot, { type: event.type, to: this.actors[to]!.name, message: event } as EventObject),
      );
    }
    return list.length === 0 ? 0 : this.#list(list);
  }

  #list(items: readonly number[], count = items.length): number {
    const start = this.lists.push(count);
    for (const item of items) this.lists.push(item);
    return start;
  }
}

function timerKey(timer: Timer | undefined): string {
  if (!timer) return '';
  return timer.to === undefined ? `timer ${timer.id} ` : `timer ${timer.id} to ${timer.to} `;
}

/** What tells a message from all others. Sorted by it, the messages to one receiver stand together. */
function messageKey(to: number, what: string): string {
  return `${to} ${what}`;
}
