/**
 * What every search is for whoever runs it (`check.ts`): it goes on slice by slice, ends with a finding or because nothing is left,
 * and tells the path to what it found. What only some searches can say is optional: who asks need not know which search it is.
 */
import type { Bound } from '../system/verdict.ts';
import type { Path } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';
import type { Fault, Finding, Violations } from './findings.ts';
import type { LevelStats, SearchSnapshot } from './search.ts';

export interface Explorer {
  readonly tables: Tables;
  /** Runs the steps. */
  readonly walker: Walker;
  /** What ended it. */
  readonly finding: Finding | undefined;
  /** It has searched the whole space, as far as it can tell. */
  readonly done: boolean;
  /** Properties that nothing has witnessed yet. */
  readonly unwitnessed: ReadonlySet<string>;
  readonly states: number;
  readonly steps: number;
  /** Steps on the path to the farthest state. */
  readonly depth: number;
  readonly waiting: number;
  /** Of states, parents and tables. */
  readonly bytes: number;
  /** Expands about so many states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean;
  /** Ends the search: what it has shown so far counts, else the bound. */
  stop(bound: Bound): void;
  /** The path to what ended the search; with the failing step at its end where that is an error. */
  pathOf(fault: Fault): Path;

  /** What was known at the end of each level. */
  readonly levels?: readonly LevelStats[] | undefined;
  /** About how many levels are left, where that can be told. */
  readonly levelsLeft?: number | undefined;
  /** What it has noted, when it goes on after a violation. */
  readonly violations?: Violations | undefined;
  /** What it adds to the result. */
  readonly facts?: Facts;
  /** Gives back what is not memory; nothing can be asked any more. */
  dispose?(): void;
  /** What it takes to go on in another process; undefined while that cannot be said. */
  snapshot?(): SearchSnapshot | undefined;
  /** Goes on from there; what the system does otherwise than when it was taken, in words. @throws StoreFull */
  resume?(snapshot: SearchSnapshot): string | undefined;
}

/** What a search has to say of itself that keeps less than whole states, or keeps them elsewhere. */
export interface Facts {
  /** Of `hash-compact`, when the search came to its end: the chance that it missed a state, which might violate a property. */
  readonly missProbability?: number;
  /** Of `bitstate`. */
  readonly bitstate?: BitCoverage;
  /** With `spill`: bytes of states on disk, the most that there were between two levels. */
  readonly diskBytes?: number;
}

/** How much of the space bit arrays let the searches see. */
export interface BitCoverage {
  /** How many searches were begun, the last one included, and how many there were to be. */
  readonly searches: number;
  readonly swarm: number;
  /** The part of the bits that are set; of several searches, the largest. */
  readonly fill: number;
  /**
   * The expected part of the states met that all finished searches took for known ones; those behind them are not counted.
   * Undefined when no search was finished.
   */
  readonly missedShare?: number;
}
