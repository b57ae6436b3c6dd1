/**
 * A step as a transaction on the slots of a unit, which other threads read and change at the same time.
 *
 * A step reads slots together with their versions and keeps what it changes to itself; then it locks the changed slots in ascending
 * order, takes the next number of the unit's steps, makes sure that what it has only read is still as it was, writes, and unlocks.
 * It never waits: where a slot is locked or has changed, it is given up. So steps are atomic, and their numbers are an order in which
 * they could have been run one after the other (the scenario `optimistic-commit` checks this protocol; Dice, Shalev and Shavit,
 * Transactional Locking II, DISC 2006).
 *
 * Words of slots are accessed plainly: an atomic access takes ten times as long. Taking the number, which is one atomic operation on
 * one word for all steps of a unit, puts them in order. A step takes it after its reads and before it checks them, and one that changes
 * something takes it after its locks and before it writes. If the reader is the first of the two to take one, all that it has read was
 * read before the other one writes. If it is the second, it finds the lock, or the new version, when it checks.
 *
 * In the order of a step: `begin`, `touch` for whatever it reads or changes, `prepare`, and if that is done `finish`.
 */
import { CHANNEL, FIRST_THING, MESSAGE_WORDS, PHASE, SEQUENCE, STATE, sortsOf } from './layout.ts';
import { CLOSED, CONFLICT, DONE } from './outcomes.ts';
import type { UnitMemory } from './unit-memory.ts';

const SLOTS_MAX = 96;
/** Addresses are looked up by so many hashes. */
const HINTS = 256;
const NOTED_SLOTS = 7;
export const NOTE_WORDS = 1 + 2 * NOTED_SLOTS;

/** Slots are numbered from 0 in the order in which the step touches them. */
export class Transaction {
  readonly #unit: UnitMemory;
  readonly #memory: Int32Array;
  readonly #offset: Int32Array;
  readonly #stride: Int32Array;
  readonly #sort: Uint8Array;
  readonly #stateThings: Int32Array;
  #base = 0;
  #transaction = 0;
  /** The number that the next step has if nobody has made one since this thread's last, as long as the unit and the phase are the same. */
  #nextNumber = -1;
  #nextBase = -1;
  #nextPhase = -1;
  /** By hash of an address: the slot that was last put there, and in which transaction. */
  readonly #hints = new Uint8Array(HINTS);
  readonly #hintOf = new Int32Array(HINTS);
  readonly #address = new Int32Array(SLOTS_MAX);
  readonly #version = new Int32Array(SLOTS_MAX);

  /** Words of a slot in `words`. */
  readonly width: number;
  /** The touched slots, `width` words each, as the step leaves them: it changes them here and says so in `isDirty`. */
  readonly words: Int32Array;
  readonly isDirty = new Uint8Array(SLOTS_MAX);
  /** By slot, for who makes the step: 0 when it is touched. */
  readonly isBusy = new Uint8Array(SLOTS_MAX);
  /** By slot: what it is, and what stood in its second word (a state, a length) when it was touched. Others only read these. */
  readonly kindOf = new Int32Array(SLOTS_MAX);
  readonly member = new Int32Array(SLOTS_MAX);
  readonly before = new Int32Array(SLOTS_MAX);
  /** How many slots are touched; others only read it. */
  count = 0;
  /** The first `locked` of these are the slots that `prepare` has locked, by ascending address; others only read them. */
  readonly order = new Int32Array(SLOTS_MAX);
  locked = 0;
  /** The phase that the unit must be in; others only read it. */
  phase = 0;
  /** Why the step has to be given up, or DONE; who makes steps writes DISABLED. */
  outcome = DONE;

