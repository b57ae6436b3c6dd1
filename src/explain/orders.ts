/**
 * Which orders of a trace's steps decide whether it comes to its end.
 *
 * Of all interleavings of the steps (`reorderings.ts`), some reach the goal. An order `a before b` is *needed* when all of these
 * have it: with `b` first, or with only one of the two, the goal is never reached by these steps. It is *given* when every
 * interleaving has it, because nothing lets `b` happen first: a thread's next step after the one before it, a delivery after
 * what was sent. What is needed and not given is a race: the system lets it go either way, and it decides.
 */
import type { Reorderings } from './reorderings.ts';

/** Steps of the trace, counted from 0. */
export interface Order {
  readonly first: number;
  readonly second: number;
}

export interface RacingOrder extends Order {
  /** False where the goal can be reached with another order, too, by a way that differs elsewhere. */
  readonly isNeeded: boolean;
}

export interface Orders {
  /**
   * A smallest set of orders of the trace that make every interleaving that has them reach the goal: needed ones if these do, or
   * else with as few others as possible. None of them is given, and no needed one follows from others.
   */
  readonly races: readonly RacingOrder[];
  /** False when the search for others was given up: then these are all needed, but may not be enough. */
  readonly areEnough: boolean;
  isNeeded(first: number, second: number): boolean;
}

/** Nodes that may be visited to find the smallest set. */
const VISITS_MAX = 1_000_000;

/** @param meet whether two steps touch something in common: such orders are preferred where others than needed ones are asked for */
export function ordersOf(runs: Reorderings, meet: (one: number, other: number) => boolean): Orders {
  const size = runs.places.length;
  const needed = new Relation(size);
  const given = new Relation(size);
  const leads = leadsToGoal(runs);
  runs.edges.forEach((ways, node) => {
    for (const { occurrence, to } of ways) {
      for (let late = 0; late < size; late++) {
        if (late === occurrence || isTaken(runs, node, late)) continue;
        given.refute(late, occurrence);
        if (leads[to]) needed.refute(late, occurrence);
      }
    }
  });
  for (const goal of runs.goals) {
    for (let step = 0; step < size; step++) if (!isTaken(runs, goal, step)) needed.refuteAll(step);
  }
  const direct = needed.reduced().filter(({ first, second }) => !given.has(first, second));
  const others = pairs(size).filter(({ first, second }) => !given.has(first, second) && !needed.has(first, second));
  const ranked = others.toSorted((one, other) => rank(one, meet) - rank(other, meet));
  const isNeeded = (first: number, second: number) => needed.has(first, second);
  const found = smallest(runs, direct, ranked);
  return {
    races: (found ?? direct).map((order) => ({ ...order, isNeeded: isNeeded(order.first, order.second) })),
    areEnough: found !== undefined,
    isNeeded,
  };
}

/** What meets comes first, and then what is near. */
function rank({ first, second }: Order, meet: (one: number, other: number) => boolean): number {
  return (meet(first, second) ? 0 : 1e6) + second - first;
}

function pairs(size: number): Order[] {
  const steps = Array.from({ length: size }, (_, step) => step);
  return steps.flatMap((first) => steps.slice(first + 1).map((second) => ({ first, second })));
}

/** A strict order of steps: everything but what was refuted. */
class Relation {
  readonly #size: number;
  readonly #refuted: Uint8Array;

  constructor(size: number) {
    this.#size = size;
    this.#refuted = new Uint8Array(size * size);
    for (let step = 0; step < size; step++) this.refute(step, step);
  }

  refute(first: number, second: number): void {
    this.#refuted[first * this.#size + second] = 1;
  }

  refuteAll(step: number): void {
    for (let other = 0; other < this.#size; other++) {
      this.refute(step, other);
      this.refute(other, step);
    }
  }

  has(first: number, second: number): boolean {
    return this.#refuted[first * this.#size + second] === 0;
  }

  /** The pairs that do not follow from others. */
  reduced(): Order[] {
    const steps = Array.from({ length: this.#size }, (_, step) => step);
    return steps.flatMap((first) =>
      steps
        .filter((second) => this.has(first, second))
        .filter((second) => !steps.some((between) => this.has(first, between) && this.has(between, second)))
        .map((second) => ({ first, second })),
    );
  }
}

function isTaken({ taken, places }: Reorderings, node: number, step: number): boolean {
  const { queue, rank } = places[step]!;
  return taken[node]![queue]! > rank;
}

function leadsToGoal({ edges, goals }: Reorderings): boolean[] {
  const leads = edges.map((_, node) => goals.has(node));
  for (let node = edges.length - 1; node >= 0; node--) {
    if (edges[node]!.some(({ to }) => leads[to])) leads[node] = true;
  }
  return leads;
}

/**
 * The smallest part of the needed orders that is enough; where not even all are, all of them with the fewest others, and the
 * first ones among these. Undefined when the search takes too long.
 */
function smallest(runs: Reorderings, needed: readonly Order[], others: readonly Order[]): readonly Order[] | undefined {
  const budget = { visits: VISITS_MAX };
  const alone = areEnough(runs, needed, budget);
  const [base, more]: [readonly Order[], readonly Order[]] = alone ? [[], needed] : [needed, others];
  for (let size = alone ? 0 : 1; size <= more.length; size++) {
    for (const some of combinations(more, size)) {
      if (areEnough(runs, [...base, ...some], budget)) return withoutImplied(runs, base, some);
      if (budget.visits <= 0) return alone ? needed : undefined;
    }
  }
  return undefined;
}

/** Some of the needed orders may follow from the others that were added. */
function withoutImplied(runs: Reorderings, base: readonly Order[], more: readonly Order[]): readonly Order[] {
  let left = [...base, ...more];
  for (const order of base) {
    const without = left.filter((other) => other !== order);
    if (areEnough(runs, without, { visits: VISITS_MAX })) left = without;
  }
  return left;
}

/** Whether every interleaving that has the orders reaches the goal. */
function areEnough(runs: Reorderings, orders: readonly Order[], budget: { visits: number }): boolean {
  const before = runs.places.map((_, step) => orders.filter(({ second }) => second === step).map(({ first }) => first));
  const seen = new Set<number>([0]);
  for (const node of seen) {
    if (runs.goals.has(node)) continue;
    budget.visits--;
    let goesOn = false;
    for (const { occurrence, to } of runs.edges[node]!) {
      if (!before[occurrence]!.every((first) => isTaken(runs, node, first))) continue;
      goesOn = true;
      seen.add(to);
    }
    if (!goesOn) return false;
  }
  return true;
}

function* combinations<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let at = from; at <= items.length - size; at++) {
    for (const rest of combinations(items, size - 1, at + 1)) yield [items[at]!, ...rest];
  }
}
