// biome-ignore-all assist/source/organizeImports: the order is that of the folder
/** The catalogue: every scenario that ships, the races of I/O page faults first. Written by `npm run generate`. */
import type { Scenario } from '../../src/system/scenario.ts';
import { partialFallthrough } from './B-01-partial-fallthrough.ts';
import { groupOwners } from './B-04-group-owners.ts';
import { flushDeadlock } from './B-06-flush-deadlock.ts';
import { priOverflow } from './B-09-pri-overflow.ts';
import { unacknowledgedOverflow } from './B-14-unacknowledged-overflow.ts';
import { atcBeforeTlb } from './B-16-atc-before-tlb.ts';
import { staleReadonlyEntry } from './B-19-stale-readonly-entry.ts';
import { flushUntilEmpty } from './B-26-flush-until-empty.ts';
import { readLoop } from './B-48-read-loop.ts';
import { slowReader } from './B-49-slow-reader.ts';
import { identicalFaultLoop } from './B-59-identical-fault-loop.ts';
import { racingUnmap } from './B-62-racing-unmap.ts';
import { iopfTimeout } from './B-65-iopf-timeout.ts';
import { detachDeadlock } from './B-78-detach-deadlock.ts';
import { shortUnmap } from './B-79-short-unmap.ts';
import { retryLivelock } from './D-13-retry-livelock.ts';
import { alternatingBit } from '../textbook/alternating-bit.ts';
import { boundedFifo } from '../textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../textbook/dining-philosophers.ts';
import { lockFreeSet } from '../textbook/lock-free-set.ts';
import { messageSetCommit } from '../textbook/message-set-commit.ts';
import { optimisticCommit } from '../textbook/optimistic-commit.ts';
import { peterson } from '../textbook/peterson.ts';
import { pingPong } from '../textbook/ping-pong.ts';
import { twoPhaseCommit } from '../textbook/two-phase-commit.ts';

export const catalogue: readonly Scenario[] = [
  partialFallthrough,
  groupOwners,
  flushDeadlock,
  priOverflow,
  unacknowledgedOverflow,
  atcBeforeTlb,
  staleReadonlyEntry,
  flushUntilEmpty,
  readLoop,
  slowReader,
  identicalFaultLoop,
  racingUnmap,
  iopfTimeout,
  detachDeadlock,
  shortUnmap,
  retryLivelock,
  alternatingBit,
  boundedFifo,
  diningPhilosophers,
  lockFreeSet,
  messageSetCommit,
  optimisticCommit,
  peterson,
  pingPong,
  twoPhaseCommit,
];
