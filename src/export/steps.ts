/**
 * Every step as a small program: which actor takes which message, one after the other, and what that depends on.
 *
 * A step begins with a choice, a timer or a message that leaves a channel. Who takes what next depends only on what the actors
 * before it sent, so local states that send the same go the same way: a node branches on classes of local states, not on
 * single ones. Along one way through the tree every slot takes a fixed list of messages, hence its value after the step is
 * a function of its own value before it; the end of the way keeps that function as pairs.
 *
 * The trees know what reachable states do and nothing else.
 */
import {
  DELIVER,
  DUPLICATE,
  IGNORED,
  LOSE,
  OBSERVE,
  REFUSED,
  SYNC,
  type Tables,
  UNHANDLED,
} from '../tabulate/tables.ts';
import { START } from '../tabulate/walker.ts';
import type { Space } from './space.ts';

export interface TakeNode {
  readonly kind: 'take';
  readonly slot: number;
  readonly message: number;
  /** The sender; -1 for what starts the step. */
  readonly from: number;
  /** Per class of behaviour, the values before the step of the slot, and what follows. */
  readonly arms: Map<number, { readonly values: Set<number>; readonly next: Place }>;
}

export interface PushNode {
  readonly kind: 'push';
  readonly slot: number;
  readonly message: number;
  readonly from: number;
  /** Messages that the step has put into the channel before, less the one that it took out. */
  readonly added: number;
  /** What follows when there is room, and when there is none; undefined where that never happens. */
  room?: Place;
  full?: Place;
}

export interface EndNode {
  readonly kind: 'end';
  /** Per slot that took something, its values after the step by those before. */
  readonly maps: Map<number, Map<number, number>>;
}

/** The step is disabled here. */
export interface DisabledNode {
  readonly kind: 'disabled';
}

export type StepNode = TakeNode | PushNode | EndNode | DisabledNode;

/** Where a node comes to stand. */
export interface Place {
  node?: StepNode;
}

/** One way for something to happen. */
export interface Step {
  /** The actor or the channel that starts it. */
  readonly starter: number;
  readonly kind: typeof START | typeof DELIVER | typeof DUPLICATE | typeof LOSE;
  readonly message: number;
  /** Of a lost message that is not the oldest of its queue: its place there; otherwise 0. */
  readonly place: number;
  readonly root: Place;
}

/** The steps of all expanded states, in the order of a schedule. */
export function* stepsOf(space: Space): Generator<void, Step[]> {
  return yield* new Recorder(space).steps();
}

/** States between two turns of the caller. */
const SLICE = 1024;

/** What disables a step, as the class of a local state; classes of sends are 0 and above. */
const REFUSES = -1;

class Recorder {
  readonly #space: Space;
  readonly #tables: Tables;
  readonly #steps = new Map<string, Step>();
  /** Per starter and message, for looking up fast; a starter may have the same choice twice. */
  readonly #found: Step[][][] = [];
  #enabled = 0;

  /** The state that a step starts from, and the same with what the step has done so far. */
  #before: Int32Array;
  readonly #current: Int32Array;
  #touched: number[] = [];
  #place: Place = {};
  readonly #busy: boolean[];
  readonly #mailboxes: [message: number, from: number][][];
  /** Per channel slot: messages that the step put there, less the one that it took out. */
  readonly #added: number[];
  readonly #classes = new Map<string, number>();
  /** Per effect. */
  readonly #classOf: number[] = [];

  constructor(space: Space) {
    this.#space = space;
    this.#tables = space.tables;
    this.#before = space.initial[0]!;
    this.#current = this.#before.slice();
    this.#busy = this.#tables.actors.map(() => false);
    this.#mailboxes = this.#tables.actors.map(() => []);
    this.#added = Array.from({ length: this.#tables.slotCount }, () => 0);
  }

