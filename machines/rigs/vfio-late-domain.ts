/**
 * A second device of a container, `dev1`, that is attached later than the first, and gets a domain of its own, as behind another SMMU: an
 * entry and a TLB more for the one page. It starts DMA by `group1`, which takes none before.
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import type { attachReplay } from '../kernel/vfio-type1/attach-replay.ts';
import type { attachV3 } from '../kernel/vfio-type1/attach-v3.ts';
import { vfioIopfTwoDomains } from '../kernel/vfio-type1/iopf-two-domains.ts';
import { lateDomainEntry } from '../kernel/vfio-type1/late-domain-entry.ts';
import { vfioMmuNotifierTwoDomains } from '../kernel/vfio-type1/mmu-notifier-two-domains.ts';
import { inThread, type Rig } from './assemble.ts';

export function lateDomain(attach: typeof attachV3 | typeof attachReplay) {
  return {
    actors: {
      group1: actor(attach, {
        input: { name: 'group1', lock: 'containerLock', device: 'dev1', firstEntry: 'iopte0', entry: 'lateEntry' },
        choices: [{ type: 'ATTACH_GROUP' }, { type: 'RUN' }],
        rest: ['detached', 'attached'],
      }),
      lateEntry: actor(lateDomainEntry),
      lateTlb: actor(tlb, { input: { name: 'lateTlb', entry: 'lateEntry' } }),
    },
    expects: ['dev1', 'containerLock', 'iopte0'],
    blocking: ['DMA', 'ACQUIRE'],
    shows: [
      happens('the second device is attached while the page is mapped', { type: 'ATTACH' }),
      reachable('both domains map the page', (view) => {
        return ['iopte0', 'lateEntry'].every((entry) => view.get(entry).matches('valid'));
      }),
    ],
  } as const satisfies Rig;
}

/** For the stall path: what is invalidated by what name, and what translates for which device. */
export const twoDomainTlbs = {
  tlbs: { page0: 'tlb0', lateEntry: 'lateTlb' },
  tlbsOf: (device: number) => ({ page0: device === 0 ? 'tlb0' : 'lateTlb' }),
};

const secondEntries = { page0: 'lateEntry' };

/** For the container. */
export const twoDomainVersions = {
  handler: inThread(vfioIopfTwoDomains, { secondEntries }),
  notifier: inThread(vfioMmuNotifierTwoDomains, { secondEntries }),
};
