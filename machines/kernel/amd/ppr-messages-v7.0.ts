/**
 * The messages of `ppr-messages.ts` as they are in 7.0: GN is what the function needs, whatever the request had; the code is the number of
 * `enum iommu_page_response_code`, whose 2 is no status that COMPLETE_PPR_REQUEST has; and each request that is refused is completed, one
 * that is not the last of its group, too. c94252cd5bbc (August 2026, of which we have the title only: "Fix GN bit setting in
 * COMPLETE_PPR_REQUEST command") is about the first.
 */
import { pprMessagesParts } from './ppr-messages.ts';

export const pprMessagesV70 = pprMessagesParts.createMachine({
  id: 'pprMessagesV70',
  context: ({ input }) => input,
  on: {
    RECORD: [{ guard: 'isRefused', actions: 'abortAsInV70' }, { actions: 'report' }],
    PAGE_RESPONSE: { actions: 'completeAsInV70' },
  },
});
