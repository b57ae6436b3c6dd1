/**
 * What the SMMU's TLB (IOTLB) holds for one page, and the translation of that page: from the TLB if it is there, else by a
 * walk of the page table, whose result is then held.
 *
 * It answers both an untranslated transaction (a DMA that the SMMU translates itself) and an ATS Translation Request, with
 * the same message: the frame, or none. What a missing translation leads to (stall, page request, abort) is not decided
 * here.
 *
 * Simplifications: one entry for all devices, as they share the address space (ASID or VMID); a walk and the fill are one
 * step, because CMD_SYNC after TLBI waits for the walks that began before it (SMMUv3 3.21.1 and 4.4); an invalid entry is
 * never held; nothing is evicted, which is the worst case for staleness.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type TlbEvent =
  /** The reply to `by` is TRANSLATION_COMPLETION; `frame` is null when there is no translation, or not enough rights. */
  | { type: 'TRANSLATION_REQUEST'; page: string; write: boolean; by: string }
  | { type: 'WALKED'; frame: string | null; writable: boolean; by: string; write: boolean }
  /** CMD_TLBI for the page. */
  | { type: 'TLBI' };

export const tlb = setup({
  types: {
    input: {} as {
      name: string;
      /** The page table entry that a walk reads. */
      entry: string;
    },
    context: {} as { name: string; entry: string; frame: string | null; writable: boolean },
    events: {} as TlbEvent,
  },
  guards: {
    isTranslated: ({ event }) => event.type === 'WALKED' && event.frame !== null,
  },
  actions: {
    walk: send(
      'entry',
      from('TRANSLATION_REQUEST', ({ context, event }) => ({
        type: 'WALK',
        tlb: context.name,
        by: event.by,
        write: event.write,
      })),
    ),
    fill: assign(from('WALKED', ({ event }) => ({ frame: event.frame, writable: event.writable }))),
    invalidate: assign({ frame: null, writable: false }),
    complete: reply(
      from(['TRANSLATION_REQUEST', 'WALKED'], ({ context, event }) => {
        const allowed = context.writable || !event.write;
        return { type: 'TRANSLATION_COMPLETION', frame: allowed ? context.frame : null, writable: context.writable };
      }),
    ),
  },
}).createMachine({
  id: 'tlb',
  context: ({ input }) => ({ ...input, frame: null, writable: false }),
  initial: 'empty',
  states: {
    empty: {
      on: {
        TRANSLATION_REQUEST: { target: 'walking', actions: 'walk' },
        TLBI: { actions: [] },
      },
    },
    // Left within the step that entered it.
    walking: {
      on: {
        WALKED: [
          { guard: 'isTranslated', target: 'filled', actions: ['fill', 'complete'] },
          { target: 'empty', actions: 'complete' },
        ],
      },
    },
    filled: {
      on: {
        // Held entries are used without looking at the table: until TLBI they may be stale.
        TRANSLATION_REQUEST: { actions: 'complete' },
        TLBI: { target: 'empty', actions: 'invalidate' },
      },
    },
  },
});
