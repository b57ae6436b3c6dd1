/**
 * What the steps of a search went through, as entries of the tables: which actor took, or refused, which message in which
 * local state, and in which local states it was asked what it may start. What machines do there, coverage finds out afterwards.
 *
 * A step that a refusal or a full channel disables has not happened: what was taken before that does not count, but the refusal
 * does.
 */
import { IntGrid } from './ints.ts';
import type { Tables } from './tables.ts';

export const TAKEN = 1;
export const REFUSAL = 2;

export interface Occurrence {
  readonly slot: number;
  readonly local: number;
  readonly message: number;
  readonly kind: typeof TAKEN | typeof REFUSAL;
}

export class Occurrences {
  readonly #tables: Tables;
  /** By slot: for each local state and column of the actor's table, the kinds of what occurred. */
  readonly #kinds: readonly IntGrid[];
  /** By slot: the local states in which its choices were looked at. */
  readonly #asked: readonly Set<number>[];
  /** Slot, local state and message of what the step under way has taken. */
  readonly #step: number[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#kinds = tables.actors.map(() => new IntGrid());
    this.#asked = tables.actors.map(() => new Set());
  }

  begin(): void {
    this.#step.length = 0;
  }

  take(slot: number, local: number, message: number): void {
    this.#step.push(slot, local, message);
  }

  /** The step under way has happened. */
  commit(): void {
    const step = this.#step;
    for (let at = 0; at < step.length; at += 3) this.add(step[at]!, step[at + 1]!, step[at + 2]!, TAKEN);
  }

  /** False when it is known. */
  add(slot: number, local: number, message: number, kind: Occurrence['kind']): boolean {
    const grid = this.#kinds[slot]!;
    const column = this.#tables.messageColumn.data[message]!;
    grid.reserve(local + 1, column + 1);
    const at = local * grid.width + column;
    if ((grid.data[at]! & kind) !== 0) return false;
    grid.data[at]! |= kind;
    return true;
  }

  /** False when it is known. */
  ask(slot: number, local: number): boolean {
    const asked = this.#asked[slot]!;
    return asked.size < asked.add(local).size;
  }

  /** In no particular order; what is added meanwhile may be missing. */
  entries(): Occurrence[] {
    return this.#tables.actors.flatMap(({ slot, locals, columns }) => {
      const { data, width } = this.#kinds[slot]!;
      const found: Occurrence[] = [];
      for (let local = 0; local < locals.length; local++) {
        columns.forEach((message, column) => {
          const kinds = column < width ? (data[local * width + column] ?? 0) : 0;
          for (const kind of [TAKEN, REFUSAL] as const) {
            if ((kinds & kind) !== 0) found.push({ slot, local, message, kind });
          }
        });
      }
      return found;
    });
  }

  /** The local states of an actor in which its choices were looked at. */
  askedOf(slot: number): ReadonlySet<number> {
    return this.#asked[slot]!;
  }
}
