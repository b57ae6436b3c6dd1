/**
 * The fault handler for devices that bear faults in some places only, as the VFIO type1 IOPF series has it (v3 patch 7): it looks for the
 * page among the ranges that vfio_pin_pages() has pinned for the device, and answers Invalid where it is not in one.
 *
 * That is the opposite of what was asked for, and of what the patch's own text says in its first half: what is pinned is where the
 * device must not fault, and the rest is where it may. `iopf-filters-pinned.ts` asks the other way round.
 *
 *   lock; the device's group has ranges, and the page is in none: unlock, answer Invalid; else as in `iopf-looks-again.ts`
 */
import { call } from '../../parts/call.ts';
import { vfioIopfLooksAgainStates } from './iopf-looks-again.ts';
import { vfioIopfSequenceParts } from './iopf-sequence.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

/** What versions of it are made of. */
export const vfioIopfSelectiveParts = vfioIopfSequenceParts.extend({
  guards: {
    hasRanges: ({ context }) => context.request!.device in context.ranges!,
    isOutOfScope: ({ event }) => event.type === 'RANGE' && event.selective && !event.pinned,
    isPinned: ({ event }) => event.type === 'RANGE' && event.pinned,
  },
  actions: {
    findRange: call(
      ({ context }) => context.ranges![context.request!.device]!,
      ({ context }) => ({ type: 'FIND_RANGE', page: context.page! }),
    ),
  },
});

export const vfioIopfSelectiveStates = {
  ...vfioIopfLooksAgainStates,
  locking: vfioIopfSelectiveParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'hasRanges', target: 'findingRange', actions: ['lock', 'findRange'] },
        // A group for which nobody has pinned anything.
        { target: 'findingDma', actions: ['lock', 'findDma'] },
      ],
    },
  }),
};

export const vfioIopfSelectiveV3 = vfioIopfSelectiveParts.createMachine({
  id: 'vfioIopfSelectiveV3',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfSelectiveStates,
    // Left within the step that entered it.
    findingRange: vfioIopfSelectiveParts.createStateConfig({
      on: {
        RANGE: [
          // "goto out_invalid"
          { guard: 'isOutOfScope', target: 'failed', actions: 'unlock' },
          { target: 'findingDma', actions: 'findDma' },
        ],
      },
    }),
  },
});
