/** Pages of an address space that CPUs and devices share. */
import { type Actor, actor, family } from '../../src/system/system.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { unmappedPage } from '../kernel/iommu-sva/unmapped-page.ts';
import type { Rig } from './assemble.ts';

/** Which the mm takes away at any time, once they are there. The first `unmapped` of them are not mapped, and so never there. */
export function svaPages(pages: number, unmapped = 0) {
  const reclaimed = { choices: [{ type: 'RECLAIM' as const }], rest: ['present', 'notPresent'] as const };
  const actors = family('page', pages, (index) => {
    const input = { name: `page${index}` };
    if (index < unmapped) return actor(unmappedPage, { input }) as Actor as Actor<typeof svaPage>;
    return actor(svaPage, { input, ...reclaimed });
  });
  const alike = unmapped === 0 ? pages : 0;
  return { actors, things: { pages: { count: alike, prefixes: ['page'] } } } as const satisfies Rig;
}

/** Which nobody takes away. */
export function keptPages(pages: number) {
  const actors = family('page', pages, (index) => actor(svaPage, { input: { name: `page${index}` } }));
  return { actors, things: { pages: { count: pages, prefixes: ['page'] } } } as const satisfies Rig;
}
