/**
 * Random walks: from the initial state, one enabled step after the other, each chosen with equal chance, for systems that
 * are too large to be searched.
 *
 * No state is remembered, so a walk needs no memory and goes as deep as it likes, and nothing is ever proved: what no walk
 * met stays open. All enabled steps of each state are run to choose from, so all their results are inspected, not only the
 * chosen one's.
 *
 * The same seed makes the same walks, however the run is cut into slices.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { findStep, initialStates } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { EndedRuns } from './ended-runs.ts';
import type { Finding } from './findings.ts';
import { StoreFull } from './memory.ts';
import { Checks, Witnesses } from './properties.ts';
import { randomBelow } from './random.ts';

export interface WalkOptions {
  readonly seed: number;
  /** How many walks to make. */
  readonly walks: number;
  /** Where a walk ends that meets no dead end. */
  readonly maxSteps: number;
  /** Stop when the tables need more bytes than this. */
  readonly bytes?: number;
}

/** Inspected states between two looks at the memory in use, which is not free to compute. */
const BYTES_INTERVAL = 1024;

export class RandomWalks {
  readonly tables: Tables;
  readonly walker: Walker;
  /** What ended the walks; the states of the last walk are numbered by their place on it. */
  finding: Finding | undefined;
  /** Walks never search a whole space. */
  readonly done = false;
  /** States that the walks went through; one that is met again counts again. */
  states = 0;
  /** Enabled steps of these. */
  steps = 0;
  /** Steps of the longest walk. */
  depth = 0;
  /** Walks still to be made, the one under way included. */
  waiting: number;

  readonly #options: WalkOptions;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  readonly #random: (end: number) => number;
  /** One for each way to start. */
  #initials: readonly Int32Array[] = [];
  /** Where the walk began. */
  #initial!: Int32Array;
  /** Where the walk is, and how it came there: which of the enabled steps it took in each state. */
  readonly #state: Int32Array;
  readonly #schedule: number[] = [];
  readonly #chosen: Int32Array;
  /** What the walk would violate if it ended where it is. */
  readonly #ended: EndedRuns | undefined;
  readonly #run: Int32Array;
  /** What a model error would be about. */
  #at: 'start' | 'step' | 'here' | 'successor' = 'start';

  constructor(tables: Tables, options: WalkOptions) {
    this.tables = tables;
    this.waiting = options.walks;
    this.#options = options;
    this.walker = new Walker(tables);
    this.#checks = new Checks(tables);
    this.#witnesses = new Witnesses(tables);
    this.#random = randomBelow(options.seed);
    this.#state = new Int32Array(tables.slotCount);
    this.#chosen = new Int32Array(tables.slotCount);
    this.#ended = EndedRuns.of(tables);
    this.#run = new Int32Array(this.#ended?.words ?? 0);
  }

  get unwitnessed(): ReadonlySet<string> {
    return this.#witnesses.unwitnessed;
  }

  get bytes(): number {
    return this.tables.bytes;
  }

  /** Goes on by up to `states` states; returns true when the walks have ended, which always leaves a finding. */
  run(states: number): boolean {
    try {
      if (this.states === 0) this.#begin();
      for (let i = 0; i < states && !this.finding; i++) this.#advance();
    } catch (error) {
      this.walker.abort();
      if (error instanceof StoreFull) this.stop('memory');
      else if (error instanceof ModelError) this.finding = this.#failure(error);
      else throw error;
    }
    return this.finding !== undefined;
  }

  /** Ends the walks before their number. */
  stop(bound: Bound): void {
    this.finding ??= { kind: 'bound', bound };
  }

  /** The states from the initial one to the one that the finding is about. */
  statesTo(length: number): Int32Array[] {
    const states = [this.#initial];
    const walker = new Walker(this.tables);
    for (const wanted of this.#schedule.slice(0, length)) {
      states.push(findStep(walker, states.at(-1)!, ({ index }) => index === wanted)!.state);
    }
    return states;
  }

  #begin(): void {
    const initials = initialStates(this.walker);
    this.#witnesses.seeMessages(this.walker.watched);
    this.#initials = initials;
    this.#at = 'here';
    for (const state of initials) {
      this.#initial = state;
      this.states = 1;
      const property = this.#checks.violatedIn(state);
      this.#witnesses.seeState(state);
      if (property === undefined) continue;
      this.finding = { kind: 'violation', property, state: 0, deadEnd: false };
      return;
    }
    this.#beginWalk();
  }

  #beginWalk(): void {
    const initials = this.#initials;
    this.#initial = initials[initials.length === 1 ? 0 : this.#random(initials.length)]!;
    this.#schedule.length = 0;
    this.#state.set(this.#initial);
    this.#ended?.begin(this.#state, this.#run, 0);
  }

  /** Runs all steps that are enabled where the walk is, and takes one of them. */
  #advance(): void {
    const walker = this.walker;
    const schedule = this.#schedule;
    const { current, watched } = walker;
    let enabled = 0;
    let choice = -1;
    let mayEnd = this.#ended !== undefined;
    this.#at = 'step';
    walker.begin();
    current.set(this.#state);
    while (walker.next()) {
      this.steps++;
      if (mayEnd && this.#ended!.isOwed(walker)) mayEnd = false;
      if (watched.length > 0) this.#witnesses.seeMessages(watched);
      this.#at = 'successor';
      const property = this.#checks.violatedIn(current);
      this.#witnesses.seeState(current);
      this.#at = 'step';
      if (property !== undefined) {
        this.#take(walker.index);
        this.finding = { kind: 'violation', property, state: schedule.length, deadEnd: false };
        return;
      }
      // The n-th replaces the choice with chance 1/n, which in the end gives all the same chance.
      if (this.#random(++enabled) > 0) continue;
      choice = walker.index;
      this.#chosen.set(current);
    }
    if (enabled === 0) {
      this.#at = 'here';
      const [property] = deadEndProperties(this.tables, this.#state);
      if (property !== undefined) this.finding = { kind: 'violation', property, state: schedule.length, deadEnd: true };
    }
    if (mayEnd && !this.finding) {
      const property = this.#ended!.violatedBy(this.#run, 0);
      const state = schedule.length;
      if (property !== undefined) this.finding = { kind: 'violation', property, state, deadEnd: false, ofRun: true };
    }
    if (this.finding) return;
    if (enabled === 0) {
      this.#endWalk();
      return;
    }
    this.#state.set(this.#chosen);
    this.#take(choice);
    this.#at = 'here';
    this.#ended?.goOn(this.#run, 0, this.#state, this.#run, 0);
    if (schedule.length >= this.#options.maxSteps) this.#endWalk();
    const { bytes = Number.POSITIVE_INFINITY } = this.#options;
    if (this.states % BYTES_INTERVAL === 0 && this.bytes > bytes) this.finding = { kind: 'bound', bound: 'memory' };
  }

  #take(index: number): void {
    this.states++;
    this.#schedule.push(index);
    this.depth = Math.max(this.depth, this.#schedule.length);
  }

  #endWalk(): void {
    if (--this.waiting === 0) {
      this.finding = { kind: 'bound', bound: 'walks' };
      return;
    }
    this.#beginWalk();
    this.states++;
  }

  #failure(error: ModelError): Finding {
    if (this.#at === 'successor') this.#take(this.walker.index);
    const state = this.#at === 'start' ? -1 : this.#schedule.length;
    return { kind: 'model-error', error, state, inStep: this.#at === 'start' || this.#at === 'step' };
  }
}
