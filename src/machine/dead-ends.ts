/**
 * States that nobody meant to be the end: they are not final, and no step leads from them to another state.
 *
 * The search of `check` ends where nothing can happen. This goes once more over the states that it found, in the same order and by the
 * tables that it filled, and looks where steps lead: one that comes back to its state leads nowhere.
 */
import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import { ModelError } from '../system/errors.ts';
import { isSame } from '../tabulate/ints.ts';
import { hashAfter, hashOf, NumberedStates } from '../tabulate/numbered-states.ts';
import { findStep, initialStates, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { stateText } from '../trace/words.ts';

export interface DeadEnd {
  /** The states of the machine, as a path. */
  readonly state: string;
  /** Of how many states of the system it is true: they differ in the context. */
  readonly count: number;
  /** No step is enabled at all. */
  readonly isStill: boolean;
  /** Of the machine's states, those that are done there, and have no `onDone`. */
  readonly done: readonly string[];
  /** A shortest one to the first of them. */
  readonly path: Path;
}

/** By the states of the machine, those that are near first. @param statesMax so many states are looked at */
export function deadEndsIn(tables: Tables, statesMax: number): DeadEnd[] {
  const walk = new Walk(tables);
  const found = new Map<string, { number: number; isStill: boolean; count: number }>();
  for (let number = 0; number < walk.states.size && number < statesMax; number++) {
    const leads = walk.expand(number);
    if (leads === 'on' || walk.isOver(number)) continue;
    const state = walk.textOf(number);
    const known = found.get(state);
    if (known) known.count++;
    else found.set(state, { number, isStill: leads === 'nowhere', count: 1 });
  }
  return [...found].map(([state, { number, isStill, count }]) => ({
    state,
    count,
    isStill,
    done: walk.doneAt(number),
    path: walk.pathTo(number),
  }));
}

/** Whether a state is one. */
export function isDeadEnd(tables: Tables, state: Int32Array): boolean {
  const walk = new Walk(tables, [state]);
  return walk.expand(0) !== 'on' && !walk.isOver(0);
}

class Walk {
  readonly states: NumberedStates;
  readonly #tables: Tables;
  readonly #walker: Walker;
  /** By state; -1 for the initial ones. */
  readonly #parents: number[] = [];

  constructor(tables: Tables, from?: readonly Int32Array[]) {
    this.#tables = tables;
    this.#walker = new Walker(tables);
    this.states = new NumberedStates(tables.slotCount);
    for (const state of from ?? initialStates(this.#walker)) this.#number(state, hashOf(state), -1);
  }

  /** Whether steps lead from a state to others, only back to it, or there are none. A step that is a mistake of the model leads on. */
  expand(number: number): 'on' | 'back' | 'nowhere' {
    const walker = this.#walker;
    walker.begin();
    walker.current.set(this.states.at(number));
    const hash = hashOf(walker.current);
    let leads: 'on' | 'back' | 'nowhere' = 'nowhere';
    try {
      while (walker.next()) {
        const next = this.#number(walker.current, hashAfter(hash, walker), number);
        if (next !== number) leads = 'on';
        else if (leads === 'nowhere') leads = 'back';
      }
      return leads;
    } catch (error) {
      walker.abort();
      if (error instanceof ModelError) return 'on';
      throw error;
    }
  }

  /** Whether the machine has come to its end there, or its constraint keeps it from going on. */
  isOver(number: number): boolean {
    const { slot, outside } = this.#tables.actors[0]!;
    return outside.has(this.states.at(number)[slot]!) || this.#snapshotAt(number).status !== 'active';
  }

  textOf(number: number): string {
    return stateText(this.#snapshotAt(number).value);
  }

  doneAt(number: number): string[] {
    const nodes = this.#snapshotAt(number)._nodes as readonly AnyStateNode[];
    const parents = nodes.filter(({ type }) => type === 'final').map(({ parent }) => parent as AnyStateNode);
    return parents.filter(({ path, config }) => path.length > 0 && !config.onDone).map(({ path }) => path.join('.'));
  }

  /** Of the machine itself, which is the first actor. */
  #snapshotAt(number: number): AnyMachineSnapshot {
    const { slot, locals } = this.#tables.actors[0]!;
    return locals[this.states.at(number)[slot]!]!.snapshot;
  }

  pathTo(number: number): Path {
    const numbers = [number];
    for (let at = this.#parents[number]!; at >= 0; at = this.#parents[at]!) numbers.unshift(at);
    const states = numbers.map((one) => this.states.at(one).slice());
    const steps = states
      .slice(1)
      .map((state, at): PathStep => findStep(this.#walker, states[at]!, ({ current }) => isSame(current, state))!);
    return { initial: states[0]!, steps, failed: false };
  }

  #number(state: Int32Array, hash: number, parent: number): number {
    const number = this.states.numberOf(state, hash);
    if (number === this.#parents.length) this.#parents.push(parent);
    return number;
  }
}
