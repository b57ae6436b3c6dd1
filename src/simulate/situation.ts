/**
 * What a starter looks at, with the things that it comes across on the way: itself first, and then each one that is named by what
 * it has looked at so far. Everything it sees is told by the places of things in that list, so that alike starters in alike
 * situations see the same, whichever things they have to do with.
 *
 * A *read* is a number: what is read, and of a family the place of its thing in the list. What is seen is a number, too: its *class*.
 */
import { notLiftable } from '../stress/template.ts';
import type { Draws } from './draws.ts';
import { type Kind, type Kinds, Members, Queue } from './lifted-state.ts';

const PLACE_BITS = 6;
const PLACE_MASK = 0x3f;
/** Things that one starter may come across. */
export const PLACES_MAX = 32;
/** A channel with room for more messages than that is one with so much room: a step sends fewer. */
export const ROOM_MAX = 8;

/** So many actors and channels may one starter look at. */
export const READS_MAX = 1024;

export interface Read {
  readonly what: 'actor' | 'head' | 'room' | 'draw';
  /** Or the number of the draw. */
  readonly kind: number;
  readonly place: number;
}

export class Situation {
  readonly kinds: Kinds;
  /** By kind; nothing where it is a channel, or is none. */
  readonly members: readonly Members[];
  readonly queues: readonly Queue[];
  /** The things so far. */
  readonly things = new Int32Array(PLACES_MAX);
  thingCount = 0;
  /** The slots that were read, but for those that are the starter's own, or of its own thing. */
  readonly slots = new Int32Array(READS_MAX);
  slotCount = 0;
  /** By kind: the slot of its first member; whether it is a family. For the inner loops. */
  readonly bases: Int32Array;
  readonly isFamily: Uint8Array;
  readonly #kindOf: Uint16Array;
  readonly #isChannel: Uint8Array;
  readonly #shifts: Int32Array;
  readonly #classes: readonly Classes[];
  readonly #draws: Draws;
  #messageThings: (form: number) => number = () => 0;
  #starter = 0;
  #isOfFamily = false;

  constructor(kinds: Kinds, draws: Draws) {
    const { all } = kinds;
    this.kinds = kinds;
    this.#draws = draws;
    this.members = all.map(({ owner, members }) => new Members(owner ? members : 0));
    this.queues = all.map(({ channel }) => new Queue(channel?.capacity ?? 0));
    this.#classes = all.map(() => new Classes());
    this.bases = Int32Array.from(all, ({ base }) => base);
    this.isFamily = Uint8Array.from(all, ({ isFamily }) => Number(isFamily));
    this.#isChannel = Uint8Array.from(all, ({ channel }) => Number(channel !== undefined));
    this.#shifts = Int32Array.from(all, ({ base, number }) => number - base);
    this.#kindOf = new Uint16Array(kinds.starterCount);
    for (const { kind, base, members } of all) {
      if (base < kinds.starterCount) this.#kindOf.fill(kind, base, base + members);
    }
  }

  /** Everything as it starts. */
  start(): void {
    for (const members of this.members) members.start();
    for (const queue of this.queues) queue.clear();
  }

  /** In a system that has all actors one by one. */
  numberOf(starter: number): number {
    return starter + this.#shifts[this.#kindOf[starter]!]!;
  }

