/**
 * `struct anon_vma` (include/linux/rmap.h), by which a page finds the VMAs that may map it. Whoever looks, and whoever takes a
 * VMA off, holds its lock (`anon_vma->root->rwsem`), which is an actor of its own (`../locking/mutex.ts`).
 *
 * Simplifications: one VMA; readers of the lock keep each other out, too.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type AnonVmaEvent =
  /** rmap_walk_anon(): the reply is VMA or NO_VMA. */
  | { type: 'LOOK'; by: string }
  /** unlink_anon_vmas() */
  | { type: 'UNLINK' };

export const anonVma = setup({
  types: { context: {}, events: {} as AnonVmaEvent },
  actions: { replyVma: reply('VMA'), replyNoVma: reply('NO_VMA') },
}).createMachine({
  id: 'anonVma',
  context: {},
  initial: 'linked',
  states: {
    linked: { on: { LOOK: { actions: 'replyVma' }, UNLINK: 'empty' } },
    empty: { on: { LOOK: { actions: 'replyNoVma' }, UNLINK: {} } },
  },
});
