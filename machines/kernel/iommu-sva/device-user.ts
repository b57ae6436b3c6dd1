/**
 * A process that binds its address space to a device, uses the device, and exits. What exit does comes in this order
 * (kernel/exit.c do_exit()): exit_mm(), whose mmput() ends the address space, and then exit_files(), which closes the device's file:
 * its driver stops the queue and unbinds (iommu-sva.c iommu_sva_unbind_device()), by the PASID that is in the mm.
 *
 *   running -BIND-> bound -EXIT-> exiting: the address space has gone, the queue has not -RUN-> gone
 *
 * List 'ALLOC_PASID' and 'DMA' as `blocking`.
 *
 * Simplification: one queue, one bond.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type SvaProcessEvent =
  | { type: 'BIND' }
  /** Work is submitted, or the device goes on with what it has. */
  | { type: 'POST_DMA' }
  | { type: 'EXIT' }
  /** The scheduler lets the process run. */
  | { type: 'RUN' }
  | { type: 'PASID' }
  | { type: 'NO_PASID' };

export interface SvaProcessInput {
  readonly name: string;
  readonly mm: string;
  readonly pasids: string;
  /** A `../../hardware/pcie/pasid-queue.ts` and a `../arm-smmu-v3/ctx-desc.ts`. */
  readonly queue: string;
  readonly descriptor: string;
}

/** What versions are made of. */
export const svaProcessParts = setup({
  types: {
    input: {} as SvaProcessInput,
    context: {} as SvaProcessInput,
    events: {} as SvaProcessEvent,
  },
  actions: {
    allocPasid: send('pasids', 'ALLOC_PASID'),
    setPasid: send('mm', 'SET_PASID'),
    grabMm: send('mm', 'MMGRAB'),
    installDescriptor: send('descriptor', ({ context }) => ({ type: 'WRITE_CD', mm: context.mm })),
    postDma: send('queue', 'DMA'),
    putMm: send('mm', 'MMPUT'),
    stopQueue: send('queue', 'STOP'),
    readPasid: call('mm', 'GET_PASID'),
    clearDescriptor: send('descriptor', 'CLEAR_CD'),
    freePasid: send('pasids', 'FREE_PASID'),
    dropMm: send('mm', 'MMDROP'),
  },
});

/** Another version replaces states. */
export const svaProcessStates = {
  running: svaProcessParts.createStateConfig({
    on: { BIND: { target: 'bound', actions: ['allocPasid', 'setPasid', 'grabMm', 'installDescriptor'] } },
  }),
  bound: svaProcessParts.createStateConfig({
    on: { POST_DMA: { actions: 'postDma' }, EXIT: { target: 'exiting', actions: 'putMm' } },
  }),
  exiting: svaProcessParts.createStateConfig({
    on: {
      POST_DMA: { actions: 'postDma' },
      RUN: { target: 'unbinding', actions: ['stopQueue', 'readPasid'] },
    },
  }),
  // Left within the step that entered it.
  unbinding: svaProcessParts.createStateConfig({
    on: {
      PASID: { target: 'gone', actions: ['clearDescriptor', 'dropMm'] },
      // arm_smmu_write_ctx_desc() of INVALID_IOASID: a warning and -E2BIG.
      NO_PASID: { target: 'gone', actions: 'dropMm' },
    },
  }),
  gone: svaProcessParts.createStateConfig({ type: 'final' }),
};

export const svaProcessConfig = {
  context: ({ input }: { input: SvaProcessInput }) => input,
  initial: 'running',
} as const;

export const svaProcess = svaProcessParts.createMachine({
  id: 'svaProcess',
  ...svaProcessConfig,
  states: svaProcessStates,
});
