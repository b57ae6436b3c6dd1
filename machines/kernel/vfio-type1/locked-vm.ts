/**
 * `mm->locked_vm` of a user against RLIMIT_MEMLOCK, as VFIO type1 counts what it pins (vfio_iommu_type1.c vfio_lock_acct()). All containers
 * of the user share it, and each has a lock of its own, so it is tested twice: without a lock while pages are pinned (vfio_pin_pages_remote()),
 * and once more with the mmap_lock held for writing, when they are charged (__account_locked_vm(), since 0cfef2b7410b).
 *
 *   `locked-vm-unchecked.ts`   charges without the second test
 *   `locked-vm-keeps-charge.ts` charges, tests, and leaves the charge
 *   `locked-vm-defers.ts`       leaves charging to a work item
 *
 * Simplifications: in pages; CAP_IPC_LOCK is not there, nor pages that a mediator has pinned and charged already.
 */
import { assign, setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type LockedVmEvent =
  /** "mm->locked_vm + lock_acct + 1 > limit": the reply is ROOM or OVER_LIMIT. */
  | { type: 'TEST_LIMIT'; by: string }
  /** vfio_lock_acct(): the reply is CHARGED or OVER_LIMIT. */
  | { type: 'CHARGE_PAGE'; by: string }
  | { type: 'UNCHARGE_PAGE' }
  /** The scheduler lets a work item run. Only with `locked-vm-defers.ts`. */
  | { type: 'RUN' };

export interface LockedVmInput {
  /** In pages. */
  readonly limit: number;
}

/** What versions of it are made of. */
export const lockedVmParts = setup({
  types: {
    input: {} as LockedVmInput,
    context: {} as LockedVmInput & {
      readonly locked: number;
      /** What work items will add, in order. */
      readonly deferred: readonly number[];
    },
    events: {} as LockedVmEvent,
  },
  guards: {
    hasRoom: ({ context }) => context.locked < context.limit,
    isDeferred: ({ context }) => context.deferred.length > 0,
  },
  actions: {
    add: assign({ locked: ({ context }) => context.locked + 1 }),
    subtract: assign({ locked: ({ context }) => context.locked - 1 }),
    deferAdd: assign({ deferred: ({ context }) => [...context.deferred, 1] }),
    deferSubtract: assign({ deferred: ({ context }) => [...context.deferred, -1] }),
    runWork: assign(({ context: { locked, deferred } }) => ({
      locked: locked + deferred[0]!,
      deferred: deferred.slice(1),
    })),
    replyRoom: reply('ROOM'),
    replyCharged: reply('CHARGED'),
    replyOverLimit: reply('OVER_LIMIT'),
  },
});

export const lockedVmConfig = {
  context: ({ input }: { input: LockedVmInput }) => ({ ...input, locked: 0, deferred: [] }),
} as const;

export const testsLimit = [{ guard: 'hasRoom', actions: 'replyRoom' }, { actions: 'replyOverLimit' }] as const;

export const lockedVm = lockedVmParts.createMachine({
  id: 'lockedVm',
  ...lockedVmConfig,
  on: {
    TEST_LIMIT: testsLimit,
    CHARGE_PAGE: [{ guard: 'hasRoom', actions: ['add', 'replyCharged'] }, { actions: 'replyOverLimit' }],
    UNCHARGE_PAGE: { actions: 'subtract' },
  },
});
