/**
 * Symmetry reduction: of the states that differ only in the names of interchangeable things, the search keeps one.
 *
 * A renaming acts on slots by their names and on messages by replacing words in them. Its action on local states is not
 * guessed from their data; it is found by *co-simulation*. The image of an actor's initial state is the initial state of the
 * actor with the other name, and where a message leads from a local state to a next one, its image leads from the image of the
 * one to the image of the next. So an array that a machine keeps sorted by name, or a list in its input, is no obstacle.
 *
 * Why it is sound:
 *
 * - *Steps.* Every table entry that the search uses, and every image of such an entry, is compared with its images under all
 *   generators: both refuse, both have no transition, or both lead to images of each other and send images of the same
 *   messages, through corresponding channels. An image that would need two values, or two things with one image, is refused.
 *   The same goes for what may start a step. So each renaming is an automorphism of the system as far as the search sees
 *   it: if a state has a step, so has its image, to the image of the successor. Only declared facts that fail this are
 *   errors (`not-symmetric`), and nothing is taken from the declaration on trust.
 * - *Order of sends.* A loop over `['core0', 'core1']` sends in another order than its image. That is accepted where the two
 *   messages cannot influence each other: their receivers differ and neither reacts by a send, in any local state that
 *   the search meets (see `#commute`).
 * - *The start.* The images of an initial state must be initial states (`requireInvariant`). So all images of reachable states
 *   are reachable. Which way to start is the image of which, the inputs in `starts` say; what they lead to is compared.
 * - *Properties.* No property has to be symmetric: a predicate is asked about all images of a state (`anyImage`), which is
 *   what the full search would ask one by one. Tags of monitors and being at rest are compared when an image is found.
 *
 * The representative of an orbit is its smallest vector, exactly: two states get the same one if and only if they are
 * images of each other. It is the smallest in the numbers of one `Tables` object, and means nothing in another one.
 *
 * Not promised: that a guard or action that throws throws in every order of the sends that commute otherwise.
 */
import type { AnyStateMachine } from 'xstate';
import { ModelError } from '../system/errors.ts';
import type { SystemView } from '../system/property.ts';
import type { System } from '../system/system.ts';
import { Ints, isSame } from '../tabulate/ints.ts';
import type { Occurrences } from '../tabulate/occurrences.ts';
import { canonicalKey, orderedKey } from '../tabulate/plain.ts';
import { describe, type Reaction } from '../tabulate/stepper.ts';
import { type ChannelTable, OBSERVE, REFUSED, SYNC, type Tables, UNHANDLED, UNKNOWN } from '../tabulate/tables.ts';
import { type Action, Actions } from './actions.ts';
import { AnyImage } from './any-image.ts';
import { fullText } from './full-text.ts';
import { LeastImage } from './least-image.ts';
import { describeRenaming, type Renaming, RenamingGroup, renameData, renameText } from './renaming.ts';

interface Send {
  /** Index of the channel, `SYNC`, or `OBSERVE` for a monitor that sees the next one. */
  readonly channel: number;
  readonly message: number;
}

interface Generator {
  readonly renaming: Renaming;
  /** The slot that takes each slot's place. */
  readonly slots: readonly number[];
  /** By slot and value: the image plus one; 0 while it is not known. */
  readonly values: readonly Ints[];
  /** By message, the same. */
  readonly messages: Ints;
  /** By slot and local state: 1 once the choices and timers were compared with the image's. */
  readonly compared: readonly Ints[];
}

export class Symmetry {
  readonly tables: Tables;
  /** How many renamings there are, the identity included. */
  readonly size: number;
  /** What renamings do to slots and values. */
  readonly actions: Actions;
  /** All of them. */
  readonly slots: Int32Array;
  readonly #group: RenamingGroup;
  readonly #generators: readonly Generator[];
  readonly #least: LeastImage;
  /** The renamings by number, as far as somebody has asked for them. */
  readonly #elements: Action[];
  /** Table entries to be compared with their images: slot, local state, message. */
  #pending: number[] = [];
  /** Messages whose reactions must not send, because a reordering relies on it. */
  readonly #silent = new Set<number>();

