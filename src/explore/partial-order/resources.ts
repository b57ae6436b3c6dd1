/**
 * What steps have in common and can disturb each other by: actors, monitors, and of each channel its *front*, where messages leave
 * it, and its *back*, where they come in. A delivery and a send to the same channel do not disturb each other, as long as it is
 * neither empty nor full: whichever comes first, the same message is delivered and the same ones are left.
 *
 * A resource is a number: a slot, which for a channel is its front, or what comes after the slots for the back of a channel.
 */
import type { Tables } from '../../tabulate/tables.ts';
import { maskOf, wordsFor } from './masks.ts';

/** Masks over resources; what is changed is looked at as well. */
export interface Footprint {
  readonly reads: Int32Array;
  readonly writes: Int32Array;
}

export class Resources {
  readonly words: number;
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.words = wordsFor(tables.slotCount + tables.channels.length);
  }

  isChannel(slot: number): boolean {
    return slot >= this.#tables.actors.length;
  }

  /** All of some slots. */
  of(slots: Iterable<number>): Int32Array {
    const all = Array.from(slots, (slot) => (this.isChannel(slot) ? [slot, this.#backOf(slot)] : [slot]));
    return maskOf(all.flat(), this.words);
  }

  /** The resource that takes another one's place when slots do. */
  under(resource: number, slotUnder: (slot: number) => number): number {
    const { slotCount, actors } = this.#tables;
    if (resource < slotCount) return slotUnder(resource);
    return this.#backOf(slotUnder(resource - slotCount + actors.length));
  }

  #backOf(slot: number): number {
    return this.#tables.slotCount + slot - this.#tables.actors.length;
  }

  /**
   * What the steps that a starter has in a state depend on and change.
   *
   * @param reads the slots that they look at, in the walker's way: a channel each time that something is sent to it
   * @param effects as in `Situation`
   */
  footprints(
    starter: number,
    state: Int32Array,
    reads: readonly number[],
    effects: readonly Int32Array[],
  ): { now: Footprint; later: Footprint } {
    const [nowReads, laterReads, writes] = [new Set<number>(), new Set<number>(), new Set<number>()];
    const sends = new Map<number, number>();
    for (const slot of reads) {
      if (this.isChannel(slot)) sends.set(slot, (sends.get(slot) ?? 0) + 1);
      else for (const set of [nowReads, laterReads]) set.add(slot);
    }
    for (const [slot, count] of sends) {
      const { channel, contents } = this.#tables.channels[slot - this.#tables.actors.length]!;
      const back = this.#backOf(slot);
      for (const set of [nowReads, laterReads, writes]) set.add(back);
      // What leaves a set can come again.
      if (channel.order === 'set') for (const set of [nowReads, laterReads]) set.add(slot);
      // Somebody else's delivery may make room: that lets a refused step happen, or keeps a message from being lost.
      if (contents[state[slot]!]!.length + count > channel.capacity) nowReads.add(slot);
      if (channel.whenFull === 'drop' && channel.capacity !== Number.POSITIVE_INFINITY) laterReads.add(slot);
    }
    for (const effect of effects) {
      for (let at = 0; at < effect.length; at += 2) if (!this.isChannel(effect[at]!)) writes.add(effect[at]!);
    }
    for (const set of [nowReads, laterReads]) set.add(starter);
    if (this.isChannel(starter)) {
      const { channel } = this.#tables.channels[starter - this.#tables.actors.length]!;
      if (effects.length > 0) writes.add(starter);
      // What comes in can be delivered, or lost, at once.
      const isOpen = channel.order !== 'fifo' || channel.lossy === 'anywhere';
      if (isOpen || state[starter] === 0) nowReads.add(this.#backOf(starter));
    }
    const mask = (set: Set<number>) => maskOf(set, this.words);
    return {
      now: { reads: mask(nowReads), writes: mask(writes) },
      later: { reads: mask(laterReads), writes: mask(writes) },
    };
  }
}
