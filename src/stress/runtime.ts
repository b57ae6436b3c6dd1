/**
 * One thread's way of running steps of units in shared memory, with nothing but tables of integers: what starts a step, who takes
 * which message, what is sent. A step is a transaction (`transaction.ts`); it is judged (`judge.ts`) and recorded (`records.ts`).
 *
 * Messages are taken in XState's own order, as in `tabulate/walker.ts`.
 */
import type { Random } from '../tabulate/random.ts';
import { Decisions } from './decisions.ts';
import { Judge, type Watched } from './judge.ts';
import {
  FAMILY,
  FIRST_MESSAGE,
  FIRST_THING,
  type Kind,
  type Layout,
  LENGTH,
  MESSAGE_THINGS,
  MESSAGE_WORDS,
  MONITOR,
  STATE,
  sortsOf,
} from './layout.ts';
import {
  CHOICE,
  CONFLICT,
  DISABLED,
  DONE,
  DUPLICATION,
  FOUND,
  LOSS,
  NOBODY_TAKES,
  NONE,
  STEP_WITHOUT_END,
} from './outcomes.ts';
import { RecentThings } from './recent-things.ts';
import { type LoggedStep, Records } from './records.ts';
import {
  AT_REST,
  type Filler,
  IGNORED,
  OPTION_IS_PRESSURE,
  OPTION_RUNS,
  PLACE_BITS,
  REFUSED,
  type SharedBuffers,
  SharedMap,
  StateFlags,
  UNHANDLED,
} from './shared-tables.ts';
import { Transaction } from './transaction.ts';
import { UnitMemory } from './unit-memory.ts';

/** What became of a message within a step. */
export interface Happening {
  readonly fate: 'taken' | 'queued' | 'dropped' | 'lost';
  readonly message: number;
  readonly things: readonly number[];
  /** The kind of the channel that it went into, or was lost from; -1 for none. */
  readonly channel: number;
}

/** Hears of all that a thread does, while the unit is as the step has left it: for runs that are compared with something else. */
export interface StepObserver {
  /**
   * A step was done, or broke off with a finding.
   *
   * @param happenings in order; what monitors observe is not among them
   */
  stepped(unit: number, step: LoggedStep, happenings: readonly Happening[], finding: number): void;
  /** The episode of a unit is over, and the unit is about to start again. */
  ending(unit: number): void;
}

export interface RuntimeOptions {
  readonly memory: Int32Array;
  /** Per unit: `LOG_WORDS` for each step of an episode. */
  readonly log: Int32Array;
  readonly episode: number;
  readonly buffers: SharedBuffers;
  readonly layout: Layout;
  readonly predicates: readonly Watched[];
  /** What this thread has seen, by counter. */
  readonly seen: Float64Array;
  /** Per latency: `DURATION_BUCKETS`. */
  readonly durations: Float64Array;
  /** By kind: the state at the start. */
  readonly initial: readonly number[];
  readonly filler: Filler;
  readonly random: Random;
  readonly observer?: StepObserver | undefined;
}

const LETTERS_MAX = 1024;
const PLACES_MAX = 2 ** PLACE_BITS;

export class Runtime {
  /** The unit that it works on; others may read it, and change what is no step's business. */
  readonly unit: UnitMemory;
  /** What things it draws; others may draw, too. */
  readonly recent: RecentThings;
  readonly flags: StateFlags;
  readonly #kinds: readonly Kind[];
  readonly #sort: Uint8Array;
  readonly #stateThings: Int32Array;
  readonly #stateOptions: Int32Array;
  readonly #messageThings: Int32Array;
  readonly #messageKind: Int32Array;
  readonly #messageObservers: Int32Array;
  readonly #messageCounters: Int32Array;
  readonly #reactions: SharedMap;
  readonly #pool: Int32Array;
  readonly #filler: Filler;
  readonly #random: Random;
  readonly #observer: StepObserver | undefined;
  readonly #happenings: Happening[] = [];

  readonly #transaction: Transaction;
  readonly #decisions: Decisions;
  readonly #judge: Judge;
  readonly #records: Records;
  /** The words of the slots of the transaction. */
  readonly #words: Int32Array;
  readonly #width: number;
  /** Its starter had nothing else to do. */
  #isOnly = false;
  /** Messages that wait for their receiver, which is busy: its slot, and -1 when it has taken it. */
  #letters = 0;
  readonly #letterTo = new Int32Array(LETTERS_MAX);
  readonly #letterMessage = new Int32Array(LETTERS_MAX);
  readonly #letterThings = new Int32Array(LETTERS_MAX * MESSAGE_THINGS);
  /** Things of messages and states under way. */
  readonly #stack = new Int32Array(2 ** 16);
  #top = 0;
  #finding = 0;

