/**
 * Whether all ranges of a container have a valid user address (`iommu->vaddr_invalid_count` of vfio_iommu_type1.c, from v5.12 until it was taken out again), and who
 * sleeps until they have (`iommu->vaddr_wait`).
 *
 * A process that hands its guest to another one says so by VFIO_IOMMU_UNMAP_DMA with VFIO_DMA_UNMAP_FLAG_VADDR: the mappings of
 * devices stay, but no address of user space belongs to them until the new process gives one.
 *
 * Simplifications: one range; one sleeper at a time.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type VaddrValidEvent =
  /** vfio_wait_all_valid(): the reply is ALL_VALID, or SLEEP, and later WAKE. */
  | { type: 'WAIT_ALL_VALID'; by: string }
  /** The sleeper gives up: finish_wait(). */
  | { type: 'FINISH_WAIT' }
  /** UNMAP_DMA with FLAG_VADDR, and MAP_DMA with FLAG_VADDR. */
  | { type: 'INVALIDATE_VADDR' }
  | { type: 'SET_VADDR' };

export const vaddrValid = setup({
  types: { context: {} as { readonly sleeper: string | null }, events: {} as VaddrValidEvent },
  guards: { isAwaited: ({ context }) => context.sleeper !== null },
  actions: {
    replyValid: reply('ALL_VALID'),
    replySleep: reply('SLEEP'),
    noteSleeper: assign({ sleeper: from('WAIT_ALL_VALID', ({ event }) => event.by) }),
    wake: send('sleeper', 'WAKE'),
    forgetSleeper: assign({ sleeper: null }),
  },
}).createMachine({
  id: 'vaddrValid',
  context: { sleeper: null },
  initial: 'valid',
  states: {
    valid: {
      on: { WAIT_ALL_VALID: { actions: 'replyValid' }, INVALIDATE_VADDR: 'invalid' },
    },
    invalid: {
      on: {
        WAIT_ALL_VALID: { actions: ['noteSleeper', 'replySleep'] },
        FINISH_WAIT: { actions: 'forgetSleeper' },
        SET_VADDR: [{ guard: 'isAwaited', target: 'valid', actions: ['wake', 'forgetSleeper'] }, { target: 'valid' }],
      },
    },
  },
});
