/**
 * Shortens a path to a violation or a model error that a search found without looking for a short one.
 *
 * Two ways take turns until neither helps any more:
 * - *routing*: a breadth-first search that goes no further from the path than its room allows. It finds the shortest way
 *   within a tube around the path, which cuts detours and loops.
 * - *reducing* (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", TSE 2002):
 *   leave out a chunk of steps, run the rest as far as it is still enabled, and keep what still ends in the same finding.
 *   That removes what has nothing to do with the finding, however far apart it lies.
 *
 * The result ends in the same property, or in the same model error, and only its last state violates anything. It is about
 * as short as possible, no more: the shortest path is what a breadth-first search is for. All work is counted in steps, not
 * in time, so the same path is always shortened to the same one.
 */
import { ModelError } from '../system/errors.ts';
import type { Property } from '../system/property.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { isSame } from '../tabulate/ints.ts';
import { hashAfter, hashOf, NumberedStates } from '../tabulate/numbered-states.ts';
import { failingStep, findStep, type Path } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { EndedRuns, watchedOf } from './ended-runs.ts';
import type { Fault } from './findings.ts';
import { Checks } from './properties.ts';

/** What a path must end in. */
export type Goal =
  | { readonly kind: 'violation'; readonly property: string; readonly deadEnd: boolean }
  /** `inStep`: a step fails; otherwise a property cannot be evaluated. */
  | { readonly kind: 'model-error'; readonly error: ModelError; readonly inStep: boolean };

/** A run that stays within some states, and ends in one of others. */
interface RunGoal {
  readonly kind: 'run';
  mayPass(state: Int32Array): boolean;
  isEnd(state: Int32Array): boolean;
}

/** The states of a path, the initial one first; they may be fetched when they are asked for. */
export interface States {
  readonly length: number;
  at(index: number): Int32Array | undefined;
}

/** What a step is, apart from its place among the enabled ones: a step of another state may be the same. */
interface Step {
  readonly kind: number;
  readonly message: number;
  readonly channelSlot: number;
  readonly place: number;
}

/** Steps, and the state after each of them. */
interface Trail {
  readonly steps: readonly Step[];
  readonly states: readonly Int32Array[];
}

/** Steps that a path may take to shorten: a few seconds. */
const WORK_MAX = 4_000_000;
/** With so many slots, what is done for a step or kept for a state costs that of one; with more, in proportion. */
const SLOTS_OF_ONE = 256;
/** What a failing step costs in steps that do not fail: errors are not tabulated, and an endless loop is a long one. */
const WORK_OF_ERROR = 50;
const WORK_OF_LOOP = 50_000;
/** A longer path is routed piece by piece. */
const PIECE_LENGTH = 20_000;
/** States beside the path that a route may use. */
const ROOM = 20_000;

/** Where a state stands: the path may go on from it, ends in it, or must not contain it. */
type Standing = 'open' | 'goal' | 'wrong';

export function shorten(tables: Tables, states: States, goal: Goal | RunGoal, workMax = WORK_MAX): Path {
  return new Shortening(tables, goal, workMax).run(states);
}

/** Shortens the path to what a search found at its end. */
export function shortenToFault(tables: Tables, states: States, fault: Fault): Path {
  if (fault.kind !== 'violation' || !fault.ofRun) return shorten(tables, states, fault);
  return shortenRun(tables, states, tables.system.properties.find(({ name }) => name === fault.property)!);
}

/** The same for a run that violates a property of progress by coming to its end in the last state. */
export function shortenRun(tables: Tables, states: States, property: Property): Path {
  const walker = new Walker(tables);
  const ended = EndedRuns.of(tables)!;
  const { isGoal, isTrigger } = watchedOf(tables, property);
  const mayStay = (state: Int32Array) => !isGoal(state);
  const isEnd = (state: Int32Array) => mayStay(state) && ended.mayEndIn(walker, state);
  const goal = (mayPass: (state: Int32Array) => boolean): RunGoal => ({ kind: 'run', mayPass, isEnd });
  const part = (from: number): States => ({
    length: states.length - from,
    at: (index) => states.at(from + index),
  });
  switch (property.kind) {
    case 'eventually':
      return shorten(tables, states, goal(mayStay));
    case 'leadsTo': {
      // To what triggers it for the last time, and from there on.
      let from = states.length - 1;
      while (!isTrigger(states.at(from)!)) from--;
      const trigger = states.at(from)!;
      const before: States = { length: from + 1, at: (index) => states.at(index) };
      const isTheOne = (state: Int32Array) => isSame(state, trigger);
      const stem = shorten(tables, before, { kind: 'run', mayPass: () => true, isEnd: isTheOne });
      const rest = shorten(tables, part(from), goal(mayStay));
      return { ...stem, steps: [...stem.steps, ...rest.steps] };
    }
    default:
      return shorten(
        tables,
        states,
        goal(() => true),
      );
  }
}

