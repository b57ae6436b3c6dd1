/**
 * A vCPU of a guest on arm64 that writes to a page, and the handling of its stage-2 permission fault (mmu.c user_mem_abort(), pgtable.c
 * kvm_pgtable_stage2_relax_perms(), since be097997a273): read the entry, make it writable by compare and exchange, invalidate the TLB of this
 * CPU, whoever has made it writable, and go back to the guest, which tries again.
 *
 *   running -STORE-> faulted -RUN-> walking -RUN-> returning -RUN-> running, or faulted
 *
 * `vcpu-v6.6.ts` is what was before.
 *
 * Simplifications: a vCPU stays on its CPU; the look-up of the page by GUP, and its sequence (B-42), are left out.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type KvmVcpuEvent =
  /** The guest writes. */
  | { type: 'STORE' }
  /** The scheduler lets it run. */
  | { type: 'RUN' }
  /** Of its CPU's TLB. */
  | { type: 'STORED' }
  | { type: 'PERMISSION_FAULT' }
  /** Of the entry. */
  | { type: 'OLD'; writable: boolean }
  | { type: 'SET' }
  | { type: 'EAGAIN' };

/** What versions are made of. */
export const kvmVcpuParts = setup({
  types: {
    input: {} as { name: string; tlb: string; entry: string },
    context: {} as {
      readonly name: string;
      readonly tlb: string;
      readonly entry: string;
      /** `ctx->old`: whether it allowed writes when it was read. */
      readonly old: boolean;
    },
    events: {} as KvmVcpuEvent,
  },
  actions: {
    store: call('tlb', 'STORE_TO'),
    read: call('entry', 'READ'),
    noteOld: assign({ old: from('OLD', ({ event }) => event.writable) }),
    trySet: call('entry', ({ context }) => ({ type: 'TRY_SET', old: context.old })),
    flushOwn: send('tlb', 'TLBI'),
    unlock: send('entry', 'UNLOCK'),
    forget: assign({ old: false }),
  },
});

export const kvmVcpuConfig = {
  context: ({ input }: { input: { name: string; tlb: string; entry: string } }) => ({ ...input, old: false }),
  initial: 'running',
} as const;

export const kvmVcpuStates = {
  running: kvmVcpuParts.createStateConfig({
    on: { STORE: { target: 'storing', actions: 'store' } },
  }),
  // Left within the step that entered it, as are `reading` and `setting`.
  storing: kvmVcpuParts.createStateConfig({
    on: { STORED: 'running', PERMISSION_FAULT: 'faulted' },
  }),
  faulted: kvmVcpuParts.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'read' } },
  }),
  reading: kvmVcpuParts.createStateConfig({
    on: { OLD: { target: 'walking', actions: 'noteOld' } },
  }),
  // stage2_attr_walker(), between its read and its cmpxchg()
  walking: kvmVcpuParts.createStateConfig({
    on: { RUN: { target: 'setting', actions: 'trySet' } },
  }),
  setting: kvmVcpuParts.createStateConfig({
    on: {
      // __kvm_tlb_flush_vmid_ipa_nsh()
      SET: { target: 'returning', actions: ['flushOwn', 'unlock', 'forget'] },
      EAGAIN: { target: 'returning', actions: ['flushOwn', 'unlock', 'forget'] },
    },
  }),
  // The guest tries the same store again.
  returning: kvmVcpuParts.createStateConfig({
    on: { RUN: { target: 'storing', actions: 'store' } },
  }),
};

export const kvmVcpu = kvmVcpuParts.createMachine({ id: 'kvmVcpu', ...kvmVcpuConfig, states: kvmVcpuStates });
