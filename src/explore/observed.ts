/**
 * What a few steps show about a whole system, before it has been searched: states that lie deeper than the search has come, and
 * which slots steps look at together. The division of slots in parts is chosen by it (`partition.ts`); nothing else depends on it.
 */
import { ModelError } from '../system/errors.ts';
import type { Walker } from '../tabulate/walker.ts';
import { randomBelow } from './random.ts';

/** Slots that some steps look at, and how many steps of the sample do. */
export interface Footprint {
  readonly slots: readonly number[];
  readonly times: number;
}

const WALKS = 16;
const STEPS_PER_WALK = 256;
const STEPS_PER_SAMPLE = 4;

/** States of random walks from some of these. */
export function deeperStates(walker: Walker, from: readonly Int32Array[]): Int32Array[] {
  const random = randomBelow(1);
  const states: Int32Array[] = [];
  for (let walk = 0; walk < WALKS; walk++) {
    let state = from[random(from.length)]!;
    for (let step = 0; step < STEPS_PER_WALK; step++) {
      const next = randomStep(walker, state, random);
      if (!next) break;
      state = next;
      if (step % STEPS_PER_SAMPLE === 0) states.push(state);
    }
  }
  return states;
}

/** Undefined where there is no step, or where one fails: that is for the search to find. */
function randomStep(walker: Walker, state: Int32Array, random: (end: number) => number): Int32Array | undefined {
  let chosen: Int32Array | undefined;
  let enabled = 0;
  try {
    walker.begin();
    walker.current.set(state);
    while (walker.next()) if (random(++enabled) === 0) chosen = walker.current.slice();
    return chosen;
  } catch (error) {
    walker.abort();
    if (!(error instanceof ModelError)) throw error;
    return undefined;
  }
}

/** What the steps of some states look at, per starter. */
export function footprintsOf(walker: Walker, states: readonly Int32Array[]): Footprint[] {
  const times = new Map<string, { slots: readonly number[]; times: number }>();
  for (const state of states) {
    for (const starter of walker.tables.starters) {
      const slots = [...readsOf(walker, state, starter)].sort((a, b) => a - b);
      const key = slots.join(' ');
      const known = times.get(key);
      if (known) known.times++;
      else times.set(key, { slots, times: 1 });
    }
  }
  return [...times.values()];
}

function readsOf(walker: Walker, state: Int32Array, starter: number): ReadonlySet<number> {
  const reads: number[] = [starter];
  walker.reads = reads;
  try {
    walker.begin([starter]);
    walker.current.set(state);
    while (walker.next());
  } catch (error) {
    walker.abort();
    if (!(error instanceof ModelError)) throw error;
  } finally {
    walker.reads = undefined;
  }
  return new Set(reads);
}
