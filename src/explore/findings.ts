/** What ends a search early, and which of several findings it reports. */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import type { Walker } from '../tabulate/walker.ts';
import type { Witnesses } from './properties.ts';

export type Finding =
  | {
      readonly kind: 'violation';
      readonly property: string;
      readonly state: number;
      readonly deadEnd: boolean;
      /** It is a run that violates the property, by coming to its end in the state, whether steps are enabled there or not. */
      readonly ofRun?: true;
    }
  /** `inStep`: a step of `state` fails; otherwise a property cannot be evaluated in it. */
  | { readonly kind: 'model-error'; readonly error: ModelError; readonly state: number; readonly inStep: boolean }
  | { readonly kind: 'bound'; readonly bound: Bound };

/** What has a path that leads to it. */
export type Fault = Exclude<Finding, { kind: 'bound' }>;

export type ViolationFinding = Extract<Finding, { kind: 'violation' }>;

/** Which of several findings of one level is reported: the lowest. A dead end's path is one step shorter than the others'. */
export const DEAD_END = 0;
export const IN_STEP = 1;
export const IN_PROPERTY = 2;
/** Of the first property; that of the next one is one more. */
export const VIOLATION = 3;

/** The best of the findings that a search has proposed so far, whatever their order. */
export class Candidate {
  finding: Finding | undefined;
  #rank = 0;

  /** True when it is the best so far. */
  propose(finding: Finding, rank: number): boolean {
    const best = this.finding;
    if (best && (rank > this.#rank || (rank === this.#rank && nameOf(finding) >= nameOf(best)))) return false;
    this.finding = finding;
    this.#rank = rank;
    return true;
  }

  /** States have got other numbers. */
  renumber(numberOf: (state: number) => number): void {
    const { finding } = this;
    if (finding && finding.kind !== 'bound') this.finding = { ...finding, state: numberOf(finding.state) };
  }
}

/** A violation, and what decides between several of the same property and in which order they are told. */
export interface Noted {
  readonly finding: ViolationFinding;
  /** Steps to its state. */
  readonly depth: number;
  /** Of the check; those of dead ends come after all checks. */
  readonly rank: number;
}

/**
 * The violations of a search that goes on after each: of every property the one with the shortest path. In order they begin with
 * the one that would have ended the search.
 */
export class Violations {
  readonly #noted = new Map<string, Noted>();

  get size(): number {
    return this.#noted.size;
  }

  has(property: string): boolean {
    return this.#noted.has(property);
  }

  note(violation: Noted): void {
    const known = this.#noted.get(violation.finding.property);
    if (known && compare(known, violation) <= 0) return;
    this.#noted.set(violation.finding.property, violation);
  }

  /** States have got other numbers. */
  renumber(numberOf: (state: number) => number): void {
    for (const [property, { finding, ...noted }] of this.#noted) {
      this.#noted.set(property, { ...noted, finding: { ...finding, state: numberOf(finding.state) } });
    }
  }

  /** The shortest first. */
  inOrder(): Noted[] {
    return [...this.#noted.values()].sort(compare);
  }
}

/** A dead end is noticed a level later than other violations of the same depth. */
function compare(one: Noted, other: Noted): number {
  if (one.depth !== other.depth) return one.depth - other.depth;
  if (one.rank !== other.rank) return one.rank - other.rank;
  return one.finding.property < other.finding.property ? -1 : 1;
}

/** The initial states, one for each way to start; what ends the search when one of them fails. */
export function startingStates(walker: Walker, witnesses: Witnesses): Int32Array[] | Finding {
  const initial: Int32Array[] = [];
  for (const way of walker.tables.system.starts.keys()) {
    try {
      walker.begin();
      walker.start(way);
    } catch (error) {
      walker.abort();
      if (!(error instanceof ModelError)) throw error;
      return { kind: 'model-error', error, state: -1, inStep: true };
    }
    witnesses.seeMessages(walker.watched);
    initial.push(walker.current.slice());
  }
  return initial;
}

/** What decides between findings of the same rank. */
function nameOf(finding: Finding): string {
  if (finding.kind === 'model-error') return finding.error.code;
  return finding.kind === 'violation' ? finding.property : finding.bound;
}
