/**
 * VFIO's fault handling as first posted (v1, 2021), which pins what it maps: the handler, the account of locked memory with its limit, and
 * one page for each device. The devices `dev0`, … and their faults are of another rig, as `stall-path.ts`; a page is its own translation.
 */
import { always, happens, type Property, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { pinningHandler } from '../kernel/vfio-type1/iopf-v1.ts';
import type { LockedMemoryInput, Pinned } from '../kernel/vfio-type1/locked-memory.ts';
import { pinnedPage } from '../kernel/vfio-type1/pinned-page.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface VfioPinning<P> {
  readonly pages: number;
  /** How many of them may be locked. */
  readonly limit: number;
  /** A version of what is done at the limit. */
  readonly policy: P;
}

export function vfioPinning<P extends Version<LockedMemoryInput>>({ pages, limit, policy }: VfioPinning<P>) {
  const actors = combineActors(
    {
      handler: actor(pinningHandler, {
        input: { name: 'handler', account: 'account' },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
      account: actorOf(policy, { input: { limit } }),
    },
    family('page', pages, (index) => actor(pinnedPage, { input: { name: `page${index}`, account: 'account' } })),
  );
  return {
    actors,
    blocking: ['CHARGE'],
    always: [
      always('no more pages are mapped than may be locked', (view) => {
        return names('page', pages).filter((page) => !view.get(page).matches('unmapped')).length <= limit;
      }),
    ],
    shows: [
      happens('a DMA is done', { type: 'ACCESS' }),
      reachable('as many pages are mapped as may be locked, or as there are', (view) => {
        const mapped = names('page', pages).filter((page) => !view.get(page).matches('unmapped'));
        return mapped.length === Math.min(limit, pages);
      }),
    ],
  } as const satisfies Rig;
}

/** Where the limit makes faults wait for a page that was used, and there are more pages than may be locked. */
export function aFaultWaitsForUse(limit: number): Property {
  return reachable('a fault has to wait until a page was used', (view) => {
    const { pinned } = view.get('account').context as { pinned: readonly Pinned[] };
    return (
      view.get('handler').matches('locking') &&
      pinned.length === limit &&
      pinned.every(({ used }) => !used) &&
      pinned.every(({ page }) => page !== view.get('handler').context.request?.page)
    );
  });
}
