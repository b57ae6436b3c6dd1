/**
 * The MMU notifier of `mmu-notifier.ts` for a container with two domains: it unmaps the page in one after the other, and leaves when one
 * of them has unmapped another length than it was asked for, an entry that is not valid for one.
 *
 * What the TLBs of the second domain hold for a page is named after the page's entry there.
 */
import { call, send } from '../../parts/call.ts';
import { vfioMmuNotifierConfig, vfioMmuNotifierParts, vfioMmuNotifierStates } from './mmu-notifier.ts';

const twoDomainParts = vfioMmuNotifierParts.extend({
  actions: {
    unmapSecond: call(({ context }) => context.secondEntries![context.page!]!, 'UNMAP_FAST'),
    issueSecondTlbi: send('commandQueue', ({ context }) => ({
      type: 'TLBI',
      page: context.secondEntries![context.page!]!,
    })),
  },
});

export const vfioMmuNotifierTwoDomains = twoDomainParts.createMachine({
  id: 'vfioMmuNotifierTwoDomains',
  ...vfioMmuNotifierConfig,
  states: {
    ...vfioMmuNotifierStates,
    unmapping: twoDomainParts.createStateConfig({
      on: {
        UNMAPPED: [
          { guard: 'isWhole', target: 'unmappingSecond', actions: 'unmapSecond' },
          // WARN_ON(), goto out
          { target: 'syncing', actions: ['issueTlbi', 'issueSync'] },
        ],
      },
    }),
    // Left within the step that entered it.
    unmappingSecond: twoDomainParts.createStateConfig({
      on: {
        UNMAPPED: [
          {
            guard: 'isWhole',
            target: 'syncing',
            actions: ['clearMappedBit', 'issueTlbi', 'issueSecondTlbi', 'issueSync'],
          },
          // The bit stays set, and the page is unmapped in the first domain.
          { target: 'syncing', actions: ['issueTlbi', 'issueSync'] },
        ],
      },
    }),
  },
});
