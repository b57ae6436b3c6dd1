/** The states found but not yet expanded; the order in which it gives them out is the order of the search. */
import type { Store } from './store.ts';

export interface Frontier {
  push(state: number): void;
  /** The next state to expand, -1 when there is none. */
  next(): number;
  readonly size: number;
}

/** States are numbered as they are found, so the oldest unexpanded one is just the next number: no queue is kept. */
export function breadthFirst(store: Store): Frontier {
  let at = 0;
  return {
    push: () => {},
    next: () => (at < store.count ? at++ : -1),
    get size() {
      return store.count - at;
    },
  };
}
