/**
 * A process that has its address space bound to a PASID of a device, uses the device, and unbinds again, by the thread that does it
 * (iommu-sva.c iommu_sva_bind_device(), iommu_sva_unbind_device(), with arm-smmu-v3-sva.c).
 *
 *   unbound -BIND-> bound -POST_DMA-> bound
 *                         -UNBIND-> stopped: the context descriptor is cleared
 *                                   cleared: the attach handle is taken out of the group's array
 *                                   detached: the PASID may be bound by another process
 *
 * SMMUv3 drains nothing, neither its event queue nor the work queue (arm_smmu_disable_iopf() is all that there is): it relies on
 * drivers that unbind when their device has completed all transactions, the stalled ones included.
 *
 * List 'ACQUIRE' and 'DMA' as `blocking`, and what a version waits for.
 *
 * Simplifications: one PASID, which is a mutex: whoever binds has it; the descriptor and the handle are there at once, in one step.
 */
import { setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type SvaBindEvent =
  | { type: 'BIND' }
  /** The process lets the device write to this address. */
  | { type: 'POST_DMA'; page: string }
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The reply of the command queue, for versions that wait for it. */
  | { type: 'SYNC_COMPLETE' };

export interface SvaBindInput {
  readonly name: string;
  /** The address space. */
  readonly mm: string;
  /** A `../locking/mutex.ts` that stands for the one PASID. */
  readonly pasid: string;
  /** A `../../hardware/smmu/substream.ts` and its `context-descriptor.ts`. */
  readonly device: string;
  readonly descriptor: string;
  /** A `../io-pgfault/report.ts`. */
  readonly report: string;
  readonly eventQueue: string;
  readonly evtqThread: string;
  readonly workQueue: string;
  readonly commandQueue: string;
}

/** What versions of the thread are made of. */
export const svaBindParts = setup({
  types: {
    input: {} as SvaBindInput,
    context: {} as SvaBindInput,
    events: {} as SvaBindEvent,
  },
  actions: {
    takePasid: call('pasid', 'ACQUIRE'),
    installDescriptor: send('descriptor', ({ context }) => ({ type: 'INSTALL', mm: context.mm })),
    storeHandle: send('report', ({ context }) => ({ type: 'ATTACH', mm: context.mm })),
    postDma: send(
      'device',
      from('POST_DMA', ({ context, event }) => ({ type: 'DMA', page: event.page, process: context.mm })),
    ),
    awaitIdleDevice: send('device', 'AWAIT_IDLE'),
    clearDescriptor: send('descriptor', 'CLEAR'),
    // Nothing in the event queue, and nothing in the hand of its thread.
    drainEventQueue: send('eventQueue', 'EMPTY'),
    synchronizeIrq: send('evtqThread', 'SYNCHRONIZE_IRQ'),
    startFlush: send('workQueue', 'FLUSH'),
    awaitFlush: send('workQueue', 'FLUSHED'),
    issueSync: call('commandQueue', 'SYNC'),
    eraseHandle: send('report', 'DETACH'),
    removeDevice: send('report', 'REMOVE_DEVICE'),
    putPasid: call('pasid', 'RELEASE'),
  },
});

/** Another version replaces states. */
export const svaBindStates = {
  unbound: svaBindParts.createStateConfig({
    on: { BIND: { target: 'bound', actions: ['takePasid', 'installDescriptor', 'storeHandle'] } },
  }),
  bound: svaBindParts.createStateConfig({
    on: { POST_DMA: { actions: 'postDma' }, UNBIND: 'stopped' },
  }),
  ...straightLine({ stopped: 'clearDescriptor', cleared: 'eraseHandle', detached: 'putPasid' }, 'unbound'),
};

export const svaBindConfig = {
  context: ({ input }: { input: SvaBindInput }) => input,
  initial: 'unbound',
} as const;

export const svaBind = svaBindParts.createMachine({ id: 'svaBind', ...svaBindConfig, states: svaBindStates });
