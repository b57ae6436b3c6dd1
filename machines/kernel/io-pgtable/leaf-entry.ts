/**
 * One leaf entry of an IOMMU page table (IOPT): the IOVA of a page to a frame, or invalid. The IOMMU's walker reads it,
 * the driver's map and unmap operations write it (io-pgtable-arm.c).
 *
 * MAP of a valid entry and UNMAP of an invalid one have no transition: both are mistakes of the caller (-EEXIST and a
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
  /** iommu_map(), by a caller that looks at what it returns; the reply is MAPPED, or EEXIST. */
  | { type: 'TRY_MAP'; frame: string; writable: boolean; by: string }
  /** arm_lpae_unmap_pages(): the caller has to invalidate the TLBs. */
  | { type: 'UNMAP' }
  /** iommu_unmap_fast(), by a caller that looks at what it returns; the reply is UNMAPPED, `whole` when it is the length that was asked for. */
  | { type: 'UNMAP_FAST'; by: string }
  /** For `block-entry.ts`: the allocator has nothing for a table, and has again. */
  | { type: 'MEMORY_SHORT' }
  | { type: 'MEMORY_BACK' }
  /** For `late-domain-entry.ts` of VFIO: the domain is in the container's list from now on. */
  | { type: 'ATTACH' }
  /** iommu_iova_to_phys(), software's look at the entry; the reply is PHYS. */
  | { type: 'IOVA_TO_PHYS'; by: string }
  /** A table walk on behalf of a translation for `by`; the reply to `tlb` is WALKED, `frame` null when invalid. */
  | { type: 'WALK'; tlb: string; by: string; write: boolean };

/** What versions of it are made of. */
export const iommuPageTableEntryParts = setup({
  types: {
    context: {} as { frame: string | null; writable: boolean },
    events: {} as IommuPageTableEntryEvent,
  },
  actions: {
    write: assign(from(['MAP', 'TRY_MAP'], ({ event }) => ({ frame: event.frame, writable: event.writable }))),
    clear: assign({ frame: null, writable: false }),
    replyMapped: reply('MAPPED'),
    replyExists: reply('EEXIST'),
    replyPhys: reply(({ context }) => ({ type: 'PHYS', frame: context.frame })),
    replyUnmapped: reply({ type: 'UNMAPPED', whole: true }),
    replyNothingUnmapped: reply({ type: 'UNMAPPED', whole: false }),
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
});

export const iommuPageTableEntryConfig = { context: { frame: null, writable: false }, initial: 'invalid' } as const;

export const iommuPageTableEntryStates = {
  invalid: iommuPageTableEntryParts.createStateConfig({
    on: {
      MAP: { target: 'valid', actions: 'write' },
      TRY_MAP: { target: 'valid', actions: ['write', 'replyMapped'] },
      // Nothing is mapped there: 0.
      UNMAP_FAST: { actions: 'replyNothingUnmapped' },
      IOVA_TO_PHYS: { actions: 'replyPhys' },
      WALK: { actions: 'replyWalked' },
    },
  }),
  valid: iommuPageTableEntryParts.createStateConfig({
    on: {
      // arm_lpae_init_pte(): it has to be unmapped first, WARN_ON(), and -EEXIST. The entry stays as it is.
      TRY_MAP: { actions: 'replyExists' },
      UNMAP: { target: 'invalid', actions: 'clear' },
      UNMAP_FAST: { target: 'invalid', actions: ['clear', 'replyUnmapped'] },
      IOVA_TO_PHYS: { actions: 'replyPhys' },
      WALK: { actions: 'replyWalked' },
    },
  }),
};

export const iommuPageTableEntry = iommuPageTableEntryParts.createMachine({
  id: 'iommuPageTableEntry',
  ...iommuPageTableEntryConfig,
  states: iommuPageTableEntryStates,
});
