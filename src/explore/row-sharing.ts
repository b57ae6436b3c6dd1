/** How a search by rows is dealt to threads: each owns the rows of some *lanes*. */
import { Budget } from './memory.ts';
import type { Absorbed, Expanded } from './part.ts';
import { Pending, type SharedPending } from './pending.ts';
import type { Search } from './search.ts';
import type { Crew, PartSize, Sharing } from './threads.ts';

/** Lanes for each thread, so that no thread waits long for another one, and their memory may be larger than an array. */
const LANES = 4;

export class RowSharing implements Sharing {
  readonly #search: Search;
  /** By expanding job: memory for what is found. */
  readonly #pending: SharedPending[] = [];

  constructor(search: Search) {
    this.#search = search;
  }

  async expand(crew: Crew, size: PartSize): Promise<number | undefined> {
    const search = this.#search;
    const part = search.openPart({ ...size, lanes: LANES * crew.count });
    if (!part) return undefined;
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    while (this.#pending.length < crew.count) this.#pending.push(new Pending(new Budget()).share());
    const jobs = this.#pending.map((pending) => ({ ...part, kind: 'expand' as const, cursor, pending }));
    const expanded = (await crew.run(jobs)) as Expanded[];
    expanded.forEach(({ found }, job) => {
      this.#pending[job] = found;
    });
    const states = expanded.reduce((sum, one) => sum + one.states, 0);
    const adopted = search.adoptExpanded(expanded);
    if (!adopted) return states;
    const { absorbing: lanes, found } = adopted;
    const absorbed = (await crew.run(
      lanes.map((lane, number) => ({ ...lane, kind: 'absorb', found, lane: number, lanes: lanes.length })),
    )) as Absorbed[];
    search.adoptAbsorbed(absorbed, expanded);
    return states;
  }
}
