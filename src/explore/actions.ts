/**
 * What renamings do to slots and to the values in them, for groups of renamings that are too large to go through.
 *
 * A group is known by a few members. What it does to one slot tells a smaller one, of those that keep the slot and the value in it,
 * and which of its members bring there what is elsewhere (the orbit of a point and its stabiliser; each member of a group is one that
 * keeps the point after one of these). So the least image of a state, or all that a predicate can see of its images, are found slot by slot.
 * Images of values are worked out when they are asked for, from those under the generators.
 */
import { compose, identityOf, type Permutation, PermutationGroup } from './permutations.ts';

/** A renaming that others are made of; it undoes itself. */
export interface Exchange {
  /** Of the names. */
  readonly names: Permutation;
  /** The slot that takes each slot's place. */
  readonly slots: ArrayLike<number>;
  /** The image of a value of a slot: a value of the slot that takes its place. */
  imageOf(slot: number, value: number): number;
}

/** A renaming as it acts on slots and values. */
export class Action {
  /** The identity has 0. */
  readonly number: number;
  readonly names: Permutation;
  /** The slot that takes each slot's place. */
  readonly slots: Int32Array;
  /** By number of another one: that one, and then this. */
  readonly after = new Map<number, Action>();
  readonly #look: (slot: number, value: number) => number;
  /** By slot and value: the image plus one; 0 while it is not known. */
  readonly #images: Int32Array[] = [];
  readonly #took: (bytes: number) => void;

  /** @param took hears of memory that is taken */
  constructor(number: number, { names, slots, imageOf }: Exchange, took: (bytes: number) => void) {
    this.number = number;
    this.names = names;
    this.slots = Int32Array.from(slots);
    this.#look = imageOf;
    this.#took = took;
  }

  /** The image of a value of a slot. */
  imageOf(slot: number, value: number): number {
    const images = this.#images[slot];
    const known = images !== undefined && value < images.length ? images[value]! : 0;
    return (known > 0 ? known : this.#note(slot, value)) - 1;
  }

  #note(slot: number, value: number): number {
    const image = this.#look(slot, value) + 1;
    let images = this.#images[slot];
    if (!images || value >= images.length) {
      const grown = new Int32Array(Math.max(8, value + 1, (images?.length ?? 0) * 2));
      if (images) grown.set(images);
      this.#took(grown.byteLength - (images?.byteLength ?? 0));
      this.#images[slot] = grown;
      images = grown;
    }
    images[value] = image;
    return image;
  }

  /** What it makes of some slots of a state; no renaming takes these elsewhere. */
  apply(state: Int32Array, slots: ArrayLike<number>, into: Int32Array): void {
    for (let place = 0; place < slots.length; place++) {
      const slot = slots[place]!;
      into[this.slots[slot]!] = this.imageOf(slot, state[slot]!);
    }
  }
}

/** All renamings that have been come upon, and groups of them, each once. */
export class Actions {
  readonly identity: Action;
  /** All renamings. */
  readonly all: Subgroup;
  /** Memory of what is known of images. */
  bytes = 0;
  /** Those that all others are made of. */
  readonly exchanges: readonly Action[];
  /** By slot and value: whether its images under the exchanges are known, and theirs, and so on. */
  readonly #met: boolean[][] = [];
  readonly #degree: number;
  readonly #byNames = new Map<string, Action>();
  /** By number: of which two it was made. */
  readonly #factors: (readonly [second: Action, first: Action] | undefined)[] = [];
  /** By number. */
  readonly #inverses: Action[] = [];
  readonly #subgroups = new Map<string, Subgroup>();

