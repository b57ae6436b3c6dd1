/**
 * A thread that takes a PASID from its page table and drains it (intel/prq.c intel_iommu_drain_pasid_prq(), 7.0), with what it does about an
 * overflow: when the hardware has drained, it reads PRO, and if that is set it waits for the end of a pass and has the hardware drain again.
 *
 *   attached -DETACH-> stopped -RUN-> cleared -RUN-> scanned -RUN-> submitting -RUN-> submitted -RUN-> PRO is clear -> drained
 *                                                    PRO is set -> waiting -RUN-> scanned
 *
 * Versions: `drain-overflow-once.ts`, `drain-overflow-unseen.ts`. List 'DRAIN' and 'WAIT' as `blocking`.
 *
 * Simplifications: the scan of the queue, with its own waits, is one wait (`drain-prq-v7.0.ts` has it in steps); the descriptors are one step,
 * after which nothing is in the hardware (`attach-submits-v7.0.ts` has them); no work queue to flush.
 */
import { setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type DrainOverflowEvent =
  /** An ioctl, or the driver's unbind. */
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The registers' reply. */
  | { type: 'STATUS'; pro: boolean };

export interface DrainOverflowInput {
  readonly name: string;
  readonly pasid: string;
  /** The function, its PASID table, the page request registers, and `iommu->prq_complete`. */
  readonly device: string;
  readonly table: string;
  readonly registers: string;
  readonly completion: string;
}

/** What versions are made of. */
export const drainOverflowParts = setup({
  types: { input: {} as DrainOverflowInput, context: {} as DrainOverflowInput, events: {} as DrainOverflowEvent },
  guards: { isOverflow: from('STATUS', ({ event }) => event.pro) },
  actions: {
    stopPasid: send('device', ({ context: { pasid } }) => ({ type: 'STOP_PASID', pasid })),
    clearEntry: send('table', ({ context: { pasid } }) => ({ type: 'CLEAR_ENTRY', pasid })),
    awaitQueue: send('registers', ({ context: { pasid } }) => ({ type: 'DRAIN', pasid })),
    reinit: send('completion', 'REINIT'),
    readStatus: call('registers', 'READ_STATUS'),
    awaitPass: send('completion', 'WAIT'),
  },
});

export const drainOverflowConfig = {
  context: ({ input }: { input: DrainOverflowInput }) => input,
  initial: 'attached',
} as const;

/** Another version replaces states. */
export const drainOverflowStates = {
  attached: drainOverflowParts.createStateConfig({ on: { DETACH: { target: 'stopped', actions: 'stopPasid' } } }),
  // The queue, and then, in qi_retry, reinit_completion() and qi_submit_sync().
  ...straightLine({ stopped: 'clearEntry', cleared: 'awaitQueue', scanned: 'reinit' }, 'submitted'),
  submitted: drainOverflowParts.createStateConfig({
    on: {
      RUN: { actions: 'readStatus' },
      STATUS: [{ guard: 'isOverflow', target: 'waiting' }, { target: 'drained' }],
    },
  }),
  waiting: drainOverflowParts.createStateConfig({ on: { RUN: { target: 'scanned', actions: 'awaitPass' } } }),
  drained: drainOverflowParts.createStateConfig({}),
};

export const drainOverflowV70 = drainOverflowParts.createMachine({
  id: 'drainOverflowV70',
  ...drainOverflowConfig,
  states: drainOverflowStates,
});
