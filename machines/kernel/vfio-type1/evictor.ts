/**
 * A thread that takes back the least recently mapped page of a container when the limit on locked memory is reached: the "thread to
 * periodically check this" that the author of VFIO's IOPF series proposed (v1 thread, January 2021). Nobody posted it, so this is the order in
 * which VFIO's vfio_unmap_unpin() does the same: unmap, invalidate the IOTLB and wait, and only then unpin.
 *
 *   lock; take the oldest off the list, IOMMU unmap, clear its bit, TLBI and CMD_SYNC, wait; unpin, uncharge, unlock
 *
 * Other versions do one thing otherwise:
 *
 *   `evictor-unpins-first.ts`   unpins the page when it has unmapped it
 *   `evictor-unlocks.ts`        waits for the CMD_SYNC without the lock
 *   `evictor-uncharges-first.ts`  the same, and uncharges the page before it waits
 *   `evictor-leaves-bit.ts`     does not clear the bit
 *
 * Simplifications: one page at a time; the timer may fire at any time.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type EvictorEvent =
  /** The timer fires, or the thread goes on. */
  | { type: 'RUN' }
  | { type: 'OLDEST'; page: string }
  | { type: 'PHYS'; frame: string | null }
  | { type: 'UNMAPPED'; whole: boolean }
  | { type: 'SYNC_COMPLETE' };

export interface EvictorInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** A `mapped-list.ts`. */
  readonly account: string;
  /** The bit of each page in the dma's bitmap, and its IOMMU page table entry. */
  readonly mapped: Readonly<Record<string, string>>;
  readonly entries: Readonly<Record<string, string>>;
  readonly commandQueue: string;
}

/** What versions of it are made of. */
export const evictorParts = setup({
  types: {
    input: {} as EvictorInput,
    context: {} as EvictorInput & { readonly page: string | null; readonly frame: string | null },
    events: {} as EvictorEvent,
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    takeOldest: call('account', 'TAKE_OLDEST'),
    keepPage: assign({ page: from('OLDEST', ({ event }) => event.page) }),
    lookUpFrame: call(({ context }) => context.entries[context.page!]!, 'IOVA_TO_PHYS'),
    keepFrame: assign({ frame: from('PHYS', ({ event }) => event.frame) }),
    unmap: call(({ context }) => context.entries[context.page!]!, 'UNMAP_FAST'),
    clearMappedBit: send(({ context }) => context.mapped[context.page!]!, 'CLEAR_MAPPED'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page! })),
    issueSync: call('commandQueue', 'SYNC'),
    unpin: send('frame', 'PUT'),
    uncharge: send('account', 'UNCHARGE'),
    forgetPage: assign({ page: null, frame: null }),
  },
});

export const evictorConfig = {
  context: ({ input }: { input: EvictorInput }) => ({ ...input, page: null, frame: null }),
  initial: 'idle',
} as const;

/** A version that does one thing otherwise replaces states. */
export const evictorStates = {
  idle: evictorParts.createStateConfig({ on: { RUN: { target: 'choosing', actions: ['lock', 'takeOldest'] } } }),
  // Left within the step that entered it, as are `lookingUp` and `unmapping`.
  choosing: evictorParts.createStateConfig({
    on: { OLDEST: { target: 'lookingUp', actions: ['keepPage', 'lookUpFrame'] } },
  }),
  lookingUp: evictorParts.createStateConfig({
    on: { PHYS: { target: 'unmapping', actions: ['keepFrame', 'unmap'] } },
  }),
  unmapping: evictorParts.createStateConfig({
    on: { UNMAPPED: { target: 'syncing', actions: ['clearMappedBit', 'issueTlbi', 'issueSync'] } },
  }),
  syncing: evictorParts.createStateConfig({ on: { SYNC_COMPLETE: 'synced' } }),
  synced: evictorParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['unpin', 'uncharge', 'unlock', 'forgetPage'] } },
  }),
};

export const evictor = evictorParts.createMachine({ id: 'evictor', ...evictorConfig, states: evictorStates });
