/**
 * `struct mm_struct` as SVA sees it, since 2667ed10d9f0 (v5.18): an address space, which goes with the last user (mm_users), and the
 * structure, which goes with the last reference (mm_count; the users have one together, each bond has one).
 *
 *   live -MMPUT, the last user: exit_mmap(), which calls the MMU notifiers' release-> exited -MMDROP, the last reference-> freed
 *
 * When the PASID goes is what versions differ in (mm_pasid_drop()):
 *
 *   here                in __mmdrop(), with the structure
 *   `mm-v5.18-rc1.ts`   in __mmput(), with the address space
 *   `mm-v5.12.ts`       not by the mm: with the last bond (iommu_sva_free_pasid())
 *
 * Simplifications: one user, the process; one bond, so one notifier, and it is called only if there is a bond.
 */
import { assign, setup } from 'xstate';
import { reply, send } from '../../parts/call.ts';

export type SvaMmEvent =
  /** `mmput()` by the last user */
  | { type: 'MMPUT' }
  /** `mmgrab()` and `mmdrop()` */
  | { type: 'MMGRAB' }
  | { type: 'MMDROP' }
  /** `mm->pasid` is set. */
  | { type: 'SET_PASID' }
  /** Reads `mm->pasid`: the reply is PASID or NO_PASID. */
  | { type: 'GET_PASID'; by: string };

export interface SvaMmInput {
  readonly name: string;
  /** A `pasid-allocator.ts`. */
  readonly pasids: string;
  /** Whose MMU notifier it has: a `../arm-smmu-v3/ctx-desc.ts`. */
  readonly notifier: string;
}

/** What versions are made of. */
export const svaMmParts = setup({
  types: {
    input: {} as SvaMmInput,
    context: {} as SvaMmInput & {
      /** `mm_count` */
      readonly count: number;
      readonly hasPasid: boolean;
    },
    events: {} as SvaMmEvent,
  },
  guards: {
    hasPasid: ({ context }) => context.hasPasid,
    isLastReference: ({ context }) => context.count === 1,
  },
  actions: {
    grab: assign({ count: ({ context }) => context.count + 1 }),
    drop: assign({ count: ({ context }) => context.count - 1 }),
    setPasid: assign({ hasPasid: true }),
    callRelease: send('notifier', 'QUIET_CD'),
    freePasid: send('pasids', 'FREE_PASID'),
    clearPasid: assign({ hasPasid: false }),
    replyPasid: reply('PASID'),
    replyNoPasid: reply('NO_PASID'),
  },
});

/** Another version replaces states. */
export const svaMmStates = {
  live: svaMmParts.createStateConfig({
    on: {
      MMGRAB: { actions: 'grab' },
      SET_PASID: { actions: 'setPasid' },
      // __mmput(): exit_mmap(), then the users' reference.
      MMPUT: { target: 'exited', actions: ['callRelease', 'drop'] },
    },
  }),
  exited: svaMmParts.createStateConfig({
    on: {
      GET_PASID: [{ guard: 'hasPasid', actions: 'replyPasid' }, { actions: 'replyNoPasid' }],
      // __mmdrop(): mm_pasid_drop(), free_mm()
      MMDROP: { guard: 'isLastReference', target: 'freed', actions: ['drop', 'freePasid', 'clearPasid'] },
    },
  }),
  // Who touches it is wrong.
  freed: svaMmParts.createStateConfig({ type: 'final' }),
};

export const svaMmConfig = {
  context: ({ input }: { input: SvaMmInput }) => ({ ...input, count: 1, hasPasid: false }),
  initial: 'live',
} as const;

export const svaMm = svaMmParts.createMachine({ id: 'svaMm', ...svaMmConfig, states: svaMmStates });
