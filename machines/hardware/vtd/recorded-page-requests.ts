/**
 * Page requests in the queue of a VT-d IOMMU, and the Page Group Response Descriptor (VT-d 7.4.1, 7.6, 7.7): requester ID, PASID if it is
 * present, group index of 9 bits, code; and to revision 3.x private data, by which a request that has some is found, and which gets an
 * answer of its own also where it is not the last of its group. Revision 4.0 has no private data.
 *
 * Simplifications: `../recorded-requests.ts`. LPIG of the answer is not looked at.
 */
import { codeOfPcie, isInGroup, mayRequest, type RequestOfGroup } from '../pcie/page-response-rules.ts';
import { recordedRequests } from '../recorded-requests.ts';

export interface PrqRecord extends RequestOfGroup {
  readonly rid: number;
  /** 0: PDP is 0 */
  readonly privateData: number;
}

export interface PageGroupResponse {
  readonly opcode: 'PGRP_RESP';
  readonly rid: number;
  readonly pasid: number | null;
  readonly index: number;
  readonly privateData: number;
  readonly code: number;
}

export const recordedPrqRequests = recordedRequests<'recordedPrqRequests', PrqRecord, PageGroupResponse>(
  'recordedPrqRequests',
  {
    // Two requests with the same private data would be one to the hardware.
    mayPost: (record, waiting) =>
      mayRequest(record, waiting) &&
      (record.privateData === 0 || !waiting.some(({ privateData }) => privateData === record.privateData)),
    isAnswered: (record, command) =>
      record.rid === command.rid && isInGroup(record, command) && record.privateData === command.privateData,
    completes: ({ last, privateData }) => last || privateData !== 0,
    codeOf: ({ code }) => codeOfPcie(code),
  },
);
