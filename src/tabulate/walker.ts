/**
 * Runs steps over state vectors: integers in, integers out.
 *
 * `current` is the state to step from; after `begin`, each `next` takes the previous step back and runs the next
 * enabled one in place, and `touched` lists the slots that it set. Messages that an actor sends within a step are taken
 * in XState's own order: depth first, except that an actor that is still busy takes them from its mailbox when it is done.
 *
 * The order of steps is fixed: actors in the order of their declaration, each with its choices and then its timers; then
 * channels, each with its deliveries (deliver, duplicate, lose). A schedule is a list of indices into it.
 *
 * Nothing here allocates or calls XState, except where a table entry is missing.
 */
import { ModelError } from '../system/errors.ts';
import { type IntGrid, type Ints, sharedInts } from './ints.ts';
import { type Occurrences, REFUSAL } from './occurrences.ts';
import {
  IGNORED,
  LOSE,
  OBSERVE,
  PUSH_BLOCKED,
  PUSH_LOST,
  REFUSED,
  SYNC,
  type Tables,
  UNHANDLED,
  UNKNOWN,
} from './tables.ts';

/** Beside `DELIVER`, `DUPLICATE` and `LOSE`: a choice or a timer of an actor. */
export const START = 3;

/** Messages in one step before it counts as an endless synchronous exchange. */
export const STEP_MESSAGE_LIMIT = 10_000;

/** What a recorded step did, in order; `before` and `after` are local states, or contents of a channel. */
export interface StepRecord {
  readonly kind: 'taken' | 'queued' | 'merged' | 'blocked' | 'dropped' | 'lost' | 'refused' | 'ignored';
  /** The message; its receiver is the actor that took it. */
  readonly message: number;
  /** The actor that sent it within this step; undefined for a choice, a timer or a delivery. */
  readonly from?: number;
  /** The slot that it changed: the receiver's, or the channel's. */
  readonly slot: number;
  readonly before: number;
  readonly after: number;
}

export class Walker {
  readonly tables: Tables;
  readonly current: Int32Array;
  /** The slots that the last step set, each once; their values before it are in `previous`, by slot. */
  readonly touched: Int32Array;
  touchedCount = 0;
  readonly previous: Int32Array;
  /** Messages of the last step that some property watches for; emptied by `next`. */
  readonly watched: number[] = [];
  /** When set, every step appends what it does. */
  record: StepRecord[] | undefined;
  /** When set, every step, also one that a refusal disables, appends the slots that it looks at, in order, again and again. */
  reads: number[] | undefined;
  /** When set, the messages of monitors that the last step has told them, in order; emptied by `next`. */
  sights: number[] | undefined;
  /** When set, choices and timers that are left out as if they were not there. */
  skipped: ReadonlySet<number> | undefined;
  /** When set, hears of all that every step takes, and of every refusal. */
  occurrences: Occurrences | undefined;

  /** The step that `next` ran: its place among the enabled ones, what it is, its message, and the channel's slot or -1. */
  index = -1;
  kind = START;
  message = -1;
  channelSlot = -1;

  /** Where `next` goes on: the place in `#starters`, and what is left of that slot's list in `tables.lists`. */
  #starter = -1;
  #at = 0;
  #left = 0;
  readonly #dirty: Uint8Array;
  readonly #busy: Uint8Array;
  readonly #mailboxes: number[][];
  /** Each actor's tables, for the inner loop: the objects stay, their `data` may be replaced. */
  readonly #entries: readonly IntGrid[];
  readonly #options: readonly Ints[];
  /** The slots that can start a step, as of the last `begin`. */
  #starters: readonly number[] = [];
  #messagesInStep = 0;

  constructor(tables: Tables) {
    this.tables = tables;
    this.current = sharedInts(tables.slotCount);
    this.previous = new Int32Array(tables.slotCount);
    this.touched = new Int32Array(tables.slotCount);
    this.#dirty = new Uint8Array(tables.slotCount);
    this.#busy = new Uint8Array(tables.actors.length);
    this.#mailboxes = tables.actors.map(() => []);
    this.#entries = tables.actors.map((actor) => actor.entries);
    this.#options = tables.actors.map((actor) => actor.options);
  }

