/**
 * B-21: since 6bbd42e2df8f (v6.6, the fix of B-19) secondary TLBs are invalidated where those of the CPUs are, and a flush of everything says so by
 * the range from 0 to ULONG_MAX. VT-d rounds the length of a range up to pages. Of this one the sum overflows, and the number of pages is 0:
 * everything was turned into nothing. What was unmapped stays in the IOTLB, and the device reaches pages that are freed.
 *
 * Fix: e7ad6c2a4b1a (v6.7): that range is looked for first.
 *
 * A check of arithmetic: it takes no interleaving, but addresses that wrap. A page has four bytes here and an unsigned long as many bits as
 * the address space needs, so the sum overflows as it does with 64.
 *
 * The other half of the entry, f7edb07ad7c6 (arm64 told an empty range, which SMMUv3 takes for everything), flushes too much and is not here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { iotlb } from '../hardware/vtd/iotlb.ts';
import { svmInvalidate } from '../kernel/intel/svm-invalidate.ts';
import { svmInvalidateV66 } from '../kernel/intel/svm-invalidate-v6.6.ts';
import { maxAddress, PAGE_BYTES, smallAddressSpace } from '../kernel/mm/small-address-space.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const NOT_FREED = 'no device reaches a page that was freed';

export const everythingIsNothing = defineScenario({
  name: 'everything-is-nothing',
  title: 'A range that means everything overflows, and nothing is invalidated',
  sources: ['B-21', 'e7ad6c2a4b1a', '6bbd42e2df8f', 'intel/svm.c intel_arch_invalidate_secondary_tlbs()'],
  group: 'mm',
  systems: ['mmu-notifiers'],
  parameters: z.object({
    pages: howMany("pages of the address space, of which the last one is nobody's", { min: 2, max: 6, default: 4 }),
  }),
  variants: {
    fixed: {
      title: 'the range from 0 to ULONG_MAX is looked for first (e7ad6c2a4b1a, v6.7)',
      expected: { verdict: 'holds', counts: [894, 4_417] },
    },
    overflow: {
      title: 'the range from 0 to ULONG_MAX is rounded up like any other (v6.6)',
      expected: { verdict: 'violated', property: NOT_FREED, length: 5 },
    },
  },
  build({ pages }, variant) {
    const user = Array.from({ length: pages - 1 }, (_, page) => page);
    const everything = { type: 'ZAP', start: 0, end: maxAddress(pages) } as const;
    const ranges = user.flatMap((first) =>
      user
        .filter((last) => last >= first)
        .map((last) => ({ type: 'ZAP' as const, start: first * PAGE_BYTES, end: (last + 1) * PAGE_BYTES })),
    );
    return defineSystem({
      actors: {
        mm: actor(smallAddressSpace, {
          input: { pages, notifier: 'notifier' },
          choices: [everything, ...ranges, { type: 'RUN' }, ...user.map((page) => ({ type: 'TOUCH' as const, page }))],
          rest: ['idle'],
        }),
        notifier: actorOf(variant === 'fixed' ? svmInvalidate : svmInvalidateV66, { input: { iotlb: 'iotlb', pages } }),
        iotlb: actor(iotlb, {
          input: { name: 'iotlb', mm: 'mm' },
          choices: user.map((page) => ({ type: 'DMA' as const, page })),
        }),
      },
      unsent: 'ignore',
      properties: ({ always, happens, reachable }) => [
        always(NOT_FREED, (view) => !view.get('mm').matches('freedPageAccessed')),
        happens('a range is flushed', { type: 'FLUSH_PAGES', where: ({ count }) => Number(count) > 0 }),
        reachable('everything is unmapped while the device has it all', (view) => {
          const { cached } = view.get('iotlb').context;
          return (
            view.get('mm').matches('cleared') && cached.length === pages - 1 && view.get('mm').context.end % 2 === 1
          );
        }),
      ],
    });
  },
});