  /**
   * Some step and its image send in another order to receivers that both may refuse: of a refused one, they may have asked
   * another receiver.
   */
  reordersRefusals = false;
  /**
   * To be made before any step is run on the tables: it listens to what they compute from now on.
   *
   * @throws ModelError `bad-definition` when there are too many renamings, `not-symmetric` when one of them does not even map
   *   actors to actors and channels to channels of the same kind
   */
  constructor(tables: Tables) {
    this.tables = tables;
    if (tables.actors.some(({ locals }) => locals.length > 0)) throw new Error('the tables have been used before');
    this.#group = new RenamingGroup(tables.system);
    this.size = this.#group.size;
    const { slotCount } = tables;
    this.slots = Int32Array.from({ length: slotCount }, (_, slot) => slot);
    const perSlot = () => Array.from({ length: slotCount }, () => new Ints());
    this.#generators = this.#group.generators.map((renaming) => ({
      renaming,
      slots: slotsUnder(tables, renaming),
      values: perSlot(),
      messages: new Ints(),
      compared: perSlot(),
    }));
    const exchanges = this.#generators.map((generator, at) => ({
      names: this.#group.permutations[at]!,
      slots: generator.slots,
      imageOf: (slot: number, value: number) => this.#imageOfValue(generator, slot, value),
    }));
    this.actions = new Actions(this.#group.degree, slotCount, exchanges);
    this.#elements = [this.actions.identity];
    this.#least = this.leastImageIn(this.slots);
    this.#listen();
    this.#start();
  }

  /** Memory of what is known of images. */
  get bytes(): number {
    const ints = this.#generators.flatMap(({ values, messages }) => [...values, messages]);
    return ints.reduce((sum, { data }) => sum + data.byteLength, this.actions.bytes);
  }

  /**
   * Replaces a state by the smallest of its images.
   *
   * @throws ModelError `not-symmetric` when the steps that were run since the last call show that a renaming changes more than names
   */
  canonicalise(state: Int32Array): void {
    this.settle();
    this.#least.find(state, this.actions.all);
  }

  /** Finds the smallest images of what states hold in some slots, which no renaming takes out of these. */
  leastImageIn(slots: ArrayLike<number>): LeastImage {
    return new LeastImage(this.actions, this.#inOrder(Array.from(slots)), this.tables.slotCount);
  }

  /**
   * Slots in an order in which few ways to the smallest image are open: as soon as a thing's place is known, all its slots are compared.
   * Those that no renaming moves come last: they tell few images apart.
   */
  #inOrder(slots: readonly number[]): number[] {
    const isMoved = (slot: number) => this.#generators.some(({ slots }) => slots[slot] !== slot);
    const left = slots.filter(isMoved);
    const order: number[] = [];
    let group = this.actions.all;
    while (left.length > 0) {
      const next = left.find((slot) => group.at(slot).sources.length === 1) ?? left[0]!;
      order.push(next);
      left.splice(left.indexOf(next), 1);
      group = group.at(next).keepers;
    }
    return [...order, ...slots.filter((slot) => !isMoved(slot))];
  }

  /** The image of a state under one of the `size` renamings; under 0 it is the state itself. */
  image(element: number, state: Int32Array): Int32Array {
    return this.#imageBy(this.#actionOf(element), state);
  }

  #imageBy(action: Action, state: Int32Array): Int32Array {
    this.actions.meet(state, this.slots);
    const image = new Int32Array(state.length);
    action.apply(state, this.slots, image);
    return image;
  }

  /** Numbers are given in such an order that others are made of those with lower ones. */
  #actionOf(element: number): Action {
    const { actions } = this;
    for (let number = this.#elements.length; number <= element; number++) {
      const { generator, after } = this.#group.words[number]!;
      this.#elements.push(actions.product(actions.exchanges[generator]!, this.#elements[after]!));
    }
    return this.#elements[element]!;
  }

  /** All images of a state, each once, itself first. */
  imagesOf(state: Int32Array): Int32Array[] {
    return this.actions.imagesOf(state, this.slots);
  }

  /** @throws ModelError `not-symmetric` unless the image of each of these states, the initial ones, is one of them under every renaming */
  requireInvariant(initial: readonly Int32Array[]): void {
    this.settle();
    for (const state of initial) {
      for (const [generator, { renaming }] of this.#generators.entries()) {
        const image = this.#imageBy(this.actions.exchanges[generator]!, state);
        if (initial.some((other) => isSame(other, image))) continue;
        const slot = image.findIndex((value, at) => value !== state[at]);
        throw new ModelError(
          'not-symmetric',
          initial.length === 1
            ? `the initial state is not the same after ${describeRenaming(renaming)}: ${this.tables.nameOf(slot)} differs`
            : `an initial state is none after ${describeRenaming(renaming)}, which changes ${this.tables.nameOf(slot)}`,
          'start interchangeable things alike',
        );
      }
    }
  }

  /** Holds in a state when `test` holds in any of its images; so `holds` for all of them is `!anyImage(not holds)`. */
  anyImage(name: string, test: (view: SystemView) => boolean) {
    const asked = new AnyImage(this, name, test);
    return {
      /** Grows as it is evaluated. */
      reads: asked.reads as ReadonlySet<number>,
      evaluate: (state: Int32Array) => asked.evaluate(state),
      /** The slots that have to be looked at to know that it does not hold, in this order. */
      readsIn: (state: Int32Array) => asked.readsIn(state),
    };
  }

  /** The messages that a message stands for, itself first: when a step takes it, the image of the step takes its image. */
  imagesOfMessage(message: number): { to: string; event: { type: string } }[] {
    const { to, event } = this.tables.messages[message]!;
    return closureOf({ to: this.tables.nameOf(to), event }, canonicalMessage, ({ to, event }) =>
      this.#generators.map(({ renaming }) => ({ to: renameText(to, renaming), event: renameData(event, renaming) })),
    );
  }

  /** The slots that take a slot's place, itself first. */
  orbitOf(slot: number): number[] {
    return closureOf(slot, String, (at) => this.#generators.map(({ slots }) => slots[at]!));
  }

  /** The slots, those together that take each other's places. */
  get orbits(): number[][] {
    const orbits: number[][] = [];
    for (let slot = 0; slot < this.tables.slotCount; slot++) {
      if (!orbits.some((orbit) => orbit.includes(slot))) orbits.push(this.orbitOf(slot));
    }
    return orbits;
  }

  /**
   * Compares what was computed since the last time with its images. To be called once more when the search ends, for steps that
   * were tried and refused after the last state was found.
   */
  settle(): void {
    if (this.#pending.length === 0) return;
    for (let at = 0; at < this.#pending.length; at += 3) {
      this.#compareEntry(this.#pending[at]!, this.#pending[at + 1]!, this.#pending[at + 2]!);
    }
    this.#pending = [];
  }

  /**
   * Adds to what occurs in the steps of representatives what occurs in their images: in one of them another transition may be
   * taken, even though it does the same.
   *
   * @throws ModelError `not-symmetric`
   */
  addImages(occurrences: Occurrences): void {
    this.settle();
    const { tables } = this;
    const imageOf = ({ slots, values }: Generator, slot: number, local: number) =>
      [slots[slot]!, values[slot]!.data[local]! - 1] as const;
    // Both lists grow while they are gone through: with each image come its own images.
    const entries = occurrences.entries();
    for (const { slot, local, message, kind } of entries) {
      for (const generator of this.#generators) {
        const [otherSlot, otherLocal] = imageOf(generator, slot, local);
        const image = { slot: otherSlot, local: otherLocal, message: this.#imageOfMessage(generator, message), kind };
        if (occurrences.add(otherSlot, otherLocal, image.message, kind)) entries.push(image);
      }
    }
    const asked = tables.actors.flatMap(({ slot }) =>
      [...occurrences.askedOf(slot)].map((local) => [slot, local] as const),
    );
    for (const [slot, local] of asked) {
      for (const generator of this.#generators) {
        const image = imageOf(generator, slot, local);
        if (occurrences.ask(...image)) asked.push(image);
      }
    }
  }

  #listen(): void {
    const { tables } = this;
    const resolve = tables.resolve.bind(tables);
    tables.resolve = (slot, local, message) => {
      const entry = resolve(slot, local, message);
      this.#pending.push(slot, local, message);
      return entry;
    };
  }

  /** The images of the initial local states, and whether they send alike. */
  #start(): void {
    const { tables } = this;
    const starts = tables.system.starts.map((_, way) => tables.actors.map(({ slot }) => tables.initial(slot, way)));
    const locals = starts.map((initial) => initial.map(({ next }, slot) => tables.actors[slot]!.intern(next)));
    for (const generator of this.#generators) {
      const images = imagesOfStarts(tables.system, generator.renaming);
      for (const [way, initial] of starts.entries()) {
        const image = images[way]!;
        locals[way]!.forEach((local, slot) => {
          const other = generator.slots[slot]!;
          const otherInitial = starts[image]!;
          const sends = (at: number, of: Reaction) => this.#sendsFrom(tables.encodeSends(at, of));
          const told = (at: number, of: Reaction) => `${describe(of.next)}${this.#describeSends(sends(at, of))}`;
          const [one, two] = [initial[slot]!, otherInitial[other]!];
          const differ = () =>
            this.#asymmetric(generator, slot, 'start differently', told(slot, one), told(other, two));
          if (!this.#note(generator, slot, local, locals[image]![other]!)) throw differ();
          if (!this.#sendsCorrespond(generator, sends(slot, one), sends(other, two))) throw differ();
        });
      }
    }
  }

  /** An entry of a table and its images under the generators must say the same. */
  #compareEntry(slot: number, local: number, message: number): void {
    const entry = this.#entryOf(slot, local, message);
    if (this.#silent.has(message) && entry > UNHANDLED && this.tables.effects.data[entry + 1]! > 0) {
      throw this.#orderMatters(slot, local, message);
    }
    for (const generator of this.#generators) {
      const otherSlot = generator.slots[slot]!;
      const otherLocal = generator.values[slot]!.data[local]! - 1;
      const otherMessage = this.#imageOfMessage(generator, message);
      const other = this.#imageEntry(generator, otherSlot, otherLocal, otherMessage);
      const alike =
        entry <= UNHANDLED || other <= UNHANDLED
          ? entry === other
          : this.#note(generator, slot, this.tables.effects.data[entry]!, this.tables.effects.data[other]!) &&
            this.#sendsCorrespond(generator, this.#sendsOf(entry), this.#sendsOf(other));
      if (alike) continue;
      throw this.#asymmetric(
        generator,
        slot,
        'react differently',
        this.#describeEntry(slot, local, message, entry),
        this.#describeEntry(otherSlot, otherLocal, otherMessage, other),
      );
    }
  }

  #imageEntry(generator: Generator, slot: number, local: number, message: number): number {
    try {
      return this.#entryOf(slot, local, message);
    } catch (cause) {
      if (!(cause instanceof ModelError)) throw cause;
      throw new ModelError(
        'not-symmetric',
        `after ${describeRenaming(generator.renaming)}, what was a step becomes an error: ${cause.message}`,
        cause.hint,
        { cause },
      );
    }
  }

  /** Where an entry is, computed if need be. */
  #entryOf(slot: number, local: number, message: number): number {
    const { entries } = this.tables.actors[slot]!;
    const entry = entries.data[local * entries.width + this.tables.messageColumn.data[message]!]!;
    return entry === UNKNOWN ? this.tables.resolve(slot, local, message) : entry;
  }

  /** Notes that two values are images of each other; false when one of them has another image, or other tags. */
  #note(generator: Generator, slot: number, value: number, image: number): boolean {
    const other = generator.slots[slot]!;
    const [forth, back] = [generator.values[slot]!, generator.values[other]!];
    const [known, origin] = [forth.data[value] ?? 0, back.data[image] ?? 0];
    if (known === image + 1 && origin === value + 1) return true;
    if (known !== 0 || origin !== 0) return false;
    forth.set(value, image + 1);
    back.set(image, value + 1);
    const [one, two] = [this.tables.actors[slot]!.locals[value]!, this.tables.actors[other]!.locals[image]!];
    return ['violation', 'hot'].every((tag) => one.snapshot.hasTag(tag) === two.snapshot.hasTag(tag));
  }

  #imageOfMessage(generator: Generator, message: number): number {
    const known = generator.messages.data[message] ?? 0;
    if (known !== 0) return known - 1;
    const { tables } = this;
    const { to, event, timer } = tables.messages[message]!;
    const image = tables.messageOf(
      generator.slots[to]!,
      renameData(event, generator.renaming),
      timer && renameData(timer, generator.renaming),
    );
    generator.messages.set(message, image + 1);
    const observed = this.#observers(message).map((observer) => this.#imageOfMessage(generator, observer));
    if (!sameSet(observed, this.#observers(image))) {
      throw new ModelError(
        'not-symmetric',
        `after ${describeRenaming(generator.renaming)} other monitors watch for ${event.type}`,
        'give each of the interchangeable things its monitor, with its name in the name of the property, or all of them one',
      );
    }
    return image;
  }

  #observers(message: number): number[] {
    const list = this.tables.messageObservers.data[message]!;
    return list === 0 ? [] : this.#listAt(list);
  }

  #listAt(list: number): number[] {
    const { data } = this.tables.lists;
    return Array.from({ length: data[list]! }, (_, at) => data[list + 1 + at]!);
  }

  #sendsOf(entry: number): Send[] {
    const { data } = this.tables.effects;
    return this.#sendsFrom(Array.from({ length: data[entry + 1]! * 2 }, (_, at) => data[entry + 2 + at]!));
  }

  #sendsFrom(encoded: readonly number[]): Send[] {
    return Array.from({ length: encoded.length / 2 }, (_, at) => {
      const [channel, message] = [encoded[at * 2]!, encoded[at * 2 + 1]!];
      return { channel, message: channel < 0 ? message : this.tables.channels[channel]!.columns[message]! };
    });
  }

  /** Whether the images of `sends` are `others`, in an order that makes no difference. */
  #sendsCorrespond(generator: Generator, sends: readonly Send[], others: readonly Send[]): boolean {
    if (sends.length !== others.length) return false;
    const { channels } = this.tables;
    const base = this.tables.actors.length;
    const places: number[] = [];
    for (const { channel, message } of sends) {
      const wantedChannel = channel < 0 ? channel : generator.slots[channels[channel]!.slot]! - base;
      const wanted = this.#imageOfMessage(generator, message);
      const place = others.findIndex(
        (other, at) => other.channel === wantedChannel && other.message === wanted && !places.includes(at),
      );
      if (place < 0) return false;
      places.push(place);
    }
    // One order becomes the other by exchanging neighbours, each pair at most once and only the pairs that are inverted.
    return places.every((place, at) =>
      places.slice(at + 1).every((later) => later > place || this.#commute(others[place]!, others[later]!)),
    );
  }

  /**
   * Whether the order of two neighbouring sends makes no difference, in any state: they change different slots, neither
   * leads to further sends, and if both could disable the step or break off, they do it in the same way.
   */
  #commute(one: Send, other: Send): boolean {
    const { tables } = this;
    const [first, second] = [tables.messages[one.message]!, tables.messages[other.message]!];
    const blocks = (type: string) => tables.system.blocking.includes(type);
    if (one.channel === OBSERVE || other.channel === OBSERVE) {
      const shared = this.#monitorsTold(one).some((slot) => this.#monitorsTold(other).includes(slot));
      return !shared && [one, other].every(({ channel, message }) => channel !== SYNC || this.#isSilent(message));
    }
    if (one.channel !== SYNC && other.channel !== SYNC) {
      const { order, whenFull } = tables.channels[one.channel]!.channel;
      if (one.channel === other.channel) return order !== 'fifo' && whenFull === 'block';
      this.reordersRefusals = true;
      return true;
    }
    if (one.channel === SYNC && other.channel === SYNC) {
      if (first.to === second.to || blocks(first.event.type) !== blocks(second.event.type)) return false;
      const monitors = this.#observers(one.message).map((message) => tables.messages[message]!.to);
      const shared = this.#observers(other.message).some((message) => monitors.includes(tables.messages[message]!.to));
      if (blocks(first.event.type)) this.reordersRefusals = true;
      return !shared && this.#isSilent(one.message) && this.#isSilent(other.message);
    }
    const [sync, queued] = one.channel === SYNC ? [one, other] : [other, one];
    const { whenFull, capacity } = tables.channels[queued.channel]!.channel;
    const canBlock = whenFull === 'block' && capacity !== Number.POSITIVE_INFINITY;
    if (canBlock) this.reordersRefusals = true;
    return (!canBlock || blocks(tables.messages[sync.message]!.event.type)) && this.#isSilent(sync.message);
  }

  /** The slots of the monitors that learn of a send by itself, or by its being taken at once. */
  #monitorsTold({ channel, message }: Send): number[] {
    if (channel === OBSERVE) return [this.tables.messages[message]!.to];
    return channel === SYNC ? this.#observers(message).map((observed) => this.tables.messages[observed]!.to) : [];
  }

  /** Whether nobody has reacted to a message by a send so far; from now on nobody may. */
  #isSilent(message: number): boolean {
    const { locals, entries } = this.tables.actors[this.tables.messageTo.data[message]!]!;
    const column = this.tables.messageColumn.data[message]!;
    const sends = locals.some((_, local) => {
      const entry = entries.data[local * entries.width + column]!;
      return entry > UNHANDLED && this.tables.effects.data[entry + 1]! > 0;
    });
    if (!sends) this.#silent.add(message);
    return !sends;
  }

  #imageOfValue(generator: Generator, slot: number, value: number): number {
    const { tables } = this;
    if (slot >= tables.actors.length) {
      return this.#imageOfContent(generator, tables.channels[slot - tables.actors.length]!, value);
    }
    const image = (generator.values[slot]!.data[value] ?? 0) - 1;
    if (image < 0)
      throw new Error(`no image of state ${value} of ${this.tables.nameOf(slot)}: it was made outside these tables`);
    this.#compareOptions(generator, slot, value, image);
    return image;
  }

  /** Pushes the images of a channel's messages one by one, so that a bag gets sorted as bags are. */
  #imageOfContent(generator: Generator, channel: ChannelTable, content: number): number {
    const { tables } = this;
    const other = tables.channels[generator.slots[channel.slot]! - tables.actors.length]!;
    let image = 0;
    for (const message of channel.contents[content]!) {
      image = tables.resolvePush(other, image, other.columnOf(this.#imageOfMessage(generator, message))) - 1;
    }
    return image;
  }

  /** What may start a step in a local state, and in its image. */
  #compareOptions(generator: Generator, slot: number, local: number, image: number): void {
    const { tables } = this;
    const compared = generator.compared[slot]!;
    if (slot >= tables.actorCount || compared.data[local] === 1) return;
    compared.set(local, 1);
    const other = generator.slots[slot]!;
    const options = (at: number, value: number) =>
      this.#listAt(tables.actors[at]!.options.data[value]! || tables.resolveOptions(at, value));
    const [mine, others] = [options(slot, local), options(other, image)];
    const images = mine.map((message) => this.#imageOfMessage(generator, message));
    if (sameSet(images, others) && this.#restOf(slot, local) === this.#restOf(other, image)) return;
    const text = (at: number, value: number, messages: readonly number[]) => {
      const starts = messages.map((message) => this.#describeMessage(message)).join(', ') || 'starts nothing';
      return `${describe(tables.actors[at]!.locals[value]!)} (${this.#restOf(at, value)}): ${starts}`;
    };
    throw this.#asymmetric(
      generator,
      slot,
      'may start different steps',
      text(slot, local, mine),
      text(other, image, others),
    );
  }

  /** Asked in more states than a search would ask it, so what it throws is no error here. */
  #restOf(slot: number, local: number): 'at rest' | 'not at rest' | 'rest throws' {
    try {
      return this.tables.atRest(slot, local) ? 'at rest' : 'not at rest';
    } catch (error) {
      if (error instanceof ModelError) return 'rest throws';
      throw error;
    }
  }

  #asymmetric(generator: Generator, slot: number, what: string, one: string, other: string): ModelError {
    const [name, image] = [this.tables.nameOf(slot), this.tables.nameOf(generator.slots[slot]!)];
    const who = name === image ? `"${name}" and its own image` : `"${name}" and its image "${image}"`;
    return new ModelError(
      'not-symmetric',
      `after ${describeRenaming(generator.renaming)}, ${who} ${what}:\n  expected ${renameText(one, generator.renaming)}\n  got ${other}`,
      'a machine must not choose by a name, or by the order of names; take the names out of `symmetry` if it does',
    );
  }

  #orderMatters(slot: number, local: number, message: number): ModelError {
    return new ModelError(
      'not-symmetric',
      `"${this.tables.nameOf(slot)}" (${describe(this.tables.actors[slot]!.locals[local]!)}) answers ${this.#describeMessage(message)}, of which several are sent in the order of interchangeable names`,
      'send them one at a time, as steps of their own',
    );
  }

  #describeEntry(slot: number, local: number, message: number, entry: number): string {
    const { tables } = this;
    const where = `${describe(tables.actors[slot]!.locals[local]!)} takes ${orderedKey(tables.messages[message]!.event)}`;
    if (entry === REFUSED) return `${where}: refused`;
    if (entry <= UNHANDLED) return `${where}: no transition`;
    const next = describe(tables.actors[slot]!.locals[tables.effects.data[entry]!]!);
    return `${where}: ${next}${this.#describeSends(this.#sendsOf(entry))}`;
  }

  #describeSends(sends: readonly Send[]): string {
    const texts = sends
      .filter(({ channel }) => channel !== OBSERVE)
      .map(({ message }) => this.#describeMessage(message));
    return texts.length > 0 ? `, sends ${texts.join(', ')}` : '';
  }

  #describeMessage(message: number): string {
    const { to, event } = this.tables.messages[message]!;
    return `${this.tables.nameOf(to)} <- ${orderedKey(event)}`;
  }
}

