/**
 * Successors that have been found but not yet looked up: the search collects some hundreds before it inserts them.
 *
 * Most of a step's time would else go into waiting for memory, once for the table of states and once for the state found
 * there. Looking up many successors in a row lets those waits overlap.
 */
export const BATCH_SIZE = 256;

export class Batch {
  length = 0;
  /** Per successor: the numbers of its halves, the state that it comes from, and the search's steps up to it. */
  readonly first = new Int32Array(BATCH_SIZE);
  readonly second = new Int32Array(BATCH_SIZE);
  readonly parent = new Int32Array(BATCH_SIZE);
  readonly steps = new Float64Array(BATCH_SIZE);
  /** The slots that differ from the parent; successor i's end at `touchedEnd[i]`. */
  readonly touched: Int32Array;
  readonly touchedEnd = new Int32Array(BATCH_SIZE);

  constructor(slotCount: number) {
    this.touched = new Int32Array(BATCH_SIZE * slotCount);
  }

  get isFull(): boolean {
    return this.length === BATCH_SIZE;
  }

  push(first: number, second: number, parent: number, steps: number, touched: Int32Array, touchedCount: number): void {
    const at = this.length++;
    this.first[at] = first;
    this.second[at] = second;
    this.parent[at] = parent;
    this.steps[at] = steps;
    let end = at === 0 ? 0 : this.touchedEnd[at - 1]!;
    for (let i = 0; i < touchedCount; i++) this.touched[end++] = touched[i]!;
    this.touchedEnd[at] = end;
  }
}
