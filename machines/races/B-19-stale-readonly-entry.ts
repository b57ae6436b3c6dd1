/**
 * B-19: a device reads a page, and the SMMU's TLB holds the read-only entry. Then the page table entry becomes writable, by the fault of a
 * CPU or of the device itself, and nobody tells the SMMU: the CPU's TLB flush does not reach it (no broadcast TLB maintenance), and more
 * rights on the same frame were no matter for the MMU notifier. The device's write goes through the stale entry and faults; the handler
 * finds that all is well and answers Success; the write is tried again, through the same entry, for ever. Since 6bbd42e2df8f (v6.6) the
 * CPU's flush calls the notifier. Where the SMMU takes part in broadcast TLB maintenance the flush itself reached it, until cb1fa2e99955
 * (v6.19) made it local to the CPU; it still calls the notifier.
 *
 * Writeback takes the right to write away again at any time, and a device may lose that race again and again. So what is asked is that an
 * access ends unless writeback goes on for ever. Writeback has to change the entry before it invalidates (`invalidates-first`), or a device that walks
 * in between goes on writing to a page that is taken for clean.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { sharedMapping } from '../kernel/iommu-sva/shared-mapping.ts';
import { sharedMappingBtm } from '../kernel/iommu-sva/shared-mapping-btm.ts';
import { sharedMappingInvalidatesFirst } from '../kernel/iommu-sva/shared-mapping-invalidates-first.ts';
import { sharedMappingV65 } from '../kernel/iommu-sva/shared-mapping-v6.5.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { sharedMappingOf, TLB_NO_MORE_RIGHTS, tlbHasNoFewerRights, tlbIsBehind } from '../rigs/shared-mapping.ts';
import { svaStreams } from '../rigs/sva-streams.ts';

const accessEnds = (device: string) => `an access of ${device} ends, unless writeback interferes for ever`;

const mappings = {
  fixed: sharedMapping,
  broadcast: sharedMappingBtm,
  'no-flush': sharedMappingV65,
  'invalidates-first': sharedMappingInvalidatesFirst,
};

export const staleReadonlyEntry = defineScenario({
  name: 'stale-readonly-entry',
  title: 'A page becomes writable, and the SMMU keeps the entry that says it is not',
  sources: ['B-19', '6bbd42e2df8f', 'cb1fa2e99955', 'seed:003', 'mm/memory.c wp_page_reuse()', 'SMMUv3 3.21.1'],
  group: 'iopf',
  systems: ['mmu-notifiers', 'host-sva'],
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('streams that read and write the page'),
    workers: z.number().int().min(1).max(2).default(1).describe('workers of the iopf work queue'),
  }),
  variants: {
    fixed: {
      title: 'the flush that follows the upgrade calls the MMU notifier (6bbd42e2df8f, v6.6)',
      expected: { verdict: 'holds', counts: [1_619, 4_393] },
    },
    broadcast: {
      title:
        "no notifier, but the SMMU takes part in broadcast TLB maintenance: the CPU's flush reaches it (BTM, to v6.18)",
      expected: { verdict: 'holds', counts: [1_074, 3_064] },
    },
    'no-flush': {
      title:
        "no notifier and no broadcast: the flush reaches the CPUs' TLBs only (to v6.5; since v6.19 also with BTM alone)",
      expected: { verdict: 'violated', property: accessEnds('dev0') },
    },
    'invalidates-first': {
      title: 'as fixed, but writeback invalidates, and then takes the right to write away',
      expected: { verdict: 'violated', property: TLB_NO_MORE_RIGHTS, length: 5 },
    },
  },
  build({ devices, workers }, variant) {
    const rig = assemble(svaStreams({ devices, workers }), sharedMappingOf(mappings[variant]));
    return defineSystem({
      ...rig.parts,
      properties: ({ leadsTo }) => [
        ...names('dev', devices).map((device) =>
          leadsTo(
            accessEnds(device),
            (view) => view.get(device).matches('stalled'),
            (view) => view.get(device).matches('idle') || view.get('page').matches('cleaning'),
          ),
        ),
        // Elsewhere it would report the cause ahead of what the variant is about.
        ...(variant === 'no-flush' ? [] : [tlbHasNoFewerRights]),
        ...rig.always,
        ...(variant === 'broadcast' ? [] : [tlbIsBehind]),
        ...rig.shows,
      ],
    });
  },
});
