/**
 * One thread's way of running steps of units in shared memory, with nothing but tables of integers.
 *
 * A step is a transaction. It reads slots together with their versions and keeps what it changes to itself; then it locks the
 * changed slots in ascending order, takes the next number of the unit's steps, makes sure that what it has only read is still as
 * it was, writes, and unlocks. It never waits: where a slot is locked or has changed, it is given up. So steps are atomic, and
 * their numbers are an order in which they could have been run one after the other (the scenario `optimistic-commit` checks
 * this protocol; Dice, Shalev and Shavit, Transactional Locking II, DISC 2006).
 *
 * Messages are taken in XState's own order, as in `tabulate/walker.ts`.
 */
import {
  FINDING,
  FINDING_AT,
  FIRST_MESSAGE,
  FIRST_RECENT,
  FIRST_THING,
  IDLE_AT,
  IDLE_THREADS,
  type Kind,
  type Layout,
  LENGTH,
  MESSAGE_THINGS,
  MESSAGE_WORDS,
  PHASE,
  PHASE_BITS,
  RECENT,
  RECENT_COUNT,
  SEQUENCE,
  STATE,
  STOPPED,
  TOUCHED_COUNT,
} from './layout.ts';
import type { Random } from './random.ts';
import {
  AT_REST,
  KNOWN,
  REFUSED,
  type SharedBuffers,
  SharedMap,
  SharedPool,
  UNHANDLED,
  VIOLATION,
} from './shared-tables.ts';
import type { LoggedStep } from './stress.ts';

/** Answers what the tables do not know yet; the answer is in the tables when it comes back. */
export interface Filler {
  reaction(state: number, message: number, places: number): number;
  options(state: number): number;
  flags(state: number): number;
  /** @param path what the predicate has read so far: see `Runtime.evaluate` */
  decision(predicate: number, path: readonly number[]): number;
}

/** What became of a step. */
export const DONE = 0;
/** There is nothing that the starter could do. */
export const NONE = 1;
/** A refusal or a full channel disables it. */
export const DISABLED = 2;
/** Another thread was at the same slots. */
export const CONFLICT = 3;
/** It was done, and the unit is stopped: something is violated, or nobody takes a message. */
export const FOUND = 4;
/** Steps in the unit have come to an end: it is drained by another thread, or stopped. */
export const CLOSED = 5;

/** How a step starts, in the low bits of the first word of a log entry; above them the kind of its starter. */
export const CHOICE = 0;
export const DELIVERY = 1;
export const DUPLICATION = 2;
export const LOSS = 3;
export const HOW_BITS = 2;
/** Words of a log entry: how it starts plus one, the message, the things that it names. */
export const LOG_WORDS = 2 + MESSAGE_THINGS;

/** An option of a state: message, flags, how many new things, how many things, their places. */
export const OPTION_RUNS = 1;
export const OPTION_IS_PRESSURE = 2;

/** Findings: the property's number, or one of these. */
export const NOBODY_TAKES = -1;
export const NOT_QUIET = -2;
export const DEAD_END = -3;
export const UNBALANCED = -4;
export const STEP_WITHOUT_END = -5;
/** First of the monitors; that of the `always` properties is 1. */
export const FIRST_MONITOR = 1000;

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

/** A predicate that is watched; of a family one for each thing. */
export interface Watched {
  readonly isFamily: boolean;
  /** `always`: looked at after each step that changes what it reads. The others are sampled. */
  readonly isAlways: boolean;
  /** Its place among the system's properties: of several violated ones the first is told. */
  readonly rank: number;
}

export interface RuntimeOptions {
  readonly memory: Int32Array;
  /** Per unit: `LOG_WORDS` for each step of an episode. */
  readonly log: Int32Array;
  readonly episode: number;
  readonly buffers: SharedBuffers;
  readonly layout: Layout;
  readonly predicates: readonly Watched[];
  /** What this thread has seen: by counter, and how often each sampled predicate held. */
  readonly seen: Float64Array;
  readonly durations: Float64Array;
  /** By kind: the state at the start. */
  readonly initial: readonly number[];
  readonly filler: Filler;
  readonly random: Random;
  readonly observer?: StepObserver | undefined;
}

const SORTS = ['actor', 'family', 'monitor', 'channel'] as const;
const FAMILY = 1;
const MONITOR = 2;
const CHANNEL = 3;

const NOTED_SLOTS = 7;
export const NOTE_WORDS = 1 + 2 * NOTED_SLOTS;

