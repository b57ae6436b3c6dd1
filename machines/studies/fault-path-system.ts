/** The machines of `fault-path.ts` as a system, and what its steps cost. */
import { exponential } from '../../src/system/durations.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import type { MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { iopfWork, mmapLock, stalledTransaction, type ThreadBuffers, userThread } from './fault-path.ts';

const CHOICES = {
  kept: ['SUBMIT'],
  madvise: ['SUBMIT', 'MADVISE', 'SYNC'],
  munmap: ['SUBMIT', 'MUNMAP', 'WRITE_LOCK', 'DETACH_VMAS', 'SYNC'],
} as const;

export function faultPath(threads: number, buffers: ThreadBuffers) {
  const hasWriters = buffers === 'munmap' || buffers === 'munmap-write';
  const threadChoices = CHOICES[buffers === 'munmap-write' ? 'munmap' : buffers];
  return defineSystem({
    actors: combineActors(
      family('thread', threads, (at) =>
        actor(userThread, {
          input: { stall: `stall${at}`, buffers },
          choices: threadChoices.map((type) => ({ type })),
        }),
      ),
      family('stall', threads, (at) => {
        const by = `stall${at}`;
        return actor(stalledTransaction, {
          input: { name: by, thread: `thread${at}`, work: `work${at}` },
          choices: [
            { type: 'ACCESS', by },
            { type: 'RECORD' },
            { type: 'TAKE_EVENT' },
            { type: 'LIST_ADD' },
            { type: 'CMD_RESUME' },
            { type: 'RETRY', by },
          ],
        });
      }),
      family('work', threads, (at) =>
        actor(iopfWork, {
          input: { stall: `stall${at}` },
          choices: (['START', 'DOWN_READ', 'HANDLE', 'PAGE_RESPONSE'] as const).map((type) => ({
            type,
          })),
        }),
      ),
      { mmapLock: actor(mmapLock, { input: { hasWriters } }) },
    ),
    unsent: 'ignore',
    blocking: ['DOWN_READ', 'DOWN_WRITE'],
    symmetry: interchangeable(alike(threads, 'thread', 'stall', 'work')),
    // Threads are alike, so what is asked of the first is asked of all; and a lock that all look at is looked at often.
    properties: ({ always, reachable }) =>
      when(
        hasWriters,
        always(
          'who handles a page has the mmap lock for reading',
          (view) => !view.get('work0').matches({ active: 'handling' }) || view.get('mmapLock').matches('read'),
        ),
        always(
          'who takes VMAs away has it for writing',
          (view) => !view.get('thread0').matches({ writing: 'detaching' }) || view.get('mmapLock').matches('written'),
        ),
        reachable('a thread takes VMAs away', (view) => view.get('thread0').matches({ writing: 'detaching' })),
      ),
  });
}

/** In microseconds, means where it is not said otherwise. */
export interface FaultPathTimes {
  readonly cpus: number;
  /** What a thread computes between two submissions. */
  readonly compute: number;
  /** What the device does between two faults of a thread. */
  readonly between: number;
  /** From the stall until the interrupt thread runs; always the same. */
  readonly record: number;
  /** What the interrupt thread does for an event: reads it, finds the device, makes a group, queues the work. */
  readonly report: number;
  /** Of which this much is added when it looks for the domain as well; else the worker does. */
  readonly lookUp: number;
  readonly looksUpInReport: boolean;
  /** `fault_param->lock`: how long for an entry of the list to be added, and for an answer. */
  readonly listAdd: number;
  readonly respond: number;
  /** `max_active` of the work queue, and how long until a worker runs. */
  readonly maxActive: number;
  readonly wakeUp: number;
  /** An atomic operation on the cache line of the mmap lock. */
  readonly downRead: number;
  readonly handler: number;
  /** It waits for something, and so needs no CPU. */
  readonly handlerSleeps: boolean;
  /** What one CMD_RESUME takes of the SMMU; from then on until the device is done. */
  readonly command: number;
  readonly retry: number;
  readonly buffers: ThreadBuffers;
  /** The share of submissions before which a buffer is given back. */
  readonly givenBack: number;
  /** How long its VMAs are taken away, and what its TLBIs and its CMD_SYNC take of the SMMU; always the same. */
  readonly detach: number;
  readonly sync: number;
}

export function faultPathTiming(times: FaultPathTimes): Timing {
  const { lookUp, looksUpInReport } = times;
  const report = times.report + (looksUpInReport ? lookUp : 0);
  const handler = times.handler + (looksUpInReport ? 0 : lookUp);
  const gives = times.buffers !== 'kept';
  const writes = gives && times.buffers !== 'madvise';
  return {
    unit: 'us',
    resources: {
      cpu: { units: times.cpus },
      irqThread: { units: 1, keeps: { 'stall*': 'reported' } },
      faultParam: { units: 1 },
      worker: { units: times.maxActive, wakeUp: times.wakeUp, keeps: { 'work*': 'active' } },
      mmapLock: { units: 1, ...(writes && { keeps: { 'thread*': 'writing' } }) },
      commandQueue: { units: 1 },
    },
    actors: {
      'thread*': {
        SUBMIT: [
          { in: 'running', takes: times.compute, uses: 'cpu', ...(gives && { weight: 1 - times.givenBack }) },
          { takes: times.compute, uses: 'cpu' },
        ],
        ...(gives && {
          [times.buffers === 'madvise' ? 'MADVISE' : 'MUNMAP']: {
            takes: times.downRead,
            uses: 'mmapLock',
            weight: times.givenBack,
          },
          SYNC: { takes: times.sync, uses: 'commandQueue' },
        }),
        ...(writes && {
          WRITE_LOCK: 0,
          DETACH_VMAS: exponential(times.detach),
        }),
      },
      'stall*': {
        ACCESS: exponential(times.between),
        RECORD: times.record,
        TAKE_EVENT: { takes: exponential(report), uses: 'irqThread' },
        LIST_ADD: { takes: times.listAdd, uses: 'faultParam' },
        CMD_RESUME: { takes: times.command, uses: 'commandQueue' },
        RETRY: times.retry,
      },
      'work*': {
        START: { takes: 0, uses: 'worker' },
        DOWN_READ: { takes: times.downRead, uses: 'mmapLock' },
        HANDLE: times.handlerSleeps ? exponential(handler) : { takes: exponential(handler), uses: 'cpu' },
        PAGE_RESPONSE: { takes: times.respond, uses: 'faultParam' },
      },
    },
  };
}

export const faultPathMeasures: MeasureDefinition = {
  counters: { faults: { type: 'RETRY' } },
  times: {
    fault: { from: { type: 'ACCESS' }, to: { type: 'RETRY' }, key: ({ by }) => String(by) },
    /** What a thread does from one transaction to the next. */
    own: { from: { type: 'RETRY' }, to: { type: 'START' }, key: ({ by }) => String(by) },
  },
};
