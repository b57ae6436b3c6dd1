/** A property as an expression: a decision tree over what it reads, grown over all states, then folded. */
import type { SystemView } from '../system/property.ts';
import { truthOf } from '../tabulate/answers.ts';
import { viewOf } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import { all, any, type Expression, FALSE, isIn, not, TRUE } from './expression.ts';
import type { Space } from './space.ts';

type Branch = boolean | Reading;

interface Reading {
  readonly slot: number;
  readonly branches: Map<number, Branch>;
}

type Test = (view: SystemView) => boolean;

/** Combinations beyond the reachable ones that a predicate is asked about. */
const ASKED_MAX = 20_000;
/** States between two turns of the caller. */
const SLICE = 4096;

/**
 * What a predicate says in the states of a space. About combinations that no state has it says what the predicate says,
 * too, as far as that is defined and there are not too many: a property that holds would otherwise be just `true`.
 */
export function* predicateExpression(space: Space, test: Test): Generator<void, Expression> {
  const { tables } = space;
  let root: Branch | undefined;
  for (let number = 0; number < space.size; number++) {
    if (number % SLICE === 0) yield;
    const state = space.at(number);
    if (!isKnown(root, state)) root = grown(tables, root, state, test);
  }
  askMore(tables, root!, space.initial[0]!.slice(), test);
  return folded(tables, root!);
}

/** Breadth-first, so that a bound leaves out what depends on many slots rather than what depends on few. */
function askMore(tables: Tables, root: Branch, initial: Int32Array, test: Test): void {
  const waiting: { branch: Branch; state: Int32Array }[] = [{ branch: root, state: initial }];
  let asked = 0;
  for (const { branch, state } of waiting) {
    if (typeof branch !== 'object') continue;
    const { slot, branches } = branch;
    const count = (tables.actors[slot]?.locals ?? tables.channels[slot - tables.actors.length]!.contents).length;
    for (let value = 0; value < count; value++) {
      const there = state.slice();
      there[slot] = value;
      if (!branches.has(value)) {
        if (++asked > ASKED_MAX) return;
        try {
          grown(tables, root, there, test);
        } catch {
          continue; // What no state has, a predicate need not understand.
        }
      }
      waiting.push({ branch: branches.get(value)!, state: there });
    }
  }
}

function isKnown(root: Branch | undefined, state: Int32Array): boolean {
  let at = root;
  while (typeof at === 'object') at = at.branches.get(state[at.slot]!);
  return at !== undefined;
}

function grown(tables: Tables, root: Branch | undefined, state: Int32Array, test: Test): Branch {
  const read = new Set<number>();
  const value = truthOf('a property', test(viewOf(tables, state, (slot) => read.add(slot))));
  const reads = [...read];
  if (reads.length === 0) return value;
  const top = (root ?? { slot: reads[0]!, branches: new Map() }) as Reading;
  let at = top;
  for (const [depth, slot] of reads.entries()) {
    const following = reads[depth + 1];
    const known = at.branches.get(state[slot]!);
    const next = known ?? (following === undefined ? value : { slot: following, branches: new Map() });
    at.branches.set(state[slot]!, next);
    if (typeof next === 'object') at = next;
  }
  return top;
}

function folded(tables: Tables, branch: Branch): Expression {
  if (typeof branch === 'boolean') return branch ? TRUE : FALSE;
  const { slot } = branch;
  const byResult = new Map<string, { expression: Expression; values: number[] }>();
  for (const [value, next] of branch.branches) {
    const expression = folded(tables, next);
    const key = JSON.stringify(expression);
    const group = byResult.get(key);
    if (group) group.values.push(value);
    else byResult.set(key, { expression, values: [value] });
  }
  const groups = [...byResult.values()];
  if (groups.length === 1) return groups[0]!.expression;
  const values = [...branch.branches.keys()];
  const inGroup = (group: { values: number[] }) => isValueOf(tables, slot, group.values, values);
  // Of two groups, one of which is always true or false, the shorter way to say it: "if this, then that".
  const [yes, no] = [TRUE, FALSE].map((constant) => groups.find(({ expression }) => expression === constant));
  const others = groups.filter((group) => group !== yes && group !== no);
  if (yes && !no && others.length === 1) return any(inGroup(yes), others[0]!.expression);
  if (no && !yes && others.length === 1) return all(not(inGroup(no)), others[0]!.expression);
  return any(...(yes ? [inGroup(yes)] : []), ...others.map((group) => all(inGroup(group), group.expression)));
}

/** @param known all values that the predicate has been asked about here */
function isValueOf(tables: Tables, slot: number, values: readonly number[], known: readonly number[]): Expression {
  const others = known.filter((value) => !values.includes(value));
  if (slot < tables.actors.length) return isIn(slot, values, others);
  const { contents } = tables.channels[slot - tables.actors.length]!;
  // Most predicates only ask how many messages there are, or whether there are any.
  const lengthOf = (value: number) => contents[value]!.length;
  const longest = Math.max(...values.map(lengthOf));
  if (others.every((value) => lengthOf(value) > longest)) return { kind: 'atMost', slot, count: longest };
  const shortest = Math.min(...values.map(lengthOf));
  if (others.every((value) => lengthOf(value) < shortest)) return not({ kind: 'atMost', slot, count: shortest - 1 });
  if (others.length < values.length) return not(isValueOf(tables, slot, others, known));
  return any(...values.map((value): Expression => ({ kind: 'content', slot, messages: contents[value]! })));
}
