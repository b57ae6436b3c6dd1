/** The path to a state of a search by rows, which keeps no parents where it goes level by level: it is found by going back through the levels. */
import { isSame } from '../tabulate/ints.ts';
import { failingStep, findStep, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import type { Fault } from './findings.ts';
import type { Orbits } from './orbits.ts';
import { codeOf, columnOf, rowOf } from './orders.ts';
import type { Rows } from './rows.ts';
import { shortenToFault } from './shorten.ts';
import { Successors } from './successors.ts';

/**
 * The path to what a search has found; with the failing step at its end where that is an error.
 *
 * @throws ModelError `not-symmetric` when looking for it shows so
 */
export function pathTo(fault: Fault, rows: Rows, tables: Tables, orbits: Orbits | undefined): Path {
  const way = rows.order.pathTo?.(fault.state);
  if (way) {
    const at = (index: number) => (index < way.length ? rows.vectorOf(way[index]!) : undefined);
    return shortenToFault(tables, { length: way.length, at }, fault);
  }
  const walker = new Walker(tables);
  const states = [fault.state];
  for (let level = rows.depthOf(fault.state); level > 0; level--) {
    states.unshift(parentOf(states[0]!, level - 1, rows));
  }
  const vectors = states.map((state) => rows.vectorOf(state));
  if (orbits) return orbits.pathTo(vectors, fault);
  const steps = vectors.slice(1).map((target, at): PathStep => {
    const step = findStep(walker, vectors[at]!, ({ current }) => isSame(current, target));
    if (!step) throw new Error(`state ${states[at]} has no step to state ${states[at + 1]} any more`);
    return step;
  });
  const failing = fault.kind === 'model-error' && fault.inStep;
  const failed = failing ? failingStep(walker, vectors.at(-1)!) : undefined;
  return { initial: vectors[0]!, steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };
}

/** The first state of a level that has a step to a state. */
function parentOf(state: number, level: number, rows: Rows): number {
  const [row, column] = [rowOf(state), columnOf(state)];
  const successors = new Successors();
  for (const piece of rows.order.byLevels!.statesOf(level)) {
    for (const from of piece.columns) {
      successors.length = 0;
      rows.collectSteps(piece.row, from, successors);
      for (let at = 0; at < successors.length; at++) {
        const code = codeOf(successors.rows[at]!, successors.columns[at]!);
        const found = rows.representatives?.representativeOf(rowOf(code), columnOf(code)) ?? code;
        if (rowOf(found) === row && columnOf(found) === column) return codeOf(piece.row, from);
      }
    }
  }
  throw new Error(`no step of a state of level ${level} leads to state ${state}`);
}
