/**
 * An entry of a coIOMMU's DMA Tracking Table (DTT), in memory of the guest that the host reads and writes as well: a count of mappings, and
 * DTTE_PINNED_FLAG. Each event is one atomic operation on it (crosvm, devices/src/pci/coiommu.rs).
 *
 * Simplifications: one driver uses the page, so the count is 0 or 1; no accessed flag.
 */
import { assign, setup } from 'xstate';
import { reply } from '../parts/call.ts';

export type DmaTrackingEntryEvent =
  /** atomic_inc_return(), and the flag; the reply is MARKED. */
  | { type: 'MARK'; by: string }
  | { type: 'UNMARK' }
  /** The reply is ENTRY. */
  | { type: 'LOAD'; by: string }
  | { type: 'SET_PINNED' }
  | { type: 'CLEAR_PINNED' }
  /** compare_exchange(DTTE_PINNED_FLAG, 0): pinned, and not mapped; the reply is EXCHANGED or IN_USE. */
  | { type: 'EXCHANGE_PINNED'; by: string };

export const dmaTrackingEntry = setup({
  types: {
    context: {} as { readonly isMapped: boolean; readonly isPinned: boolean },
    events: {} as DmaTrackingEntryEvent,
  },
  guards: { isPinnedOnly: ({ context }) => context.isPinned && !context.isMapped },
  actions: {
    countUp: assign({ isMapped: true }),
    countDown: assign({ isMapped: false }),
    setPinned: assign({ isPinned: true }),
    clearPinned: assign({ isPinned: false }),
    replyMarked: reply(({ context }) => ({ type: 'MARKED', pinned: context.isPinned })),
    replyEntry: reply(({ context }) => ({ type: 'ENTRY', pinned: context.isPinned, mapped: context.isMapped })),
    replyExchanged: reply('EXCHANGED'),
    replyInUse: reply('IN_USE'),
  },
}).createMachine({
  id: 'dmaTrackingEntry',
  context: { isMapped: false, isPinned: false },
  on: {
    MARK: { actions: ['replyMarked', 'countUp'] },
    UNMARK: { actions: 'countDown' },
    LOAD: { actions: 'replyEntry' },
    SET_PINNED: { actions: 'setPinned' },
    CLEAR_PINNED: { actions: 'clearPinned' },
    EXCHANGE_PINNED: [{ guard: 'isPinnedOnly', actions: ['clearPinned', 'replyExchanged'] }, { actions: 'replyInUse' }],
  },
});
