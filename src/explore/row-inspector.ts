/**
 * Judges what a search by rows comes to, as `inspector.ts` does it for whole vectors: new states, dead ends and steps that fail, with
 * symmetry in all images of a state, and with all violations noted where that is asked for.
 *
 * Where states come level by level the level is finished before anything is told, so that all numbers are those of whole levels, in
 * whatever order a level's states are taken.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { errorIn } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';
import {
  Candidate,
  DEAD_END,
  type Finding,
  IN_PROPERTY,
  IN_STEP,
  startingStates,
  VIOLATION,
  type Violations,
} from './findings.ts';
import type { Orbits } from './orbits.ts';
import { codeOf, columnOf, rowOf } from './orders.ts';
import type { Checks, Witnesses } from './properties.ts';
import type { Rows } from './rows.ts';
import type { StateList } from './state-list.ts';

export interface RowInspectorOptions {
  readonly tables: Tables;
  readonly walker: Walker;
  readonly checks: Checks;
  readonly witnesses: Witnesses;
  /** Given when only representatives are stored. */
  readonly orbits: Orbits | undefined;
  /** Where violations are noted, to go on after each. */
  readonly violations: Violations | undefined;
}

export class RowInspector {
  /** What ended the search. */
  finding: Finding | undefined;
  readonly violations: Violations | undefined;
  readonly #rows: Rows;
  readonly #tables: Tables;
  readonly #walker: Walker;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  readonly #orbits: Orbits | undefined;
  /** What the level that is being expanded has shown so far that would end the search. */
  readonly #candidate = new Candidate();
  /** Scratch. */
  readonly #state: Int32Array;

  constructor(rows: Rows, { tables, walker, checks, witnesses, orbits, violations }: RowInspectorOptions) {
    this.#rows = rows;
    this.#tables = tables;
    this.#state = new Int32Array(tables.slotCount);
    this.#walker = walker;
    this.#checks = checks;
    this.#witnesses = witnesses;
    this.#orbits = orbits;
    this.violations = violations;
  }

  /** Whether the level that is being expanded will end the search. */
  get hasCandidate(): boolean {
    return this.#candidate.finding !== undefined;
  }

  /** States have got other codes. */
  renumber(codeNow: (code: number) => number): void {
    this.violations?.renumber(codeNow);
    this.#candidate.renumber(codeNow);
  }

  /** The initial states; undefined when one is an error. */
  start(): Int32Array[] | undefined {
    const initial = startingStates(this.#walker, this.#witnesses);
    if (!Array.isArray(initial)) {
      this.finding = initial;
      return undefined;
    }
    this.#orbits?.symmetry.requireInvariant(initial);
    this.#witnesses.seeImages();
    this.#tables.forgetLog();
    return initial;
  }

  /** Looks at new states for violations and witnesses. */
  inspectAll({ rows, ends, columns, pieces }: StateList, piece: number, from: number): void {
    for (let at = from; piece < pieces; piece++) {
      const row = rows.data[piece]!;
      for (const end = ends.data[piece]!; at < end; at++) {
        at = this.#rows.judge.firstToAsk(row, columns.data, at, end);
        if (at === end) break;
        this.inspect(row, columns.data[at]!);
        if (this.finding) return;
      }
    }
  }

  /** Looks at a new state. */
  inspect(row: number, column: number): void {
    try {
      const violated = this.#rows.judge.violatedIn(row, column);
      if (violated < 0) return;
      if (this.violations) this.#noteAll(row, column, violated, this.violations);
      else if (this.#orbits) this.#inspectImages(row, column, this.#orbits);
      else this.#proposeViolation(codeOf(row, column), violated);
    } catch (error) {
      if (!(error instanceof ModelError) || error.code === 'not-symmetric') throw error;
      this.#propose({ kind: 'model-error', error, state: codeOf(row, column), inStep: false }, IN_PROPERTY);
    }
  }

  /** All checks that a state violates; nobody needs to hear of any of them again. */
  #noteAll(row: number, column: number, first: number, violations: Violations): void {
    const state = codeOf(row, column);
    const depth = this.#rows.depthOf(state);
    for (let check = first; check >= 0; check = this.#rows.judge.violatedIn(row, column)) {
      const property = this.#checks.nameOf(check);
      violations.note({ finding: { kind: 'violation', property, state, deadEnd: false }, depth, rank: check });
      this.#checks.settle(check);
    }
  }

  /** What a search without symmetry would find in one or the other image of a state. */
  #inspectImages(row: number, column: number, orbits: Orbits): void {
    const { checks } = orbits;
    const state = codeOf(row, column);
    for (const image of orbits.imagesOf(this.#rows.vectorOf(state))) {
      for (let check = 0; check < checks.length; check++) {
        if (!checks.isViolated(check, image)) continue;
        this.#proposeViolation(state, check);
        break;
      }
    }
  }

  #proposeViolation(state: number, check: number): void {
    const property = this.#checks.nameOf(check);
    this.#propose({ kind: 'violation', property, state, deadEnd: false }, VIOLATION + check);
  }

