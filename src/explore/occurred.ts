/** What a search that keeps account of it hands over: what occurred in it, and whether that is all there is. */
import { ModelError } from '../system/errors.ts';
import type { Occurrences } from '../tabulate/occurrences.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { isConstrained } from './constrained.ts';
import type { Plan } from './plan.ts';
import type { Search } from './search.ts';
import type { Symmetry } from './symmetry.ts';

export interface Occurred {
  readonly occurrences: Occurrences;
  /** Every reachable state was expanded, and none was taken for another: what did not occur cannot occur. */
  readonly complete: boolean;
  /** By `leadsTo` property: whether some state triggers it; undefined where nobody knows, because no states were kept. */
  readonly triggered: ReadonlyMap<string, boolean | undefined>;
}

/** @param occurrences of the search's steps; what follows from them is added */
export function occurredIn({ explorer, rows, symmetry }: Plan, occurrences: Occurrences): Occurred {
  const { tables } = explorer;
  const refuted = !addImages(occurrences, symmetry);
  addStarts(tables, occurrences);
  const triggered = tables.system.properties.flatMap((property) => {
    if (property.kind !== 'leadsTo') return [];
    return [[property.name, rows && isTriggered(property, rows, symmetry)] as const];
  });
  return {
    occurrences,
    complete: rows?.done === true && !refuted && !isConstrained(tables),
    triggered: new Map(triggered),
  };
}

/** False when the symmetry turns out to be none; then that is what the search ends with. */
function addImages(occurrences: Occurrences, symmetry: Symmetry | undefined): boolean {
  try {
    symmetry?.addImages(occurrences);
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}

/** After the images: a start is one run, and what it takes need not have an image. */
function addStarts(tables: Tables, occurrences: Occurrences): void {
  const walker = new Walker(tables);
  walker.occurrences = occurrences;
  try {
    for (const way of tables.system.starts.keys()) {
      walker.begin();
      walker.start(way);
      occurrences.commit();
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
  }
}

/** A trigger is asked in the states that were kept, of which one is often enough. */
export function isTriggered(
  { name, trigger }: { name: string; trigger: ConstructorParameters<typeof Predicate>[2] },
  search: Search,
  symmetry: Symmetry | undefined,
): boolean | undefined {
  const { tables } = search;
  const predicate = symmetry ? symmetry.anyImage(name, trigger) : new Predicate(name, tables, trigger);
  const state = new Int32Array(tables.slotCount);
  try {
    for (const { row, columns } of search.allStates()) {
      for (const column of columns) {
        search.load(row, column, state);
        if (predicate.evaluate(state)) return true;
      }
    }
    return false;
  } catch (error) {
    // What is wrong with it, the search for progress says.
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}