function canonicalMessage({ to, event }: { to: string; event: { type: string } }): string {
  return `${to} ${orderedKey(event)}`;
}

/** Whatever something leads to, itself first, each once. */
function closureOf<T>(start: T, keyOf: (item: T) => string, next: (item: T) => readonly T[]): T[] {
  const found = new Map([[keyOf(start), start]]);
  // The map grows while it is gone through.
  for (const item of found.values()) {
    for (const other of next(item)) {
      const key = keyOf(other);
      if (!found.has(key)) found.set(key, other);
    }
  }
  return [...found.values()];
}

/** Where a renaming takes each slot. */
function slotsUnder(tables: Tables, renaming: Renaming): number[] {
  const { system } = tables;
  const parts = [...tables.actors, ...tables.channels];
  const firsts = [...tables.actors, ...[...tables.partsOf.values()].map(([first]) => first!)];
  const slotOf = new Map(firsts.map(({ name, slot }) => [name, slot]));
  const rename = (text: string) => renameText(text, renaming);
  const renameAll = (names: readonly string[]) => names.map(rename).sort().join();
  const all = Object.keys(system.actors);
  return parts.map(({ name, slot }) => {
    // The name of a monitor is a sentence, in which the name of an actor may stand by chance.
    const image = slotOf.get(rename(name)) ?? (kindOf(tables, slot) === 'monitor' ? slot : undefined);
    const fail = (why: string) =>
      new ModelError(
        'not-symmetric',
        `after ${describeRenaming(renaming)}, "${name}" would be "${rename(name)}", ${why}`,
        'list all the names that belong to one thing: [["dev0", "core0"], ["dev1", "core1"]]',
      );
    if (image === undefined) throw fail('which does not exist');
    if (kindOf(tables, slot) !== kindOf(tables, image)) throw fail(`which is not a ${kindOf(tables, slot)}`);
    if (slot < tables.actorCount) {
      const [one, other] = [system.actors[name]!, system.actors[rename(name)]!];
      if (!areAlike(one.machine, other.machine, renaming)) throw fail('which has another machine');
      const [mine, others] = [renameData(one.choices, renaming), other.choices].map((choices) =>
        choices.map((choice) => canonicalKey(choice, 'choice')).sort(),
      );
      if (mine!.join() !== others!.join()) throw fail('which has other choices');
    } else if (slot >= tables.actors.length) {
      const [one, other] = [system.channels[name]!, system.channels[rename(name)]!];
      const keys = ['order', 'capacity', 'whenFull', 'lossy', 'duplicating', 'competing'] as const;
      const alike =
        keys.every((key) => one[key] === other[key]) &&
        renameAll(one.from ?? all) === [...(other.from ?? all)].sort().join() &&
        renameAll(one.to) === [...other.to].sort().join() &&
        renameAll(one.types) === [...other.types].sort().join();
      if (!alike) throw fail('which is another kind of channel');
      return imageOfPart(tables.channelAt(slot)!, tables.partsOf.get(rename(name))!, rename).slot;
    }
    return image;
  });
}

