/**
 * The mediator of `pin-pages.ts` that maps the page when it is pinned, and when it is unpinned leaves it mapped, for the MMU notifier to take
 * away as any other page. The notifier may have been there already, and have spared the page because it was pinned.
 */
import { leavesMapping, pinPagesConfig, pinPagesParts, pinPagesStates } from './pin-pages.ts';

export const pinPagesLeavesMapping = pinPagesParts.createMachine({
  id: 'pinPagesLeavesMapping',
  ...pinPagesConfig,
  states: {
    unregistered: pinPagesStates.unregistered,
    pinning: pinPagesStates.pinning,
    pinned: pinPagesStates.pinned,
    mapping: pinPagesStates.mapping,
    registered: pinPagesStates.registered,
    unpinning: leavesMapping,
  },
});
