/**
 * The PROD and CONS registers of an SMMUv3 queue (SMMUv3 section 3.5.1): an index and a wrap bit (`../../parts/ring.ts`), and a flag that is
 * OVFLG in PROD and OVACKFLG in CONS.
 */
import type { RingPointer } from '../../parts/ring.ts';

export interface QueuePointer extends RingPointer {
  /** OVFLG of PROD, OVACKFLG of CONS. */
  readonly flag: 0 | 1;
}

export const START: QueuePointer = { index: 0, wrap: 0, flag: 0 };

/** SMMUv3 section 3.5.1: an overflow is active while OVFLG and OVACKFLG differ. */
export function isOverflowActive(prod: QueuePointer, cons: QueuePointer): boolean {
  return prod.flag !== cons.flag;
}
