// biome-ignore-all assist/source/organizeImports: the order is that of the folder
/** The catalogue: every scenario that ships, the races of I/O page faults first. Written by `npm run generate`. */
import type { Scenario } from '../../src/system/scenario.ts';
import { partialFallthrough } from './B-01-partial-fallthrough.ts';
import { nobodyAnswers } from './B-02-nobody-answers.ts';
import { groupOwners } from './B-04-group-owners.ts';
import { doublePut } from './B-05-double-put.ts';
import { flushDeadlock } from './B-06-flush-deadlock.ts';
import { discardUnderAnotherLock } from './B-07-discard-under-another-lock.ts';
import { indexOfTwoPasids } from './B-08-index-of-two-pasids.ts';
import { priOverflow } from './B-09-pri-overflow.ts';
import { answeredByWhom } from './B-10-answered-by-whom.ts';
import { deviceVanishes } from './B-11-device-vanishes.ts';
import { silentOverflow } from './B-13-silent-overflow.ts';
import { unacknowledgedOverflow } from './B-14-unacknowledged-overflow.ts';
import { atcBeforeTlb } from './B-16-atc-before-tlb.ts';
import { keptAtc } from './B-17-kept-atc.ts';
import { atsBeforeSte } from './B-18-ats-before-ste.ts';
import { unseenAtsMaster } from './B-18-unseen-ats-master.ts';
import { staleReadonlyEntry } from './B-19-stale-readonly-entry.ts';
import { everythingIsNothing } from './B-21-everything-is-nothing.ts';
import { unpinAfterFree } from './B-22-unpin-after-free.ts';
import { illegalSte } from './B-24-illegal-ste.ts';
import { unbindWithoutDrain } from './B-25-unbind-without-drain.ts';
import { flushUntilEmpty } from './B-26-flush-until-empty.ts';
import { stopMarker } from './B-28-stop-marker.ts';
import { clearedPrivateData } from './B-30-cleared-private-data.ts';
import { teardownWithoutDrain } from './B-31-teardown-without-drain.ts';
import { drainMissesRid } from './B-32-drain-misses-rid.ts';
import { undrainableHardware } from './B-34-undrainable-hardware.ts';
import { pasidFreedAtExit } from './B-38-pasid-freed-at-exit.ts';
import { staleKernelTable } from './B-40-stale-kernel-table.ts';
import { twoBinds } from './B-41-two-binds.ts';
import { loserKeepsEntry } from './B-43-loser-keeps-entry.ts';
import { revokedMkey } from './B-45-revoked-mkey.ts';
import { wrongHwpt } from './B-46-wrong-hwpt.ts';
import { partialDelivery } from './B-47-partial-delivery.ts';
import { readLoop } from './B-48-read-loop.ts';
import { slowReader } from './B-49-slow-reader.ts';
import { forgottenResponse } from './B-50-forgotten-response.ts';
import { miscountedBytes } from './B-52-miscounted-bytes.ts';
import { failureFromOneGuest } from './B-53-failure-from-one-guest.ts';
import { faultsBeforeLink } from './B-54-faults-before-link.ts';
import { freedLookUp } from './B-55-freed-look-up.ts';
import { returnsWithLock } from './B-56-returns-with-lock.ts';
import { sleepsInCallback } from './B-57-sleeps-in-callback.ts';
import { notifierInGup } from './B-58-notifier-in-gup.ts';
import { identicalFaultLoop } from './B-59-identical-fault-loop.ts';
import { mixedGroup } from './B-61-mixed-group.ts';
import { racingUnmap } from './B-62-racing-unmap.ts';
import { iopfTimeout } from './B-65-iopf-timeout.ts';
import { growingPageTable } from './B-66-growing-page-table.ts';
import { mmputInNotifier } from './B-67-mmput-in-notifier.ts';
import { unmappedInUse } from './B-68-unmapped-in-use.ts';
import { nobodyMigrates } from './B-69-nobody-migrates.ts';
import { unzeroedTable } from './B-70-unzeroed-table.ts';
import { removalBeforeFlush } from './B-72-removal-before-flush.ts';
import { mmapLockOrder } from './B-73-mmap-lock-order.ts';
import { twoOverflowReaders } from './B-74-two-overflow-readers.ts';
import { removalBeforeDrain } from './B-75-removal-before-drain.ts';
import { groupOnStackFreed } from './B-76-group-on-stack.ts';
import { detachDeadlock } from './B-78-detach-deadlock.ts';
import { shortUnmap } from './B-79-short-unmap.ts';
import { reusedCookie } from './B-80-reused-cookie.ts';
import { twoAnswers } from './B-81-two-answers.ts';
import { survivingPartial } from './B-82-surviving-partial.ts';
import { undrainedPasid } from './B-83-undrained-pasid.ts';
import { replaceWindow } from './B-84-replace-window.ts';
import { growingCount } from './B-85-growing-count.ts';
import { missingInterrupt } from './B-86-missing-interrupt.ts';
import { faultCount } from './D-05-fault-count.ts';
import { translatedPasid } from './D-09-translated-pasid.ts';
import { retryLivelock } from './D-13-retry-livelock.ts';
import { recalledPartials } from './D-20-recalled-partials.ts';
import { faultDeliveryWays } from './D-26-fault-delivery.ts';
import { exitBeforeUnbind } from './H-01-exit-before-unbind.ts';
import { leakedDevice } from './H-04-leaked-device.ts';
import { evtqDrain } from './H-05-evtq-drain.ts';
import { amdReset } from './H-06-amd-reset.ts';
import { closeAgainstDestroy } from './H-10-close-against-destroy.ts';
import { firstDeviceOfGroup } from './H-11-first-device-of-group.ts';
import { putBackUnseen } from './H-12-put-back-unseen.ts';
import { failedReplace } from './H-13-failed-replace.ts';
import { twoDrains } from './H-14-two-drains.ts';
import { groupInHand } from './H-16-group-in-hand.ts';
import { waitsForFrame } from './H-18-waits-for-frame.ts';
import { abortedDrain } from './H-23-aborted-drain.ts';
import { drainUnderFlood } from './H-24-drain-under-flood.ts';
import { staticPinning } from './S-01-static-pinning.ts';
import { pinOnFault } from './S-02-pin-on-fault.ts';
import { ioctlsInFlight } from './S-03-vfio-iopf-v3.ts';
import { preMapping } from './S-04-pre-mapping.ts';
import { selectiveFaulting } from './S-05-selective-faulting.ts';
import { twoHandlers } from './S-06-two-handlers.ts';
import { terminatedStalls } from './S-07-terminated-stalls.ts';
import { automaticAnswers } from './S-08-automatic-answers.ts';
import { mmuNotifiers } from './S-14-mmu-notifiers.ts';
import { evictionMeetsFault } from './S-15-locked-memory.ts';
import { prqOverflow } from './S-16-prq-overflow.ts';
import { latePprEntry } from './S-17-late-ppr-entry.ts';
import { pprLogRestart } from './S-17-ppr-log-restart.ts';
import { virtualOverflow } from './S-18-virtual-overflow.ts';
import { givenBackBuffer } from './S-19-viommu.ts';
import { faultMessage } from './S-20-fault-message.ts';
import { alternatingBit } from '../textbook/alternating-bit.ts';
import { boundedFifo } from '../textbook/bounded-fifo.ts';
import { deli } from '../textbook/deli.ts';
import { diningPhilosophers } from '../textbook/dining-philosophers.ts';
import { lockFreeSet } from '../textbook/lock-free-set.ts';
import { messageSetCommit } from '../textbook/message-set-commit.ts';
import { optimisticCommit } from '../textbook/optimistic-commit.ts';
import { paxos } from '../textbook/paxos.ts';
import { peterson } from '../textbook/peterson.ts';
import { pingPong } from '../textbook/ping-pong.ts';
import { singleCopyRegister } from '../textbook/single-copy-register.ts';
import { twoPhaseCommit } from '../textbook/two-phase-commit.ts';

