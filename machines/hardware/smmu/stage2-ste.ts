/**
 * A stream table entry with stage 2, of an SMMUv3 that can only stall (SMMU_IDR0.STALL_MODEL = 0b10): with S2S = 0 it is ILLEGAL, and each
 * transaction of the stream is aborted with C_BAD_STE (SMMUv3 5.2 and 5.5).
 *
 * List 'TRANSLATE_VA' as `blocking`: before the entry is written, the device is not started.
 *
 * Simplification: writing the entry and CMD_CFGI_STE with its CMD_SYNC are one step.
 */
import { setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type Stage2SteEvent =
  /** arm_smmu_write_entry(): what it says in S2S. */
  | { type: 'WRITE_S2_STE'; s2s: boolean }
  /** A transaction; the reply is TRANSLATED, by a `page.ts`, or ABORTED. */
  | { type: 'TRANSLATE_VA'; page: string; by: string };

export const stage2Ste = setup({
  types: { events: {} as Stage2SteEvent },
  guards: { isLegal: ({ event }) => event.type === 'WRITE_S2_STE' && event.s2s },
  actions: {
    walk: send(
      from('TRANSLATE_VA', ({ event }) => event.page),
      from('TRANSLATE_VA', ({ event }) => ({ type: 'TRANSLATE', by: event.by })),
    ),
    abort: reply('ABORTED'),
  },
}).createMachine({
  id: 'stage2Ste',
  initial: 'unwritten',
  on: { WRITE_S2_STE: [{ guard: 'isLegal', target: '.legal' }, { target: '.illegal' }] },
  states: {
    unwritten: {},
    legal: { on: { TRANSLATE_VA: { actions: 'walk' } } },
    illegal: { on: { TRANSLATE_VA: { actions: 'abort' } } },
  },
});
