/**
 * A page of an address space that somebody mirrors in a table of its own: its CPU page table entry, and the frame behind it.
 *
 *   present -CLEAR-> cleared -FREE-> freed -TOUCH-> present
 *
 * Simplifications: a CPU touches it again when the old frame is gone only; nobody but the page table has a reference to the frame, so that one who
 * looked it up holds a number and nothing else, as after hmm_range_fault() or kvm_release_faultin_page().
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type NotifiedPageEvent =
  /** hmm_range_fault(), or __kvm_faultin_pfn(); the reply is PFN or ABSENT. */
  | { type: 'LOOK_UP'; by: string }
  /** ptep_clear_flush() */
  | { type: 'CLEAR' }
  /** tlb_finish_mmu() */
  | { type: 'FREE' }
  /** A CPU faults it in. */
  | { type: 'TOUCH' };

export const notifiedPage = setup({
  types: { events: {} as NotifiedPageEvent },
  actions: { replyPfn: reply('PFN'), replyAbsent: reply('ABSENT') },
}).createMachine({
  id: 'notifiedPage',
  initial: 'present',
  states: {
    present: { on: { LOOK_UP: { actions: 'replyPfn' }, CLEAR: 'cleared', FREE: {} } },
    cleared: { on: { LOOK_UP: { actions: 'replyAbsent' }, CLEAR: {}, FREE: 'freed' } },
    freed: { on: { LOOK_UP: { actions: 'replyAbsent' }, CLEAR: {}, FREE: {}, TOUCH: 'present' } },
  },
});