  kindOf(slot: number): Kind {
    const { all, starterCount } = this.kinds;
    if (slot < starterCount) return all[this.#kindOf[slot]!]!;
    // Kinds are few, and only what is kept by actors that start nothing is asked for here.
    return all.find(({ base, members }) => slot >= base && slot < base + members)!;
  }

  /** Nothing has been looked at yet. */
  begin(starter: number): number {
    const kind = this.#kindOf[starter]!;
    this.#starter = starter;
    this.slotCount = 0;
    this.thingCount = this.isFamily[kind]!;
    this.#isOfFamily = this.thingCount === 1;
    if (this.#isOfFamily) this.things[0] = starter - this.bases[kind]!;
    return kind;
  }

  codeOf({ what, kind, place }: Read): number {
    const { length } = this.kinds.all;
    return ((what === 'draw' ? 2 * length + kind : what === 'room' ? length + kind : kind) << PLACE_BITS) | place;
  }

  readOf(code: number): Read {
    const { length } = this.kinds.all;
    const [what, place] = [code >> PLACE_BITS, code & PLACE_MASK];
    if (what >= 2 * length) return { what: 'draw', kind: what - 2 * length, place };
    if (what >= length) return { what: 'room', kind: what - length, place };
    return { what: this.kinds.all[what]!.channel ? 'head' : 'actor', kind: what, place };
  }

  /** What is seen. */
  read(code: number): number {
    const what = code >> PLACE_BITS;
    const count = this.bases.length;
    if (what >= count) return what < 2 * count ? this.#room(what - count) : this.#drawn(what - 2 * count);
    const place = code & PLACE_MASK;
    const member = this.isFamily[what] === 0 ? 0 : this.things[place]!;
    const slot = this.bases[what]! + member;
    // Of its own thing only others that start something need to be told of, and these are few: see `LiftedSteps.alert`.
    const isSibling = this.#isOfFamily && place === 0 && this.isFamily[what] === 1;
    if (!isSibling && slot !== this.#starter) this.slots[this.slotCount++] = slot;
    return this.#isChannel[what] === 0 ? this.#actor(what, member) : this.#head(what);
  }

  #actor(kind: number, member: number): number {
    const { numbers, things, thingCounts } = this.members[kind]!;
    const form = numbers[member]!;
    const classes = this.#classes[kind]!;
    const named = thingCounts[form]!;
    let seen = classes.of(form);
    for (let at = 0; at < named; at++) seen = classes.with(seen, this.#placeOf(things[at]![member]!));
    return seen;
  }

  #head(kind: number): number {
    const queue = this.queues[kind]!;
    const classes = this.#classes[kind]!;
    const room = Math.min(queue.room, ROOM_MAX);
    if (queue.length === 0) return classes.of(room);
    const named = this.#messageThings(queue.form);
    let seen = classes.of((1 + queue.form) * (ROOM_MAX + 1) + room);
    for (let at = 0; at < named; at++) seen = classes.with(seen, this.#placeOf(queue.thing(at)));
    return seen;
  }

  #room(kind: number): number {
    this.slots[this.slotCount++] = this.bases[kind]!;
    return Math.min(this.queues[kind]!.room, ROOM_MAX);
  }

  #drawn(draw: number): number {
    return this.#placeOf(this.#draws.current(this.#starter, draw));
  }

  /** The place of a thing, which is now one of those that have been come across. */
  #placeOf(thing: number): number {
    const { things } = this;
    const count = this.thingCount;
    let place = 0;
    while (place < count && things[place] !== thing) place++;
    if (place < count) return place;
    if (count === PLACES_MAX) throw notLiftable(`one step has to do with more than ${PLACES_MAX} things`);
    things[this.thingCount++] = thing;
    return place;
  }

  /** By form of a message: how many things it names. */
  set messageThings(ask: (form: number) => number) {
    this.#messageThings = ask;
  }
}

/** What can be seen of a kind, as small numbers in the order in which it comes up. */
class Classes {
  #count = 0;
  /** By key, and by class and place: one more than the class; 0 where there is none yet. */
  #byKey = new Int32Array(16);
  #byPlace = new Int32Array(16 * PLACES_MAX);

  of(key: number): number {
    if (key >= this.#byKey.length) this.#byKey = roomFor(this.#byKey, key);
    if (this.#byKey[key] === 0) this.#byKey[key] = ++this.#count;
    return this.#byKey[key]! - 1;
  }

  /** A class, with one more thing. */
  with(seen: number, place: number): number {
    const key = seen * PLACES_MAX + place;
    if (key >= this.#byPlace.length) this.#byPlace = roomFor(this.#byPlace, key);
    if (this.#byPlace[key] === 0) this.#byPlace[key] = ++this.#count;
    return this.#byPlace[key]! - 1;
  }
}

function roomFor(numbers: Int32Array, at: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(at + 1, 2 * numbers.length));
  larger.set(numbers);
  return larger;
}
