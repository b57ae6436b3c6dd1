/** Monitors run along with a simulation: the first that shows a violation is told. */
import type { Tables } from '../tabulate/tables.ts';

const UNKNOWN = 0;
const CLEAN = 1;
const VIOLATED = 2;

export interface Violated {
  readonly property: string;
  readonly time: number;
  /** How many steps lead to it. */
  readonly step: number;
}

export class Judge {
  violated: Violated | undefined;
  readonly #tables: Tables;
  /** By slot of a monitor: its local states. */
  readonly #verdicts = new Map<number, number[]>();

  constructor(tables: Tables) {
    this.#tables = tables;
    for (const { slot } of tables.actors.slice(tables.actorCount)) this.#verdicts.set(slot, []);
  }

  start(): void {
    this.violated = undefined;
  }

  isMonitor(slot: number): boolean {
    return slot >= this.#tables.actorCount && slot < this.#tables.actors.length;
  }

  look(slot: number, value: number, time: number, step: number): void {
    if (this.violated) return;
    const verdicts = this.#verdicts.get(slot)!;
    const { name, locals } = this.#tables.actors[slot]!;
    if ((verdicts[value] ?? UNKNOWN) === UNKNOWN) {
      verdicts[value] = locals[value]!.snapshot.hasTag('violation') ? VIOLATED : CLEAN;
    }
    if (verdicts[value] === VIOLATED) this.violated = { property: name, time, step };
  }
}