const SLOTS_MAX = 96;
/** Addresses are looked up by so many hashes. */
const HINTS = 256;
const MESSAGES_MAX = 10_000;
const COUNTED_MAX = 1024;
const LETTERS_MAX = 1024;
/** So often another thing is drawn that a choice does not name already; then all are gone through. */
const DRAWS = 4;
const PATH_MAX = 2048;
const PLACE_BITS = 5;
const PLACES_MAX = 2 ** PLACE_BITS;
/** The value of a predicate that cannot be watched. */
export const UNWATCHED = 2 ** 20;
/** Buckets of a duration: powers of two. */
export const DURATION_BUCKETS = 24;

export class Runtime {
  readonly layout: Layout;
  readonly #kinds: readonly Kind[];
  readonly #offset: Int32Array;
  readonly #stride: Int32Array;
  readonly #sort: Uint8Array;
  readonly #since: Int32Array;
  readonly #stateThings: Int32Array;
  readonly #messageThings: Int32Array;
  readonly #messageKind: Int32Array;
  readonly #messageObservers: Int32Array;
  readonly #messageCounters: Int32Array;
  readonly #memory: Int32Array;
  readonly #log: Int32Array;
  readonly #episode: number;
  readonly #buffers: SharedBuffers;
  readonly #reactions: SharedMap;
  readonly #decisions: SharedMap;
  readonly #pool: Int32Array;
  readonly #filler: Filler;
  readonly #random: Random;
  readonly #initial: readonly number[];
  readonly #families: readonly number[];
  readonly #predicates: readonly Watched[];
  readonly #seen: Float64Array;
  readonly #durations: Float64Array;
  readonly #observer: StepObserver | undefined;
  readonly #happenings: Happening[] = [];

  /** The unit that it works on: where it starts in memory, and its number. */
  #base = 0;
  #unit = 0;
  #phase = 0;

  // The transaction: the slots that it has touched, and their words as it leaves them.
  #count = 0;
  #transaction = 0;
  readonly #hints = new Uint8Array(HINTS);
  readonly #hintOf = new Int32Array(HINTS);
  readonly #address = new Int32Array(SLOTS_MAX);
  readonly #version = new Int32Array(SLOTS_MAX);
  readonly #kindOf = new Int32Array(SLOTS_MAX);
  readonly #member = new Int32Array(SLOTS_MAX);
  readonly #isDirty = new Uint8Array(SLOTS_MAX);
  readonly #isBusy = new Uint8Array(SLOTS_MAX);
  readonly #before = new Int32Array(SLOTS_MAX);
  readonly #words: Int32Array;
  readonly #width: number;
  /** Its starter had nothing else to do. */
  #isOnly = false;
  /** Messages that wait for their receiver, which is busy: its slot, and -1 when it has taken it. */
  #letters = 0;
  readonly #letterTo = new Int32Array(LETTERS_MAX);
  readonly #letterMessage = new Int32Array(LETTERS_MAX);
  readonly #letterThings = new Int32Array(LETTERS_MAX * MESSAGE_THINGS);
  readonly #order = new Int32Array(SLOTS_MAX);
  /** Things of messages and states under way. */
  readonly #stack = new Int32Array(2 ** 16);
  #top = 0;
  #messages = 0;
  /** The effects of the step, `#messages` of them. */
  readonly #effects = new Int32Array(MESSAGES_MAX + 1);
  readonly #counted = new Int32Array(COUNTED_MAX);
  #countedCount = 0;
  readonly #path = new Int32Array(PATH_MAX);
  #pathLength = 0;
  readonly #joint = new Int32Array(256);
  /** By predicate: what it reads first. */
  readonly #firstReads: Int32Array;
  #finding = 0;
  #outcome = DONE;

  /** Transitions of machines, monitors included, in steps that were done. */
  machineSteps = 0;
  steps = 0;
  conflicts = 0;
  /** Of the last try: how many options its starter had, enabled or not. */
  offered = 0;

  constructor(options: RuntimeOptions) {
    this.layout = options.layout;
    this.#kinds = options.layout.kinds;
    this.#offset = Int32Array.from(this.#kinds, ({ offset }) => offset);
    this.#stride = Int32Array.from(this.#kinds, ({ stride }) => stride);
    this.#since = Int32Array.from(this.#kinds, ({ since }) => since);
    this.#sort = Uint8Array.from(this.#kinds, ({ sort }) => SORTS.indexOf(sort));
    this.#stateThings = options.buffers.stateThings;
    this.#messageThings = options.buffers.messageThings;
    this.#messageKind = options.buffers.messageKind;
    this.#messageObservers = options.buffers.messageObservers;
    this.#messageCounters = options.buffers.messageCounters;
    this.#memory = options.memory;
    this.#log = options.log;
    this.#episode = options.episode;
    this.#buffers = options.buffers;
    this.#reactions = new SharedMap('reactions', options.buffers.reactions);
    this.#decisions = new SharedMap('decisions', options.buffers.decisions);
    this.#pool = new SharedPool(options.buffers.pool).words;
    this.#filler = options.filler;
    this.#random = options.random;
    this.#initial = options.initial;
    this.#families = this.#kinds.flatMap(({ sort }, kind) => (sort === 'family' ? [kind] : []));
    this.#predicates = options.predicates;
    this.#firstReads = new Int32Array(options.predicates.length);
    this.#seen = options.seen;
    this.#durations = options.durations;
    this.#observer = options.observer;
    this.#width = Math.max(...this.#kinds.map(({ stride }) => stride));
    this.#words = new Int32Array(SLOTS_MAX * this.#width);
  }

