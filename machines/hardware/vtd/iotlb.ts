/**
 * The IOTLB of a VT-d IOMMU for one PASID, and the accesses of a device through it: what is in it is used, what is not is walked for, and then
 * kept.
 *
 * Simplifications: nothing is evicted, which is the worst case; an access without a translation is lost (no page requests).
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type IotlbEvent =
  | { type: 'DMA'; page: number }
  | { type: 'WALKED'; page: number; present: boolean }
  /** qi_flush_piotlb(): so many pages from this one on; or all of the PASID. */
  | { type: 'FLUSH_PAGES'; first: number; count: number }
  | { type: 'FLUSH_ALL' };

export interface IotlbInput {
  readonly name: string;
  /** A `../../kernel/mm/small-address-space.ts`. */
  readonly mm: string;
}

export const iotlb = setup({
  types: {
    input: {} as IotlbInput,
    context: {} as IotlbInput & { readonly cached: readonly number[] },
    events: {} as IotlbEvent,
  },
  guards: {
    isCached: ({ context, event }) => event.type === 'DMA' && context.cached.includes(event.page),
    isPresent: ({ event }) => event.type === 'WALKED' && event.present,
  },
  actions: {
    walk: call(
      'mm',
      from('DMA', ({ event }) => ({ type: 'WALK', page: event.page })),
    ),
    keep: assign({ cached: from('WALKED', ({ context, event }) => [...context.cached, event.page].sort()) }),
    access: send(
      'mm',
      from(['DMA', 'WALKED'], ({ event }) => ({ type: 'ACCESS_PAGE', page: event.page })),
    ),
    drop: assign({
      cached: from('FLUSH_PAGES', ({ context, event: { first, count } }) =>
        context.cached.filter((page) => page < first || page >= first + count),
      ),
    }),
    dropAll: assign({ cached: [] }),
  },
}).createMachine({
  id: 'iotlb',
  context: ({ input }) => ({ ...input, cached: [] }),
  on: {
    DMA: [{ guard: 'isCached', actions: 'access' }, { actions: 'walk' }],
    WALKED: [{ guard: 'isPresent', actions: ['keep', 'access'] }, {}],
    FLUSH_PAGES: { actions: 'drop' },
    FLUSH_ALL: { actions: 'dropAll' },
  },
});
