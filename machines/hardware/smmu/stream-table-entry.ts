/**
 * A stream table entry of an SMMUv3, as a function with ATS meets it: it leads to the page table of a domain and has ATS on (EATS), and then a
 * translation request is answered from the domain's TLB; or it says abort, and the answer is UR (SMMUv3 3.9.1 and 5.2).
 *
 * Simplification: writing the entry and CMD_CFGI_STE with its CMD_SYNC are one step.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type StreamTableEntryEvent =
  /** arm_smmu_write_strtab_ent(), for a domain that has this TLB. */
  | { type: 'INSTALL_STE'; tlb: string }
  | { type: 'ABORT_STE' }
  | { type: 'TRANSLATION_REQUEST'; page: string; write: boolean; by: string };

export const streamTableEntry = setup({
  types: { context: {} as { readonly tlb: string | null }, events: {} as StreamTableEntryEvent },
  actions: {
    setTlb: assign({ tlb: from('INSTALL_STE', ({ event }) => event.tlb) }),
    clearTlb: assign({ tlb: null }),
    translate: send('tlb', ({ event }) => event),
    refuse: reply('UNSUPPORTED_REQUEST'),
  },
}).createMachine({
  id: 'streamTableEntry',
  context: { tlb: null },
  initial: 'abort',
  states: {
    abort: {
      on: {
        INSTALL_STE: { target: 'live', actions: 'setTlb' },
        TRANSLATION_REQUEST: { actions: 'refuse' },
      },
    },
    live: {
      on: {
        ABORT_STE: { target: 'abort', actions: 'clearTlb' },
        TRANSLATION_REQUEST: { actions: 'translate' },
      },
    },
  },
});
