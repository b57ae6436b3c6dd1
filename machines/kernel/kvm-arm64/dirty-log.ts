/**
 * User space that clears the dirty bitmap of a guest's memory (KVM_CLEAR_DIRTY_LOG), so that the page is write-protected (mmu.c
 * kvm_arch_mmu_enable_log_dirty_pt_masked()) and the TLBs are flushed.
 *
 * Simplification: one page.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export const dirtyLog = setup({
  types: {
    input: {} as { entry: string },
    context: {} as { readonly entry: string },
    events: {} as /** The ioctl. */ { type: 'CLEAR_DIRTY' } | /** The scheduler lets it run. */ { type: 'RUN' },
  },
  actions: { writeProtect: send('entry', 'WRITE_PROTECT') },
}).createMachine({
  id: 'dirtyLog',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { CLEAR_DIRTY: 'clearing' } },
    // With kvm->mmu_lock for writers.
    clearing: { on: { RUN: { target: 'idle', actions: 'writeProtect' } } },
  },
});
