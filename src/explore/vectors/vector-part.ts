/**
 * What a worker thread does for a search that keeps fingerprints: it expands chunks of a level by look-ups, and absorbs lanes that nobody
 * else has taken. What it cannot look up it leaves to the coordinator.
 */
import { Ints } from '../../tabulate/ints.ts';
import { type FingerprintCount, FingerprintSet, type SharedFingerprintSet } from '../fingerprint-set.ts';
import { Fingerprints } from '../fingerprints.ts';
import { Budget, StoreFull } from '../memory.ts';
import { absorbVectors } from './absorb-vectors.ts';
import { VectorExpander } from './expand-vectors.ts';
import { FoundReader, FoundSteps, type SharedFoundSteps } from './found-steps.ts';
import { LevelList, type SharedLevelList } from './level-list.ts';
import type { StepTrees } from './tree-steps.ts';
import type { QuestionTables } from './vector-judge.ts';

/** Words of a chunk: its list, the places of its first state and of the one after its last in it, and the list's place in the level. */
export const CHUNK_WORDS = 4;

/** What both kinds of job need. */
interface VectorJob {
  readonly slotCount: number;
  readonly fingerprints: { readonly seed: number; readonly bits: number };
  readonly level: readonly SharedLevelList[];
  readonly steps: StepTrees;
  /** The number of the next chunk or lane that nobody has taken. */
  readonly cursor: Int32Array;
}

export interface ExpandVectorsJob extends VectorJob {
  readonly kind: 'expand-vectors';
  /** `CHUNK_WORDS` each. */
  readonly chunks: Int32Array;
  readonly lanes: number;
  /** Memory for what it finds. */
  readonly found: SharedFoundSteps;
}

export interface ExpandedVectors {
  /** States that were expanded, and their steps. */
  readonly states: number;
  readonly steps: number;
  /** Places in the level: of states whose steps are not all known yet, none of which is counted; of states without a step. */
  readonly unknown: Int32Array;
  readonly deadEnds: Int32Array;
}

export interface AbsorbVectorsJob extends VectorJob {
  readonly kind: 'absorb-vectors';
  readonly lanes: readonly { readonly known: SharedFingerprintSet; readonly fresh: SharedLevelList }[];
  /** What all threads have found. */
  readonly found: readonly SharedFoundSteps[];
  readonly questions: QuestionTables;
  /** How many states more there may be, and how many bytes more a lane may take. */
  readonly max: number;
  readonly bytesMax: number;
}

/** What has become of a lane. */
export interface AbsorbedLane {
  readonly lane: number;
  readonly known: FingerprintCount;
  readonly length: number;
  /** Places in its list of new states about which properties have to be asked. */
  readonly suspects: Int32Array;
}

export interface AbsorbedVectors {
  readonly lanes: readonly AbsorbedLane[];
  /** There was not enough memory. */
  readonly isFull: boolean;
}

export function expandVectors(job: ExpandVectorsJob): ExpandedVectors {
  const { slotCount, steps, chunks, cursor, lanes } = job;
  const fingerprints = new Fingerprints(slotCount, job.fingerprints.seed, job.fingerprints.bits);
  const level = listsOf(job);
  const deadEnds = new Ints();
  const unknown = new Ints();
  const expander = new VectorExpander(slotCount, fingerprints, new FoundSteps(new Budget(), job.found), deadEnds);
  let states = 0;
  for (;;) {
    const chunk = Atomics.add(cursor, 0, 1) * CHUNK_WORDS;
    if (chunk >= chunks.length) break;
    const to = chunks[chunk + 2]!;
    const start = chunks[chunk + 3]!;
    let at = chunks[chunk + 1]!;
    states += to - at;
    for (;;) {
      at = expander.expand(steps, level[chunks[chunk]!]!, start, at, to, lanes);
      if (at === to) break;
      unknown.push(start + at++);
      states--;
    }
  }
  return { states, steps: expander.steps, unknown: words(unknown), deadEnds: words(deadEnds) };
}

export function absorbLanes(job: AbsorbVectorsJob): AbsorbedVectors {
  const { slotCount, steps, questions, cursor, max, bytesMax } = job;
  const absorbing = {
    found: job.found.map(FoundReader.of),
    level: listsOf(job),
    steps,
    questions,
    fingerprints: new Fingerprints(slotCount, job.fingerprints.seed, job.fingerprints.bits),
    state: new Int32Array(slotCount),
  };
  const lanes: AbsorbedLane[] = [];
  let isFull = false;
  for (;;) {
    const lane = Atomics.add(cursor, 0, 1);
    const shared = job.lanes[lane];
    if (!shared) return { lanes, isFull };
    const budget = new Budget(bytesMax);
    const known = new FingerprintSet(budget, shared.known);
    const fresh = new LevelList(slotCount, budget, shared.fresh);
    const suspects = new Ints();
    try {
      absorbVectors(absorbing, { known, fresh }, lane, fresh.length + max, suspects);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      isFull = true;
    }
    lanes.push({ lane, known: known.size, length: fresh.length, suspects: words(suspects) });
  }
}

function listsOf({ slotCount, level }: VectorJob): LevelList[] {
  const budget = new Budget();
  return level.map((list) => new LevelList(slotCount, budget, list));
}

function words({ data, length }: Ints): Int32Array {
  return data.slice(0, length);
}
