/**
 * intel/svm.c intel_arch_invalidate_secondary_tlbs() since e7ad6c2a4b1a (v6.7): a range from 0 to ULONG_MAX is everything; of any other, the
 * length is rounded up to pages, in an unsigned long, and so many pages are flushed.
 *
 * Simplifications: the flush and what waits for it are one step; no pages are none, where the kernel looks for a power of two that is not less;
 * no device TLBs, which get the same range.
 */
import { setup } from 'xstate';
import { from, send } from '../../parts/call.ts';
import { maxAddress, PAGE_BYTES } from '../mm/small-address-space.ts';

export type SvmInvalidateEvent = { type: 'INVALIDATE_SECONDARY_TLBS'; start: number; end: number };

export interface SvmInvalidateInput {
  /** A `../../hardware/vtd/iotlb.ts`. */
  readonly iotlb: string;
  readonly pages: number;
}

/** What versions are made of. */
export const svmInvalidateParts = setup({
  types: { input: {} as SvmInvalidateInput, context: {} as SvmInvalidateInput, events: {} as SvmInvalidateEvent },
  guards: {
    isEverything: ({ context, event }) => event.start === 0 && event.end === maxAddress(context.pages),
  },
  actions: {
    flushAll: send('iotlb', 'FLUSH_ALL'),
    flushRange: send(
      'iotlb',
      from('INVALIDATE_SECONDARY_TLBS', ({ context, event: { start, end } }) => {
        // (end - start + PAGE_SIZE - 1) >> VTD_PAGE_SHIFT, modulo what an unsigned long has.
        const bytes = (end - start + PAGE_BYTES - 1) % (maxAddress(context.pages) + 1);
        return { type: 'FLUSH_PAGES', first: Math.floor(start / PAGE_BYTES), count: Math.floor(bytes / PAGE_BYTES) };
      }),
    ),
  },
});

export const svmInvalidate = svmInvalidateParts.createMachine({
  id: 'svmInvalidate',
  context: ({ input }) => input,
  on: {
    INVALIDATE_SECONDARY_TLBS: [{ guard: 'isEverything', actions: 'flushAll' }, { actions: 'flushRange' }],
  },
});
