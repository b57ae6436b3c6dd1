/**
 * The PROD and CONS registers of an SMMUv3 queue (SMMUv3 section 3.5.1): an index, a wrap bit that turns over whenever
 * the index starts again at 0, and a flag that is OVFLG in PROD and OVACKFLG in CONS.
 */
export interface QueuePointer {
  index: number;
  wrap: 0 | 1;
  /** OVFLG of PROD, OVACKFLG of CONS. */
  flag: 0 | 1;
}

export const START: QueuePointer = { index: 0, wrap: 0, flag: 0 };

export function advance(pointer: QueuePointer, size: number): QueuePointer {
  if (pointer.index + 1 < size) return { ...pointer, index: pointer.index + 1 };
  return { ...pointer, index: 0, wrap: flip(pointer.wrap) };
}

export function isEmpty(prod: QueuePointer, cons: QueuePointer): boolean {
  return prod.index === cons.index && prod.wrap === cons.wrap;
}

export function isFull(prod: QueuePointer, cons: QueuePointer): boolean {
  return prod.index === cons.index && prod.wrap !== cons.wrap;
}

/** How many entries of a queue of `size` are between the two. */
export function depthOf(prod: QueuePointer, cons: QueuePointer, size: number): number {
  return prod.index - cons.index + (prod.wrap === cons.wrap ? 0 : size);
}

/** SMMUv3 section 3.5.1: an overflow is active while OVFLG and OVACKFLG differ. */
export function isOverflowActive(prod: QueuePointer, cons: QueuePointer): boolean {
  return prod.flag !== cons.flag;
}

export function flip(bit: 0 | 1): 0 | 1 {
  return bit === 0 ? 1 : 0;
}