  /** @param degree how many names there are */
  constructor(degree: number, slotCount: number, exchanges: readonly Exchange[]) {
    this.#degree = degree;
    const imageOf = (_: number, value: number) => value;
    const names = identityOf(degree);
    this.identity = this.#intern({ names, slots: identityOf(slotCount), imageOf });
    this.exchanges = exchanges.map((exchange) => this.#intern(exchange));
    for (const action of [this.identity, ...this.exchanges]) this.#inverses[action.number] = action;
    this.all = this.generatedBy(this.exchanges);
  }

  /**
   * Has all images of what a state holds in some slots worked out, and with them whatever the exchanges compare. To be called before anything
   * is done to a state that may hold something new.
   */
  meet(state: Int32Array, slots: ArrayLike<number>): void {
    for (let place = 0; place < slots.length; place++) {
      const slot = slots[place]!;
      if (this.#met[slot]?.[state[slot]!] !== true) this.#meetAll(slot, state[slot]!);
    }
  }

  #meetAll(slot: number, value: number): void {
    const met = [[slot, value] as const];
    // The list grows while it is gone through.
    for (const [slot, value] of met) {
      this.#met[slot] ??= [];
      if (this.#met[slot][value]) continue;
      this.#met[slot][value] = true;
      for (const exchange of this.exchanges) met.push([exchange.slots[slot]!, exchange.imageOf(slot, value)]);
    }
  }

  /** All images of a state, each once, itself first. */
  imagesOf(state: Int32Array, slots: ArrayLike<number>): Int32Array[] {
    this.meet(state, slots);
    const images = [state.slice()];
    const known = new Set([state.join()]);
    for (const image of images) {
      for (const exchange of this.exchanges) {
        const other = new Int32Array(image.length);
        exchange.apply(image, slots, other);
        const key = other.join();
        if (known.has(key)) continue;
        known.add(key);
        images.push(other);
      }
    }
    return images;
  }

  #intern(acts: Exchange, factors?: readonly [second: Action, first: Action]): Action {
    const key = String.fromCharCode(...acts.names);
    const known = this.#byNames.get(key);
    if (known) return known;
    const action = new Action(this.#byNames.size, acts, (bytes) => {
      this.bytes += bytes;
    });
    this.bytes += action.names.byteLength + action.slots.byteLength;
    this.#factors[action.number] = factors;
    this.#byNames.set(key, action);
    return action;
  }

  /** First the one, then the other. */
  product(second: Action, first: Action): Action {
    if (first === this.identity) return second;
    if (second === this.identity) return first;
    const known = second.after.get(first.number);
    if (known) return known;
    const acts = {
      names: compose(second.names, first.names),
      slots: Int32Array.from(first.slots, (slot) => second.slots[slot]!),
      imageOf: (slot: number, value: number) => second.imageOf(first.slots[slot]!, first.imageOf(slot, value)),
    };
    const product = this.#intern(acts, [second, first]);
    second.after.set(first.number, product);
    return product;
  }

  inverse(action: Action): Action {
    const known = this.#inverses[action.number];
    if (known) return known;
    const [second, first] = this.#factors[action.number]!;
    const inverse = this.product(this.inverse(first), this.inverse(second));
    this.#inverses[action.number] = inverse;
    this.#inverses[inverse.number] = action;
    return inverse;
  }

  /** All that can be made of some. @param size how many these are, where that is known: then no more of them are looked at than it takes */
  generatedBy(some: Iterable<Action>, size = Number.POSITIVE_INFINITY): Subgroup {
    const group = new PermutationGroup(this.#degree);
    const generators: Action[] = [];
    for (const action of some) {
      if (group.add(action.names)) generators.push(action);
      if (group.size >= size) break;
    }
    const key = generators
      .map(({ number }) => number)
      .sort((one, other) => one - other)
      .join();
    const known = this.#subgroups.get(key) ?? new Subgroup(this, generators, group.size);
    this.#subgroups.set(key, known);
    return known;
  }
}

/** Where the members of a group take a point, and which ones take it back. */
interface Orbit {
  readonly points: readonly number[];
  readonly ways: ReadonlyMap<number, Action>;
}

/** Some renamings, with all that can be made of them. */
export class Subgroup {
  readonly generators: readonly Action[];
  /** How many there are. */
  readonly size: number;
  readonly #actions: Actions;
  /** By slot. */
  readonly #places: Place[] = [];

  constructor(actions: Actions, generators: readonly Action[], size: number) {
    this.#actions = actions;
    this.generators = generators;
    this.size = size;
  }