  /** Where the unit at hand starts in memory. */
  get base(): number {
    return this.#base;
  }

  enter(unit: number): void {
    this.#unit = unit;
    this.#base = unit * this.layout.unitWords;
  }

  /**
   * Notes what the last try read, if that alone made it come to nothing: as long as it stays so, another try comes to the same.
   *
   * @param notes `NOTE_WORDS` from `at`: how many slots, then the address and the version of each
   */
  note(notes: Int32Array, at: number): void {
    const count = this.#isOnly && this.#count <= NOTED_SLOTS ? this.#count : 0;
    notes[at] = count;
    for (let slot = 0; slot < count; slot++) {
      notes[at + 1 + 2 * slot] = this.#address[slot]!;
      notes[at + 2 + 2 * slot] = this.#version[slot]!;
    }
  }

  /** Whether what a try has read, and that made it come to nothing, is still so. */
  isAsNoted(notes: Int32Array, at: number): boolean {
    const count = notes[at]!;
    for (let i = at + 1; i <= at + 2 * count; i += 2) {
      if (Atomics.load(this.#memory, notes[i]!) !== notes[i + 1]) return false;
    }
    return count > 0;
  }

  /** This thread has found nothing to do here; true when none has, since the last step. */
  isIdleEverywhere(thread: number, threads: number): boolean {
    const memory = this.#memory;
    const steps = Atomics.load(memory, this.#base + SEQUENCE);
    if (Atomics.exchange(memory, this.#base + IDLE_AT, steps) !== steps) {
      Atomics.store(memory, this.#base + IDLE_THREADS, 0);
    }
    const idle = Atomics.or(memory, this.#base + IDLE_THREADS, 1 << thread) | (1 << thread);
    return idle === 2 ** threads - 1 || (threads === 32 && idle === -1);
  }

  /** What the step found that was the last to be run. */
  get lastFinding(): number {
    return this.#finding;
  }

  header(word: number): number {
    return Atomics.load(this.#memory, this.#base + word);
  }

  /** @returns whether nobody else changed it meanwhile */
  changePhase(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#memory, this.#base + PHASE, from, to) === from;
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
    const slot = this.#touch(kind, member);
    if (slot < 0) return this.#giveUp();
    const at = slot * this.#width;
    const state = this.#words[at + STATE]!;
    const list = this.#buffers.stateOptions[state]! || this.#ask(() => this.#filler.options(state));
    if (list <= 0) return this.#outcome;
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
      if (isDraining && (flags & OPTION_RUNS) === 0 && (this.#flagsOf(state) & AT_REST) !== 0) continue;
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
    if (!this.#drawNew(from, at, known)) return NONE;
    return this.#run(CHOICE, kind, this.#pool[option]!, from);
  }

  /** Runs the step that a message of a channel starts: `how` it leaves it. */
  deliver(kind: number, pick: number, how: number, phase: number): number {
    this.#begin(phase);
    const slot = this.#touch(kind, 0);
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
    if (how !== DUPLICATION) {
      this.#words.copyWithin(entry, entry + MESSAGE_WORDS, at + FIRST_MESSAGE + length * MESSAGE_WORDS);
      this.#words[at + LENGTH] = length - 1;
      this.#isDirty[slot] = 1;
    }
    return this.#run(how, kind, message, from);
  }

  /** Runs a step that is given by what it is, as a log has it; its things are numbers of the population. */
  repeat(how: number, kind: number, message: number, things: readonly number[], phase: number): number {
    this.#begin(phase);
    const from = this.#top;
    for (const thing of things) this.#stack[this.#top++] = thing;
    if (how === CHOICE) {
      const slot = this.#touch(kind, this.#sort[kind] === FAMILY ? things[0]! : 0);
      if (slot < 0) return this.#giveUp();
      if (!this.#offers(slot, message, from)) return this.#outcome === DONE ? NONE : this.#outcome;
    } else {
      const slot = this.#touch(kind, 0);
      if (slot < 0) return this.#giveUp();
      const place = this.#placeIn(slot, kind, message, from);
      if (place < 0) return NONE;
      if (how !== DUPLICATION) {
        const at = slot * this.#width;
        const length = this.#words[at + LENGTH]!;
        const entry = at + FIRST_MESSAGE + place * MESSAGE_WORDS;
        this.#words.copyWithin(entry, entry + MESSAGE_WORDS, at + FIRST_MESSAGE + length * MESSAGE_WORDS);
        this.#words[at + LENGTH] = length - 1;
        this.#isDirty[slot] = 1;
      }
    }
    return this.#run(how, kind, message, from);
  }

  #offers(slot: number, message: number, from: number): boolean {
    const at = slot * this.#width;
    const state = this.#words[at + STATE]!;
    const known = this.#stateThings[state]!;
    const list = this.#buffers.stateOptions[state]! || this.#ask(() => this.#filler.options(state));
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

  // --- the transaction ---

  #begin(phase: number): void {
    this.#phase = phase;
    this.#transaction = (this.#transaction + 1) | 0;
    this.#count = 0;
    this.#top = 0;
    this.#messages = 0;
    this.#finding = 0;
    this.#letters = 0;
    this.#outcome = DONE;
    this.#countedCount = 0;
    if (this.#observer !== undefined) this.#happenings.length = 0;
  }

  /** The touched slot, read now if it has not been; -1 when another thread is changing it. */
  #touch(kind: number, member: number): number {
    const memory = this.#memory;
    const stride = this.#stride[kind]!;
    const address = this.#base + this.#offset[kind]! + member * stride;
    const addresses = this.#address;
    const slot = this.#count;
    // Where the slot was put that has this address, or another one with the same hash.
    const hint = (address ^ (address >>> 8)) & (HINTS - 1);
    if (this.#hintOf[hint] === this.#transaction) {
      const likely = this.#hints[hint]!;
      if (addresses[likely] === address) return likely;
      for (let known = 0; known < slot; known++) if (addresses[known] === address) return known;
    }
    if (slot === SLOTS_MAX) throw new Error(`a step touches more than ${SLOTS_MAX} actors`);
    const version = Atomics.load(memory, address);
    const at = slot * this.#width;
    // All by atomic operations: elsewhere than on x86 others could pass the version.
    const second = Atomics.load(memory, address + STATE);
    const used = this.#sort[kind] === CHANNEL ? second * MESSAGE_WORDS : this.#stateThings[second]!;
    this.#words[at + STATE] = second;
    for (let word = FIRST_THING; word < FIRST_THING + used && word < stride; word++) {
      this.#words[at + word] = Atomics.load(memory, address + word);
    }
    if ((version & 1) !== 0 || Atomics.load(memory, address) !== version) {
      this.#outcome = CONFLICT;
      return -1;
    }
    this.#count++;
    this.#hints[hint] = slot;
    this.#hintOf[hint] = this.#transaction;
    this.#address[slot] = address;
    this.#version[slot] = version;
    this.#kindOf[slot] = kind;
    this.#member[slot] = member;
    this.#isDirty[slot] = 0;
    this.#isBusy[slot] = 0;
    this.#before[slot] = second;
    return slot;
  }

  #giveUp(): number {
    if (this.#outcome === CONFLICT) this.conflicts++;
    return this.#outcome;
  }

  /** Whether everything that was read is still so; before anything that must not happen for a mixture of old and new. */
  #isConsistent(): boolean {
    const memory = this.#memory;
    if (Atomics.load(memory, this.#base + PHASE) !== this.#phase) {
      this.#outcome = CLOSED;
      return false;
    }
    for (let slot = 0; slot < this.#count; slot++) {
      if (Atomics.load(memory, this.#address[slot]!) !== this.#version[slot]) {
        this.#outcome = CONFLICT;
        return false;
      }
    }
    return true;
  }

  /** Has a missing entry computed; 0 when the step has to be given up instead. */
  #ask(question: () => number): number {
    return this.#isConsistent() ? question() : 0;
  }

  #flagsOf(state: number): number {
    const flags = this.#buffers.stateFlags[state]!;
    return (flags & KNOWN) !== 0 ? flags : this.#filler.flags(state);
  }

  /** Takes the starting message, judges what has become of the unit, and commits. */
  #run(how: number, kind: number, message: number, from: number): number {
    if (this.#observer !== undefined && how === LOSS) this.#happens('lost', message, from, kind);
    const taken = how === LOSS || this.#take(message, from);
    if (!taken && this.#finding === 0) return this.#giveUp();
    if (this.#finding === 0 && !this.#judge()) return this.#giveUp();
    return this.#commit(how, kind, message, from);
  }

  #commit(how: number, kind: number, message: number, from: number): number {
    const memory = this.#memory;
    const order = this.#order;
    let changed = 0;
    // A step that breaks off has no effect but its place in the log.
    const breaksOff = this.#finding === NOBODY_TAKES || this.#finding === STEP_WITHOUT_END;
    for (let slot = 0; slot < this.#count && !breaksOff; slot++) {
      if (this.#isDirty[slot] === 0) continue;
      let place = changed++;
      while (place > 0 && this.#address[order[place - 1]!]! > this.#address[slot]!) order[place] = order[--place]!;
      order[place] = slot;
    }
    let locked = 0;
    while (locked < changed) {
      const slot = order[locked]!;
      const version = this.#version[slot]!;
      if (Atomics.compareExchange(memory, this.#address[slot]!, version, version + 1) !== version) break;
      locked++;
    }
    let number = 0;
    let isValid = locked === changed;
    if (isValid) {
      number = Atomics.add(memory, this.#base + SEQUENCE, 1);
      isValid = Atomics.load(memory, this.#base + PHASE) === this.#phase;
      if (!isValid) this.#outcome = CLOSED;
      for (let slot = 0; isValid && slot < this.#count; slot++) {
        const isMine = this.#isDirty[slot] === 1 && !breaksOff;
        isValid = isMine || Atomics.load(memory, this.#address[slot]!) === this.#version[slot];
      }
    }
    if (!isValid) {
      for (let i = 0; i < locked; i++) Atomics.store(memory, this.#address[order[i]!]!, this.#version[order[i]!]!);
      if (this.#outcome !== CLOSED) this.#outcome = CONFLICT;
      return this.#giveUp();
    }
    this.#write(number, how, kind, message, from);
    if (this.#finding !== 0) {
      // Before the slots are unlocked, so that no later step of this unit is done; of two threads that have found something, one tells.
      const stopped = (this.#phase & ~((1 << PHASE_BITS) - 1)) | STOPPED;
      if (this.changePhase(this.#phase, stopped)) {
        memory[this.#base + FINDING] = this.#finding;
        memory[this.#base + FINDING_AT] = number;
      }
    }
    for (let i = 0; i < changed; i++) {
      const slot = order[i]!;
      const at = slot * this.#width;
      const address = this.#address[slot]!;
      const sort = this.#sort[this.#kindOf[slot]!]!;
      const second = this.#words[at + STATE]!;
      const used = sort === CHANNEL ? second * MESSAGE_WORDS : this.#stateThings[second]!;
      Atomics.store(memory, address + STATE, second);
      for (let word = FIRST_THING; word < FIRST_THING + used; word++) {
        Atomics.store(memory, address + word, this.#words[at + word]!);
      }
      if (sort === FAMILY) this.#mark(this.#member[slot]!);
      if (this.#since[this.#kindOf[slot]!] !== 0 && this.#before[slot] !== second) this.#measure(slot, number);
      Atomics.store(memory, address, this.#version[slot]! + 2);
    }
    this.steps++;
    this.machineSteps += this.#messages;
    const { happened } = this.#buffers;
    // Looked at first: to write what is there already would take the line away from the other threads.
    for (let i = 0; i < this.#messages; i++) if (happened[this.#effects[i]!] === 0) happened[this.#effects[i]!] = 1;
    const counters = this.#base + this.layout.counters;
    for (let i = 0; i < this.#countedCount; i++) {
      const counter = this.#counted[i]!;
      this.#seen[counter]!++;
      Atomics.add(memory, counters + counter, 1);
    }
    if (this.#observer !== undefined) {
      const step = { how, kind, message, things: this.#thingsOf(message, from) };
      this.#observer.stepped(this.#unit, step, this.#happenings, this.#finding);
    }
    return this.#finding !== 0 ? FOUND : DONE;
  }

  #happens(fate: Happening['fate'], message: number, from: number, channel: number): void {
    this.#happenings.push({ fate, message, things: this.#thingsOf(message, from), channel });
  }

  #thingsOf(message: number, from: number): number[] {
    return Array.from(this.#stack.subarray(from, from + this.#messageThings[message]!));
  }

  /** Logs the step. */
  #write(number: number, how: number, kind: number, message: number, from: number): void {
    if (number >= this.#episode) return;
    const entry = (this.#unit * this.#episode + number) * LOG_WORDS;
    const log = this.#log;
    const things = this.#messageThings[message]!;
    log[entry + 1] = message;
    for (let i = 0; i < things; i++) log[entry + 2 + i] = this.#stack[from + i]!;
    log[entry] = ((kind << HOW_BITS) | how) + 1;
  }

  /** Notes that this episode has changed something of a thing. */
  #mark(thing: number): void {
    const { marks, touched, touchedMax } = this.layout;
    const memory = this.#memory;
    const episode = (this.#phase >> PHASE_BITS) + 1;
    if (memory[this.#base + marks + thing] === episode) return;
    if (Atomics.exchange(memory, this.#base + marks + thing, episode) === episode) return;
    const place = Atomics.add(memory, this.#base + TOUCHED_COUNT, 1);
    if (place < touchedMax) memory[this.#base + touched + place] = thing;
  }

  /** The duration of a measured state, when a step enters or leaves it. */
  #measure(slot: number, number: number): void {
    const before = this.#flagsOf(this.#before[slot]!) >> 4;
    const after = this.#flagsOf(this.#words[slot * this.#width + STATE]!) >> 4;
    if (before === after) return;
    const since = this.#base + this.#since[this.#kindOf[slot]!]! + this.#member[slot]!;
    if (before !== 0) {
      const steps = number - this.#memory[since]!;
      const bucket = Math.min(DURATION_BUCKETS - 1, steps < 1 ? 0 : 32 - Math.clz32(steps));
      this.#durations[(31 - Math.clz32(before)) * DURATION_BUCKETS + bucket]!++;
    }
    if (after !== 0) this.#memory[since] = number;
  }

  // --- what a step does ---

  #take(message: number, from: number): boolean {
    const kind = this.#messageKind[message]!;
    const member = this.#sort[kind] === FAMILY ? this.#stack[from]! : 0;
    const slot = this.#touch(kind, member);
    if (slot < 0) return false;
    if (this.#isBusy[slot] !== 0) return this.#post(slot, message, from);
    this.#isBusy[slot] = 1;
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
    this.#isBusy[slot] = 0;
    return going;
  }

  /** Into the mailbox of an actor that is busy; false when so many were that it would never end. */
  #post(slot: number, message: number, from: number): boolean {
    if (this.#letters === LETTERS_MAX) {
      if (this.#isConsistent()) this.#finding = STEP_WITHOUT_END;
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
    if (effect === 0) {
      effect = this.#ask(() => this.#filler.reaction(state, message, places));
      if (effect === 0) return false;
    }
    if (effect < 0) {
      if (effect === REFUSED) {
        this.#outcome = DISABLED;
        return false;
      }
      if (this.#isConsistent()) this.#finding = effect === UNHANDLED ? NOBODY_TAKES : effect;
      return false;
    }
    this.#effects[this.#messages] = effect;
    if (++this.#messages > MESSAGES_MAX) {
      if (this.#isConsistent()) this.#finding = STEP_WITHOUT_END;
      return false;
    }
    if (this.#observer !== undefined && this.#sort[this.#kindOf[slot]!] !== MONITOR) {
      this.#happens('taken', message, from, -1);
    }
    const next = pool[effect]!;
    const things = pool[effect + 1]!;
    let read = effect + 2;
    if (next !== state) {
      words[at + STATE] = next;
      this.#isDirty[slot] = 1;
    }
    for (let i = 0; i < things; i++) {
      const thing = stack[joint + pool[read++]!]!;
      if (i < known && words[at + FIRST_THING + i] === thing) continue;
      words[at + FIRST_THING + i] = thing;
      this.#isDirty[slot] = 1;
    }
    const counters = this.#messageCounters[message]!;
    if (counters !== 0)
      for (let i = pool[counters]!; i > 0 && this.#countedCount < COUNTED_MAX; i--) {
        this.#counted[this.#countedCount++] = pool[counters + i]!;
      }
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
      const slot = this.#touch(this.#messageKind[message]!, 0);
      if (slot < 0 || !this.#react(slot, message, start)) return false;
      this.#top = start;
    }
    return true;
  }

  #push(kind: number, message: number, from: number): boolean {
    const { capacity, dropsWhenFull } = this.#kinds[kind]!;
    const slot = this.#touch(kind, 0);
    if (slot < 0) return false;
    const at = slot * this.#width;
    const length = this.#words[at + LENGTH]!;
    if (this.#observer !== undefined) this.#happens(length < capacity ? 'queued' : 'dropped', message, from, kind);
    if (length >= capacity) {
      if (!dropsWhenFull) this.#outcome = DISABLED;
      return dropsWhenFull;
    }
    const entry = at + FIRST_MESSAGE + length * MESSAGE_WORDS;
    this.#words[entry] = message;
    const things = this.#messageThings[message]!;
    for (let i = 0; i < things; i++) this.#words[entry + 1 + i] = this.#stack[from + i]!;
    this.#words[at + LENGTH] = length + 1;
    this.#isDirty[slot] = 1;
    return true;
  }

  // --- things ---

  /**
   * Fills in the new things of an option, -1 minus its place for each: mostly ones that were used not long ago.
   *
   * @returns false when there are not enough
   */
  #drawNew(from: number, at: number, known: number): boolean {
    const stack = this.#stack;
    for (let i = from; i < this.#top; i++) {
      const place = stack[i]!;
      if (place >= 0) continue;
      const thing = this.#draw(from, i, at, known);
      if (thing < 0) return false;
      for (let j = i; j < this.#top; j++) if (stack[j] === place) stack[j] = thing;
      this.#remember(thing);
    }
    return true;
  }

  /**
   * Puts a thing among the recent ones, in the place of one that is as at the start: those that are in some other state, as pages that
   * are present, are drawn again and again.
   */
  #remember(thing: number): void {
    const memory = this.#memory;
    const count = Atomics.add(memory, this.#base + RECENT_COUNT, 1);
    let place = count % RECENT;
    for (let i = 0; i < RECENT && count >= RECENT; i++) {
      const at = (count + i) % RECENT;
      if (!this.#isInitial(memory[this.#base + FIRST_RECENT + at]!)) continue;
      place = at;
      break;
    }
    memory[this.#base + FIRST_RECENT + place] = thing;
  }

  #isInitial(thing: number): boolean {
    for (const kind of this.#families) if (this.peek(kind, thing) !== this.#initial[kind]) return false;
    return true;
  }

  #draw(from: number, to: number, at: number, known: number): number {
    const { population } = this.layout;
    let thing = this.drawThing();
    for (let tries = 0; tries < population + DRAWS; tries++) {
      let isFree = true;
      for (let i = from; i < to; i++) isFree &&= this.#stack[i] !== thing;
      for (let i = 0; i < known; i++) isFree &&= this.#words[at + FIRST_THING + i] !== thing;
      if (isFree) return thing;
      thing = tries < DRAWS ? this.drawThing() : (thing + 1) % population;
    }
    return -1;
  }

  /** A thing of the unit: one in eight is any, the others were used not long ago. */
  drawThing(): number {
    const { population } = this.layout;
    const recent = Math.min(RECENT, this.#memory[this.#base + RECENT_COUNT]!);
    if (recent === 0 || this.#random.below(8) === 0) return this.#random.below(population);
    return this.#memory[this.#base + FIRST_RECENT + this.#random.below(recent)]!;
  }

  // --- properties ---

  /** Looks at the monitors and predicates that the step may have changed; false when it has to be given up. */
  #judge(): boolean {
    const { predicatesOf } = this.#buffers;
    let mask = 0;
    let violated = 0;
    let rank = Number.MAX_SAFE_INTEGER;
    const changed = this.#count;
    for (let slot = 0; slot < changed; slot++) {
      if (this.#isDirty[slot] === 0) continue;
      const kind = this.#kindOf[slot]!;
      mask |= predicatesOf[kind]!;
      if (this.#sort[kind] !== MONITOR) continue;
      if ((this.#flagsOf(this.#words[slot * this.#width + STATE]!) & VIOLATION) === 0) continue;
      if (this.#kinds[kind]!.rank < rank) {
        rank = this.#kinds[kind]!.rank;
        violated = FIRST_MONITOR + kind;
      }
    }
    for (; mask !== 0; mask &= mask - 1) {
      const predicate = 31 - Math.clz32(mask & -mask);
      const outcome = this.#judgeBy(predicate, changed);
      if (outcome < 0) return false;
      if (outcome === 0 && this.#predicates[predicate]!.rank < rank) {
        rank = this.#predicates[predicate]!.rank;
        violated = 1 + predicate;
      }
    }
    if (violated === 0) return true;
    this.#finding = this.#isConsistent() ? violated : 0;
    return this.#finding !== 0;
  }

  /** As `evaluate`; of a family, of those things that the step may have something to do with. */
  #judgeBy(predicate: number, changed: number): number {
    if (!this.#predicates[predicate]!.isFamily) return this.evaluate(predicate, -1);
    // The things of the changed slots, and those that were used not long ago.
    for (let slot = 0; slot < changed; slot++) {
      if (this.#isDirty[slot] === 0 || this.#sort[this.#kindOf[slot]!] !== FAMILY) continue;
      const value = this.evaluate(predicate, this.#member[slot]!);
      if (value <= 0) return value;
    }
    const recent = Math.min(RECENT, this.#memory[this.#base + RECENT_COUNT]!);
    for (let i = 0; i < recent; i++) {
      const thing = this.#memory[this.#base + FIRST_RECENT + i]!;
      if (this.#isRepeated(thing, i) || this.#isAsBefore(predicate, thing)) continue;
      const value = this.evaluate(predicate, thing);
      if (value <= 0) return value;
    }
    return 1;
  }

  /** Whether a thing stands among the recent ones before. */
  #isRepeated(thing: number, before: number): boolean {
    for (let i = 0; i < before; i++) if (this.#memory[this.#base + FIRST_RECENT + i] === thing) return true;
    return false;
  }

  /**
   * Whether a predicate is decided by slots that the step has not changed: then it is as it was. Nothing of this becomes part of the
   * transaction, as a step that changes those slots looks at the predicate itself.
   */
  #isAsBefore(predicate: number, thing: number): boolean {
    return this.#follow(predicate, thing, true) >= 0;
  }

  /** The value of a predicate in the state at hand, or -1 when it cannot be told because another thread is at work. */
  evaluate(predicate: number, thing: number): number {
    return this.#follow(predicate, thing, false);
  }

  /**
   * Follows a decision tree: what has been read so far (`path`: per slot its kind and which of the things it belongs to, then what
   * it holds, the things in it by their places) says whether it is decided, and if not what is read next.
   *
   * @param isPeeking reads what is in memory, and gives up at a slot that the step has changed
   */
  #follow(predicate: number, thing: number, isPeeking: boolean): number {
    const path = this.#path;
    const source = isPeeking ? this.#memory : this.#words;
    this.#pathLength = 0;
    let joint = 0;
    if (thing >= 0) this.#joint[joint++] = thing;
    let one = 0x1b873593;
    let two = 0x2545f491;
    for (let hashed = 0; ; ) {
      for (; hashed < this.#pathLength; hashed++) {
        const word = path[hashed]!;
        one = Math.imul(one ^ word, 0xcc9e2d51);
        one = (one << 13) | (one >>> 19);
        two = Math.imul(two ^ word, 0x9e3779b1);
        two ^= two >>> 15;
      }
      let next = hashed === 0 ? this.#firstReads[predicate]! : 0;
      if (next === 0) next = this.#decisions.get(predicate, one, two);
      if (next === 0) {
        if (isPeeking) return -1;
        next = this.#ask(() => this.#filler.decision(predicate, Array.from(path.subarray(0, this.#pathLength))));
        if (next === 0) return -1;
      }
      if (hashed === 0) this.#firstReads[predicate] = next;
      if ((next & 1) !== 0) return next >> 1;
      const kind = (next >> 7) - 1;
      const place = (next >> 1) & 63;
      const member = this.#sort[kind] === FAMILY ? this.#joint[place]! : 0;
      const at = isPeeking ? this.#unchangedAt(kind, member) : this.#touch(kind, member) * this.#width;
      if (at < 0) return -1;
      const second = source[at + STATE]!;
      if (this.#pathLength > PATH_MAX / 2) throw new Error('a predicate reads more than a stress run can follow');
      path[this.#pathLength++] = kind;
      path[this.#pathLength++] = place;
      path[this.#pathLength++] = second;
      if (this.#sort[kind] !== CHANNEL) {
        joint = this.#join(source, at + FIRST_THING, this.#stateThings[second]!, joint);
      } else {
        for (let i = 0; i < second; i++) {
          const entry = at + FIRST_MESSAGE + i * MESSAGE_WORDS;
          path[this.#pathLength++] = source[entry]!;
          joint = this.#join(source, entry + 1, this.#messageThings[source[entry]!]!, joint);
        }
      }
    }
  }

  /** Where a slot is in memory; -1 when the step has changed it. */
  #unchangedAt(kind: number, member: number): number {
    const address = this.#base + this.#offset[kind]! + member * this.#stride[kind]!;
    const hint = (address ^ (address >>> 8)) & (HINTS - 1);
    if (this.#hintOf[hint] !== this.#transaction) return address;
    for (let slot = 0; slot < this.#count; slot++) {
      if (this.#address[slot] === address) return this.#isDirty[slot] === 1 ? -1 : address;
    }
    return address;
  }

  #join(source: Int32Array, from: number, count: number, known: number): number {
    let joint = known;
    for (let i = 0; i < count; i++) {
      const thing = source[from + i]!;
      let place = 0;
      while (place < joint && this.#joint[place] !== thing) place++;
      if (place === joint) this.#joint[joint++] = thing;
      this.#path[this.#pathLength++] = place;
    }
    return joint;
  }

  /** The value of a predicate in the unit as it is; -1 when that is changing. */
  sample(predicate: number, thing: number, phase: number): number {
    this.#begin(phase);
    const value = this.evaluate(predicate, thing);
    return value >= 0 && this.#isConsistent() ? value : -1;
  }

  /** What a slot's state is known to be. */
  peek(kind: number, member: number): number {
    const { offset, stride } = this.#kinds[kind]!;
    return this.#memory[this.#base + offset + member * stride + STATE]!;
  }

  flags(state: number): number {
    return this.#flagsOf(state);
  }

  /** Stops the unit for something that is not a step's fault. */
  stop(finding: number): void {
    const memory = this.#memory;
    memory[this.#base + FINDING] = finding;
    memory[this.#base + FINDING_AT] = Atomics.load(memory, this.#base + SEQUENCE) - 1;
    const phase = Atomics.load(memory, this.#base + PHASE);
    Atomics.store(memory, this.#base + PHASE, (phase & ~((1 << PHASE_BITS) - 1)) | STOPPED);
  }

  counter(counter: number): number {
    return Atomics.load(this.#memory, this.#base + this.layout.counters + counter);
  }
}
