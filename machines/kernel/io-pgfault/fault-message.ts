/**
 * What travels between the driver of an IOMMU and whoever handles a recoverable fault, as plain data: `struct iommu_fault_page_request`
 * and `struct iommu_page_response` (include/linux/iommu.h), `struct iommu_hwpt_pgfault` (include/uapi/linux/iommufd.h), as in 7.0.
 *
 * Simplifications: no address and no rights, which no answer has.
 */
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import type { Meant } from '../../hardware/recorded-requests.ts';

/** `enum iommu_page_response_code`: the numbers are the kernel's own. PCIe has 15 for the last one, CMD_PRI_RESP counts the other way round. */
export const PAGE_RESP = { success: 0, invalid: 1, failure: 2 } as const;
export type PageRespCode = (typeof PAGE_RESP)[keyof typeof PAGE_RESP];

/** `struct iommu_fault_page_request` */
export interface FaultMessage {
  /** IOMMU_FAULT_PAGE_REQUEST_PASID_VALID, _LAST_PAGE, IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID */
  readonly pasidValid: boolean;
  readonly last: boolean;
  readonly needsPasid: boolean;
  readonly pasid: number;
  readonly grpid: number;
  /** Only with VT-d, until March 2024; 0 is none. */
  readonly privateData: number;
  /** For observers only: which of the records in the hardware's hand this is. Nobody decides anything on it. */
  readonly token: number;
}

/** `struct iommu_page_response` */
export interface ResponseMessage {
  readonly pasid: number;
  readonly grpid: number;
  readonly code: PageRespCode;
}

/** For observers only, with an answer. */
export function meantFor(token: number, code: PageRespCode): Meant {
  return { token, code: MEANING[code] };
}

const MEANING: Readonly<Record<PageRespCode, ResponseCode>> = { 0: 'success', 1: 'invalid', 2: 'failure' };

/** `struct iommu_hwpt_pgfault`: what user space reads, beside the cookie. */
export interface HwptPgfault {
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
}

/** A record is taken from the hardware's queue, and reported. */
export type RecordEvent<R> = { type: 'RECORD'; record: R; token: number; memory: boolean };
/** `ops->page_response(dev, evt, msg)` */
export type PageResponseEvent = {
  type: 'PAGE_RESPONSE';
  evt: FaultMessage;
  msg: ResponseMessage;
  meant: Meant;
};

/** A driver and its neighbours. */
export interface MessageDriverInput {
  readonly hardware: string;
  readonly core: string;
}
