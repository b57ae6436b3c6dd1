/**
 * The context descriptor of one PASID as arm_smmu_write_ctx_desc() wrote it from v5.5 to v6.8, and what it translates:
 *
 *   clear -WRITE_CD-> live: by the page table of this mm
 *   live -QUIET_CD-> quiet: translation is off (EPD0), faults are not reported; the page table is still in it
 *   live, quiet -CLEAR_CD-> clear
 *
 * A descriptor that is valid is not filled again: then only its ASID is written. That is for a change of ASID, and meant for
 * nobody who expects another page table.
 *
 * Simplifications: ASIDs and TLBs are left out; writing and CMD_CFGI_CD with its CMD_SYNC are one step; all pages are present.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type CtxDescEvent =
  /** arm_smmu_write_ctx_desc(), case 2: install. */
  | { type: 'WRITE_CD'; mm: string }
  /** arm_smmu_mm_release(): case 4, `quiet_cd`. */
  | { type: 'QUIET_CD' }
  /** Case 5: remove. */
  | { type: 'CLEAR_CD' }
  /** A transaction; the reply is TRANSLATED or ABORTED. */
  | { type: 'TRANSLATE_VA'; by: string };

export const ctxDesc = setup({
  types: {
    context: {} as { readonly mm: string | null },
    events: {} as CtxDescEvent,
  },
  actions: {
    setTable: assign({ mm: from('WRITE_CD', ({ event }) => event.mm) }),
    clearTable: assign({ mm: null }),
    translate: reply(({ context }) => ({ type: 'TRANSLATED', mm: context.mm })),
    abort: reply('ABORTED'),
  },
}).createMachine({
  id: 'ctxDesc',
  context: { mm: null },
  initial: 'clear',
  states: {
    clear: {
      on: { WRITE_CD: { target: 'live', actions: 'setTable' } },
    },
    live: {
      on: {
        QUIET_CD: 'quiet',
        TRANSLATE_VA: { actions: 'translate' },
      },
    },
    quiet: {
      on: {
        // Case 3: it is valid, so this is taken for an update of the ASID.
        WRITE_CD: {},
        QUIET_CD: {},
        CLEAR_CD: { target: 'clear', actions: 'clearTable' },
        TRANSLATE_VA: { actions: 'abort' },
      },
    },
  },
});
