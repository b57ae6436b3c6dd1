/**
 * Judges what a search comes to: whether a state violates a property or witnesses one, whether it is a dead end that must be none,
 * whether a run may end in it that must not. For all searches that look at whole vectors, so that they say the same of a state; the
 * search by rows judges parts (`judge.ts`).
 *
 * A search that goes level by level finishes the level first and tells the best of what it has shown (`tell`); what a run would
 * violate that ends is told when nothing else has been found (`tellRun`). Others tell the first thing that they come to.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';
import {
  Candidate,
  DEAD_END,
  type Fault,
  type Finding,
  IN_PROPERTY,
  IN_STEP,
  startingStates,
  VIOLATION,
} from './findings.ts';
import { Checks, Witnesses } from './properties.ts';
import type { Symmetry } from './symmetry.ts';

/** Something that ends a search, and the state that it is about. */
interface Found {
  readonly fault: Fault;
  readonly state: Int32Array;
}

export class Inspector {
  finding: Finding | undefined;
  /** The state that the finding is about; of a bound, or an error at the start, there is none. */
  found: Int32Array | undefined;
  readonly checks: Checks;
  readonly witnesses: Witnesses;
  readonly #tables: Tables;
  #byLevels = false;
  readonly #candidate = new Candidate();
  #proposed: Found | undefined;
  /** The first property of those that runs violate which end, and the first thing that cannot be said of runs. */
  #run: { readonly found: Found; readonly rank: number } | undefined;
  #runError: Found | undefined;

  /** @param symmetry when given, what is found in an image of a state counts */
  constructor(tables: Tables, symmetry?: Symmetry) {
    this.checks = new Checks(tables, symmetry);
    this.witnesses = new Witnesses(tables, symmetry);
    this.#tables = tables;
  }

  /** From now on nothing is told before the search says that a level is over. */
  waitForLevels(): void {
    this.#byLevels = true;
  }

  /** The initial states, one for each way to start; undefined when the search ends because one cannot be started. */
  start(walker: Walker): Int32Array[] | undefined {
    const initial = startingStates(walker, this.witnesses);
    if (Array.isArray(initial)) return initial;
    this.finding = initial;
    return undefined;
  }

  /** Looks at a new state for violations and witnesses; true when it is neither a violation nor an error. @param at what findings call it */
  inspect(state: Int32Array, at: number): boolean {
    try {
      const violated = this.checks.firstViolatedIn(state);
      this.witnesses.seeState(state);
      if (violated < 0) return true;
      const property = this.checks.nameOf(violated);
      this.#propose({ kind: 'violation', property, state: at, deadEnd: false }, VIOLATION + violated, state);
    } catch (error) {
      this.#proposeError(error, IN_PROPERTY, state, at);
    }
    return false;
  }

  /** Looks at a state without steps. */
  inspectDeadEnd(state: Int32Array, at: number): void {
    try {
      const [property] = deadEndProperties(this.#tables, state);
      if (property === undefined) return;
      this.#propose({ kind: 'violation', property, state: at, deadEnd: true }, DEAD_END, state);
    } catch (error) {
      this.#proposeError(error, DEAD_END, state, at);
    }
  }

  /** A step of a state fails. */
  fail(error: ModelError, state: Int32Array, at: number): void {
    this.#propose({ kind: 'model-error', error, state: at, inStep: true }, IN_STEP, state);
  }

  /** A run that ends in a state violates a property by that. */
  endRun(property: string, state: Int32Array, at: number): void {
    const rank = this.#tables.system.properties.findIndex(({ name }) => name === property);
    if (this.#run && this.#run.rank <= rank) return;
    const fault: Fault = { kind: 'violation', property, state: at, deadEnd: false, ofRun: true };
    this.#run = { found: { fault, state: state.slice() }, rank };
    if (!this.#byLevels) this.tellRun();
  }

  /** What a run to a state would violate cannot be said. */
  failRun(error: ModelError, state: Int32Array, at: number): void {
    this.#runError ??= { fault: { kind: 'model-error', error, state: at, inStep: false }, state: state.slice() };
    if (!this.#byLevels) this.tellRun();
  }

  /** Tells the best of what has been shown, if there is something. */
  tell(): void {
    this.#tell(this.#proposed);
  }

  /** Tells what is to be said of runs that end, if nothing else has been found. */
  tellRun(): void {
    this.#tell(this.#run?.found ?? this.#runError);
  }

  /** Ends the search: what it has shown so far counts, else the bound. */
  stop(bound: Bound): void {
    this.tell();
    this.tellRun();
    this.finding ??= { kind: 'bound', bound };
  }

  /** The symmetry is none: nothing that was found counts. */
  refuse(error: ModelError): void {
    this.finding = { kind: 'model-error', error, state: -1, inStep: false };
  }

  #proposeError(error: unknown, rank: number, state: Int32Array, at: number): void {
    // That a symmetry is none says nothing about the state.
    if (!(error instanceof ModelError) || error.code === 'not-symmetric') throw error;
    this.#propose({ kind: 'model-error', error, state: at, inStep: false }, rank, state);
  }

  #propose(fault: Fault, rank: number, state: Int32Array): void {
    if (this.finding || !this.#candidate.propose(fault, rank)) return;
    this.#proposed = { fault, state: state.slice() };
    if (!this.#byLevels) this.tell();
  }

  #tell(found: Found | undefined): void {
    if (this.finding || !found) return;
    this.finding = found.fault;
    this.found = found.state;
  }
}
