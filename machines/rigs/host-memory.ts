/** Anonymous memory of the host: pages, frames, the allocator, and a thread that reclaims and calls an MMU notifier. */
import { happens } from '../../src/system/property.ts';
import { type Actor, actor, combineActors, family } from '../../src/system/system.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { type PageInput, page } from '../kernel/mm/page.ts';
import type { pageGupWaits } from '../kernel/mm/page-gup-waits.ts';
import type { pageZero } from '../kernel/mm/page-zero.ts';
import type { pageZeroStartEnd } from '../kernel/mm/page-zero-start-end.ts';
import type { reclaim } from '../kernel/mm/reclaim.ts';
import type { reclaimOutsidePtl } from '../kernel/mm/reclaim-outside-ptl.ts';
import type { reclaimStartEnd } from '../kernel/mm/reclaim-start-end.ts';
import type { reclaimUnderPtl } from '../kernel/mm/reclaim-under-ptl.ts';
import { noDmaToFreedFrame } from '../monitors/stale-translation.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

interface HostMemory {
  readonly pages: number;
  readonly frames: number;
  /** The version of it that calls the notifier as it likes to be called. */
  readonly kswapd: typeof reclaim | typeof reclaimOutsidePtl | typeof reclaimStartEnd | typeof reclaimUnderPtl;
  /** Nobody reclaims anything. */
  readonly idle?: boolean;
  /** Of versions that take it: the page table lock. */
  readonly ptl?: string;
  /** A version of a page; left out, one that reclaim alone takes away. */
  readonly page?: (
    input: PageInput,
  ) => Actor<typeof page | typeof pageGupWaits | typeof pageZero | typeof pageZeroStartEnd>;
}

/** It calls the actor `notifier`. */
export function hostMemory({
  pages,
  frames,
  kswapd,
  idle = false,
  ptl,
  page: make = (input) => actor(page, { input }),
}: HostMemory) {
  const pageNames = names('page', pages);
  const actors = combineActors(
    family('page', pages, (index) => make({ name: `page${index}`, freeList: 'freeList' })),
    family('frame', frames, (index) => actor(frame, { input: { name: `frame${index}`, freeList: 'freeList' } })),
    {
      freeList: actor(freeList, { input: { frames: names('frame', frames) } }),
      kswapd: actor(kswapd, {
        input: { name: 'kswapd', notifier: 'notifier', ...(ptl && { ptl }) },
        choices: [{ type: 'RUN' }, ...(idle ? [] : pageNames).map((page) => ({ type: 'RECLAIM' as const, page }))],
        rest: ['idle'],
      }),
    },
  );
  return {
    actors,
    expects: ['notifier'],
    blocking: ['ISOLATE', 'GUP', 'FAULT', 'AWAIT_FRAME'],
    always: [noDmaToFreedFrame()],
    shows: [happens('a frame is reclaimed', { type: 'REMOVED' })],
    // Frames are not alike: the free list hands out the first one.
    things: { pages: { count: pages, prefixes: ['page'] } },
  } as const satisfies Rig;
}
