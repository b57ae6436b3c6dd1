/**
 * A device with a ring, `page0`, of which it bears no faults, in a container with I/O page faults (`vfio-container.ts`): the guest registers the
 * ring with `mediator`, which lets the device `dev0` use it, and takes it back. Its other pages are faulted in.
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { invalidateSequence } from '../kernel/mm/invalidate-sequence.ts';
import type { PinPagesInput } from '../kernel/vfio-type1/pin-pages.ts';
import { pinnedRanges } from '../kernel/vfio-type1/pinned-ranges.ts';
import type { Rig } from './assemble.ts';
import { startsDma } from './guest.ts';
import { actorOf, type Version } from './version.ts';

/** Where a device bears faults. */
export type BearsFaults = 'anywhere' | 'outsideRing' | 'nowhere';

export const NO_FATAL_FAULT = 'dev0 has no fault where it bears none';

const ring = 'page0';

/** @param mediator a version of what it does before the device may use the ring */
export function selectiveDevice<M extends Version<PinPagesInput>>(mediator: M, bears: BearsFaults) {
  const actors = {
    mediator: actorOf(mediator, {
      input: {
        name: 'mediator',
        device: 'dev0',
        page: ring,
        lock: 'containerLock',
        mapped: 'mapped0',
        entry: 'iopte0',
        ranges: 'ranges',
        commandQueue: 'cmdq',
      },
      choices: [{ type: 'REGISTER_RING' }, { type: 'UNREGISTER_RING' }, { type: 'RUN' }],
      rest: ['unregistered', 'registered'],
    }),
    ringDriver: startsDma(['mediator'], [ring]),
    ranges: actor(pinnedRanges),
    sequence: actor(invalidateSequence),
  };
  return {
    actors,
    expects: ['dev0', 'page0', 'containerLock', 'mapped0', 'iopte0', 'cmdq'],
    blocking: ['GUP', 'ACQUIRE', 'DMA'],
    always: [
      always(NO_FATAL_FAULT, (view) => {
        const dev0 = view.get('dev0');
        if (!dev0.matches('stalled') || bears === 'anywhere') return true;
        return bears === 'outsideRing' && dev0.context.page !== ring;
      }),
    ],
    shows: [
      happens('the device uses its ring', { type: 'ACCESS', where: ({ by, page }) => by === 'dev0' && page === ring }),
      reachable('reclaim is at work on the ring while the device may use it', (view) => {
        return view.get('mediator').matches('registered') && view.get('kswapd').context.page === ring;
      }),
    ],
  } as const satisfies Rig;
}
