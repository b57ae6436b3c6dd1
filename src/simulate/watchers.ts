/**
 * Who looks at a slot at the moment. Other than `Readers` it forgets who does so no more: a device that touches one page after the other
 * looks at one page, and costs as much as one, however many there are.
 */
import { Ints } from '../tabulate/ints.ts';
import { NONE } from './costs.ts';
import type { Starters } from './starters.ts';

/** Words of a watch: the slot, the starter, the starter's next one, those before and behind it in the list of its slot. */
const SLOT = 0;
const STARTER = 1;
const NEXT_OWN = 2;
const BEFORE = 3;
const BEHIND = 4;
const WATCH_WORDS = 5;
/** So many lists at most: slots that are as far apart share one. There are no more watches than starters look at slots. */
const LISTS_MAX = 2 ** 16;

export class Watchers {
  readonly #watches = new Ints(1024);
  #spare = NONE;
  #isUsed = false;
  /** The first watch: by starter, and by list. */
  readonly #own: Int32Array;
  readonly #lists: Int32Array;

  constructor(starters: number, slots: number) {
    this.#own = new Int32Array(starters);
    this.#lists = new Int32Array(Math.min(LISTS_MAX, 2 ** Math.ceil(Math.log2(slots + 1))));
    this.start();
  }

  start(): void {
    this.#watches.length = 0;
    this.#spare = NONE;
    this.#isUsed = false;
    this.#own.fill(NONE);
    this.#lists.fill(NONE);
  }

  /** A starter looks at the first `count` of these slots, and at no others but its own. */
  set(starter: number, slots: Int32Array, count: number): void {
    if (count === 0 && !this.#isUsed) return;
    let watch = this.#own[starter]!;
    if (watch === NONE && count === 0) return;
    this.#isUsed = true;
    const { data } = this.#watches;
    let at = 0;
    while (watch !== NONE && at < count && data[watch + SLOT] === slots[at]) {
      watch = data[watch + NEXT_OWN]!;
      at++;
    }
    if (watch === NONE && at === count) return;
    this.#forget(starter);
    for (let place = count - 1; place >= 0; place--) this.#add(starter, slots[place]!);
  }

  alert(slot: number, starters: Starters): void {
    if (!this.#isUsed) return;
    const { data } = this.#watches;
    for (let watch = this.#lists[this.#listOf(slot)]!; watch !== NONE; watch = data[watch + BEHIND]!) {
      if (data[watch + SLOT] === slot) starters.lookAt(data[watch + STARTER]!);
    }
  }

  #listOf(slot: number): number {
    return slot & (this.#lists.length - 1);
  }

  #forget(starter: number): void {
    const { data } = this.#watches;
    for (let watch = this.#own[starter]!; watch !== NONE; ) {
      const next = data[watch + NEXT_OWN]!;
      const [before, behind] = [data[watch + BEFORE]!, data[watch + BEHIND]!];
      if (before === NONE) this.#lists[this.#listOf(data[watch + SLOT]!)] = behind;
      else data[before + BEHIND] = behind;
      if (behind !== NONE) data[behind + BEFORE] = before;
      data[watch + NEXT_OWN] = this.#spare;
      this.#spare = watch;
      watch = next;
    }
    this.#own[starter] = NONE;
  }

  #add(starter: number, slot: number): void {
    let watch = this.#spare;
    if (watch === NONE) {
      watch = this.#watches.length;
      this.#watches.extend(WATCH_WORDS);
    } else this.#spare = this.#watches.data[watch + NEXT_OWN]!;
    const { data } = this.#watches;
    const list = this.#listOf(slot);
    const first = this.#lists[list]!;
    data[watch + SLOT] = slot;
    data[watch + STARTER] = starter;
    data[watch + NEXT_OWN] = this.#own[starter]!;
    data[watch + BEFORE] = NONE;
    data[watch + BEHIND] = first;
    if (first !== NONE) data[first + BEFORE] = watch;
    this.#lists[list] = watch;
    this.#own[starter] = watch;
  }
}
