/** A reduced search run to its end, and what it found. */
import { expect } from 'vitest';
import { type ReducedBy, ReducedSearch } from '../../src/explore/partial-order/reduced-search.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import type { NaiveResult } from '../naive-checker.ts';
import { expectRealPath } from './symmetry-search.ts';

/** What is to be left out; with symmetry, as the system declares it. */
export type Reductions = Pick<ReducedBy, 'partialOrder' | 'chains'> & { readonly symmetry?: boolean };

export const COMBINATIONS: readonly Reductions[] = [
  { partialOrder: true, chains: false },
  { partialOrder: false, chains: true },
  { partialOrder: true, chains: true },
];

export function searchReduced(system: System, { symmetry, ...by }: Reductions): ReducedSearch {
  const tables = new Tables(system);
  const limits = { states: Number.POSITIVE_INFINITY, bytes: 2 ** 31 };
  const search = new ReducedSearch(tables, limits, { ...by, symmetry: symmetry ? new Symmetry(tables) : undefined });
  while (!search.run(1000));
  return search;
}

/** `holds`, `unwitnessed`, `violated`, or the code of a model error. */
export function outcomeOf({ finding, unwitnessed }: ReducedSearch): string {
  if (finding?.kind === 'model-error') return finding.error.code;
  if (finding) return finding.kind === 'violation' ? 'violated' : finding.bound;
  return unwitnessed.size > 0 ? 'unwitnessed' : 'holds';
}

export function naiveOutcome({ verdict, trace, errorCode }: NaiveResult): string {
  if (errorCode) return errorCode;
  return verdict === 'violated' && !trace ? 'unwitnessed' : verdict;
}

/** Its path is one of the system itself, to what it says. */
export function expectPath(search: ReducedSearch): void {
  const { finding, tables } = search;
  if (!finding || finding.kind === 'bound' || finding.state < 0) return;
  try {
    const path = search.pathOf(finding);
    expectRealPath({ tables }, path);
    expect(path.failed).toBe(finding.kind === 'model-error' && finding.inStep);
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'not-symmetric') throw error;
  }
}
