/**
 * Whether a long run is a behaviour of the untimed system: its steps are taken once more by the walker, on tables of their own, without the
 * lists of `timed-steps.ts`, without times. (A short one is taken by live actors as well: `replaySchedule`.)
 */
import type { System } from '../system/system.ts';
import { mix, mixText } from '../tabulate/digest.ts';
import { lastAttempt } from '../tabulate/path.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { Tables } from '../tabulate/tables.ts';
import { type StepRecord, Walker } from '../tabulate/walker.ts';

/** Words of a step in a log: the slot of its starter, and its place among the enabled steps of that. */
export const LOG_WORDS = 2;

/** What stands for a state in any tables of a system. */
export function digestOf(tables: Tables, state: Int32Array): number {
  let digest = 0;
  for (const { slot, locals } of tables.actors) digest = mixText(digest, locals[state[slot]!]!.key);
  for (const channel of tables.channels) {
    digest = mix(digest, channel.slot);
    for (const { to, event } of tables.envelopes([channel], state)) {
      digest = mixText(digest, `${to} ${canonicalKey(event, 'message')}`);
    }
  }
  return digest >>> 0;
}

/**
 * @param log as a run keeps it
 * @param way that it started in
 * @returns the digest of the state that the steps lead to, as `Run.log.end` has it
 * @throws Error when one of them is not enabled: then the simulation is wrong, not the model
 *
 * @example
 * ```ts
 * import { follow, simulate } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const { log } = simulate(lights, timing, { seed: 1, time: 100, log: true });
 * follow(lights, log!.steps) === log!.end; // => true
 * ```
 */
export function follow(system: System, log: Int32Array, way = 0): number {
  return walkLog(new Tables(system), log, way);
}

/** What a step of a run did. */
export interface FollowedStep {
  readonly starter: number;
  readonly records: readonly StepRecord[];
  /** The state before it; it is written over afterwards. */
  readonly before: Int32Array;
}

/** The same; @param onStep hears of each step */
export function walkLog(tables: Tables, log: Int32Array, way: number, onStep?: (step: FollowedStep) => void): number {
  const walker = new Walker(tables);
  walker.begin();
  walker.start(way);
  const state = walker.current.slice();
  for (let at = 0; at < log.length; at += LOG_WORDS) {
    const [starter, place] = [log[at]!, log[at + 1]!];
    walker.begin([starter]);
    while (walker.index < place) {
      if (onStep) walker.record = [];
      if (walker.next()) continue;
      throw new Error(
        `step ${at / LOG_WORDS + 1} of the run is not enabled: "${tables.nameOf(starter)}" has no step ${place}`,
      );
    }
    onStep?.({ starter, records: lastAttempt(walker.record!), before: state });
    walker.record = undefined;
    // `begin` and `next` take a step back that is not made the new state here.
    for (let i = 0; i < walker.touchedCount; i++) {
      const slot = walker.touched[i]!;
      state[slot] = walker.current[slot]!;
    }
    walker.begin();
    walker.current.set(state);
  }
  return digestOf(tables, state);
}
