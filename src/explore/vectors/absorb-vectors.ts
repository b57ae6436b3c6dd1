/** What of all that was found for a lane is new: in any thread, but of one lane in one thread at a time. */
import type { Ints } from '../../tabulate/ints.ts';
import type { FingerprintSet } from '../fingerprint-set.ts';
import type { Fingerprints } from '../fingerprints.ts';
import { ENTRY, type FoundReader } from './found-steps.ts';
import type { LevelList } from './level-list.ts';
import type { StepTrees } from './tree-steps.ts';
import { isFine, type QuestionTables } from './vector-judge.ts';

/** What is known of the states whose fingerprints belong to it, and the next level's new ones. */
export interface Lane {
  readonly known: FingerprintSet;
  readonly fresh: LevelList;
}

/** What all lanes need to know. */
export interface Absorbing {
  readonly found: readonly FoundReader[];
  /** The level whose steps were found. */
  readonly level: readonly LevelList[];
  readonly steps: StepTrees;
  readonly questions: QuestionTables;
  readonly fingerprints: Fingerprints;
  /** Scratch. */
  readonly state: Int32Array;
  /** Hears of each new state: its place in the lane's list, and that of the one before it in its level. */
  readonly onNew?: (place: number, parent: number) => void;
}

/**
 * Makes what is new known, and adds it to the lane's list.
 *
 * @param max how many states the list may have
 * @param suspects gets the places in it of those about which properties have to be asked
 * @throws StoreFull; what was added until then is in the list
 */
export function absorbVectors(absorbing: Absorbing, { known, fresh }: Lane, lane: number, max: number, suspects: Ints) {
  const { found, level, steps, questions, fingerprints, state, onNew } = absorbing;
  const { lowMask, highMask } = fingerprints;
  const { deltas, sets } = steps;
  for (const reader of found) {
    // Those of one thread come in the order of the level.
    let next = 0;
    let start = 0;
    let end = 0;
    reader.begin(lane);
    while (reader.next()) {
      const { data, to } = reader;
      for (let at = reader.from; at < to; at += ENTRY) {
        const wholeLow = data[at]!;
        const wholeHigh = data[at + 1]!;
        const parent = data[at + 2]!;
        if (parent < start) next = start = end = 0;
        while (parent >= end) {
          start = end;
          end += level[next++]!.length;
        }
        const list = level[next - 1]!;
        const from = parent - start;
        const low = wholeLow & lowMask;
        let high = wholeHigh & highMask;
        // As `Fingerprints` has it.
        if (low === 0 && high === 0) high = 1;
        if (!known.add(low, high, list.fingerprints[2 * from]! & lowMask)) continue;
        list.load(from, state);
        const delta = deltas[data[at + 3]!]!;
        const count = sets[delta]!;
        for (let each = delta + 1; each <= delta + count; each++) state[sets[each]!] = sets[each + count]!;
        const place = fresh.length;
        fresh.push(state, wholeLow, wholeHigh);
        if (!isFine(questions, state)) suspects.push(place);
        onNew?.(place, parent);
        if (fresh.length >= max) return;
      }
    }
  }
}
