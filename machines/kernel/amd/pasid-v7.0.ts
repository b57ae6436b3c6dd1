/**
 * The thread that unbinds a PASID of a device from its mm and binds it again, on AMD in 7.0 (iommu-sva.c
 * iommu_sva_unbind_device(), iommu.c iommu_detach_device_pasid(), amd/iommu.c blocked_domain_set_dev_pasid()). The driver
 * stops the PASID; the page table is taken away; the handle is erased, and domain and handle are freed. Nobody looks at
 * the log or at the work queue: amd/iommu.c detach_device() flushes, but that is for the device's own domain.
 *
 *   bound -UNBIND-> stopped -RUN-> erased -RUN-> unbound -RUN-> bound
 *
 * A race makes its own thread of `pasidThreadParts`. List 'EMPTY', 'SYNCHRONIZE' and 'FLUSHED' as `blocking`.
 *
 * Simplification: `amd_iommu_clear_gcr3()` has no effect here, since DMA always misses.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type PasidThreadEvent =
  /** The device's driver lets the process go. */
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface PasidThreadInput {
  readonly pasid: string;
  readonly device: string;
  readonly log: string;
  /** The interrupt thread. */
  readonly thread: string;
  readonly array: string;
  /** The work queue, as far as it has groups of the PASID. */
  readonly groups: string;
  readonly handle: string;
}

/** What threads are made of. */
export const pasidThreadParts = setup({
  types: { input: {} as PasidThreadInput, context: {} as PasidThreadInput, events: {} as PasidThreadEvent },
  actions: {
    stopPasid: send('device', ({ context: { pasid } }) => ({ type: 'STOP_PASID', pasid })),
    awaitEmptyLog: send('log', 'EMPTY'),
    awaitThread: send('thread', 'SYNCHRONIZE'),
    awaitWork: send('groups', 'FLUSHED'),
    eraseHandle: send('array', ({ context: { pasid } }) => ({ type: 'ERASE', pasid })),
    freeHandle: send('handle', 'FREE'),
    allocateHandle: send('handle', 'ALLOC'),
    storeHandle: send('array', ({ context: { pasid, handle } }) => ({ type: 'STORE', pasid, handle })),
    startPasid: send('device', ({ context: { pasid } }) => ({ type: 'START_PASID', pasid })),
  },
});

export const pasidThreadConfig = {
  context: ({ input }: { input: PasidThreadInput }) => input,
  initial: 'bound',
} as const;

export const pasidThreadStates = {
  bound: pasidThreadParts.createStateConfig({ on: { UNBIND: { target: 'stopped', actions: 'stopPasid' } } }),
  ...straightLine(
    {
      stopped: 'eraseHandle',
      erased: 'freeHandle',
      // iommu_sva_bind_device()
      unbound: ['allocateHandle', 'storeHandle', 'startPasid'],
    },
    'bound',
  ),
};

export const pasidThreadV70 = pasidThreadParts.createMachine({
  id: 'pasidThreadV70',
  ...pasidThreadConfig,
  states: pasidThreadStates,
});
