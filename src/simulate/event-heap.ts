/**
 * What is going to happen, ordered by time, and by a number given beforehand where two times are equal.
 *
 * A 4-ary heap over typed arrays that knows where each of its items stands, so that one can be taken out again: activities that are
 * disabled are the rule here, not the exception. `flatqueue`, the usual choice, leaves ties to chance and cannot take anything out;
 * what is dropped would stay in it until its time.
 */
import { CLOCK_BITS } from './clocks.ts';

const WAYS = 4;
const ABSENT = -1;

/** Its items are numbers of clocks. */
export class EventHeap {
  #size = 0;
  /** By place in the heap. */
  #times = new Float64Array(64);
  #orders = new Float64Array(64);
  #items = new Int32Array(64);
  /** By item, counted from 0 on. */
  #places = new Int32Array(64).fill(ABSENT);
  /** The first has been taken, and its place not been filled yet: what is added next mostly comes in its stead. */
  #hasHole = false;

  get size(): number {
    return this.#hasHole ? this.#size - 1 : this.#size;
  }

  /** Only when it is not empty. */
  get firstTime(): number {
    if (this.#hasHole) this.#fill();
    return this.#times[0]!;
  }

  takeFirst(): number {
    if (this.#hasHole) this.#fill();
    const item = this.#items[0]!;
    this.#places[item >> CLOCK_BITS] = ABSENT;
    this.#hasHole = true;
    return item;
  }

  /** @param item one that is not in it @param order what comes first of those of one time: the lowest */
  add(item: number, time: number, order: number): void {
    const index = item >> CLOCK_BITS;
    if (index >= this.#places.length) this.#growItems(index + 1);
    if (this.#hasHole) {
      this.#hasHole = false;
      this.#sink(0, item, time, order);
      return;
    }
    if (this.#size === this.#items.length) this.#growPlaces();
    this.#rise(this.#size++, item, time, order);
  }

  /** Takes an item out, wherever it stands. */
  remove(item: number): void {
    if (this.#hasHole) this.#fill();
    const place = this.#places[item >> CLOCK_BITS]!;
    this.#places[item >> CLOCK_BITS] = ABSENT;
    this.#putLast(place);
  }

  clear(): void {
    this.#size = 0;
    this.#hasHole = false;
    this.#places.fill(ABSENT);
  }

  #fill(): void {
    this.#hasHole = false;
    this.#putLast(0);
  }

  /** The last of all comes to a place that is free. */
  #putLast(place: number): void {
    const last = --this.#size;
    if (place === last) return;
    const [item, time, order] = [this.#items[last]!, this.#times[last]!, this.#orders[last]!];
    if (place > 0 && this.#isBefore(time, order, (place - 1) >> 2)) this.#rise(place, item, time, order);
    else this.#sink(place, item, time, order);
  }

  #isBefore(time: number, order: number, place: number): boolean {
    const other = this.#times[place]!;
    return time < other || (time === other && order < this.#orders[place]!);
  }

  #rise(from: number, item: number, time: number, order: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#isBefore(time, order, parent)) break;
      this.#put(place, this.#items[parent]!, this.#times[parent]!, this.#orders[parent]!);
      place = parent;
    }
    this.#put(place, item, time, order);
  }

  #sink(from: number, item: number, time: number, order: number): void {
    const times = this.#times;
    const size = this.#size;
    let place = from;
    for (;;) {
      const first = place * WAYS + 1;
      if (first >= size) break;
      let least = first;
      let leastTime = times[first]!;
      const end = Math.min(first + WAYS, size);
      for (let child = first + 1; child < end; child++) {
        const childTime = times[child]!;
        if (childTime > leastTime) continue;
        if (childTime === leastTime && this.#orders[child]! > this.#orders[least]!) continue;
        least = child;
        leastTime = childTime;
      }
      if (this.#isBefore(time, order, least)) break;
      this.#put(place, this.#items[least]!, leastTime, this.#orders[least]!);
      place = least;
    }
    this.#put(place, item, time, order);
  }

  #put(place: number, item: number, time: number, order: number): void {
    this.#times[place] = time;
    this.#orders[place] = order;
    this.#items[place] = item;
    this.#places[item >> CLOCK_BITS] = place;
  }

  #growPlaces(): void {
    const length = 2 * this.#items.length;
    const [times, orders, items] = [this.#times, this.#orders, this.#items];
    this.#times = new Float64Array(length);
    this.#times.set(times);
    this.#orders = new Float64Array(length);
    this.#orders.set(orders);
    this.#items = new Int32Array(length);
    this.#items.set(items);
  }

  #growItems(count: number): void {
    const places = this.#places;
    this.#places = new Int32Array(Math.max(count, 2 * places.length)).fill(ABSENT);
    this.#places.set(places);
  }
}
