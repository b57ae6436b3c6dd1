/**
 * The thread that takes an IOMMU over from another owner, a kernel that died or firmware, and enables page requests in 7.0
 * (intel/iommu.c init_dmars(), intel/prq.c intel_iommu_enable_prq()): new root tables let nothing in, then head, tail and
 * address of the queue are written, then devices are attached and their PRI is reset.
 *
 *   foreign -TAKE_OVER-> blocked -RUN-> queued -RUN-> reset -RUN-> owned
 *
 * Simplification: one device and one entry stand for all tables.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type EnableThreadEvent =
  /** The new kernel starts. */
  | { type: 'TAKE_OVER' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface EnableInput {
  readonly device: string;
  readonly pasid: string;
  readonly table: string;
  readonly registers: string;
  readonly thread: string;
}

/** What threads are made of. */
export const enableParts = setup({
  types: { input: {} as EnableInput, context: {} as EnableInput, events: {} as EnableThreadEvent },
  actions: {
    clearEntry: send('table', ({ context: { pasid } }) => ({ type: 'CLEAR_ENTRY', pasid })),
    setEntry: send('table', ({ context: { pasid } }) => ({ type: 'SET_ENTRY', pasid })),
    clearPpr: send('registers', 'CLEAR_PPR'),
    writeQueueAddress: send('registers', ({ context: { thread } }) => ({ type: 'WRITE_QUEUE_ADDRESS', thread })),
    resetPri: send('device', 'RESET_PRI'),
    wakeThread: send('thread', 'IRQ'),
  },
});

export const enableConfig = { context: ({ input }: { input: EnableInput }) => input, initial: 'foreign' } as const;

export const enableStates = {
  // iommu_set_root_entry()
  foreign: enableParts.createStateConfig({ on: { TAKE_OVER: { target: 'blocked', actions: 'clearEntry' } } }),
  ...straightLine({ blocked: 'writeQueueAddress', queued: 'resetPri', reset: 'setEntry' }, 'owned'),
  owned: enableParts.createStateConfig({ type: 'final' }),
};

export const enableThreadV70 = enableParts.createMachine({
  id: 'enableThreadV70',
  ...enableConfig,
  states: enableStates,
});
