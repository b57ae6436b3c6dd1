/**
 * A page as in `page.ts` whose GUP waits for a frame when there is none, as an allocation with GFP_KERNEL does (mm/page_alloc.c
 * __alloc_pages_slowpath(): small orders are tried until reclaim has made progress; mm/vmscan.c throttle_direct_reclaim() waits for
 * kswapd). List 'AWAIT_FRAME' as `blocking`.
 *
 * Simplification: the wait never ends with -ENOMEM, as it does at the limit of a memory cgroup or for a victim of the OOM killer; it
 * does not reclaim by itself (that is B-58).
 */
import { call, from } from '../../parts/call.ts';
import { pageConfig, pageParts, pageStates } from './page.ts';

const parts = pageParts.extend({
  actions: {
    awaitFrameForGup: call(
      'freeList',
      from('GUP', ({ context, event }) => ({ type: 'AWAIT_FRAME', page: context.name, for: event.by })),
    ),
  },
});

export const pageGupWaits = parts.createMachine({
  id: 'pageGupWaits',
  ...pageConfig,
  states: {
    ...pageStates,
    swappedOut: parts.createStateConfig({
      on: { GUP: { target: 'faulting', actions: 'awaitFrameForGup' }, FAULT: pageStates.swappedOut.on.FAULT },
    }),
    faulting: parts.createStateConfig({
      on: { FRAME: { target: 'present', actions: ['setEntry', 'takeReference', 'replyGot'] } },
    }),
  },
});
