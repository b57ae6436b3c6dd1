/**
 * The messages of `prq-messages.ts` as they are in 7.0: QI_PGRP_RESP_CODE(msg->code) writes the number of `enum iommu_page_response_code`,
 * and its 2 is reserved in VT-d, which has 0xf for Failure (QI_RESP_FAILURE). A function takes codes that it does not know for Failure;
 * whether an IOMMU sends one we do not know.
 */
import { prqMessagesParts } from './prq-messages.ts';

export const prqMessagesV70 = prqMessagesParts.createMachine({
  id: 'prqMessagesV70',
  context: ({ input }) => input,
  on: { RECORD: { actions: 'report' }, PAGE_RESPONSE: { actions: 'submitRawCode' } },
});
