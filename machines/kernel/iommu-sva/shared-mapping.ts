/**
 * One page of a shared file mapping in an address space that CPU and devices share (SVA): its page table entry, with rights.
 * The CPU's MMU and the SMMU walk the same entry; each has a TLB of its own (`../../hardware/smmu/tlb.ts` is the SMMU's).
 *
 *   not present -read fault-> read-only -write fault-> writable -CLEAN (writeback)-> read-only
 *
 * Who makes rights smaller has always told the SMMU: rmap.c page_vma_mkclean_one() calls the MMU notifier. Who makes them
 * larger, memory.c wp_page_reuse() -> ptep_set_access_flags() -> flush_tlb_page(), flushes the CPU's TLBs, because a stale
 * read-only entry makes a write fault again. Whether that reaches the SMMU is the input `upgradeReaches`. A flush that does
 * not is left out here: it changes nothing that a device can see.
 *
 * Faults take the page table lock, so while a flush is under way they wait: list 'HANDLE_FAULT' as `blocking`.
 *
 * Simplifications: the frame stays (no reclaim, no CoW); the page table lock is held over the flush (in the kernel that of a
 * writeback is after it); the flush is one TLBI with one CMD_SYNC, whatever the range.
 */
import { assertEvent, assign, setup } from 'xstate';
import { call, from, reply, send } from '../../parts/call.ts';

/** How the SMMU hears of a page table entry that got more rights. */
export type UpgradeReaches =
  /** By the MMU notifier, from flush_tlb_page() (6bbd42e2df8f, v6.6). */
  | 'notifier'
  /** By broadcast TLB maintenance (BTM, DVM): the CPU's TLBI reaches the SMMU's TLB. */
  | 'broadcast'
  /** Not at all: to v6.5 without BTM. */
  | 'nobody';

export type SharedMappingEvent =
  /** A table walk of the SMMU on behalf of a translation for `by`; the reply to `tlb` is WALKED. */
  | { type: 'WALK'; tlb: string; by: string; write: boolean }
  /** handle_mm_fault(); the reply is FAULT_HANDLED, when flushing is done. */
  | { type: 'HANDLE_FAULT'; by: string; write: boolean }
  /** Writeback begins: folio_mkclean(). */
  | { type: 'CLEAN' }
  | { type: 'SYNC_COMPLETE' };

interface Wiring {
  name: string;
  /** The frame that holds the page. */
  frame: string;
  /** The SMMU's TLB entry of the page. */
  tlb: string;
  commandQueue: string;
  upgradeReaches: UpgradeReaches;
}

export const sharedMapping = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & {
      /** Whose fault waits for the flush. */
      caller: string | null;
    },
    events: {} as SharedMappingEvent,
  },
  guards: {
    isWrite: ({ event }) => event.type === 'HANDLE_FAULT' && event.write,
    isWriteAndNotified: ({ context, event }) =>
      event.type === 'HANDLE_FAULT' && event.write && context.upgradeReaches === 'notifier',
    isWriteAndBroadcast: ({ context, event }) =>
      event.type === 'HANDLE_FAULT' && event.write && context.upgradeReaches === 'broadcast',
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
}).createMachine({
  id: 'sharedMapping',
  context: ({ input }) => ({ ...input, caller: null }),
  initial: 'notPresent',
  states: {
    notPresent: {
      on: {
        WALK: { actions: { type: 'replyWalked', params: { present: false, writable: false } } },
        HANDLE_FAULT: [
          // memory.c do_shared_fault(): page_mkwrite() first, so the entry is writable at once.
          { guard: 'isWrite', target: 'writable', actions: 'replyHandled' },
          // memory.c do_read_fault(): read-only, so that the first write is noticed.
          { target: 'readOnly', actions: 'replyHandled' },
        ],
      },
    },
    readOnly: {
      on: {
        WALK: { actions: { type: 'replyWalked', params: { present: true, writable: false } } },
        HANDLE_FAULT: [
          // memory.c wp_page_shared() -> wp_page_reuse() -> arm64 ptep_set_access_flags(), and then one of three:
          // arm-smmu-v3-sva.c arm_smmu_mm_arch_invalidate_secondary_tlbs()
          {
            guard: 'isWriteAndNotified',
            target: 'upgrading',
            actions: ['rememberCaller', 'issueTlbi', 'issueSync'],
          },
          { guard: 'isWriteAndBroadcast', target: 'writable', actions: ['broadcastTlbi', 'replyHandled'] },
          { guard: 'isWrite', target: 'writable', actions: 'replyHandled' },
          // Another fault on the page was quicker.
          { actions: 'replyHandled' },
        ],
      },
    },
    // The entry is writable; inside flush_tlb_page().
    upgrading: {
      on: {
        WALK: { actions: { type: 'replyWalked', params: { present: true, writable: true } } },
        SYNC_COMPLETE: { target: 'writable', actions: ['replyToCaller', 'forgetCaller'] },
      },
    },
    writable: {
      on: {
        WALK: { actions: { type: 'replyWalked', params: { present: true, writable: true } } },
        // memory.c handle_pte_fault(): the entry allows the access already. On arm64 a spurious fault needs no flush.
        HANDLE_FAULT: { actions: 'replyHandled' },
        // rmap.c page_vma_mkclean_one()
        CLEAN: { target: 'cleaning', actions: ['issueTlbi', 'issueSync'] },
      },
    },
    // The entry is read-only; inside the MMU notifier.
    cleaning: {
      on: {
        WALK: { actions: { type: 'replyWalked', params: { present: true, writable: false } } },
        SYNC_COMPLETE: 'readOnly',
      },
    },
  },
});