/** Receivers whose machines are alike have parts that are alike. */
function imageOfPart(
  { part }: ChannelTable,
  parts: readonly ChannelTable[],
  rename: (text: string) => string,
): ChannelTable {
  if (!part) return parts[0]!;
  const [to, type] = [rename(part.to), part.type === undefined ? undefined : rename(part.type)];
  return parts.find((other) => other.part!.to === to && other.part!.type === type)!;
}

/** By way to start: the one that has the same inputs after a renaming. */
function imagesOfStarts({ starts }: System, renaming: Renaming): number[] {
  const keyOf = (start: System['starts'][number]) => canonicalKey(start, 'starts');
  const keys = starts.map(keyOf);
  return starts.map((start, way) => {
    const image = keys.indexOf(keyOf(renameData(start, renaming)));
    if (image >= 0) return image;
    throw new ModelError(
      'not-symmetric',
      `after ${describeRenaming(renaming)}, starts[${way}] would be another one, which there is not`,
      'list the ways to start with all names of interchangeable things',
    );
  });
}

/**
 * Whether one machine is another one, or both look like the work of one factory, up to names. What their functions close over may still
 * differ: the comparison of all that they do finds that out.
 */
function areAlike(one: AnyStateMachine, other: AnyStateMachine, renaming: Renaming): boolean {
  return one === other || renameText(fullText(one), renaming) === fullText(other);
}

function kindOf(tables: Tables, slot: number): string {
  if (slot < tables.actorCount) return 'actor';
  return slot < tables.actors.length ? 'monitor' : 'channel';
}

function sameSet(one: readonly number[], other: readonly number[]): boolean {
  const [left, right] = [new Set(one), new Set(other)];
  return left.size === right.size && [...left].every((item) => right.has(item));
}
