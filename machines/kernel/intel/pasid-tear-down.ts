/**
 * What threads that tear a PASID-table entry down are made of (intel/pasid.c intel_pasid_tear_down_entry() of 7.0): the section under
 * `iommu->lock`, in which the entry is read and changed, is one step, and the invalidations after it are another.
 *
 * `mm-release-v7.0.ts` does it when the mm dies, `svm-unbind-v7.0.ts` when the device lets the mm go.
 */
import { setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type TearDownEvent =
  /** The mm dies: the last of `mm_users` is dropped. */
  | { type: 'EXIT' }
  /** The device's driver lets the mm go. */
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The entry's reply. */
  | { type: 'ENTRY'; present: boolean; fpd: boolean; others: boolean }
  /** The domain's replies to LOCK. */
  | { type: 'LISTED' }
  | { type: 'NONE' };

export interface TearDownInput {
  readonly name: string;
  readonly pasid: string;
  /** A `dmar-domain.ts`, and a `../../hardware/vtd/pasid-table-entry.ts`. */
  readonly domain: string;
  readonly entry: string;
  /** The function, the page request registers, the work queue as far as it has groups of the PASID. */
  readonly device: string;
  readonly registers: string;
  readonly groups: string;
  /** `group->pasid_array`, and the attach handle. */
  readonly array: string;
  readonly handle: string;
}

export const tearDownParts = setup({
  types: { input: {} as TearDownInput, context: {} as TearDownInput, events: {} as TearDownEvent },
  guards: {
    isPresent: from('ENTRY', ({ event }) => event.present),
    isFaultDisabled: from('ENTRY', ({ event }) => event.fpd),
  },
  actions: {
    readEntry: call('entry', 'READ'),
    clearPresent: send('entry', 'CLEAR_PRESENT'),
    clearEntry: send('entry', 'CLEAR'),
    clearEntryWithFpd: send('entry', 'CLEAR_WITH_FPD'),
    lockDomain: call('domain', 'LOCK'),
    unlockDomain: send('domain', 'UNLOCK'),
    removeFromDomain: send('domain', 'REMOVE'),
    stopPasid: send('device', ({ context: { pasid } }) => ({ type: 'STOP_PASID', pasid })),
    awaitQueue: send('registers', ({ context: { pasid } }) => ({ type: 'DRAIN', pasid })),
    awaitWork: send('groups', 'FLUSHED'),
    eraseHandle: send('array', ({ context: { pasid } }) => ({ type: 'ERASE', pasid })),
    freeHandle: send('handle', 'FREE'),
  },
});

export const tearDownContext = ({ input }: { input: TearDownInput }) => input;
