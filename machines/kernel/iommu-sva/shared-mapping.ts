/**
 * One page of a shared file mapping in an address space that CPU and devices share (SVA): its page table entry, with rights.
 * The CPU's MMU and the SMMU walk the same entry; each has a TLB of its own (`../../hardware/smmu/tlb.ts` is the SMMU's).
 *
 *   not present -read fault-> read-only -write fault-> writable -CLEAN (writeback)-> read-only
 *
 * Who makes rights smaller has always told the SMMU: rmap.c page_vma_mkclean_one() calls the MMU notifier. Who makes them
 * larger, memory.c wp_page_reuse() -> ptep_set_access_flags(), flushes the CPU's TLBs, because a stale read-only entry makes a write
 * fault again. Since 6bbd42e2df8f (v6.6) that flush calls the notifier too: this machine. `shared-mapping-v6.5.ts` is what was before,
 * `shared-mapping-btm.ts` a flush that is broadcast,
 * `shared-mapping-invalidates-first.ts` a writeback in the wrong order.
 *
 * Since cb1fa2e99955 (v6.19) the flush is local to the CPU, and still calls the notifier; another CPU with a stale entry faults again, and
 * flushes its own (flush_tlb_fix_spurious_fault(), which is local as well and calls nobody). No device sees that.
 *
 * Faults take the page table lock, so while a flush is under way they wait: list 'HANDLE_FAULT' as `blocking`.
 *
 * Simplifications: the frame stays (no reclaim, no CoW); the page table lock is held over the flush (in the kernel that of a
 * writeback is after it); the flush is one TLBI with one CMD_SYNC, whatever the range.
 */
import { assertEvent, assign, setup } from 'xstate';
import { call, from, reply, send } from '../../parts/call.ts';

export type SharedMappingEvent =
  /** A table walk of the SMMU on behalf of a translation for `by`; the reply to `tlb` is WALKED. */
  | { type: 'WALK'; tlb: string; by: string; write: boolean }
  /** handle_mm_fault(); the reply is FAULT_HANDLED, when flushing is done. */
  | { type: 'HANDLE_FAULT'; by: string; write: boolean }
  /** Writeback begins: folio_mkclean(). */
  | { type: 'CLEAN' }
  | { type: 'SYNC_COMPLETE' };

export interface SharedMappingInput {
  name: string;
  /** The frame that holds the page. */
  frame: string;
  /** The SMMU's TLB entry of the page. */
  tlb: string;
  commandQueue: string;
}

/** What versions of it are made of. */
export const sharedMappingParts = setup({
  types: {
    input: {} as SharedMappingInput,
    context: {} as SharedMappingInput & {
      /** Whose fault waits for the flush. */
      caller: string | null;
    },
    events: {} as SharedMappingEvent,
  },
  guards: {
    isWrite: ({ event }) => event.type === 'HANDLE_FAULT' && event.write,
  },
  actions: {
    replyWalked: send(
      from('WALK', ({ event }) => event.tlb),
      ({ context, event }, { present, writable }: { present: boolean; writable: boolean }) => {
        assertEvent(event, 'WALK');
        return {
          type: 'WALKED',
          frame: present ? context.frame : null,
          writable,
          by: event.by,
          write: event.write,
        };
      },
    ),
    replyHandled: reply({ type: 'FAULT_HANDLED', ok: true }),
    rememberCaller: assign(from('HANDLE_FAULT', ({ event }) => ({ caller: event.by }))),
    replyToCaller: send('caller', { type: 'FAULT_HANDLED', ok: true }),
    forgetCaller: assign({ caller: null }),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.name })),
    issueSync: call('commandQueue', 'SYNC'),
    broadcastTlbi: send('tlb', 'TLBI'),
  },
});

const spuriousFault = { actions: 'replyHandled' } as const;

/** A version whose flush reaches others replaces a state. */
export const sharedMappingStates = {
  notPresent: sharedMappingParts.createStateConfig({
    on: {
      WALK: { actions: { type: 'replyWalked', params: { present: false, writable: false } } },
      HANDLE_FAULT: [
        // memory.c do_shared_fault(): page_mkwrite() first, so the entry is writable at once.
        { guard: 'isWrite', target: 'writable', actions: 'replyHandled' },
        // memory.c do_read_fault(): read-only, so that the first write is noticed.
        { target: 'readOnly', actions: 'replyHandled' },
      ],
    },
  }),
  readOnly: sharedMappingParts.createStateConfig({
    on: {
      WALK: { actions: { type: 'replyWalked', params: { present: true, writable: false } } },
      HANDLE_FAULT: [
        // memory.c wp_page_shared() -> wp_page_reuse() -> arm64 ptep_set_access_flags() ->
        // arm-smmu-v3-sva.c arm_smmu_mm_arch_invalidate_secondary_tlbs()
        { guard: 'isWrite', target: 'upgrading', actions: ['rememberCaller', 'issueTlbi', 'issueSync'] },
        // Another fault on the page was quicker.
        spuriousFault,
      ],
    },
  }),
  // The entry is writable; inside the MMU notifier.
  upgrading: sharedMappingParts.createStateConfig({
    on: {
      WALK: { actions: { type: 'replyWalked', params: { present: true, writable: true } } },
      SYNC_COMPLETE: { target: 'writable', actions: ['replyToCaller', 'forgetCaller'] },
    },
  }),
  writable: sharedMappingParts.createStateConfig({
    on: {
      WALK: { actions: { type: 'replyWalked', params: { present: true, writable: true } } },
      // memory.c handle_pte_fault(): the entry allows the access already.
      HANDLE_FAULT: spuriousFault,
      // rmap.c page_vma_mkclean_one()
      CLEAN: { target: 'cleaning', actions: ['issueTlbi', 'issueSync'] },
    },
  }),
  // The entry is read-only; inside the MMU notifier.
  cleaning: sharedMappingParts.createStateConfig({
    on: {
      WALK: { actions: { type: 'replyWalked', params: { present: true, writable: false } } },
      SYNC_COMPLETE: 'readOnly',
    },
  }),
};

export const sharedMappingConfig = {
  context: ({ input }: { input: SharedMappingInput }) => ({ ...input, caller: null }),
  initial: 'notPresent',
} as const;

export const sharedMapping = sharedMappingParts.createMachine({
  id: 'sharedMapping',
  ...sharedMappingConfig,
  states: sharedMappingStates,
});