  *steps(): Generator<void, Step[]> {
    const { starters } = this.#tables;
    for (let number = 0; number < this.#space.expanded; number++) {
      if (number % SLICE === 0) yield;
      if (this.#space.cut.has(number)) continue;
      this.#before = this.#space.at(number);
      this.#current.set(this.#before);
      for (const slot of starters) this.#startFrom(slot);
    }
    if (this.#enabled !== this.#space.steps) {
      throw new Error(`the exported steps run ${this.#enabled} times, the tables' ${this.#space.steps} times`);
    }
    return [...this.#steps.values()].sort(
      (a, b) =>
        a.starter - b.starter ||
        a.message - b.message ||
        KIND_ORDER[a.kind]! - KIND_ORDER[b.kind]! ||
        a.place - b.place,
    );
  }

  #startFrom(slot: number): void {
    const tables = this.#tables;
    const value = this.#before[slot]!;
    const lists = tables.lists.data;
    if (slot < tables.actorCount) {
      const list = tables.actors[slot]!.options.data[value] || tables.resolveOptions(slot, value);
      for (let i = 1; i <= lists[list]!; i++) {
        const message = lists[list + i]!;
        let twin = 0;
        for (let j = 1; j < i; j++) if (lists[list + j] === message) twin++;
        this.#run(slot, START, message, twin);
      }
      return;
    }
    const channel = tables.channels[slot - tables.actors.length]!;
    const list = channel.deliveries.data[value] || tables.resolveDeliveries(channel, value);
    for (let i = 0, at = list + 1; i < tables.lists.data[list]!; i++, at += 3) {
      const kind = tables.lists.data[at]!;
      const place = kind === LOSE ? tables.placeOfLoss(channel, value, tables.lists.data[at + 2]!) : 0;
      this.#run(slot, kind, tables.lists.data[at + 1]!, place);
    }
  }

