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
import { actor, defineSystem } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { attachReplay } from '../kernel/vfio-type1/attach-replay.ts';
import { attachV3 } from '../kernel/vfio-type1/attach-v3.ts';
import { vfioIopfTwoDomains } from '../kernel/vfio-type1/iopf-two-domains.ts';
import { lateDomainEntry } from '../kernel/vfio-type1/late-domain-entry.ts';
import { vfioMmuNotifierTwoDomains } from '../kernel/vfio-type1/mmu-notifier-two-domains.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { bitsTellTheTruth, vfioContainer } from '../rigs/vfio-container.ts';

const accessEnds = (device: number) => `an access of dev${device} ends, unless reclaim interferes for ever`;
const write = (device: string) => ({ type: 'POST_DMA', device, page: 'page0' }) as const;
const secondEntries = { page0: 'lateEntry' };

export const identicalFaultLoop = defineScenario({
  name: 'identical-fault-loop',
  title: 'A page counts as mapped and is not: each fault on it is answered, none is resolved',
  sources: ['B-59', 'B-77', 'seed:001', 'VFIO IOPF v3 vfio_iommu_type1_attach_group(), vfio_unmap_partial_iopf()'],
  group: 'iopf',
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
    const attach = { fixed: attachReplay, 'no-replay': attachV3 }[variant] as typeof attachReplay;
    const rig = assemble(
      stallPath({
        // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
        ...{ devices: 2, entries: 2, commands: 3 },
        tlbs: { page0: 'tlb0', lateEntry: 'lateTlb' },
        tlbsOf: (device) => ({ page0: device === 0 ? 'tlb0' : 'lateTlb' }),
      }),
      vfioContainer({
        pages: 1,
        handler: inThread(vfioIopfTwoDomains, { secondEntries }),
        notifier: inThread(vfioMmuNotifierTwoDomains, { secondEntries }),
      }),
      hostMemory({ pages: 1, frames: 1, kswapd: reclaim }),
      {
        actors: {
          guest: actor(guestDriver, { input: {}, choices: [write('dev0'), write('group1')], rest: () => true }),
          group1: actor(attach, {
            input: { name: 'group1', lock: 'containerLock', device: 'dev1', firstEntry: 'iopte0', entry: 'lateEntry' },
            choices: [{ type: 'ATTACH_GROUP' }, { type: 'RUN' }],
            rest: ['detached', 'attached'],
          }),
          lateEntry: actor(lateDomainEntry),
          lateTlb: actor(tlb, { input: { name: 'lateTlb', entry: 'lateEntry' } }),
        },
        expects: ['dev1', 'containerLock', 'iopte0'],
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ leadsTo, happens, reachable }) => [
        ...([1, 0] as const).map((device) =>
          leadsTo(
            accessEnds(device),
            (view) => view.get(`dev${device}`).matches('stalled'),
            (view) => view.get(`dev${device}`).matches('idle') || !view.get('kswapd').matches('idle'),
          ),
        ),
        ...rig.always,
        ...(variant === 'fixed' ? bitsTellTheTruth(1) : []),
        happens('a DMA is done after its page was faulted in', { type: 'ACCESS' }),
        happens('a frame is reclaimed', { type: 'REMOVED' }),
        happens('a fault finds the bit set', {
          to: 'handler',
          type: 'DMA_FOUND',
          where: (event) => event.mapped === true,
        }),
        happens('the second device is attached while the page is mapped', { type: 'ATTACH' }),
        reachable('both domains map the page', (view) =>
          ['iopte0' as const, 'lateEntry' as const].every((entry) => view.get(entry).matches('valid')),
        ),
      ],
    });
  },
});