  /** @param stateThings by state: how many things it names */
  constructor(unit: UnitMemory, stateThings: Int32Array) {
    const { kinds } = unit.layout;
    this.#unit = unit;
    this.#memory = unit.memory;
    this.#offset = Int32Array.from(kinds, ({ offset }) => offset);
    this.#stride = Int32Array.from(kinds, ({ stride }) => stride);
    this.#sort = sortsOf(kinds);
    this.#stateThings = stateThings;
    this.width = Math.max(...this.#stride);
    this.words = new Int32Array(SLOTS_MAX * this.width);
  }

  begin(phase: number): void {
    this.#base = this.#unit.base;
    this.#transaction = (this.#transaction + 1) | 0;
    this.phase = phase;
    this.count = 0;
    this.outcome = DONE;
  }

  /** The touched slot, read now if it has not been; -1 when another thread is changing it. */
  touch(kind: number, member: number): number {
    const memory = this.#memory;
    const stride = this.#stride[kind]!;
    const address = this.#base + this.#offset[kind]! + member * stride;
    const addresses = this.#address;
    const slot = this.count;
    // Where the slot was put that has this address, or another one with the same hash.
    const hint = hashOf(address);
    if (this.#hintOf[hint] === this.#transaction) {
      const likely = this.#hints[hint]!;
      if (addresses[likely] === address) return likely;
      for (let known = 0; known < slot; known++) if (addresses[known] === address) return known;
    }
    if (slot === SLOTS_MAX) throw new Error(`a step touches more than ${SLOTS_MAX} actors`);
    const words = this.words;
    const version = Atomics.load(memory, address);
    const at = slot * this.width;
    const second = memory[address + STATE]!;
    const used = this.#sort[kind] === CHANNEL ? second * MESSAGE_WORDS : this.#stateThings[second]!;
    words[at + STATE] = second;
    for (let word = FIRST_THING; word < FIRST_THING + used && word < stride; word++) {
      words[at + word] = memory[address + word]!;
    }
    // A second look saves work for nothing; that it finds everything is not relied on.
    if ((version & 1) !== 0 || memory[address] !== version) {
      this.outcome = CONFLICT;
      return -1;
    }
    this.count++;
    this.#hints[hint] = slot;
    this.#hintOf[hint] = this.#transaction;
    addresses[slot] = address;
    this.#version[slot] = version;
    this.kindOf[slot] = kind;
    this.member[slot] = member;
    this.isDirty[slot] = 0;
    this.isBusy[slot] = 0;
    this.before[slot] = second;
    return slot;
  }

  /** Where a slot is in memory; -1 when the step has changed it. */
  unchangedAt(kind: number, member: number): number {
    const address = this.#base + this.#offset[kind]! + member * this.#stride[kind]!;
    if (this.#hintOf[hashOf(address)] !== this.#transaction) return address;
    for (let slot = 0; slot < this.count; slot++) {
      if (this.#address[slot] === address) return this.isDirty[slot] === 1 ? -1 : address;
    }
    return address;
  }

  /**
   * Whether everything that was read is still so; if not, the step has to be given up. To be asked before anything that must not happen
   * for a mixture of old and new: before XState is asked what is not in the tables, and before something counts as found.
   */
  isConsistent(): boolean {
    const memory = this.#memory;
    // As in `prepare`, what was read is read before this, and what others write for later steps is written after it.
    Atomics.add(memory, this.#base + SEQUENCE, 0);
    if (Atomics.load(memory, this.#base + PHASE) !== this.phase) {
      this.outcome = CLOSED;
      return false;
    }
    for (let slot = 0; slot < this.count; slot++) {
      if (Atomics.load(memory, this.#address[slot]!) !== this.#version[slot]) {
        this.outcome = CONFLICT;
        return false;
      }
    }
    return true;
  }

  /**
   * Locks what has changed, takes the step's number, and makes sure that the step is still possible. Then nobody else writes to the
   * changed slots until `finish`; otherwise they are as before, and the step is given up.
   *
   * @param breaksOff the step has no effect but its place in the log
   * @returns the step's number in the unit's episode, or -1 when it has to be given up: see `outcome`
   */
  prepare(breaksOff: boolean): number {
    const memory = this.#memory;
    const addresses = this.#address;
    const versions = this.#version;
    const order = this.order;
    const count = this.count;
    let changed = 0;
    for (let slot = 0; slot < count && !breaksOff; slot++) {
      if (this.isDirty[slot] === 0) continue;
      let place = changed++;
      while (place > 0 && addresses[order[place - 1]!]! > addresses[slot]!) order[place] = order[--place]!;
      order[place] = slot;
    }
    let locked = 0;
    while (locked < changed) {
      const slot = order[locked]!;
      const version = versions[slot]!;
      if (Atomics.compareExchange(memory, addresses[slot]!, version, version + 1) !== version) break;
      locked++;
    }
    let number = -1;
    let isValid = locked === changed;
    if (isValid) {
      number = Atomics.add(memory, this.#base + SEQUENCE, 1);
      isValid = Atomics.load(memory, this.#base + PHASE) === this.phase;
      if (!isValid) this.outcome = CLOSED;
      // Whoever took a number before this thread's last step had its locks then, so nothing has changed since without being noticed.
      const isAlone = number === this.#nextNumber && this.#base === this.#nextBase && this.phase === this.#nextPhase;
      for (let slot = 0; isValid && !isAlone && slot < count; slot++) {
        const isMine = this.isDirty[slot] === 1 && !breaksOff;
        isValid = isMine || Atomics.load(memory, addresses[slot]!) === versions[slot];
      }
    }
    if (isValid) {
      this.locked = locked;
      this.#nextNumber = number + 1;
      this.#nextBase = this.#base;
      this.#nextPhase = this.phase;
      return number;
    }
    for (let i = 0; i < locked; i++) Atomics.store(memory, addresses[order[i]!]!, versions[order[i]!]!);
    if (this.outcome !== CLOSED) this.outcome = CONFLICT;
    return -1;
  }

  /** Writes what has changed, and unlocks it. */
  finish(): void {
    const memory = this.#memory;
    const words = this.words;
    for (let i = 0; i < this.locked; i++) {
      const slot = this.order[i]!;
      const at = slot * this.width;
      const address = this.#address[slot]!;
      const second = words[at + STATE]!;
      const isChannel = this.#sort[this.kindOf[slot]!] === CHANNEL;
      const used = isChannel ? second * MESSAGE_WORDS : this.#stateThings[second]!;
      memory[address + STATE] = second;
      for (let word = FIRST_THING; word < FIRST_THING + used; word++) memory[address + word] = words[at + word]!;
      Atomics.store(memory, address, this.#version[slot]! + 2);
    }
  }

  /**
   * Notes what the step read that has come to nothing: as long as all of that stays so, another try comes to the same.
   *
   * @param notes `NOTE_WORDS` from `at`: how many slots (0 when they are too many), then the address and the version of each
   */
  note(notes: Int32Array, at: number): void {
    const count = this.count <= NOTED_SLOTS ? this.count : 0;
    notes[at] = count;
    for (let slot = 0; slot < count; slot++) {
      notes[at + 1 + 2 * slot] = this.#address[slot]!;
      notes[at + 2 + 2 * slot] = this.#version[slot]!;
    }
  }

  /** Whether what was noted is still so; not if nothing was. */
  isAsNoted(notes: Int32Array, at: number): boolean {
    const count = notes[at]!;
    for (let i = at + 1; i <= at + 2 * count; i += 2) {
      if (this.#memory[notes[i]!] !== notes[i + 1]) return false;
    }
    return count > 0;
  }
}

function hashOf(address: number): number {
  return (address ^ (address >>> 8)) & (HINTS - 1);
}
