/**
 * The messages of `ppr-messages.ts` with all 10 bits of the tag as the group: the bit above the index is set in the last request only, so the
 * core looks for the others of its group under another number. In no release; 589f0cc1e099 (August 2026) gives the bit a name.
 */
import { pprMessagesParts } from './ppr-messages.ts';

export const pprMessagesWholeTag = pprMessagesParts.createMachine({
  id: 'pprMessagesWholeTag',
  context: ({ input }) => input,
  on: {
    RECORD: [{ guard: 'isRefusedLast', actions: 'abort' }, { guard: 'isRefused' }, { actions: 'reportWholeTag' }],
    PAGE_RESPONSE: { actions: 'complete' },
  },
});
