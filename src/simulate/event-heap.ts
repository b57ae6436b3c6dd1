/**
 * What is going to happen, ordered by time, and by a number given beforehand where two times are equal.
 *
 * A 4-ary heap over typed arrays that knows where each of its items stands, so that one can be taken out again: activities that are
 * disabled are the rule here, not the exception. `flatqueue`, the usual choice, leaves ties to chance and cannot take anything out;
 * what is dropped would stay in it until its time.
 */
const WAYS = 4;
const ABSENT = -1;

export class EventHeap {
  size = 0;
  /** By place in the heap. */
  #times = new Float64Array(64);
  #items = new Int32Array(64);
  /** By item. */
  #places = new Int32Array(64).fill(ABSENT);
  #orders = new Float64Array(64);

  /** Only when it is not empty. */
  get firstTime(): number {
    return this.#times[0]!;
  }

  get first(): number {
    return this.#items[0]!;
  }

  has(item: number): boolean {
    return item < this.#places.length && this.#places[item]! !== ABSENT;
  }

  /** @param item a small whole number that is not in it @param order what comes first of those of one time: the lowest */
  add(item: number, time: number, order: number): void {
    if (item >= this.#places.length) this.#growItems(item + 1);
    if (this.size === this.#items.length) this.#growPlaces();
    this.#orders[item] = order;
    this.#rise(this.size++, item, time);
  }

  /** Takes an item out, wherever it stands. */
  remove(item: number): void {
    const place = this.#places[item]!;
    this.#places[item] = ABSENT;
    const last = --this.size;
    if (place === last) return;
    const moved = this.#items[last]!;
    const time = this.#times[last]!;
    const parent = (place - 1) >> 2;
    if (place > 0 && this.#isBefore(time, moved, parent)) this.#rise(place, moved, time);
    else this.#sink(place, moved, time);
  }

  clear(): void {
    this.size = 0;
    this.#places.fill(ABSENT);
  }

  #isBefore(time: number, item: number, place: number): boolean {
    const other = this.#times[place]!;
    return time < other || (time === other && this.#orders[item]! < this.#orders[this.#items[place]!]!);
  }

  #rise(from: number, item: number, time: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#isBefore(time, item, parent)) break;
      this.#put(place, this.#items[parent]!, this.#times[parent]!);
      place = parent;
    }
    this.#put(place, item, time);
  }

  #sink(from: number, item: number, time: number): void {
    let place = from;
    for (;;) {
      const first = place * WAYS + 1;
      if (first >= this.size) break;
      let least = first;
      const end = Math.min(first + WAYS, this.size);
      for (let child = first + 1; child < end; child++) {
        if (this.#isBefore(this.#times[child]!, this.#items[child]!, least)) least = child;
      }
      if (this.#isBefore(time, item, least)) break;
      this.#put(place, this.#items[least]!, this.#times[least]!);
      place = least;
    }
    this.#put(place, item, time);
  }

  #put(place: number, item: number, time: number): void {
    this.#times[place] = time;
    this.#items[place] = item;
    this.#places[item] = place;
  }

  #growPlaces(): void {
    const [times, items] = [this.#times, this.#items];
    this.#times = new Float64Array(2 * times.length);
    this.#times.set(times);
    this.#items = new Int32Array(2 * items.length);
    this.#items.set(items);
  }

  #growItems(count: number): void {
    const [places, orders] = [this.#places, this.#orders];
    const length = Math.max(count, 2 * places.length);
    this.#places = new Int32Array(length).fill(ABSENT);
    this.#places.set(places);
    this.#orders = new Float64Array(length);
    this.#orders.set(orders);
  }
}
