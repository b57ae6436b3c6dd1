/**
 * One leaf entry of an IOMMU page table (IOPT): the IOVA of a page to a frame, or invalid. The IOMMU's walker reads it,
 * the driver's map and unmap operations write it (io-pgtable-arm.c).
 *
 * Mapping a valid entry and unmapping an invalid one have no transition: both are mistakes of the caller (-EEXIST and a
 * warning in the kernel).
 *
 * Simplifications: no levels, so a walk is one read; the write and the barrier that makes it visible to the walker are one
 * step.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type IommuPageTableEntryEvent =
  /** arm_lpae_map_pages() */
  | { type: 'MAP'; frame: string; writable: boolean }
  /** arm_lpae_unmap_pages(): the caller has to invalidate the TLBs. */
  | { type: 'UNMAP' }
  /** iommu_iova_to_phys(), software's look at the entry; the reply is PHYS. */
  | { type: 'IOVA_TO_PHYS'; by: string }
  /** A table walk on behalf of a translation for `by`; the reply to `tlb` is WALKED, `frame` null when invalid. */
  | { type: 'WALK'; tlb: string; by: string; write: boolean };

export const iommuPageTableEntry = setup({
  types: {
    context: {} as { frame: string | null; writable: boolean },
    events: {} as IommuPageTableEntryEvent,
  },
  actions: {
    write: assign(from('MAP', ({ event }) => ({ frame: event.frame, writable: event.writable }))),
    clear: assign({ frame: null, writable: false }),
    replyPhys: reply(({ context }) => ({ type: 'PHYS', frame: context.frame })),
    replyWalked: send(
      from('WALK', ({ event }) => event.tlb),
      from('WALK', ({ context, event }) => ({
        type: 'WALKED',
        frame: context.frame,
        writable: context.writable,
        by: event.by,
        write: event.write,
      })),
    ),
  },
}).createMachine({
  id: 'iommuPageTableEntry',
  context: { frame: null, writable: false },
  initial: 'invalid',
  states: {
    invalid: {
      on: {
        MAP: { target: 'valid', actions: 'write' },
        IOVA_TO_PHYS: { actions: 'replyPhys' },
        WALK: { actions: 'replyWalked' },
      },
    },
    valid: {
      on: {
        UNMAP: { target: 'invalid', actions: 'clear' },
        IOVA_TO_PHYS: { actions: 'replyPhys' },
        WALK: { actions: 'replyWalked' },
      },
    },
  },
});