  /**
   * Puts an initial state into `current`, with everything that entering it sends: that of one of the ways to start.
   *
   * Actors start in the order of their declaration, as XState starts spawned actors: a message to one that has not
   * started waits in its mailbox.
   *
   * It is no step: what it takes counts as an occurrence only if the caller commits it.
   */
  start(way = 0): void {
    const { tables } = this;
    const initial = tables.actors.map(({ slot }) => tables.initial(slot, way));
    initial.forEach((reaction, slot) => {
      this.current[slot] = tables.actors[slot]!.intern(reaction.next);
    });
    this.current.fill(0, tables.actors.length);
    this.#messagesInStep = 0;
    this.occurrences?.begin();
    this.#busy.fill(1);
    for (let slot = tables.actorCount; slot < tables.actors.length; slot++) {
      if (initial[slot]!.sends.length > 0 || initial[slot]!.next.timers.length > 0) {
        throw new ModelError(
          'unsupported-action',
          `monitor "${tables.actors[slot]!.name}" sends a message or arms a timer`,
          'a monitor only observes',
        );
      }
      this.#busy[slot] = 0;
    }
    for (let slot = 0; slot < tables.actorCount; slot++) {
      const sends = tables.encodeSends(slot, initial[slot]!);
      let going = true;
      for (let at = 0; going && at < sends.length; at += 2) going = this.#send(slot, sends[at]!, sends[at + 1]!);
      going &&= this.#drain(slot);
      this.#mailboxes[slot]!.length = 0;
      this.#busy[slot] = 0;
      if (!going) {
        throw new ModelError(
          'unhandled-message',
          `actor "${tables.actors[slot]!.name}" sends a message at its start that its receiver refuses or whose channel is full`,
          'start from a state in which it can be taken',
        );
      }
    }
    this.#settle();
  }

  /** Before the first `next` from a new `current`; only the steps that these slots start, by default all. */
  begin(starters: readonly number[] = this.tables.starters): void {
    this.undo();
    this.#starters = starters;
    this.#starter = -1;
    this.#left = 0;
    this.index = -1;
  }

