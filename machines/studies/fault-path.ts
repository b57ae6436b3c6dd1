/**
 * The way of a stalled transaction of one device that many threads of one process share, on Arm: as coarse as thousands of threads need it.
 *
 *   thread -SUBMIT-> stall -TAKE_EVENT, LIST_ADD-> work -START, DOWN_READ, HANDLE, PAGE_RESPONSE-> stall -CMD_RESUME, RETRY-> thread
 *   thread -DOWN_WRITE, DETACH_VMAS, SYNC-> thread               (an munmap() now and then)
 *
 * A thread has one transaction at a time, and that has one work item, so all three have a number and no message needs a queue of
 * names. What waits, waits for a resource of the timing section, whose queue is first come, first served. What is held while something
 * else is waited for (a worker, the mmap lock, the interrupt thread) is kept for as long as its holder is in some states: the
 * resource's `keeps` says in which.
 *
 * What it mirrors: arm-smmu-v3.c arm_smmu_evtq_thread() and arm_smmu_page_response(); io-pgfault.c iommu_queue_iopf(), iopf_handler(),
 * and iommu.c iommu_report_device_fault(), iommu_page_response() as of v6.7-rc1; mm/mmap.c do_vmi_align_munmap(), which goes on with
 * the lock for reading once the VMAs are gone; arm-smmu-v3-sva.c arm_smmu_mm_arch_invalidate_secondary_tlbs().
 *
 * Simplifications: each fault is a group of its own, and is handled with success; the event queue never fills, as there is one stall
 * for each thread at the most (logs of Linux tell of 32768 entries); a CMD_SYNC is one with the commands before it, and the command queue is
 * drained in the order in which whole invalidations came; a holder of the mmap lock is not preempted; the lock is fair (a writer
 * that waits keeps later readers out), where the kernel's lets some overtake for 4 ms (rwsem.c RWSEM_WAIT_TIMEOUT).
 */
import { assign, setup } from 'xstate';
import { send } from '../parts/call.ts';

type Named = { readonly by: string };

/**
 * `mm->mmap_lock`. DOWN_READ and DOWN_WRITE have no transition while it cannot be had: list both as `blocking`. Where nobody ever writes
 * (`hasWriters`) it has no need to count, and a count that all look at is one more local state for each of thousands of actors.
 */
export const mmapLock = setup({
  types: {
    input: {} as { readonly hasWriters: boolean },
    context: {} as { readonly hasWriters: boolean; readonly readers: number },
    events: {} as {
      type: 'DOWN_READ' | 'UP_READ' | 'DOWN_WRITE' | 'UP_WRITE' | 'DOWNGRADE_WRITE';
    },
  },
  guards: {
    hasNoWriters: ({ context }) => !context.hasWriters,
    isLast: ({ context }) => context.readers === 1,
  },
  actions: {
    countReader: assign({ readers: ({ context }) => context.readers + 1 }),
    discountReader: assign({ readers: ({ context }) => context.readers - 1 }),
  },
}).createMachine({
  id: 'mmapLock',
  context: ({ input }) => ({ ...input, readers: 0 }),
  initial: 'free',
  states: {
    free: {
      on: {
        DOWN_READ: [{ guard: 'hasNoWriters' }, { target: 'read', actions: 'countReader' }],
        UP_READ: { guard: 'hasNoWriters' },
        DOWN_WRITE: 'written',
      },
    },
    read: {
      on: {
        DOWN_READ: { actions: 'countReader' },
        UP_READ: [{ guard: 'isLast', target: 'free', actions: 'discountReader' }, { actions: 'discountReader' }],
      },
    },
    written: { on: { UP_WRITE: 'free', DOWNGRADE_WRITE: { target: 'read', actions: 'countReader' } } },
  },
});

/**
 * What a thread does with its buffers: `kept`, nothing. `munmap`: the flush goes on with the lock for reading, as since dd2283f2605e
 * (v4.20). `munmap-write`: it does not, as to v4.19. `madvise`: MADV_DONTNEED, which takes the lock for reading and no VMA away.
 */
export type ThreadBuffers = 'kept' | 'munmap' | 'munmap-write' | 'madvise';

export interface UserThreadInput {
  readonly stall: string;
  readonly buffers: ThreadBuffers;
}

