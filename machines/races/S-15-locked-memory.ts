/**
 * A limit on locked memory with eviction, as it was floated in the thread of VFIO's IOPF series v1 (D-11): faults pin what they map, a tracker
 * knows the least recently mapped page, and a thread takes it back when the limit is reached. Asked here: is an eviction that meets a fault on
 * the same page safe, and where may the fault wait?
 *
 * The answers: it is safe if the page stays pinned until the CMD_SYNC is done, and its bit goes with its mapping; the container's
 * lock need not be held while the thread waits for that (`unlocks`), if the page stays charged as long as it is pinned (`uncharges-first`). A thread that runs now and then cannot keep the limit alone: at the
 * limit a fault is refused (`refuses`), or waits, and then not with the container's lock (`waits-with-lock`).
 *
 * Whether an access ends where evictions go on for ever is D-13 (`retry-livelock`); here it has to end unless they do.
 *
 * Simplifications: pages have no access flag, so the oldest goes, used or not; every DMA is a write; reclaim takes no notice of pins until it
 * wants to free the frame (since feb889fb40fa it leaves pinned pages alone earlier).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { evictor } from '../kernel/vfio-type1/evictor.ts';
import { evictorLeavesBit } from '../kernel/vfio-type1/evictor-leaves-bit.ts';
import { evictorUnchargesFirst } from '../kernel/vfio-type1/evictor-uncharges-first.ts';
import { evictorUnlocks } from '../kernel/vfio-type1/evictor-unlocks.ts';
import { evictorUnpinsFirst } from '../kernel/vfio-type1/evictor-unpins-first.ts';
import { vfioIopfPins } from '../kernel/vfio-type1/iopf-v1-pins.ts';
import { vfioIopfPinsWaits } from '../kernel/vfio-type1/iopf-v1-waits.ts';
import { vfioIopfPinsWaitsWithLock } from '../kernel/vfio-type1/iopf-v1-waits-with-lock.ts';
import { noDmaIsAborted } from '../monitors/dma-progress.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { bitsTellTheTruth, tlbsOf } from '../rigs/vfio-container.ts';
import { aFaultWaitsForRoom, vfioEviction, WITHIN_LIMIT } from '../rigs/vfio-eviction.ts';

const accessEnds = (device: string) => `an access of ${device} ends, unless evictions go on for ever`;

const versions = {
  fixed: { handler: vfioIopfPinsWaits, evictor },
  unlocks: { handler: vfioIopfPinsWaits, evictor: evictorUnlocks },
  'unpins-first': { handler: vfioIopfPinsWaits, evictor: evictorUnpinsFirst },
  'uncharges-first': { handler: vfioIopfPinsWaits, evictor: evictorUnchargesFirst },
  'leaves-bit': { handler: vfioIopfPinsWaits, evictor: evictorLeavesBit },
  'waits-with-lock': { handler: vfioIopfPinsWaitsWithLock, evictor },
  refuses: { handler: vfioIopfPins, evictor },
};

export const evictionMeetsFault = defineScenario({
  name: 'eviction-meets-fault',
  title: 'A limit on locked memory evicts a page on which a device faults',
  sources: ['D-11', 'D-13', 'seed:002', 'VFIO IOPF v1 vfio_iommu_type1_dynamic_dma_map()'],
  group: 'iopf',
  systems: ['locked-memory'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { min: 2, max: 3, default: 2 }),
    pages: howMany('pages that they touch', { min: 2, max: 4, default: 2 }),
    limit: howMany('pages that may be locked at a time', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'unmaps, clears the bit, waits for the CMD_SYNC, unpins; a fault at the limit waits without the lock',
      expected: { verdict: 'holds', counts: [25_866, 90_376] },
    },
    unlocks: {
      title: 'the same, and drops the lock while it waits for the CMD_SYNC',
      expected: { verdict: 'holds', counts: [32_426, 115_832] },
    },
    'unpins-first': {
      title: 'unpins the page with the unmap, before the CMD_SYNC',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 12 },
    },
    'uncharges-first': {
      title: 'drops the lock while it waits, and has taken the page off the charge before that',
      expected: { verdict: 'violated', property: WITHIN_LIMIT, length: 13 },
    },
    'leaves-bit': {
      title: 'leaves the bit of the page that it unmaps',
      expected: { verdict: 'violated', properties: names('dev', 2).map(accessEnds) },
    },
    'waits-with-lock': {
      title: 'a fault at the limit waits with the lock, which the eviction needs',
      expected: { verdict: 'violated', properties: names('dev', 2).map(accessEnds) },
    },
    refuses: {
      title: 'a fault at the limit is answered Invalid (v1), and the thread evicts now and then',
      expected: { verdict: 'violated', property: noDmaIsAborted().name, length: 15 },
    },
  },
  build({ devices, pages, limit }, variant) {
    const { handler, evictor } = versions[variant];
    const rig = assemble(
      { actors: { guest: startsDma(names('dev', devices), names('page', pages)) } },
      // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
      stallPath({ devices, entries: devices, tlbs: tlbsOf(pages), commands: 2 }),
      vfioEviction({ pages, limit, handler, evictor }),
      hostMemory({ pages, frames: pages, kswapd: reclaim }),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ leadsTo }) => [
        ...rig.always,
        noDmaIsAborted(),
        ...when(variant === 'fixed' || variant === 'unlocks', ...bitsTellTheTruth(pages)),
        ...names('dev', devices).map((device) =>
          leadsTo(
            accessEnds(device),
            (view) => view.get(device).matches('stalled'),
            (view) => view.get(device).matches('idle') || !view.get('evictor').matches('idle'),
          ),
        ),
        ...rig.shows,
        ...when(variant !== 'refuses' && pages > limit, aFaultWaitsForRoom),
      ],
    });
  },
});
