/**
 * What threads of mlx5 have in common that allocate memory with `cache->rb_lock` held (mlx5/mr.c mlx5r_cache_create_ent_locked(), GFP_KERNEL):
 * the allocation may enter reclaim, and that calls the notifier of an MR, as this thread runs it. For such a thread RECLAIM is a choice beside
 * RUN.
 */
export type AllocatesEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The allocation enters reclaim, which comes upon a page of the MR. */
  | { type: 'RECLAIM' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' };

export interface AllocatesInput {
  readonly name: string;
  /** `cache->rb_lock` */
  readonly cacheLock: string;
  /** An `invalidate-range.ts`, as this thread runs it. */
  readonly notifier: string;
}
