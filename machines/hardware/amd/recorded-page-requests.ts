/**
 * Page requests in the PPR log of an AMD IOMMU, and COMPLETE_PPR_REQUEST (amd_iommu_types.h PPR_TAG(), PPR_FLAG_GN; amd/iommu.c
 * build_complete_ppr()): the tag of a record has 10 bits, the group index and above it whether it is the last; that of the command has
 * the 9 of the index. GN says, in both, that there is a PASID.
 *
 * Simplifications: `../recorded-requests.ts`. We have the fields from the driver, not from the specification.
 */
import { codeOfPcie, isInGroup, mayRequest, type RequestOfGroup } from '../pcie/page-response-rules.ts';
import { recordedRequests } from '../recorded-requests.ts';

export interface PprRecord {
  readonly devid: number;
  readonly tag: number;
  readonly gn: boolean;
  readonly pasid: number;
  /** PRG Response PASID Required, of the function: not in the record. */
  readonly required: boolean;
}

export interface CompletePpr {
  readonly opcode: 'COMPLETE_PPR';
  readonly devid: number;
  readonly gn: boolean;
  readonly pasid: number;
  readonly tag: number;
  readonly status: number;
}

export const PPR_TAG_INDEX = 0x1ff;
export const PPR_TAG_LAST = 0x200;

export const recordedPprRequests = recordedRequests<'recordedPprRequests', PprRecord, CompletePpr>(
  'recordedPprRequests',
  {
    mayPost: (record, waiting) => mayRequest(asRequest(record), waiting.map(asRequest)),
    isAnswered: (record, { devid, gn, pasid, tag }) =>
      record.devid === devid && isInGroup(asRequest(record), { index: tag, pasid: gn ? pasid : null }),
    completes: (record) => asRequest(record).last,
    codeOf: ({ status }) => codeOfPcie(status),
  },
);

function asRequest({ tag, gn, pasid, required }: PprRecord): RequestOfGroup {
  return { index: tag & PPR_TAG_INDEX, last: (tag & PPR_TAG_LAST) !== 0, pasid: gn ? pasid : null, required };
}
