/**
 * The path to a state of which only the fingerprint is known: backward by the parents' fingerprints, then forward from the initial
 * states, each time by the first step that leads to the next fingerprint. That is the step by which the search came to it, too.
 */
import { isSame } from '../../tabulate/ints.ts';
import { failingStep, findStep, type Path, type PathStep } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import { Walker } from '../../tabulate/walker.ts';
import type { Fault } from '../findings.ts';
import type { Entry } from '../fingerprint-set.ts';
import type { Fingerprints } from '../fingerprints.ts';

/** A way that the fingerprints allow, as far as it has been gone. */
interface Way {
  readonly initial: Int32Array;
  readonly state: Int32Array;
  readonly low: number;
  readonly steps: readonly PathStep[];
}

export class FingerprintTrail {
  readonly #tables: Tables;
  readonly #fingerprints: Fingerprints;
  readonly #withLow: (low: number) => Entry[];
  readonly #initial: Int32Array[] = [];

  /** @param withLow all entries with a lower word */
  constructor(tables: Tables, fingerprints: Fingerprints, withLow: (low: number) => Entry[]) {
    this.#tables = tables;
    this.#fingerprints = fingerprints;
    this.#withLow = withLow;
  }

  /** Paths may begin in this state. */
  begin(initial: Int32Array): void {
    this.#initial.push(initial);
  }

  /** @param found the state that the fault is about */
  pathOf(fault: Fault, found: Int32Array): Path {
    const fingerprints = this.#fingerprints;
    const walker = new Walker(this.#tables);
    // Two fingerprints may have the same lower word, so there may be several ways; the right one ends in the very state.
    let ways = this.#initial.map((initial): Way => {
      fingerprints.begin(initial);
      return { initial, state: initial, low: fingerprints.low, steps: [] };
    });
    for (const entries of this.#entriesTo(found, fault.state)) {
      ways = ways.flatMap((way) =>
        entries
          .filter(({ parent }) => parent === way.low)
          .flatMap(({ low, high }) => {
            const step = findStep(walker, way.state, ({ current }) => {
              fingerprints.begin(current);
              return fingerprints.low === low && fingerprints.high === high;
            });
            return step ? [{ ...way, state: step.state, low, steps: [...way.steps, step] }] : [];
          }),
      );
    }
    const way = ways.find(({ state }) => isSame(state, found));
    if (!way) throw new Error('the fingerprints do not lead to the state that was found');
    const failed = fault.kind === 'model-error' && fault.inStep ? failingStep(walker, way.state) : undefined;
    const steps = failed ? [...way.steps, failed] : way.steps;
    return { initial: way.initial, steps, failed: failed !== undefined };
  }

  /** The entries that may be on the way to a state, level by level, the first level after the initial state first. */
  #entriesTo(found: Int32Array, depth: number): Entry[][] {
    const fingerprints = this.#fingerprints;
    fingerprints.begin(found);
    const { low, high } = fingerprints;
    const levels: Entry[][] = [];
    let entries = this.#withLow(low).filter((entry) => entry.high === high);
    for (let level = depth; level > 0; level--) {
      levels.push(entries);
      entries = [...new Set(entries.map(({ parent }) => parent))].flatMap((parent) => this.#withLow(parent));
    }
    return levels.reverse();
  }
}