  /** Looks at all states without a step that have been found since the last time. */
  inspectDeadEnds(): void {
    const found = this.#rows.deadEnds;
    for (let at = 0; at < found.length; at += 2) this.inspectDeadEnd(codeOf(found.data[at]!, found.data[at + 1]!));
    found.length = 0;
  }

  inspectDeadEnd(state: number): void {
    const vector = this.#state;
    this.#rows.load(rowOf(state), columnOf(state), vector);
    try {
      const violated = deadEndProperties(this.#tables, vector);
      if (violated.length === 0) return;
      this.#takeDeadEnd(state, violated);
      for (const image of this.#orbits?.imagesOf(vector) ?? []) {
        this.#takeDeadEnd(state, deadEndProperties(this.#tables, image));
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#propose({ kind: 'model-error', error, state, inStep: false }, DEAD_END);
    }
  }

  /** What a dead end, or an image of it, violates. */
  #takeDeadEnd(state: number, properties: readonly string[]): void {
    const [first] = properties;
    const findings = properties.map((property) => ({ kind: 'violation', property, state, deadEnd: true }) as const);
    if (this.violations) {
      const depth = this.#rows.order.byLevels!.level;
      findings.forEach((finding, at) => {
        this.violations!.note({ finding, depth, rank: this.#checks.length + at });
      });
    } else if (first !== undefined) this.#propose(findings[0]!, DEAD_END);
  }

  /** The errors of a state, one of whose steps fails, or of its images. */
  proposeErrors(row: number, column: number): void {
    const state = codeOf(row, column);
    const vector = this.#rows.vectorOf(state);
    let found = false;
    for (const image of this.#orbits?.imagesOf(vector) ?? [vector]) {
      const error = errorIn(this.#walker, image);
      if (!error) continue;
      found = true;
      this.#propose({ kind: 'model-error', error, state, inStep: true }, IN_STEP);
    }
    if (!found) throw new Error(`a step of state ${state} failed, and does not fail any more`);
  }

  /** Something that ends the search. The shortest path comes first, then the lowest rank. */
  #propose(finding: Finding, rank: number): void {
    this.#candidate.propose(finding, rank);
    if (!this.#rows.order.byLevels) this.tell();
  }

  /** Tells the best of what has been shown, if there is something. */
  tell(): void {
    try {
      this.#orbits?.symmetry.settle();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.refuse(error);
    }
    this.finding ??= this.#candidate.finding;
  }

  /** The symmetry is none: nothing that was found counts. */
  refuse(error: ModelError): void {
    this.finding = { kind: 'model-error', error, state: -1, inStep: false };
  }

  /** Ends the search: what it has shown so far counts, else the bound. */
  stop(bound: Bound): void {
    this.tell();
    this.finding ??= { kind: 'bound', bound };
  }

  /** Ends the search, which nothing can add to any more. */
  tellIfDecided(): void {
    if (this.#isDecided()) this.finding ??= this.violations!.inOrder()[0]?.finding;
  }

  /** Whether all violations are asked for, and there is no property left that states to come could say something about. */
  #isDecided(): boolean {
    if (!this.violations) return false;
    const { properties, deadlock } = this.#tables.system;
    const witnesses = properties.filter(({ kind }) => kind === 'reachable' || kind === 'happens').length;
    const decided = this.violations.size + witnesses - this.#witnesses.unwitnessed.size;
    return decided === properties.length + (deadlock === 'violation' ? 1 : 0);
  }
}
