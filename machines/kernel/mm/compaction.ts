/**
 * A thread that compacts memory (mm/compaction.c, kcompactd or an allocation of somebody else), as far as one page is concerned
 * that it migrates: it walks the page's VMAs with the anon_vma locked, and calls the MMU notifier of each address space there
 * (mm/rmap.c rmap_walk_anon(), try_to_unmap_one(), since v5.14 try_to_migrate_one()). It has no reference on the mm: the lock
 * keeps the VMA where it is, and that the mm.
 *
 *   idle -COMPACT-> looking -> found -RUN-> notifying -> notified -RUN-> idle
 *
 * List 'ACQUIRE' as `blocking`. At rest in `idle`.
 *
 * Simplification: where the page goes does not matter here.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export type CompactionEvent =
  | { type: 'COMPACT' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'VMA' }
  | { type: 'NO_VMA' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' };

export interface CompactionInput {
  readonly name: string;
  readonly anonVma: string;
  readonly anonVmaLock: string;
  /** The callback, as this thread runs it. */
  readonly notifier: string;
}

export const compaction = setup({
  types: { input: {} as CompactionInput, context: {} as CompactionInput, events: {} as CompactionEvent },
  actions: {
    lock: call('anonVmaLock', 'ACQUIRE'),
    look: call('anonVma', 'LOOK'),
    notify: call('notifier', { type: 'INVALIDATE_RANGE_START', event: 'migrate' }),
    unlock: call('anonVmaLock', 'RELEASE'),
  },
}).createMachine({
  id: 'compaction',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { COMPACT: { target: 'looking', actions: ['lock', 'look'] } } },
    // Left within the step that entered it.
    looking: { on: { VMA: 'found', NO_VMA: { target: 'idle', actions: 'unlock' } } },
    found: { on: { RUN: { target: 'notifying', actions: 'notify' } } },
    // Inside mmu_notifier_invalidate_range_start().
    notifying: { on: { NOTIFIED: 'notified' } },
    notified: { on: { RUN: { target: 'idle', actions: 'unlock' } } },
  },
});