  /** Takes the last step back and runs the next enabled one from `current`; false when there is none left. */
  next(): boolean {
    const { tables } = this;
    this.undo();
    for (;;) {
      while (this.#left > 0) {
        this.#left--;
        const lists = tables.lists.data;
        if (this.kind === START) {
          this.message = lists[this.#at++]!;
          if (this.skipped?.has(this.message)) continue;
        } else {
          this.kind = lists[this.#at]!;
          this.message = lists[this.#at + 1]!;
        }
        const after = this.kind === START ? 0 : lists[this.#at + 2]!;
        if (this.kind !== START) this.#at += 3;
        if (this.#run(after)) {
          this.index++;
          return true;
        }
      }
      if (!this.#nextSlot()) return false;
    }
  }

  /** Moves to the list of the next slot that can start a step; false after the last one. */
  #nextSlot(): boolean {
    const { tables } = this;
    if (++this.#starter >= this.#starters.length) return false;
    const slot = this.#starters[this.#starter]!;
    const value = this.current[slot]!;
    let list: number;
    if (slot < tables.actorCount) {
      this.kind = START;
      this.channelSlot = -1;
      this.occurrences?.ask(slot, value);
      list = this.#options[slot]!.data[value]!;
      if (list === 0) list = tables.resolveOptions(slot, value);
    } else {
      const channel = tables.channels[slot - tables.actors.length]!;
      this.kind = LOSE;
      this.channelSlot = slot;
      list = channel.deliveries.data[value]!;
      if (list === 0) list = tables.resolveDeliveries(channel, value);
    }
    this.#left = tables.lists.data[list]!;
    this.#at = list + 1;
    return true;
  }

  /** Runs the step in `kind`, `message` and `channelSlot`; false, with `current` as before, when a refusal disables it. */
  #run(contentAfter: number): boolean {
    this.#messagesInStep = 0;
    this.occurrences?.begin();
    if (this.watched.length > 0) this.watched.length = 0;
    if (this.sights) this.sights.length = 0;
    if (this.kind !== START) {
      if (this.kind === LOSE) this.record?.push(this.#entry('lost', this.message, this.channelSlot, contentAfter));
      this.#set(this.channelSlot, contentAfter);
      if (this.kind === LOSE) return true;
    }
    if (!this.#take(this.message, -1)) {
      this.undo();
      return false;
    }
    this.occurrences?.commit();
    return true;
  }

  /** Of a lost message that is not the oldest of its queue: its place there, from 0; otherwise 0. */
  get place(): number {
    if (this.kind !== LOSE) return 0;
    const { tables, channelSlot: slot } = this;
    return tables.placeOfLoss(tables.channelAt(slot)!, this.previous[slot]!, this.current[slot]!);
  }

  /** Takes the last step back. */
  undo(): void {
    for (let i = 0; i < this.touchedCount; i++) {
      const slot = this.touched[i]!;
      this.current[slot] = this.previous[slot]!;
      this.#dirty[slot] = 0;
    }
    this.touchedCount = 0;
  }

  /** Makes the last step's result the state to step from. */
  #settle(): void {
    for (let i = 0; i < this.touchedCount; i++) this.#dirty[this.touched[i]!] = 0;
    this.touchedCount = 0;
  }

  /** After an exception in the middle of a step: back to the state before it. */
  abort(): void {
    this.undo();
    this.#busy.fill(0);
    for (const mailbox of this.#mailboxes) mailbox.length = 0;
  }

  #set(slot: number, value: number): void {
    if (this.#dirty[slot] === 0) {
      this.#dirty[slot] = 1;
      this.previous[slot] = this.current[slot]!;
      this.touched[this.touchedCount++] = slot;
    }
    this.current[slot] = value;
  }

  #take(message: number, from: number): boolean {
    const slot = this.tables.messageTo.data[message]!;
    if (this.#busy[slot] !== 0) {
      this.#mailboxes[slot]!.push(message, from);
      return true;
    }
    this.#busy[slot] = 1;
    let going = this.#react(slot, message, from);
    const mailbox = this.#mailboxes[slot]!;
    if (mailbox.length > 0) {
      going &&= this.#drain(slot);
      mailbox.length = 0;
    }
    this.#busy[slot] = 0;
    return going;
  }

  /** Takes what arrived while the actor was busy, oldest first; the caller empties the mailbox. */
  #drain(slot: number): boolean {
    const mailbox = this.#mailboxes[slot]!;
    for (let at = 0; at < mailbox.length; at += 2) {
      if (!this.#react(slot, mailbox[at]!, mailbox[at + 1]!)) return false;
    }
    return true;
  }

  #react(slot: number, message: number, from: number): boolean {
    const { tables } = this;
    this.reads?.push(slot);
    const local = this.current[slot]!;
    const entries = this.#entries[slot]!;
    let entry = entries.data[local * entries.width + tables.messageColumn.data[message]!]!;
    if (entry <= UNHANDLED) {
      if (entry === UNKNOWN) entry = this.#resolve(slot, local, message, from);
      if (entry === REFUSED) {
        this.record?.push(this.#entry('refused', message, slot, local, from));
        this.occurrences?.add(slot, local, message, REFUSAL);
        return false;
      }
      if (entry === UNHANDLED) {
        this.record?.push(this.#entry('refused', message, slot, local, from));
        throw tables.unhandled(slot, local, message);
      }
    }
    if (++this.#messagesInStep > STEP_MESSAGE_LIMIT) throw this.#endless(message);
    const sends = tables.effects.data[entry + 1]!;
    if (sends === IGNORED) {
      this.record?.push(this.#entry('ignored', message, slot, local, from));
      return true;
    }
    const next = tables.effects.data[entry]!;
    this.record?.push(this.#entry('taken', message, slot, next, from));
    this.occurrences?.take(slot, local, message);
    if (next !== local) this.#set(slot, next);
    if (tables.messageWatch.data[message]! !== 0) this.watched.push(message);

    const observers = tables.messageObservers.data[message]!;
    if (observers !== 0) {
      const count = tables.lists.data[observers]!;
      for (let i = 1; i <= count; i++) this.#observe(tables.lists.data[observers + i]!);
    }
    for (let i = 0, at = entry + 2; i < sends; i++, at += 2) {
      if (!this.#send(slot, tables.effects.data[at]!, tables.effects.data[at + 1]!)) return false;
    }
    return true;
  }

  #resolve(slot: number, local: number, message: number, from: number): number {
    try {
      return this.tables.resolve(slot, local, message);
    } catch (error) {
      this.record?.push(this.#entry('refused', message, slot, local, from));
      throw error;
    }
  }

  #send(from: number, channel: number, messageOrColumn: number): boolean {
    if (channel === SYNC) return this.#take(messageOrColumn, from);
    if (channel === OBSERVE) {
      this.#observe(messageOrColumn);
      return true;
    }
    const { tables } = this;
    const table = tables.channels[channel]!;
    this.reads?.push(table.slot);
    const content = this.current[table.slot]!;
    let after = table.pushes.get(content, messageOrColumn);
    if (after === 0) after = tables.resolvePush(table, content, messageOrColumn);
    if (after > 0) {
      if (this.record) {
        const fate = after - 1 === content ? 'merged' : 'queued';
        this.record.push(this.#entry(fate, table.columns[messageOrColumn]!, table.slot, after - 1, from));
      }
      this.#set(table.slot, after - 1);
      return true;
    }
    const kind = after === PUSH_LOST ? 'dropped' : 'blocked';
    this.record?.push(this.#entry(kind, table.columns[messageOrColumn]!, table.slot, content, from));
    return after !== PUSH_BLOCKED;
  }

  /** A monitor takes what it observes: it refuses nothing and sends nothing. */
  #observe(message: number): void {
    const { tables } = this;
    const slot = tables.messageTo.data[message]!;
    this.reads?.push(slot);
    const local = this.current[slot]!;
    const entries = this.#entries[slot]!;
    let entry = entries.data[local * entries.width + tables.messageColumn.data[message]!]!;
    if (entry === UNKNOWN) entry = tables.resolve(slot, local, message);
    this.sights?.push(message);
    this.occurrences?.take(slot, local, message);
    const next = tables.effects.data[entry]!;
    if (next !== local) this.#set(slot, next);
  }

  #entry(kind: StepRecord['kind'], message: number, slot: number, after: number, from = -1): StepRecord {
    const record = { kind, message, slot, before: this.current[slot]!, after };
    return from < 0 ? record : { ...record, from };
  }

  #endless(message: number): ModelError {
    const { to, event } = this.tables.messages[message]!;
    return new ModelError(
      'endless-loop',
      `more than ${STEP_MESSAGE_LIMIT} messages in one step; the last one was ${event.type} to "${this.tables.actors[to]!.name}"`,
      'actors answer each other without end; put a channel or a choice between them',
    );
  }
}
