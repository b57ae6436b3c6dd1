/** States of a level, one after the other: vectors, each with its fingerprint as it is before it is cut. */
import { type Budget, GrowingInts } from '../memory.ts';
import { PackedVectors, type SharedVectors } from '../packed-vectors.ts';

/** For other threads. */
export interface SharedLevelList {
  readonly vectors: SharedVectors;
  readonly fingerprints: SharedArrayBuffer;
}

export class LevelList {
  readonly #vectors: PackedVectors;
  readonly #fingerprints: GrowingInts;

  /** @param shared one of another thread, which lets this one alone add to it */
  constructor(slotCount: number, budget: Budget, shared?: SharedLevelList) {
    this.#vectors = new PackedVectors(slotCount, budget, shared?.vectors);
    this.#fingerprints = new GrowingInts(64, budget, shared?.fingerprints);
  }

  get length(): number {
    return this.#vectors.length;
  }

  /** The lower and the upper word of each state's fingerprint. */
  get fingerprints(): Int32Array {
    return this.#fingerprints.data;
  }

  /** @throws StoreFull and adds nothing */
  push(state: Int32Array, low: number, high: number): void {
    const { length } = this;
    this.#fingerprints.reserve(2 * length + 2);
    this.#vectors.push(state);
    this.#fingerprints.data[2 * length] = low;
    this.#fingerprints.data[2 * length + 1] = high;
  }

  load(index: number, into: Int32Array): void {
    this.#vectors.load(index, into);
  }

  clear(): void {
    this.#vectors.length = 0;
  }

  /** Makes it wide enough for values below. @throws StoreFull */
  fit(values: number): void {
    this.#vectors.fit(values);
  }

  release(): void {
    this.#vectors.release();
    this.#fingerprints.release();
  }

  share(): SharedLevelList {
    return { vectors: this.#vectors.share(), fingerprints: this.#fingerprints.share() };
  }

  /** Another thread has added states, which now are so many. @throws StoreFull */
  adopt(length: number): void {
    this.#fingerprints.refresh();
    this.#vectors.adopt(length);
  }
}
