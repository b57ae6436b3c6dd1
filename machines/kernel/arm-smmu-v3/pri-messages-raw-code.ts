/**
 * The messages of `pri-messages.ts` with the kernel's number for the code, as VT-d and AMD have it. On an SMMU, Success and Failure change
 * places. In no patch that we know.
 */
import { priMessagesParts } from './pri-messages.ts';

export const priMessagesRawCode = priMessagesParts.createMachine({
  id: 'priMessagesRawCode',
  context: ({ input }) => input,
  on: { RECORD: { actions: 'report' }, PAGE_RESPONSE: { actions: 'issueRawCode' } },
});