  /** Transitions of machines, monitors included, in steps that were done. */
  machineSteps = 0;
  steps = 0;
  conflicts = 0;
  /** Of the last try: how many options its starter had, enabled or not. */
  offered = 0;

  constructor(options: RuntimeOptions) {
    const { layout, buffers, filler, predicates } = options;
    const { kinds } = layout;
    const unit = new UnitMemory(options.memory, layout);
    const flags = new StateFlags(buffers, filler);
    const recent = new RecentThings(unit, options.random, options.initial);
    const transaction = new Transaction(unit, buffers.stateThings);
    const decisions = new Decisions({ unit, transaction, buffers, filler, predicates: predicates.length });
    this.unit = unit;
    this.recent = recent;
    this.flags = flags;
    this.#transaction = transaction;
    this.#decisions = decisions;
    this.#judge = new Judge({ kinds, transaction, decisions, recent, flags, predicates, buffers });
    this.#records = new Records({ ...options, unit, transaction, flags });
    this.#words = transaction.words;
    this.#width = transaction.width;
    this.#kinds = kinds;
    this.#sort = sortsOf(kinds);
    this.#stateThings = buffers.stateThings;
    this.#stateOptions = buffers.stateOptions;
    this.#messageThings = buffers.messageThings;
    this.#messageKind = buffers.messageKind;
    this.#messageObservers = buffers.messageObservers;
    this.#messageCounters = buffers.messageCounters;
    this.#reactions = new SharedMap('reactions', buffers.reactions);
    this.#pool = buffers.pool;
    this.#filler = filler;
    this.#random = options.random;
    this.#observer = options.observer;
  }

