/**
 * A fault handler as in `iopf-unlocked.ts` that is told of an unmap by a sequence, as KVM's is (kvm_host.h
 * mmu_invalidate_retry()): it samples the sequence before GUP, and the check and the map are in one section of the lock.
 *
 *   lock; look up the dma and its bit, sample the sequence; unlock; GUP; lock; check the sequence
 *     unchanged: map, set the bit, put the page; unlock; answer
 *     changed:   put the page; unlock; from the start
 *
 * The notifier that goes with it is `mmu-notifier-start-end.ts`.
 */
import { call } from '../../parts/call.ts';
import { vfioIopfUnlockedStates } from './iopf-unlocked.ts';
import { vfioIopfConfig, vfioIopfParts } from './iopf-v3.ts';

export const vfioIopfSequenceParts = vfioIopfParts.extend({
  actions: {
    sampleSequence: call(({ context }) => context.sequence!, 'SAMPLE'),
    checkSequence: call(({ context }) => context.sequence!, 'CHECK'),
  },
});

export const vfioIopfSequenceStates = {
  ...vfioIopfUnlockedStates,
  findingDma: vfioIopfSequenceParts.createStateConfig({
    on: {
      DMA_FOUND: [
        { guard: 'isMapped', target: 'responding', actions: 'unlock' },
        { target: 'dmaFound', actions: ['sampleSequence', 'unlock'] },
      ],
    },
  }),
  mapping: vfioIopfSequenceParts.createStateConfig({
    on: { RUN: { target: 'checking', actions: ['lock', 'checkSequence'] } },
  }),
  // Left within the step that entered it.
  checking: vfioIopfSequenceParts.createStateConfig({
    on: {
      CHANGED: { target: 'locking', actions: ['putPage', 'forgetFrame', 'unlock'] },
      UNCHANGED: { target: 'responding', actions: ['map', 'setMappedBit', 'putPage', 'forgetFrame', 'unlock'] },
    },
  }),
};

export const vfioIopfSequence = vfioIopfSequenceParts.createMachine({
  id: 'vfioIopfSequence',
  ...vfioIopfConfig,
  states: vfioIopfSequenceStates,
});
