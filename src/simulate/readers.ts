/** Who looks at a slot: for each slot, the starters whose steps have ever done so. Some may not do so any more. */
import { Ints } from '../tabulate/ints.ts';
import type { Starters } from './starters.ts';

const ROOM_AT_FIRST = 2;

export class Readers {
  /** Lists: `[count, room, starters]`. */
  readonly #pool = new Ints(1024);
  /** By slot: where its list stands. */
  readonly #at: Int32Array;
  readonly #slotCount: number;
  readonly #known = new Set<number>();

  constructor(slotCount: number) {
    this.#slotCount = slotCount;
    this.#at = new Int32Array(slotCount);
    for (let slot = 0; slot < slotCount; slot++) this.#at[slot] = this.#list(ROOM_AT_FIRST);
  }

  add(slot: number, starter: number): void {
    const key = slot * this.#slotCount + starter;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const pool = this.#pool;
    let at = this.#at[slot]!;
    const count = pool.data[at]!;
    if (count === pool.data[at + 1]) {
      const old = at;
      at = this.#list(2 * count);
      pool.data.copyWithin(at + 2, old + 2, old + 2 + count);
      this.#at[slot] = at;
    }
    pool.data[at] = count + 1;
    pool.data[at + 2 + count] = starter;
  }

  alert(slot: number, starters: Starters): void {
    const { data } = this.#pool;
    const list = this.#at[slot]!;
    for (let left = data[list]!, word = list + 2; left > 0; left--, word++) starters.lookAt(data[word]!);
  }

  #list(room: number): number {
    const at = this.#pool.push(0);
    this.#pool.push(room);
    this.#pool.extend(room);
    return at;
  }
}
