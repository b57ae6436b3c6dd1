/**
 * The context descriptor that the domains of an SMMU share for one mm, with its count (arm-smmu-v3-sva.c arm_smmu_alloc_shared_cd() and
 * arm_smmu_free_shared_cd()): the first one pins the mm's ASID, the last one unpins it. Since cbd23144f766 (v5.19) it has a reference to the
 * mm in between.
 *
 * Simplification: the count is that of arm_smmu_share_asid(), and what an alloc that finds one takes and gives back at once is left out.
 */
import { assign, setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type SharedCdEvent = { type: 'ALLOC_SHARED_CD' } | { type: 'FREE_SHARED_CD' };

export interface SharedCdInput {
  /** A `../arm64/pinned-mm.ts`. */
  readonly mm: string;
}

/** What versions are made of. */
export const sharedCdParts = setup({
  types: {
    input: {} as SharedCdInput,
    context: {} as SharedCdInput & { readonly refs: number },
    events: {} as SharedCdEvent,
  },
  guards: {
    isFirst: ({ context }) => context.refs === 0,
    isLast: ({ context }) => context.refs === 1,
  },
  actions: {
    get: assign({ refs: ({ context }) => context.refs + 1 }),
    put: assign({ refs: ({ context }) => context.refs - 1 }),
    grabMm: send('mm', 'MMGRAB'),
    pinAsid: send('mm', 'CONTEXT_GET'),
    unpinAsid: send('mm', 'CONTEXT_PUT'),
    dropMm: send('mm', 'MMDROP'),
  },
});

export const sharedCdConfig = { context: ({ input }: { input: SharedCdInput }) => ({ ...input, refs: 0 }) };

export const sharedCd = sharedCdParts.createMachine({
  id: 'sharedCd',
  ...sharedCdConfig,
  on: {
    ALLOC_SHARED_CD: [{ guard: 'isFirst', actions: ['get', 'grabMm', 'pinAsid'] }, { actions: 'get' }],
    FREE_SHARED_CD: [{ guard: 'isLast', actions: ['put', 'unpinAsid', 'dropMm'] }, { actions: 'put' }],
  },
});