  /** What they bring to a slot. */
  at(slot: number): Place {
    const known = this.#places[slot];
    if (known) return known;
    const orbit = this.orbitOf(slot, (action, from) => action.slots[from]!);
    const ways = orbit.points.map((from) => orbit.ways.get(from)!);
    const keepers = this.keepersOf(orbit, (action, from) => action.slots[from]!);
    const place = new Place(this.#actions, slot, orbit.points, ways, keepers);
    this.#places[slot] = place;
    return place;
  }

  orbitOf(point: number, act: (action: Action, point: number) => number): Orbit {
    const points = [point];
    const ways = new Map([[point, this.#actions.identity]]);
    // The list grows while it is gone through.
    for (const from of points) {
      for (const generator of this.generators) {
        const to = act(generator, from);
        if (ways.has(to)) continue;
        points.push(to);
        ways.set(to, this.#actions.product(ways.get(from)!, this.#actions.inverse(generator)));
      }
    }
    return { points, ways };
  }

  /** Those that keep the first point of an orbit: made of all ways from there to some point, on to the next one, and back (Schreier). */
  keepersOf({ points, ways }: Orbit, act: (action: Action, point: number) => number): Subgroup {
    if (points.length === 1) return this;
    const actions = this.#actions;
    const { generators } = this;
    function* rounds() {
      for (const point of points) {
        for (const generator of generators) {
          const there = actions.inverse(ways.get(point)!);
          yield actions.product(ways.get(act(generator, point))!, actions.product(generator, there));
        }
      }
    }
    return actions.generatedBy(rounds(), this.size / points.length);
  }
}

/** What some renamings bring to one slot. */
export class Place {
  readonly slot: number;
  /** The slots whose images come there. */
  readonly sources: readonly number[];
  /** By source: one that brings it. */
  readonly ways: readonly Action[];
  /** Those that keep the slot, whatever they make of the value in it. */
  readonly keepers: Subgroup;
  readonly #actions: Actions;
  /** By value in the slot. */
  readonly #values: Values[] = [];

  constructor(actions: Actions, slot: number, sources: readonly number[], ways: readonly Action[], keepers: Subgroup) {
    this.#actions = actions;
    this.slot = slot;
    this.sources = sources;
    this.ways = ways;
    this.keepers = keepers;
  }

  /** What those that keep the slot make of a value in it. */
  valuesOf(value: number): Values {
    const known = this.#values[value];
    if (known) return known;
    const act = (action: Action, from: number) => action.imageOf(this.slot, from);
    const { points } = this.keepers.orbitOf(value, act);
    const orbit = this.keepers.orbitOf(Math.min(...points), act);
    const values = new Values(this.#actions, orbit, this.keepers.keepersOf(orbit, act));
    for (const point of points) this.#values[point] = values;
    return values;
  }
}

/** Values of one slot that are images of each other. */
export class Values {
  readonly least: number;
  readonly all: readonly number[];
  readonly #ways: ReadonlyMap<number, Action>;
  readonly #actions: Actions;
  /** By value. */
  readonly #keepers: Map<number, Subgroup>;

  constructor(actions: Actions, { points, ways }: Orbit, keepersOfLeast: Subgroup) {
    this.#actions = actions;
    this.all = points;
    this.least = points[0]!;
    this.#ways = ways;
    this.#keepers = new Map([[this.least, keepersOfLeast]]);
  }

  /** One that takes a value to the least one. */
  wayFrom(value: number): Action {
    return this.#ways.get(value)!;
  }

  /** One that takes the least value to this one. */
  wayTo(value: number): Action {
    return this.#actions.inverse(this.wayFrom(value));
  }

  /** Those that keep the slot and this value in it. */
  keepersOf(value: number): Subgroup {
    const known = this.#keepers.get(value);
    if (known) return known;
    const [to, from] = [this.wayTo(value), this.wayFrom(value)];
    const actions = this.#actions;
    const least = this.#keepers.get(this.least)!;
    const conjugated = least.generators.map((generator) => actions.product(to, actions.product(generator, from)));
    const keepers = actions.generatedBy(conjugated, least.size);
    this.#keepers.set(value, keepers);
    return keepers;
  }
}
