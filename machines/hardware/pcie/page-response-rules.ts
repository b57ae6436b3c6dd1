/**
 * How a PCIe function finds the group that a PRG Response answers (PCIe 6.0, 10.4.2 and 10.5.2.3): by its index; and where PRG Response
 * PASID Required is set and its requests had a PASID, the response has to have it, otherwise it must have none. What a function does
 * with a response that breaks this is undefined: it answers nothing here.
 *
 * An index is in use until its group has its answer. A group has one PASID, or none.
 */
import type { ResponseCode } from './page-request.ts';

/** A page request, as far as the response to it goes; the PASID is null where it has none. */
export interface RequestOfGroup {
  readonly index: number;
  readonly last: boolean;
  readonly pasid: number | null;
  /** PRG Response PASID Required, of the function. */
  readonly required: boolean;
}

/** A PRG Response Message. */
export interface GroupResponse {
  readonly index: number;
  readonly pasid: number | null;
}

export function mayRequest(request: RequestOfGroup, waiting: readonly RequestOfGroup[]): boolean {
  return waiting
    .filter(({ index }) => index === request.index)
    .every(({ last, pasid }) => !last && request.last && pasid === request.pasid);
}

export function isInGroup({ index, pasid, required }: RequestOfGroup, response: GroupResponse): boolean {
  return index === response.index && response.pasid === (required ? pasid : null);
}

/** Response codes of PCIe 10.4.2: 0b0000, 0b0001 and 0b1111. A function takes the others for the last; an IOMMU need not send them. */
export function codeOfPcie(code: number): ResponseCode | null {
  if (code === 0) return 'success';
  if (code === 1) return 'invalid';
  return code === 0xf ? 'failure' : null;
}