export const catalogue: readonly Scenario[] = [
  partialFallthrough,
  nobodyAnswers,
  groupOwners,
  doublePut,
  flushDeadlock,
  discardUnderAnotherLock,
  indexOfTwoPasids,
  priOverflow,
  answeredByWhom,
  deviceVanishes,
  silentOverflow,
  unacknowledgedOverflow,
  atcBeforeTlb,
  keptAtc,
  atsBeforeSte,
  unseenAtsMaster,
  staleReadonlyEntry,
  everythingIsNothing,
  unpinAfterFree,
  illegalSte,
  unbindWithoutDrain,
  flushUntilEmpty,
  stopMarker,
  clearedPrivateData,
  teardownWithoutDrain,
  drainMissesRid,
  undrainableHardware,
  pasidFreedAtExit,
  staleKernelTable,
  twoBinds,
  loserKeepsEntry,
  revokedMkey,
  wrongHwpt,
  partialDelivery,
  readLoop,
  slowReader,
  forgottenResponse,
  miscountedBytes,
  failureFromOneGuest,
  faultsBeforeLink,
  freedLookUp,
  returnsWithLock,
  sleepsInCallback,
  notifierInGup,
  identicalFaultLoop,
  mixedGroup,
  racingUnmap,
  iopfTimeout,
  growingPageTable,
  mmputInNotifier,
  unmappedInUse,
  nobodyMigrates,
  unzeroedTable,
  removalBeforeFlush,
  mmapLockOrder,
  twoOverflowReaders,
  removalBeforeDrain,
  groupOnStackFreed,
  detachDeadlock,
  shortUnmap,
  reusedCookie,
  twoAnswers,
  survivingPartial,
  undrainedPasid,
  replaceWindow,
  growingCount,
  missingInterrupt,
  faultCount,
  translatedPasid,
  retryLivelock,
  recalledPartials,
  faultDeliveryWays,
  exitBeforeUnbind,
  leakedDevice,
  evtqDrain,
  amdReset,
  closeAgainstDestroy,
  firstDeviceOfGroup,
  putBackUnseen,
  failedReplace,
  twoDrains,
  groupInHand,
  waitsForFrame,
  abortedDrain,
  drainUnderFlood,
  staticPinning,
  pinOnFault,
  ioctlsInFlight,
  preMapping,
  selectiveFaulting,
  twoHandlers,
  terminatedStalls,
  automaticAnswers,
  mmuNotifiers,
  evictionMeetsFault,
  prqOverflow,
  latePprEntry,
  pprLogRestart,
  virtualOverflow,
  givenBackBuffer,
  faultMessage,
  alternatingBit,
  boundedFifo,
  deli,
  diningPhilosophers,
  lockFreeSet,
  messageSetCommit,
  optimisticCommit,
  paxos,
  peterson,
  pingPong,
  singleCopyRegister,
  twoPhaseCommit,
];
