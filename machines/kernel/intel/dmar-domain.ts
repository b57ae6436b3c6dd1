/**
 * The `struct dmar_domain` of an SVA domain, as far as its end goes: `domain->lock`, and whether `dev_pasids` has the one device and PASID.
 *
 * The MMU notifier holds the lock over all of a tear-down; who removes the device and PASID from the list holds it only for that. List 'LOCK'
 * as `blocking`.
 *
 * Simplification: one device with one PASID.
 */
import { assign, setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type DmarDomainEvent =
  /** `spin_lock_irqsave(&domain->lock)`; the reply is LISTED or NONE. */
  | { type: 'LOCK'; by: string }
  | { type: 'UNLOCK' }
  /** `list_del(&dev_pasid->link_domain)`, with the lock held. */
  | { type: 'REMOVE' };

export const dmarDomain = setup({
  types: { context: {} as { readonly isListed: boolean }, events: {} as DmarDomainEvent },
  guards: { isListed: ({ context }) => context.isListed },
  actions: {
    replyListed: reply('LISTED'),
    replyNone: reply('NONE'),
    remove: assign({ isListed: false }),
  },
}).createMachine({
  id: 'dmarDomain',
  context: { isListed: true },
  initial: 'unlocked',
  states: {
    unlocked: {
      on: {
        LOCK: [
          { guard: 'isListed', target: 'locked', actions: 'replyListed' },
          { target: 'locked', actions: 'replyNone' },
        ],
      },
    },
    locked: { on: { UNLOCK: 'unlocked', REMOVE: { actions: 'remove' } } },
  },
});
