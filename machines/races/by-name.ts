// biome-ignore-all format: a line for each
/** Loads one scenario of the catalogue, which takes a tenth of the time that all take. Written by `npm run generate`. */
import type { Scenario } from '../../src/system/scenario.ts';

const LOADERS: Readonly<Record<string, () => Promise<Scenario>>> = {
  'partial-fallthrough': async () => (await import('./B-01-partial-fallthrough.ts')).partialFallthrough,
  'nobody-answers': async () => (await import('./B-02-nobody-answers.ts')).nobodyAnswers,
  'group-owners': async () => (await import('./B-04-group-owners.ts')).groupOwners,
  'flush-deadlock': async () => (await import('./B-06-flush-deadlock.ts')).flushDeadlock,
  'pri-overflow': async () => (await import('./B-09-pri-overflow.ts')).priOverflow,
  'device-vanishes': async () => (await import('./B-11-device-vanishes.ts')).deviceVanishes,
  'unacknowledged-overflow': async () => (await import('./B-14-unacknowledged-overflow.ts')).unacknowledgedOverflow,
  'atc-before-tlb': async () => (await import('./B-16-atc-before-tlb.ts')).atcBeforeTlb,
  'stale-readonly-entry': async () => (await import('./B-19-stale-readonly-entry.ts')).staleReadonlyEntry,
  'unbind-without-drain': async () => (await import('./B-25-unbind-without-drain.ts')).unbindWithoutDrain,
  'flush-until-empty': async () => (await import('./B-26-flush-until-empty.ts')).flushUntilEmpty,
  'stop-marker': async () => (await import('./B-28-stop-marker.ts')).stopMarker,
  'pasid-freed-at-exit': async () => (await import('./B-38-pasid-freed-at-exit.ts')).pasidFreedAtExit,
  'wrong-hwpt': async () => (await import('./B-46-wrong-hwpt.ts')).wrongHwpt,
  'read-loop': async () => (await import('./B-48-read-loop.ts')).readLoop,
  'slow-reader': async () => (await import('./B-49-slow-reader.ts')).slowReader,
  'faults-before-link': async () => (await import('./B-54-faults-before-link.ts')).faultsBeforeLink,
  'identical-fault-loop': async () => (await import('./B-59-identical-fault-loop.ts')).identicalFaultLoop,
  'racing-unmap': async () => (await import('./B-62-racing-unmap.ts')).racingUnmap,
  'iopf-timeout': async () => (await import('./B-65-iopf-timeout.ts')).iopfTimeout,
  'growing-page-table': async () => (await import('./B-66-growing-page-table.ts')).growingPageTable,
  'mmput-in-notifier': async () => (await import('./B-67-mmput-in-notifier.ts')).mmputInNotifier,
  'unmapped-in-use': async () => (await import('./B-68-unmapped-in-use.ts')).unmappedInUse,
  'removal-before-flush': async () => (await import('./B-72-removal-before-flush.ts')).removalBeforeFlush,
  'two-overflow-readers': async () => (await import('./B-74-two-overflow-readers.ts')).twoOverflowReaders,
  'removal-before-drain': async () => (await import('./B-75-removal-before-drain.ts')).removalBeforeDrain,
  'group-on-stack': async () => (await import('./B-76-group-on-stack.ts')).groupOnStackFreed,
  'detach-deadlock': async () => (await import('./B-78-detach-deadlock.ts')).detachDeadlock,
  'short-unmap': async () => (await import('./B-79-short-unmap.ts')).shortUnmap,
  'reused-cookie': async () => (await import('./B-80-reused-cookie.ts')).reusedCookie,
  'two-answers': async () => (await import('./B-81-two-answers.ts')).twoAnswers,
  'surviving-partial': async () => (await import('./B-82-surviving-partial.ts')).survivingPartial,
  'undrained-pasid': async () => (await import('./B-83-undrained-pasid.ts')).undrainedPasid,
  'replace-window': async () => (await import('./B-84-replace-window.ts')).replaceWindow,
  'growing-count': async () => (await import('./B-85-growing-count.ts')).growingCount,
  'missing-interrupt': async () => (await import('./B-86-missing-interrupt.ts')).missingInterrupt,
  'retry-livelock': async () => (await import('./D-13-retry-livelock.ts')).retryLivelock,
  'alternating-bit': async () => (await import('../textbook/alternating-bit.ts')).alternatingBit,
  'bounded-fifo': async () => (await import('../textbook/bounded-fifo.ts')).boundedFifo,
  'deli': async () => (await import('../textbook/deli.ts')).deli,
  'dining-philosophers': async () => (await import('../textbook/dining-philosophers.ts')).diningPhilosophers,
  'lock-free-set': async () => (await import('../textbook/lock-free-set.ts')).lockFreeSet,
  'message-set-commit': async () => (await import('../textbook/message-set-commit.ts')).messageSetCommit,
  'optimistic-commit': async () => (await import('../textbook/optimistic-commit.ts')).optimisticCommit,
  'peterson': async () => (await import('../textbook/peterson.ts')).peterson,
  'ping-pong': async () => (await import('../textbook/ping-pong.ts')).pingPong,
  'single-copy-register': async () => (await import('../textbook/single-copy-register.ts')).singleCopyRegister,
  'two-phase-commit': async () => (await import('../textbook/two-phase-commit.ts')).twoPhaseCommit,
};

/** The scenario of the catalogue that has this name; nothing where there is none. */
export async function scenarioNamed(name: string): Promise<Scenario | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}
