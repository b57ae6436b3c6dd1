/** Of several runs to the same end, the one in which whose turn it is changes least often. */
import type { Tables } from '../tabulate/tables.ts';
import { type Runs, runnerOf, type Step } from './runs.ts';

export interface Calmest {
  readonly steps: readonly Step[];
  /** How many steps are made by somebody else than the step before them. */
  readonly switches: number;
}

/**
 * A run to a goal with the fewest switches; of several, the one that comes first in the order of steps.
 * Undefined when no run comes to a goal.
 */
export function calmest(tables: Tables, { edges, goals }: Runs): Calmest | undefined {
  /** Per node, by who goes first: the switches from there to a goal. Nodes from which there is no way have none. */
  const costs: Map<number, number>[] = edges.map(() => new Map());
  const least: number[] = edges.map(() => Number.POSITIVE_INFINITY);
  const rest = (node: number, runner: number): number =>
    goals.has(node) ? 0 : Math.min(costs[node]!.get(runner) ?? Number.POSITIVE_INFINITY, 1 + least[node]!);

  for (let node = edges.length - 1; node >= 0; node--) {
    for (const { step, to } of edges[node]!) {
      const runner = runnerOf(tables, step);
      const cost = rest(to, runner);
      if (cost < (costs[node]!.get(runner) ?? Number.POSITIVE_INFINITY)) costs[node]!.set(runner, cost);
      if (cost < least[node]!) least[node] = cost;
    }
  }
  if (goals.has(0)) return { steps: [], switches: 0 };
  if (least[0] === Number.POSITIVE_INFINITY) return undefined;

  const steps: Step[] = [];
  let node = 0;
  let last: number | undefined;
  while (!goals.has(node)) {
    const cost = ({ step, to }: Runs['edges'][number][number]) => {
      const runner = runnerOf(tables, step);
      return (last === undefined || runner === last ? 0 : 1) + rest(to, runner);
    };
    const lowest = Math.min(...edges[node]!.map(cost));
    const edge = edges[node]!.find((candidate) => cost(candidate) === lowest)!;
    steps.push(edge.step);
    last = runnerOf(tables, edge.step);
    node = edge.to;
  }
  return { steps, switches: least[0]! };
}
