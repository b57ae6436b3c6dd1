/**
 * intel/svm.c intel_svm_prq_report() and intel_svm_page_response() since v5.12, with private data, until a patch of March 2024
 * ("Remove private data use in fault message": VT-d 4.0 has none, and no product ever had): it is carried in the message, and
 * every request that has some is reported as the last one of a group, because it needs an answer and the core answers groups only.
 * (Failure is 0xf here, as in `prq-messages.ts`.)
 */
import { prqMessagesParts } from './prq-messages.ts';

export const prqMessagesV512 = prqMessagesParts.createMachine({
  id: 'prqMessagesV512',
  context: ({ input }) => input,
  on: { RECORD: { actions: 'reportWithPrivateData' }, PAGE_RESPONSE: { actions: 'submitResponse' } },
});
