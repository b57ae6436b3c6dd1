/**
 * One scalable-mode PASID-table entry of a function with the two bits of it that a tear-down plays with (VT-d 9.6): P, present, and FPD, fault
 * processing disable. It is memory: whoever changes it reads it and writes it. Page requests meet it as in `pasid-table.ts`: where P is 0, one
 * gets Invalid Request from the hardware.
 *
 * Simplifications: as there; groups of one request; of all other bits only whether any is set; it leads to the page table of an mm at first, and is not set again.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PasidTableEntryEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The first 64 bits are read; the reply is ENTRY. */
  | { type: 'READ'; by: string }
  /** intel/pasid.h `pasid_clear_present()`: the other bits stay. */
  | { type: 'CLEAR_PRESENT' }
  /** `pasid_clear_entry()` */
  | { type: 'CLEAR' }
  /** `pasid_clear_entry_with_fpd()` */
  | { type: 'CLEAR_WITH_FPD' };

export const pasidTableEntry = setup({
  types: {
    input: {} as { name: string; queue: string },
    context: {} as {
      readonly name: string;
      /** The page request queue. */
      readonly queue: string;
      readonly present: boolean;
      readonly fpd: boolean;
      /** Whether any other bit is set. */
      readonly others: boolean;
    },
    events: {} as PasidTableEntryEvent,
  },
  guards: {
    isPresent: ({ context }) => context.present,
  },
  actions: {
    pass: send('queue', ({ event }) => event),
    respondInvalid: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event: { index, generation } }) => {
        return { type: 'PRG_RESPONSE', index, code: 'invalid', by: context.name, generation };
      }),
    ),
    replyEntry: reply(({ context: { present, fpd, others } }) => ({ type: 'ENTRY', present, fpd, others })),
    clearPresent: assign({ present: false }),
    clear: assign({ present: false, fpd: false, others: false }),
    clearWithFpd: assign({ present: false, fpd: true, others: false }),
  },
}).createMachine({
  id: 'pasidTableEntry',
  context: ({ input }) => ({ ...input, present: true, fpd: false, others: true }),
  on: {
    PAGE_REQUEST: [{ guard: 'isPresent', actions: 'pass' }, { actions: 'respondInvalid' }],
    READ: { actions: 'replyEntry' },
    CLEAR_PRESENT: { actions: 'clearPresent' },
    CLEAR: { actions: 'clear' },
    CLEAR_WITH_FPD: { actions: 'clearWithFpd' },
  },
});
