/**
 * What travels between a PCIe function and the IOMMU for page requests (PCIe 6.0, section 10.4), as plain data.
 *
 * Simplifications: one address space per function, so no PASID; read and write are told apart only where a scenario has
 * rights; an index is a name ('prg0') and not a number, because nothing ever computes with it.
 */

/** One Page Request Message, without its routing. Requests with equal (device, index) up to `last` are one group. */
export interface PageRequest {
  /** The function that asks (its Requester ID). */
  device: string;
  /** Page Request Group Index; free for reuse as soon as the group has its answer, whoever answered. */
  index: string;
  page: string;
  /** The L bit: the group is complete with this request. */
  last: boolean;
  /** The access that missed was a write (the W bit); left out where there are no rights. */
  write?: boolean;
  /** With nested translation: the fault is one of stage 2. It is not on the wire of PRI; an SMMU's event record has it (S2). */
  stage2?: true;
  /**
   * For observers only: how often this index had been used when the group was begun, modulo a small number. It is not on
   * the wire. Neither hardware nor software may decide anything on it; it is only carried along, so that a monitor can
   * see a request of one use of the index end up in the group of another.
   */
  generation: number;
}

/** PASID Stop Marker: R=0, W=0, L=1. Takes no credit, belongs to no group and expects no answer. */
export interface StopMarker {
  device: string;
  stopMarker: true;
}

/** Response codes of a PRG Response Message: 0b0000, 0b0001 and 0b1111. */
export type ResponseCode = 'success' | 'invalid' | 'failure';

/** A PRG Response Message, as the driver of the IOMMU is asked for it, by somebody who says `by`. */
export function responseTo({ index, generation }: Pick<PageRequest, 'index' | 'generation'>, code: ResponseCode) {
  return { type: 'PRG_RESPONSE', index, code, generation } as const;
}

/** A PRG Response Message. */
export interface PageResponse {
  index: string;
  /** Of functions with PASIDs: the one of the request that completed the group. */
  pasid?: string;
  code: ResponseCode;
  /** For observers only, like `generation`: who answered. */
  by: string;
  /** For observers only: the generation of the request that completed the group. */
  generation: number;
}
