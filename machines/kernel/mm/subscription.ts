/** What the two sides of an MMU notifier say to each other, whatever the protocol: who unmaps, and who fills a table of its own from the page table. */
export type SubscriptionEvent =
  /** `mmu_notifier_invalidate_range_start()`, with the subscriber's callback: the entry may still be there. */
  | { type: 'INVALIDATE_RANGE_START' }
  /** `mmu_notifier_arch_invalidate_secondary_tlbs()`: the entry has changed, the page is not free yet. */
  | { type: 'ARCH_INVALIDATE_SECONDARY_TLBS' }
  /** `mmu_notifier_invalidate_range_end()` */
  | { type: 'INVALIDATE_RANGE_END' }
  /** The subscriber begins to look a page up; the reply is SEQUENCE. Blocking where it has to wait. */
  | { type: 'READ_BEGIN'; by: string }
  /** It has its own lock and is about to write its entry; the reply is GO_ON or RETRY. */
  | { type: 'READ_RETRY'; sequence: number; by: string };

export interface SubscriptionInput {
  /** The subscriber's own entry for the page. */
  readonly entry: string;
}