class Shortening {
  readonly #tables: Tables;
  readonly #goal: Goal | RunGoal;
  readonly #walker: Walker;
  readonly #checks: Checks;
  /** Steps that may still be run, each of one actor of a system that is not large. */
  #work: number;
  readonly #costOfStep: number;
  #initial: Int32Array = new Int32Array(0);

  constructor(tables: Tables, goal: Goal | RunGoal, workMax: number) {
    this.#tables = tables;
    this.#goal = goal;
    this.#walker = new Walker(tables);
    this.#checks = new Checks(tables);
    this.#work = workMax;
    this.#costOfStep = Math.ceil(tables.slotCount / SLOTS_OF_ONE);
  }

  run(states: States): Path {
    this.#initial = states.at(0)!;
    let trail = this.#routeByPieces(states);
    for (;;) {
      const { length } = trail.steps;
      trail = this.#reduce(trail);
      if (this.#work <= 0) break;
      trail = this.#route([this.#initial, ...trail.states], ROOM, true) ?? trail;
      if (this.#work <= 0 || trail.steps.length === length) break;
    }
    return this.#pathOf(trail);
  }

  // --- routing ---

  /** Without any room, a path of any length: what is left is the shortest way over its own states. */
  #routeByPieces(states: States): Trail {
    const steps: Step[] = [];
    const after: Int32Array[] = [];
    for (let from = 0; from < states.length; from += PIECE_LENGTH) {
      const end = Math.min(from + PIECE_LENGTH, states.length - 1);
      const last = end === states.length - 1;
      const piece = Array.from({ length: end - from + 1 }, (_, index) => states.at(from + index)!);
      const trail = this.#route(piece, 0, last);
      if (!trail) throw new Error('the path to shorten does not end in what it was said to end in');
      for (const step of trail.steps) steps.push(step);
      for (const state of trail.states) after.push(state);
      if (last) break;
    }
    return { steps, states: after };
  }

  /**
   * The shortest way from the first of some states to the last one, or with `toGoal` to whatever reaches the goal, over them
   * and up to `room` states near them.
   */
  #route(path: readonly Int32Array[], room: number, toGoal: boolean): Trail | undefined {
    const states = new NumberedStates(this.#tables.slotCount);
    /** Per state: its steps, and the states they lead to. */
    const ways: { step: Step; to: number }[][] = [];
    const goals = new Set<number>();
    for (const state of path) states.numberOf(state);
    const target = toGoal ? -1 : states.find(path.at(-1)!);
    const own = states.size;
    const roomFor = own + Math.floor(room / this.#costOfStep);

    // In the order of discovery, so nearest to the path first.
    for (let from = 0; from < states.size; from++) {
      if (from >= own && this.#work <= 0) break;
      const state = states.at(from).slice();
      const hash = hashOf(state);
      const found: { step: Step; to: number }[] = [];
      let standing = this.#arrive(state);
      if (standing === 'open') {
        standing = this.#depart(state, (walker) => {
          const after = hashAfter(hash, walker);
          const { current } = walker;
          const to = states.size < roomFor ? states.numberOf(current, after) : states.find(current, after);
          if (to >= 0 && to !== from) found.push({ step: stepOf(walker), to });
          return false;
        });
      }
      ways.push(standing === 'open' ? found : []);
      if (standing === 'goal') goals.add(from);
    }
    return shortestWay(states, ways, (state) => (toGoal ? goals.has(state) : state === target));
  }

  // --- reducing ---

  /** Leaves out chunks of half the length, of a quarter, and so on, at last single steps until none can be left out. */
  #reduce(trail: Trail): Trail {
    let size = trail.steps.length >> 1;
    while (size >= 1) {
      let removed = false;
      for (let at = 0; at < trail.steps.length && this.#work > 0; ) {
        const from = trail.states[at - 1] ?? this.#initial;
        const rest = this.#follow(from, trail.steps.slice(at + size));
        if (rest && at + rest.steps.length < trail.steps.length) {
          removed = true;
          trail = {
            steps: [...trail.steps.slice(0, at), ...rest.steps],
            states: [...trail.states.slice(0, at), ...rest.states],
          };
        } else at += size;
      }
      if (size === 1 && !removed) break;
      size = Math.max(1, size >> 1);
      if (this.#work <= 0) break;
    }
    return trail;
  }

  /** Takes the wanted steps from a state as far as they are enabled, up to the goal; undefined when it is not reached. */
  #follow(from: Int32Array, wanted: readonly Step[]): Trail | undefined {
    const trail = { steps: [] as Step[], states: [] as Int32Array[] };
    // Dead ends and failing steps show only when all steps of a state are run.
    const hasty = this.#goal.kind === 'run' || (this.#goal.kind === 'violation' && !this.#goal.deadEnd);
    let state = from;
    for (const step of wanted) {
      let next: Int32Array | undefined;
      let standing = this.#depart(state, (walker) => {
        if (next || !isStep(walker, step)) return false;
        next = walker.current.slice();
        return hasty;
      });
      if (standing === 'open' && next) {
        trail.steps.push(step);
        trail.states.push(next);
        state = next;
        standing = this.#arrive(state);
      }
      if (standing !== 'open') return standing === 'goal' ? trail : undefined;
    }
    return !hasty && this.#depart(state, () => false) === 'goal' ? trail : undefined;
  }

  // --- states ---

  /** What a state is by itself. */
  #arrive(state: Int32Array): Standing {
    const goal = this.#goal;
    try {
      if (goal.kind === 'run') {
        if (!goal.mayPass(state) || this.#checks.violatedIn(state) !== undefined) return 'wrong';
        this.#work -= this.#costOfStep;
        return goal.isEnd(state) ? 'goal' : 'open';
      }
      return this.#standing(this.#checks.violatedIn(state), false);
    } catch (error) {
      return this.#standingOf(error, false);
    }
  }

  /** Runs the enabled steps of a state until `each` has seen enough: what a state is by what it can do. */
  #depart(state: Int32Array, each: (walker: Walker) => boolean): Standing {
    const walker = this.#walker;
    let enabled = 0;
    try {
      walker.begin();
      walker.current.set(state);
      while (walker.next()) {
        enabled++;
        this.#work -= this.#costOfStep;
        if (each(walker)) break;
      }
    } catch (error) {
      walker.abort();
      this.#work -= error instanceof ModelError && error.code === 'endless-loop' ? WORK_OF_LOOP : WORK_OF_ERROR;
      // Another error than the wanted one ends the steps of this state, but those before it are as good as any.
      return this.#standingOf(error, true) === 'goal' ? 'goal' : 'open';
    }
    if (enabled > 0 || this.#goal.kind === 'run') return 'open';
    try {
      return this.#standing(deadEndProperties(this.#tables, state)[0], true);
    } catch (error) {
      return this.#standingOf(error, false);
    }
  }

  #standing(violated: string | undefined, deadEnd: boolean): Standing {
    if (violated === undefined) return 'open';
    const goal = this.#goal;
    const same = goal.kind === 'violation' && goal.property === violated && goal.deadEnd === deadEnd;
    return same ? 'goal' : 'wrong';
  }

  #standingOf(error: unknown, inStep: boolean): Standing {
    if (!(error instanceof ModelError)) throw error;
    const goal = this.#goal;
    if (goal.kind !== 'model-error' || goal.inStep !== inStep) return 'wrong';
    return goal.error.code === error.code && goal.error.message === error.message ? 'goal' : 'wrong';
  }

  #pathOf({ steps, states }: Trail): Path {
    const walker = this.#walker;
    const found = steps.map((step, at) => findStep(walker, states[at - 1] ?? this.#initial, (w) => isStep(w, step))!);
    const path = { initial: this.#initial, steps: found, failed: false };
    if (this.#goal.kind !== 'model-error' || !this.#goal.inStep) return path;
    const failing = failingStep(walker, states.at(-1) ?? this.#initial)!;
    return { ...path, steps: [...found, failing], failed: true };
  }
}

function stepOf({ kind, message, channelSlot, place }: Walker): Step {
  return { kind, message, channelSlot, place };
}

function isStep(walker: Walker, { kind, message, channelSlot, place }: Step): boolean {
  return (
    walker.kind === kind && walker.message === message && walker.channelSlot === channelSlot && walker.place === place
  );
}

/** Breadth-first from state 0. */
function shortestWay(
  states: NumberedStates,
  ways: readonly (readonly { step: Step; to: number }[])[],
  isEnd: (state: number) => boolean,
): Trail | undefined {
  const reached = new Map<number, { from: number; step: Step | undefined }>([[0, { from: -1, step: undefined }]]);
  for (const [state] of reached) {
    if (!isEnd(state)) {
      for (const { step, to } of ways[state] ?? []) if (!reached.has(to)) reached.set(to, { from: state, step });
      continue;
    }
    const trail = { steps: [] as Step[], states: [] as Int32Array[] };
    for (let at = state; at !== 0; at = reached.get(at)!.from) {
      trail.steps.push(reached.get(at)!.step!);
      trail.states.push(states.at(at).slice());
    }
    return { steps: trail.steps.reverse(), states: trail.states.reverse() };
  }
  return undefined;
}
