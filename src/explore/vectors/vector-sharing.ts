/** How a search that keeps fingerprints is dealt to threads: each takes chunks of the level, and then lanes. */
import type { Crew, PartSize, Sharing } from '../threads.ts';
import type { FingerprintSearch } from './fingerprint-search.ts';
import type { AbsorbedVectors, ExpandedVectors } from './vector-part.ts';

export class VectorSharing implements Sharing {
  readonly #search: FingerprintSearch;

  constructor(search: FingerprintSearch) {
    this.#search = search;
  }

  async expand(crew: Crew, size: PartSize): Promise<number | undefined> {
    const search = this.#search;
    const part = search.openPart(size, crew.count);
    if (!part) return undefined;
    const cursor = cursorAtFirst();
    const expanded = (await crew.run(
      part.found.map((found) => ({ ...part, kind: 'expand-vectors' as const, cursor, found })),
    )) as ExpandedVectors[];
    const states = expanded.reduce((sum, one) => sum + one.states, 0);
    const absorbing = search.adoptExpanded(expanded);
    if (!absorbing) return states;
    const job = { ...part, ...absorbing, kind: 'absorb-vectors' as const, cursor: cursorAtFirst() };
    const absorbed = (await crew.run(expanded.map(() => job))) as AbsorbedVectors[];
    search.adoptAbsorbed(absorbed, expanded);
    return states;
  }
}

function cursorAtFirst(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}
