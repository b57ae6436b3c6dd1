/** The catalogue: every scenario that ships, the project's own first. */
import type { Scenario } from '../../src/system/scenario.ts';
import { atcBeforeTlb } from './atc-before-tlb.ts';
import { flushDeadlock } from './flush-deadlock.ts';
import { flushUntilEmpty } from './flush-until-empty.ts';
import { groupOwners } from './group-owners.ts';
import { identicalFaultLoop } from './identical-fault-loop.ts';
import { iopfTimeout } from './iopf-timeout.ts';
import { partialFallthrough } from './partial-fallthrough.ts';
import { priOverflow } from './pri-overflow.ts';
import { racingUnmap } from './racing-unmap.ts';
import { readLoop } from './read-loop.ts';
import { retryLivelock } from './retry-livelock.ts';
import { slowReader } from './slow-reader.ts';
import { staleReadonlyEntry } from './stale-readonly-entry.ts';
import { boundedFifo } from './textbook/bounded-fifo.ts';
import { diningPhilosophers } from './textbook/dining-philosophers.ts';
import { lockFreeSet } from './textbook/lock-free-set.ts';
import { optimisticCommit } from './textbook/optimistic-commit.ts';
import { peterson } from './textbook/peterson.ts';
import { pingPong } from './textbook/ping-pong.ts';
import { twoPhaseCommit } from './textbook/two-phase-commit.ts';
import { unacknowledgedOverflow } from './unacknowledged-overflow.ts';

export const catalogue: readonly Scenario[] = [
  priOverflow,
  partialFallthrough,
  racingUnmap,
  atcBeforeTlb,
  flushDeadlock,
  groupOwners,
  slowReader,
  unacknowledgedOverflow,
  staleReadonlyEntry,
  identicalFaultLoop,
  flushUntilEmpty,
  readLoop,
  iopfTimeout,
  retryLivelock,
  diningPhilosophers,
  twoPhaseCommit,
  peterson,
  pingPong,
  boundedFifo,
  optimisticCommit,
  lockFreeSet,
];
