/**
 * Of each state three bits in a bit array of fixed size (Holzmann, "An Improved Protocol Reachability Analysis Technique", Software:
 * Practice and Experience 1988), for spaces of which not even fingerprints fit.
 *
 * A state whose bits have all been set by others is missed, with all that only it leads to, so nothing is ever proved; what is found
 * is real. Several searches with other hash functions and in other orders miss other states: a swarm (Holzmann, Joshi and Groce,
 * "Swarm Verification Techniques", TSE 2011), here one after the other over the same array.
 */
import { BitSet } from '../bit-set.ts';
import type { Facts } from '../explorer.ts';
import { Fingerprints } from '../fingerprints.ts';
import type { VectorStore } from './newcomers.ts';
import type { VectorParts } from './vector-search.ts';

export interface SwarmOptions {
  /** Of the first search; the others have the next ones. */
  readonly seed: number;
  /** Bytes of the bit array. */
  readonly bits: number;
  /** How many searches to make. */
  readonly swarm: number;
}

export class BitStore implements VectorStore {
  fingerprints!: Fingerprints;
  known!: BitSet;
  readonly bound = 'bits';
  readonly #parts: VectorParts;
  readonly #options: SwarmOptions;
  #begun = 0;
  /** Of the searches that are over. */
  #fill = 0;
  #missedShare: number | undefined;

  constructor(parts: VectorParts, options: SwarmOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  next(): boolean {
    const { tables, budget } = this.#parts;
    const { seed, bits, swarm } = this.#options;
    if (this.#begun > 0) this.#end();
    if (this.#begun === swarm) return false;
    this.fingerprints = new Fingerprints(tables.slotCount, seed + this.#begun++);
    if (this.known) this.known.clear();
    else this.known = new BitSet(bits, budget);
    return true;
  }

  #end(): void {
    const { fill, missedShare } = this.known;
    this.#fill = Math.max(this.#fill, fill);
    // Their hash functions have nothing to do with each other, so what one misses the next one misses as often as any state.
    this.#missedShare = (this.#missedShare ?? 1) * missedShare;
  }

  facts(): Facts {
    const { swarm } = this.#options;
    const fill = Math.max(this.#fill, this.known?.fill ?? 0);
    const share = this.#missedShare === undefined ? {} : { missedShare: this.#missedShare };
    return { bitstate: { searches: this.#begun, swarm, fill, ...share } };
  }
}
