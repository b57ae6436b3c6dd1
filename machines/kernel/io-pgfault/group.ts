/** `struct iopf_group`: the page requests of one group, gathered when its last request arrived, to be answered once. */
export interface IopfGroup {
  device: string;
  index: string;
  /** In the order of arrival. The last request completed the group. */
  requests: readonly { page: string; generation: number; write?: boolean }[];
  /** Its memory, where somebody may free that (`fault-lists.ts`). */
  memory?: string;
}

/** A group is one object in the kernel; here two are the same when they say the same. */
export function isSameGroup(a: IopfGroup, b: IopfGroup): boolean {
  return (
    a.device === b.device &&
    a.index === b.index &&
    a.requests.length === b.requests.length &&
    a.requests.every(
      ({ page, generation }, i) => page === b.requests[i]!.page && generation === b.requests[i]!.generation,
    )
  );
}
