/**
 * Of each state 64 bits, and 32 of its parent (Wolper and Leroy, "Reliable Hashing without Collision Detection", CAV 1993; Stern and
 * Dill, "Improved Probabilistic Verification by Hash Compaction", CHARME 1995).
 *
 * A state that has the fingerprint of another one is missed, with what only it leads to. What is found is real; that nothing else is
 * found is only as sure as the probability says.
 */
import type { Facts } from '../explorer.ts';
import { FingerprintSet } from '../fingerprint-set.ts';
import { FINGERPRINT_BITS, Fingerprints, missProbability } from '../fingerprints.ts';
import type { VectorStore } from './newcomers.ts';
import type { VectorParts } from './vector-search.ts';

const SEED = 1;

export class FingerprintStore implements VectorStore {
  readonly fingerprints: Fingerprints;
  readonly known: FingerprintSet;
  readonly bound = undefined;
  readonly #bits: number;
  #isBegun = false;

  /** @param bits of a fingerprint; fewer than 64 are for tests */
  constructor({ tables, budget }: VectorParts, bits = FINGERPRINT_BITS) {
    this.#bits = bits;
    this.fingerprints = new Fingerprints(tables.slotCount, SEED, bits);
    this.known = new FingerprintSet(budget);
  }

  next(): boolean {
    if (this.#isBegun) return false;
    this.#isBegun = true;
    return true;
  }

  facts(isComplete: boolean): Facts {
    return isComplete ? { missProbability: missProbability(this.known.count, this.#bits) } : {};
  }
}
