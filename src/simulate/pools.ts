/** The units of the resources, and who waits for one. Who asks first is served first. */
import { AHEAD, BEHIND, type Clocks, PERFORMER } from './clocks.ts';
import { NONE, type Resource } from './costs.ts';
import { TimeWeighted } from './time-weighted.ts';

export interface ResourceReading {
  /** The share of the units that is held, over time. */
  readonly utilisation: number;
  /** How many wait for one, over time. */
  readonly waiting: number;
  readonly waitingMax: number;
}

export class Pools {
  readonly #resources: readonly Resource[];
  readonly #clocks: Clocks;
  readonly #held: readonly TimeWeighted[];
  readonly #waiting: readonly TimeWeighted[];
  /** The first and the last of each queue. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  constructor(resources: readonly Resource[], clocks: Clocks) {
    this.#resources = resources;
    this.#clocks = clocks;
    this.#held = resources.map(() => new TimeWeighted());
    this.#waiting = resources.map(() => new TimeWeighted());
    this.#first = new Int32Array(resources.length);
    this.#last = new Int32Array(resources.length);
  }

  start(): void {
    this.#first.fill(NONE);
    this.#last.fill(NONE);
    for (const gauge of [...this.#held, ...this.#waiting]) {
      gauge.value = 0;
      gauge.restart(0);
    }
  }

  restart(now: number): void {
    for (const gauge of [...this.#held, ...this.#waiting]) gauge.restart(now);
  }

  /** Takes a unit if there is one; false when somebody has to wait. */
  take(resource: number, now: number): boolean {
    const held = this.#held[resource]!;
    if (held.value >= this.#resources[resource]!.units) return false;
    held.set(held.value + 1, now);
    return true;
  }

  enqueue(resource: number, clock: number, now: number): void {
    const { words } = this.#clocks;
    const last = this.#last[resource]!;
    words[clock + AHEAD] = last;
    words[clock + BEHIND] = NONE;
    if (last === NONE) this.#first[resource] = clock;
    else words[last + BEHIND] = clock;
    this.#last[resource] = clock;
    this.#count(resource, 1, now);
  }

  leave(resource: number, clock: number, now: number): void {
    const { words } = this.#clocks;
    const [before, after] = [words[clock + AHEAD]!, words[clock + BEHIND]!];
    if (before === NONE) this.#first[resource] = after;
    else words[before + BEHIND] = after;
    if (after === NONE) this.#last[resource] = before;
    else words[after + AHEAD] = before;
    this.#count(resource, -1, now);
  }

  /** Gives a unit back. @returns who has it now: the first who waits, who does not wait any more; `NONE` when nobody does */
  giveBack(resource: number, now: number): number {
    const first = this.#first[resource]!;
    if (first === NONE) {
      const held = this.#held[resource]!;
      held.set(held.value - 1, now);
    } else this.leave(resource, first, now);
    return first;
  }

  /** The first of those of an actor that wait for a unit. */
  firstOf(resource: number, performer: number): number {
    const { words } = this.#clocks;
    let clock = this.#first[resource]!;
    while (clock !== NONE && words[clock + PERFORMER] !== performer) clock = words[clock + BEHIND]!;
    return clock;
  }

  /** Those of which somebody waits for a unit. */
  waitedFor(): string[] {
    return this.#resources.filter((_, at) => this.#waiting[at]!.value > 0).map(({ name }) => name);
  }

  #count(resource: number, change: number, now: number): void {
    const waiting = this.#waiting[resource]!;
    waiting.set(waiting.value + change, now);
  }

  read(now: number): Record<string, ResourceReading> {
    return Object.fromEntries(
      this.#resources.map(({ name, units }, at) => [
        name,
        {
          utilisation: this.#held[at]!.mean(now) / units,
          waiting: this.#waiting[at]!.mean(now),
          waitingMax: this.#waiting[at]!.max,
        },
      ]),
    );
  }
}
