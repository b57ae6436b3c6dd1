/**
 * Where the steps of all states lead, by number. Worker threads look it up, some states at a time, in the tables of the search; then
 * whoever goes through the graph reads it.
 *
 * | words of a state's list | |
 * |---|---|
 * | 0 | how many steps lead to other states, times two; one more if some lead back to the state itself |
 * | then | the states that they lead to, in the order of the steps |
 */
import { Ints } from '../../tabulate/ints.ts';
import { type Budget, GrowingInts } from '../memory.ts';
import type { StepTables } from '../moves.ts';
import { Successors } from '../successors.ts';
import type { StateNumbers } from './state-numbers.ts';

export interface Links {
  /** By state: where its list is, 0 as long as there is none. */
  readonly places: Int32Array;
  /** Lists. Word 0 is never used: 0 is no place. */
  readonly words: Int32Array;
  /** How many words are used; whoever adds lists takes theirs by adding to it. */
  readonly used: Int32Array;
}

/**
 * No lists yet, with room for those of so many states with so many steps.
 *
 * @throws StoreFull when there is no room for as much again: what comes after it needs some, too
 */
export function linksFor(states: number, steps: number, budget: Budget): Links {
  const length = 1 + states + steps;
  const bytes = (length + states) * Int32Array.BYTES_PER_ELEMENT;
  budget.take(2 * bytes);
  budget.giveBack(2 * bytes);
  const { data: words } = new GrowingInts(length, budget);
  const { data: places } = new GrowingInts(states, budget);
  const used = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  used[0] = 1;
  return { places, words, used };
}

export class Linker {
  readonly #links: Links;
  readonly #numbers: StateNumbers;
  readonly #successors = new Successors();
  /** The lists of the states at hand. */
  readonly #lists = new Ints(1024);

  constructor(links: Links, numbers: StateNumbers) {
    this.#links = links;
    this.#numbers = numbers;
  }

  /** Adds the lists of states `from` to `to`, but of those of whose steps something is not known. @returns these */
  link(tables: StepTables, from: number, to: number): number[] {
    const { places, words, used } = this.#links;
    const numbers = this.#numbers;
    const successors = this.#successors;
    const lists = this.#lists;
    const unknown: number[] = [];
    lists.length = 0;
    for (let state = from; state < to; state++) {
      successors.length = 0;
      const steps = successors.collect(tables, numbers.rowOf(state), numbers.columnOf(state));
      if (steps < 0) {
        unknown.push(state);
        continue;
      }
      const { length, rows, columns } = successors;
      places[state] = 1 + lists.push(2 * length + (steps > length ? 1 : 0));
      for (let step = 0; step < length; step++) lists.push(numbers.numberOf(rows[step]!, columns[step]!));
    }
    const place = Atomics.add(used, 0, lists.length);
    words.set(lists.data.subarray(0, lists.length), place);
    for (let state = from; state < to; state++) if (places[state] !== 0) places[state]! += place - 1;
    return unknown;
  }
}