  /** Notes what the last try read, if that alone made it come to nothing: see `Transaction.note`. */
  note(notes: Int32Array, at: number): void {
    if (this.#isOnly) this.#transaction.note(notes, at);
    else notes[at] = 0;
  }

  /** Whether what a try has read, and that made it come to nothing, is still so. */
  isAsNoted(notes: Int32Array, at: number): boolean {
    return this.#transaction.isAsNoted(notes, at);
  }

  /** What the step found that was the last to be run. */
  get lastFinding(): number {
    return this.#finding;
  }

  /**
   * Runs a step that an actor or a member of a family starts on its own.
   *
   * @param pick which of its options, modulo their number
   * @param phase that the unit must be in
   * @param isDraining only what has to end is started: threads, timers, and what actors that are not at rest may do
   * @param pressure weight of choices by which memory is taken back: -1 hardly any, 0 as any other, 1 most
   */
  start(kind: number, member: number, pick: number, phase: number, isDraining: boolean, pressure: number): number {
    this.#begin(phase);
    const slot = this.#transaction.touch(kind, member);
    if (slot < 0) return this.#giveUp();
    const at = slot * this.#width;
    const state = this.#words[at + STATE]!;
    const list = this.#optionsOf(state);
    if (list <= 0) return this.#transaction.outcome;
    const count = this.#pool[list]!;
    this.offered = count;
    // Of a family it is this member that has nothing else to do.
    this.#isOnly = count <= 1 && this.#sort[kind] !== FAMILY;
    if (count === 0) return NONE;
    let option = 0;
    for (let tries = 0; ; tries++) {
      if (tries === count + 2) return NONE;
      option = list + this.#pool[list + 1 + ((pick + tries) % count)]!;
      const flags = this.#pool[option + 1]!;
      if (isDraining && (flags & OPTION_RUNS) === 0 && (this.flags.of(state) & AT_REST) !== 0) continue;
      const isPressure = (flags & OPTION_IS_PRESSURE) !== 0;
      if (tries < 2 && pressure < 0 && isPressure && this.#random.below(16) !== 0) continue;
      if (tries < 2 && pressure > 0 && !isPressure && this.#random.below(2) !== 0) continue;
      break;
    }
    const things = this.#pool[option + 3]!;
    const known = this.#stateThings[state]!;
    const from = this.#top;
    for (let i = 0; i < things; i++) {
      const place = this.#pool[option + 4 + i]!;
      this.#isOnly &&= place < known;
      this.#stack[this.#top++] = place < known ? this.#words[at + FIRST_THING + place]! : -1 - place;
    }
    if (!this.recent.fill(this.#stack, from, this.#top, this.#transaction, slot, known)) return NONE;
    return this.#run(CHOICE, kind, this.#pool[option]!, from);
  }

  /** Runs the step that a message of a channel starts: `how` it leaves it. */
  deliver(kind: number, pick: number, how: number, phase: number): number {
    this.#begin(phase);
    const slot = this.#transaction.touch(kind, 0);
    if (slot < 0) return this.#giveUp();
    const at = slot * this.#width;
    const length = this.#words[at + LENGTH]!;
    this.#isOnly = true;
    if (length === 0) return NONE;
    this.#isOnly = this.#kinds[kind]!.isFifo || length <= 1;
    this.offered = this.#isOnly ? 1 : length;
    const place = this.#isOnly ? 0 : pick % length;
    const entry = at + FIRST_MESSAGE + place * MESSAGE_WORDS;
    const message = this.#words[entry]!;
    const from = this.#top;
    for (let i = 0; i < this.#messageThings[message]!; i++) this.#stack[this.#top++] = this.#words[entry + 1 + i]!;
    if (how !== DUPLICATION) this.#remove(slot, place);
    return this.#run(how, kind, message, from);
  }

  /** Runs a step that is given by what it is, as a log has it; its things are numbers of the population. */
  repeat(how: number, kind: number, message: number, things: readonly number[], phase: number): number {
    this.#begin(phase);
    const from = this.#top;
    for (const thing of things) this.#stack[this.#top++] = thing;
    if (how === CHOICE) {
      const slot = this.#transaction.touch(kind, this.#sort[kind] === FAMILY ? things[0]! : 0);
      if (slot < 0) return this.#giveUp();
      if (!this.#offers(slot, message, from)) {
        const { outcome } = this.#transaction;
        return outcome === DONE ? NONE : outcome;
      }
    } else {
      const slot = this.#transaction.touch(kind, 0);
      if (slot < 0) return this.#giveUp();
      const place = this.#placeIn(slot, kind, message, from);
      if (place < 0) return NONE;
      if (how !== DUPLICATION) this.#remove(slot, place);
    }
    return this.#run(how, kind, message, from);
  }

  /** Whether each actor of the unit is at rest, of families these members, and all channels are empty. */
  isAtRest(members: readonly number[]): boolean {
    const { unit, flags } = this;
    const isResting = (kind: number, member: number) => (flags.of(unit.peek(kind, member)) & AT_REST) !== 0;
    return this.#kinds.every(({ sort }, kind) => {
      if (sort === 'monitor') return true;
      if (sort === 'channel') return unit.peek(kind, 0) === 0;
      return sort === 'family' ? members.every((member) => isResting(kind, member)) : isResting(kind, 0);
    });
  }

  /** Where the options of a state stand in the pool; 0 when the step has to be given up instead. */
  #optionsOf(state: number): number {
    const list = this.#stateOptions[state]!;
    return list === 0 && this.#transaction.isConsistent() ? this.#filler.options(state) : list;
  }

  /** Whether a state has such a choice, with these things. */
  #offers(slot: number, message: number, from: number): boolean {
    const at = slot * this.#width;
    const state = this.#words[at + STATE]!;
    const known = this.#stateThings[state]!;
    const list = this.#optionsOf(state);
    if (list <= 0) return false;
    const count = this.#pool[list]!;
    for (let i = 0; i < count; i++) {
      const option = list + this.#pool[list + 1 + i]!;
      if (this.#pool[option] !== message) continue;
      let fits = true;
      for (let j = 0; fits && j < this.#pool[option + 3]!; j++) {
        const place = this.#pool[option + 4 + j]!;
        const thing = this.#stack[from + j]!;
        if (place < known) fits = this.#words[at + FIRST_THING + place] === thing;
        else for (let k = 0; k < known; k++) fits &&= this.#words[at + FIRST_THING + k] !== thing;
      }
      if (fits) return true;
    }
    return false;
  }

  /** Where in a channel such a message stands that can be taken from it, or -1. */
  #placeIn(slot: number, kind: number, message: number, from: number): number {
    const at = slot * this.#width;
    const length = this.#kinds[kind]!.isFifo ? Math.min(1, this.#words[at + LENGTH]!) : this.#words[at + LENGTH]!;
    const things = this.#messageThings[message]!;
    for (let place = 0; place < length; place++) {
      const entry = at + FIRST_MESSAGE + place * MESSAGE_WORDS;
      let fits = this.#words[entry] === message;
      for (let i = 0; fits && i < things; i++) fits = this.#words[entry + 1 + i] === this.#stack[from + i];
      if (fits) return place;
    }
    return -1;
  }

  /** Takes a message out of a channel. */
  #remove(slot: number, place: number): void {
    const words = this.#words;
    const first = slot * this.#width + FIRST_MESSAGE;
    const entry = first + place * MESSAGE_WORDS;
    const length = words[slot * this.#width + LENGTH]!;
    words.copyWithin(entry, entry + MESSAGE_WORDS, first + length * MESSAGE_WORDS);
    words[slot * this.#width + LENGTH] = length - 1;
    this.#transaction.isDirty[slot] = 1;
  }

  #begin(phase: number): void {
    this.#transaction.begin(phase);
    this.#records.begin();
    this.#top = 0;
    this.#letters = 0;
    this.#finding = 0;
    if (this.#observer !== undefined) this.#happenings.length = 0;
  }

  #giveUp(): number {
    if (this.#transaction.outcome === CONFLICT) this.conflicts++;
    return this.#transaction.outcome;
  }

  /** Takes the starting message, judges what has become of the unit, and commits. */
  #run(how: number, kind: number, message: number, from: number): number {
    if (this.#observer !== undefined && how === LOSS) this.#happens('lost', message, from, kind);
    const taken = how === LOSS || this.#take(message, from);
    if (!taken && this.#finding === 0) return this.#giveUp();
    if (this.#finding === 0) {
      const violated = this.#judge.judge();
      if (violated < 0) return this.#giveUp();
      this.#finding = violated;
    }
    return this.#commit(how, kind, message, from);
  }

  #commit(how: number, kind: number, message: number, from: number): number {
    const records = this.#records;
    const finding = this.#finding;
    const number = this.#transaction.prepare(finding === NOBODY_TAKES || finding === STEP_WITHOUT_END);
    if (number < 0) return this.#giveUp();
    records.write(number, how, kind, message, this.#stack, from);
    // Before the slots are unlocked, so that no later step of this unit is done.
    if (finding !== 0) this.unit.stopAt(number, finding, this.#transaction.phase);
    records.markSlots(number);
    this.#transaction.finish();
    records.tell();
    this.steps++;
    this.machineSteps += records.messages;
    if (this.#observer !== undefined) {
      const step = { how, kind, message, things: this.#thingsOf(message, from) };
      this.#observer.stepped(this.unit.number, step, this.#happenings, finding);
    }
    return finding !== 0 ? FOUND : DONE;
  }

  #happens(fate: Happening['fate'], message: number, from: number, channel: number): void {
    this.#happenings.push({ fate, message, things: this.#thingsOf(message, from), channel });
  }

  #thingsOf(message: number, from: number): number[] {
    return Array.from(this.#stack.subarray(from, from + this.#messageThings[message]!));
  }

  // --- what a step does ---

  #take(message: number, from: number): boolean {
    const kind = this.#messageKind[message]!;
    const member = this.#sort[kind] === FAMILY ? this.#stack[from]! : 0;
    const transaction = this.#transaction;
    const slot = transaction.touch(kind, member);
    if (slot < 0) return false;
    if (transaction.isBusy[slot] !== 0) return this.#post(slot, message, from);
    transaction.isBusy[slot] = 1;
    let going = this.#react(slot, message, from);
    for (let letter = 0; going && letter < this.#letters; letter++) {
      if (this.#letterTo[letter] !== slot) continue;
      this.#letterTo[letter] = -1;
      const next = this.#letterMessage[letter]!;
      const start = this.#top;
      for (let i = 0; i < this.#messageThings[next]!; i++) {
        this.#stack[this.#top++] = this.#letterThings[letter * MESSAGE_THINGS + i]!;
      }
      going = this.#react(slot, next, start);
      this.#top = start;
    }
    transaction.isBusy[slot] = 0;
    return going;
  }

  /** Into the mailbox of an actor that is busy; false when so many were that it would never end. */
  #post(slot: number, message: number, from: number): boolean {
    if (this.#letters === LETTERS_MAX) {
      if (this.#transaction.isConsistent()) this.#finding = STEP_WITHOUT_END;
      return false;
    }
    const letter = this.#letters++;
    this.#letterTo[letter] = slot;
    this.#letterMessage[letter] = message;
    for (let i = 0; i < this.#messageThings[message]!; i++) {
      this.#letterThings[letter * MESSAGE_THINGS + i] = this.#stack[from + i]!;
    }
    return true;
  }

  #react(slot: number, message: number, from: number): boolean {
    const transaction = this.#transaction;
    const messageThings = this.#messageThings;
    const words = this.#words;
    const stack = this.#stack;
    const pool = this.#pool;
    const at = slot * this.#width;
    const state = words[at + STATE]!;
    const known = this.#stateThings[state]!;
    // The things of both: first the state's, then those that only the message names.
    const joint = this.#top;
    for (let i = 0; i < known; i++) stack[joint + i] = words[at + FIRST_THING + i]!;
    let count = known;
    let places = 0;
    for (let i = 0, shift = 0; i < messageThings[message]!; i++, shift += PLACE_BITS) {
      const thing = stack[from + i]!;
      let place = 0;
      while (place < count && stack[joint + place] !== thing) place++;
      if (place === count) stack[joint + count++] = thing;
      places |= place << shift;
    }
    if (count > PLACES_MAX) throw new Error(`a state and a message name more than ${PLACES_MAX} things`);
    this.#top = joint + count;
    let effect = this.#reactions.get(state, message, places);
    if (effect === 0 && transaction.isConsistent()) effect = this.#filler.reaction(state, message, places);
    if (effect === 0) return false;
    if (effect < 0) {
      if (effect === REFUSED) {
        transaction.outcome = DISABLED;
        return false;
      }
      if (transaction.isConsistent()) this.#finding = effect === UNHANDLED ? NOBODY_TAKES : effect;
      return false;
    }
    const things = pool[effect + 1]!;
    if (pool[effect + 2 + things] === IGNORED) return true;
    if (!this.#records.took(effect)) {
      if (transaction.isConsistent()) this.#finding = STEP_WITHOUT_END;
      return false;
    }
    if (this.#observer !== undefined && this.#sort[transaction.kindOf[slot]!] !== MONITOR) {
      this.#happens('taken', message, from, -1);
    }
    const next = pool[effect]!;
    let read = effect + 2;
    if (next !== state) {
      words[at + STATE] = next;
      transaction.isDirty[slot] = 1;
    }
    for (let i = 0; i < things; i++) {
      const thing = stack[joint + pool[read++]!]!;
      if (i < known && words[at + FIRST_THING + i] === thing) continue;
      words[at + FIRST_THING + i] = thing;
      transaction.isDirty[slot] = 1;
    }
    const counters = this.#messageCounters[message]!;
    if (counters !== 0) this.#records.count(counters);
    const observers = this.#messageObservers[message]!;
    if (observers !== 0 && !this.#observe(observers, from)) return false;

    for (let sends = pool[read++]!; sends > 0; sends--) {
      const channel = pool[read++]!;
      const sent = pool[read++]!;
      const start = this.#top;
      for (let i = pool[read++]!; i > 0; i--) stack[this.#top++] = stack[joint + pool[read++]!]!;
      const going = channel < 0 ? this.#take(sent, start) : this.#push(channel, sent, start);
      if (!going) return false;
      this.#top = start;
    }
    return true;
  }

  /** Monitors take what they observe: they refuse nothing and send nothing. */
  #observe(list: number, from: number): boolean {
    const pool = this.#pool;
    let read = list;
    for (let observers = pool[read++]!; observers > 0; observers--) {
      const message = pool[read++]!;
      const start = this.#top;
      for (let i = pool[read++]!; i > 0; i--) this.#stack[this.#top++] = this.#stack[from + pool[read++]!]!;
      const slot = this.#transaction.touch(this.#messageKind[message]!, 0);
      if (slot < 0 || !this.#react(slot, message, start)) return false;
      this.#top = start;
    }
    return true;
  }

  #push(kind: number, message: number, from: number): boolean {
    const { capacity, dropsWhenFull } = this.#kinds[kind]!;
    const slot = this.#transaction.touch(kind, 0);
    if (slot < 0) return false;
    const at = slot * this.#width;
    const length = this.#words[at + LENGTH]!;
    if (this.#observer !== undefined) this.#happens(length < capacity ? 'queued' : 'dropped', message, from, kind);
    if (length >= capacity) {
      if (!dropsWhenFull) this.#transaction.outcome = DISABLED;
      return dropsWhenFull;
    }
    const entry = at + FIRST_MESSAGE + length * MESSAGE_WORDS;
    this.#words[entry] = message;
    const things = this.#messageThings[message]!;
    for (let i = 0; i < things; i++) this.#words[entry + 1 + i] = this.#stack[from + i]!;
    this.#words[at + LENGTH] = length + 1;
    this.#transaction.isDirty[slot] = 1;
    return true;
  }

  /** The value of a predicate in the unit as it is; -1 when that is changing. */
  sample(predicate: number, thing: number, phase: number): number {
    this.#begin(phase);
    const value = this.#decisions.evaluate(predicate, thing);
    return value >= 0 && this.#transaction.isConsistent() ? value : -1;
  }
}