/** A thread that submits, waits until its transaction is done, and gives a buffer back now and then. */
export const userThread = setup({
  types: {
    input: {} as UserThreadInput,
    context: {} as UserThreadInput,
    events: {} as {
      type: 'SUBMIT' | 'MADVISE' | 'MUNMAP' | 'WRITE_LOCK' | 'DETACH_VMAS' | 'SYNC' | 'DONE';
    },
  },
  guards: {
    downgrades: ({ context }) => context.buffers === 'munmap',
  },
  actions: {
    start: send('stall', ({ context }) => ({ type: 'START', by: context.stall })),
    downRead: send(() => 'mmapLock', 'DOWN_READ'),
    downWrite: send(() => 'mmapLock', 'DOWN_WRITE'),
    downgradeWrite: send(() => 'mmapLock', 'DOWNGRADE_WRITE'),
    upWrite: send(() => 'mmapLock', 'UP_WRITE'),
    upRead: send(() => 'mmapLock', 'UP_READ'),
  },
}).createMachine({
  id: 'userThread',
  context: ({ input }) => input,
  initial: 'running',
  states: {
    running: {
      on: {
        SUBMIT: { target: 'waiting', actions: 'start' },
        MADVISE: { target: 'flushing', actions: 'downRead' },
        MUNMAP: 'writing',
      },
    },
    waiting: { on: { DONE: 'running' } },
    writing: {
      // It is the first of those that wait, and nobody comes in behind it until it is done.
      initial: 'draining',
      states: {
        draining: { on: { WRITE_LOCK: { target: 'detaching', actions: 'downWrite' } } },
        detaching: {
          on: {
            DETACH_VMAS: [
              { guard: 'downgrades', target: '#flushing', actions: 'downgradeWrite' },
              { target: 'flushing' },
            ],
          },
        },
        flushing: { on: { SYNC: { target: '#unmapped', actions: 'upWrite' } } },
      },
    },
    flushing: { id: 'flushing', on: { SYNC: { target: 'unmapped', actions: 'upRead' } } },
    unmapped: { id: 'unmapped', on: { SUBMIT: { target: 'waiting', actions: 'start' } } },
  },
});

export interface StalledInput {
  readonly name: string;
  readonly thread: string;
  readonly work: string;
}

/** A transaction of the device, and what becomes of its stall: the one interrupt thread of the event queue, and CMD_RESUME. */
export const stalledTransaction = setup({
  types: {
    input: {} as StalledInput,
    context: {} as StalledInput,
    events: {} as
      | { type: 'RECORD' | 'TAKE_EVENT' | 'LIST_ADD' | 'RESUME' | 'CMD_RESUME' }
      | ({ type: 'START' | 'ACCESS' | 'RETRY' } & Named),
  },
  actions: {
    queueWork: send('work', 'QUEUE_WORK'),
    complete: send('thread', 'DONE'),
  },
}).createMachine({
  id: 'stalledTransaction',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { START: 'translating' } },
    // The page is not there.
    translating: { on: { ACCESS: 'stalled' } },
    stalled: { on: { RECORD: 'recorded' } },
    recorded: { on: { TAKE_EVENT: 'reported' } },
    reported: { on: { LIST_ADD: { target: 'pending', actions: 'queueWork' } } },
    pending: { on: { RESUME: 'resuming' } },
    resuming: { on: { CMD_RESUME: 'retrying' } },
    retrying: { on: { RETRY: { target: 'idle', actions: 'complete' } } },
  },
});

/** The work item of a group on the iopf work queue, and the worker that runs it. */
export const iopfWork = setup({
  types: {
    input: {} as { readonly stall: string },
    context: {} as { readonly stall: string },
    events: {} as {
      type: 'QUEUE_WORK' | 'START' | 'DOWN_READ' | 'HANDLE' | 'PAGE_RESPONSE';
    },
  },
  actions: {
    downRead: send(() => 'mmapLock', 'DOWN_READ'),
    upRead: send(() => 'mmapLock', 'UP_READ'),
    resume: send('stall', 'RESUME'),
  },
}).createMachine({
  id: 'iopfWork',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { id: 'idle', on: { QUEUE_WORK: 'queued' } },
    queued: { on: { START: 'active' } },
    active: {
      initial: 'locking',
      states: {
        locking: { on: { DOWN_READ: { target: 'handling', actions: 'downRead' } } },
        handling: { on: { HANDLE: { target: 'responding', actions: 'upRead' } } },
        responding: { on: { PAGE_RESPONSE: { target: '#idle', actions: 'resume' } } },
      },
    },
  },
});