  /** @param twin tells equal choices of one actor apart, and losses of one message from several places of a queue */
  #run(starter: number, kind: number, message: number, twin: number): void {
    const { root } = this.#stepFor(starter, kind, message, twin);
    this.#place = root;
    if (kind === DELIVER || kind === LOSE) this.#added[starter]!--;
    const enabled = kind === LOSE || this.#take(message, -1);
    if (enabled) {
      this.#enabled++;
      this.#end();
    } else {
      this.#place.node ??= { kind: 'disabled' };
    }
    for (const slot of this.#touched) this.#current[slot] = this.#before[slot]!;
    this.#touched = [];
    if (starter >= this.#tables.actors.length) this.#added[starter] = 0;
    if (this.#pushed) this.#added.fill(0);
    this.#pushed = false;
    if (!enabled) {
      this.#busy.fill(false);
      for (const mailbox of this.#mailboxes) mailbox.length = 0;
    }
  }

  #pushed = false;

  #stepFor(starter: number, kind: number, message: number, twin: number): Step {
    this.#found[starter] ??= [];
    this.#found[starter][message] ??= [];
    const known = this.#found[starter][message]!;
    const index = kind + 4 * twin;
    let step = known[index];
    if (!step) {
      step = { starter, kind: kind as Step['kind'], message, place: kind === LOSE ? twin : 0, root: {} };
      known[index] = step;
      this.#steps.set(`${starter} ${kind} ${message} ${twin}`, step);
    }
    return step;
  }

  #end(): void {
    this.#place.node ??= { kind: 'end', maps: new Map() };
    const node = this.#place.node as EndNode;
    for (const slot of this.#touched) {
      let map = node.maps.get(slot);
      if (!map) {
        map = new Map();
        node.maps.set(slot, map);
      }
      const [before, after] = [this.#before[slot]!, this.#current[slot]!];
      const known = map.get(before);
      if (known === undefined) map.set(before, after);
      else if (known !== after)
        throw new Error(`slot ${slot} goes from ${before} to ${known} and to ${after} in one way`);
    }
  }

  #take(message: number, from: number): boolean {
    const slot = this.#tables.messageTo.data[message]!;
    const mailbox = this.#mailboxes[slot]!;
    if (this.#busy[slot]) {
      mailbox.push([message, from]);
      return true;
    }
    this.#busy[slot] = true;
    if (!this.#react(slot, message, from)) return false;
    for (let at = 0; at < mailbox.length; at++) {
      if (!this.#react(slot, ...mailbox[at]!)) return false;
    }
    mailbox.length = 0;
    this.#busy[slot] = false;
    return true;
  }

  #react(slot: number, message: number, from: number): boolean {
    const tables = this.#tables;
    const entry = this.#entry(slot, message);
    const outcome = entry === REFUSED ? REFUSES : this.#classOfEffect(entry);
    this.#place.node ??= { kind: 'take', slot, message, from, arms: new Map() };
    const { arms } = this.#place.node as TakeNode;
    let arm = arms.get(outcome);
    if (!arm) {
      arm = { values: new Set(), next: {} };
      arms.set(outcome, arm);
    }
    arm.values.add(this.#before[slot]!);
    this.#place = arm.next;
    if (outcome === REFUSES) return false;

    const { data } = tables.effects;
    this.#set(slot, data[entry]!);
    const sends = data[entry + 1]!;
    if (sends === IGNORED) return true;
    const observers = tables.messageObservers.data[message]!;
    if (observers !== 0) {
      const count = tables.lists.data[observers]!;
      for (let i = 1; i <= count; i++) {
        this.#observe(tables.lists.data[observers + i]!);
      }
    }
    for (let i = 0, at = entry + 2; i < sends; i++, at += 2) {
      if (!this.#send(slot, data[at]!, data[at + 1]!)) return false;
    }
    return true;
  }

  #observe(message: number): void {
    const monitor = this.#tables.messageTo.data[message]!;
    this.#set(monitor, this.#tables.effects.data[this.#entry(monitor, message)]!);
  }

  #send(from: number, channel: number, messageOrColumn: number): boolean {
    if (channel === SYNC) return this.#take(messageOrColumn, from);
    if (channel === OBSERVE) {
      this.#observe(messageOrColumn);
      return true;
    }
    const table = this.#tables.channels[channel]!;
    const { slot } = table;
    const added = this.#added[slot]!;
    const isFull = table.contents[this.#before[slot]!]!.length + added >= table.channel.capacity;
    this.#place.node ??= { kind: 'push', slot, message: table.columns[messageOrColumn]!, from, added };
    const node = this.#place.node as PushNode;
    if (!isFull) {
      node.room ??= {};
      this.#place = node.room;
      this.#added[slot] = added + 1;
      this.#pushed = true;
      return true;
    }
    node.full ??= {};
    this.#place = node.full;
    return table.channel.whenFull !== 'block';
  }

  /** What the tables say; the search has asked all this before. */
  #entry(slot: number, message: number): number {
    const { entries } = this.#tables.actors[slot]!;
    const local = this.#current[slot]!;
    const entry = entries.data[local * entries.width + this.#tables.messageColumn.data[message]!]!;
    if (entry >= REFUSED && entry !== UNHANDLED) return entry;
    throw new Error(`no table entry ${entry} for slot ${slot}, local state ${local}, message ${message}`);
  }

  #classOfEffect(entry: number): number {
    const known = this.#classOf[entry];
    if (known !== undefined) return known;
    const { data } = this.#tables.effects;
    const key = data.subarray(entry + 1, entry + 2 + 2 * data[entry + 1]!).join(' ');
    const number = this.#classes.get(key) ?? this.#classes.size;
    this.#classes.set(key, number);
    this.#classOf[entry] = number;
    return number;
  }

  #set(slot: number, value: number): void {
    if (!this.#touched.includes(slot)) this.#touched.push(slot);
    this.#current[slot] = value;
  }
}

/** As a schedule enumerates them. */
const KIND_ORDER: Readonly<Record<number, number>> = { [START]: 0, [DELIVER]: 1, [DUPLICATE]: 2, [LOSE]: 3 };
