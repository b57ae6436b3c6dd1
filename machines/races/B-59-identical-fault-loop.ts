/**
 * B-59: VFIO's fault handler answers Success without a look at the page table when the page's bit says that it is mapped.
 * That is right for the second of two faults on one page. From the moment on that a bit is set whose page is not mapped, every fault on
 * the page gets Success, the device tries again, faults again, and nobody will ever map the page.
 *
 * The series has a way to such a bit (B-77). The bitmap is one for all domains of a dma; a device that is attached later gets a domain
 * in which nothing is mapped, and bits that say otherwise. When such a page is unmapped, the new domain has nothing to unmap, the MMU
 * notifier gives up in the middle, and the bit lies about the first domain, too.
 *
 * Reclaim may take a page away again and again; what is asked is that an access ends unless it goes on for ever.
 *
 * Simplifications: no CPU touches the page, so the deadlock of B-73 is not seen; the second device has a domain of its own, as behind
 * another SMMU, and the same event queue.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { attachReplay } from '../kernel/vfio-type1/attach-replay.ts';
import { attachV3 } from '../kernel/vfio-type1/attach-v3.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { bitsTellTheTruth, vfioContainer } from '../rigs/vfio-container.ts';
import { lateDomain, twoDomainTlbs, twoDomainVersions } from '../rigs/vfio-late-domain.ts';

const accessEnds = (device: number) => `an access of dev${device} ends, unless reclaim interferes for ever`;

export const identicalFaultLoop = defineScenario({
  name: 'identical-fault-loop',
  title: 'A page counts as mapped and is not: each fault on it is answered, none is resolved',
  sources: ['B-59', 'B-77', 'seed:001', 'VFIO IOPF v3 vfio_iommu_type1_attach_group(), vfio_unmap_partial_iopf()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({}),
  variants: {
    fixed: {
      title: 'a new domain gets what is mapped in the others before a device uses it',
      expected: { verdict: 'holds', counts: [403, 956] },
    },
    'no-replay': {
      title: 'a new domain is empty, and the handler believes the bits, which are of all domains (v3)',
      expected: { verdict: 'violated', properties: [accessEnds(1), accessEnds(0)] },
    },
  },
  build(_, variant) {
    const rig = assemble(
      // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
      stallPath({ devices: 2, entries: 2, commands: 3, ...twoDomainTlbs }),
      vfioContainer({ pages: 1, ...twoDomainVersions }),
      hostMemory({ pages: 1, frames: 1, kswapd: reclaim }),
      { actors: { guest: startsDma(['dev0', 'group1'], ['page0']) } },
      lateDomain(variant === 'fixed' ? attachReplay : attachV3),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ leadsTo, happens }) => [
        ...([1, 0] as const).map((device) =>
          leadsTo(
            accessEnds(device),
            (view) => view.get(`dev${device}`).matches('stalled'),
            (view) => view.get(`dev${device}`).matches('idle') || !view.get('kswapd').matches('idle'),
          ),
        ),
        ...rig.always,
        ...when(variant === 'fixed', ...bitsTellTheTruth(1)),
        ...rig.shows,
        happens('a fault finds the bit set', {
          to: 'handler',
          type: 'DMA_FOUND',
          where: ({ mapped }) => mapped === true,
        }),
      ],
    });
  },
});
