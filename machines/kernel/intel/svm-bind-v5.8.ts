/**
 * A process that binds its address space to a PASID of a device, uses the device and unbinds again, by the thread that does it on VT-d
 * from v5.8, 66ac4db36f4c, to v6.1 (intel/svm.c intel_svm_bind_mm(), intel_svm_unbind_mm(), intel_svm_drain_prq(), with `pasid_mutex` held).
 *
 *   unbound -BIND-> bound -POST_DMA-> bound
 *                         -UNBIND-> stopped: the driver has stopped the device
 *                                   locked: the PASID-table entry is cleared, with `pasid_mutex` held
 *                                   drained: nothing of the PASID is between head and tail of the queue
 *                                   flushed: nothing of it is in the hardware
 *                                   freed: the PASID has been given back; `struct intel_svm` goes
 *
 * The driver stops the device before (`stopped`), but what the device has asked for may be on its way: a function that stops a PASID by a
 * Stop Marker waits for no answer, nor does one that is reset.
 *
 * Versions: `svm-bind-v5.7.ts` drains nothing, `svm-bind-device-waits.ts` has a device that waits, `svm-bind-v6.18.ts` asks for PDS.
 *
 * List 'ACQUIRE', 'ALLOC_PASID', 'POST', 'DRAIN' and 'WAIT_DESCRIPTOR' as `blocking`.
 *
 * Simplifications: one device, so the last device of the mm goes with each unbind; invalidations are done when the entry is cleared; the
 * loop of scan and wait in the drain is one wait; the queue does not overflow.
 */
import { setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type SvmBindEvent =
  | { type: 'BIND' }
  /** The process lets the device access memory, which misses. */
  | { type: 'POST_DMA'; index: string }
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** What the hardware can do, for versions that ask. */
  | { type: 'PDS' }
  | { type: 'NO_PDS' };

export interface SvmBindInput {
  readonly name: string;
  readonly pasid: string;
  /** `pasid_mutex` */
  readonly mutex: string;
  /** A `../iommu/ioasid.ts`, and the process's own `svm.ts`. */
  readonly ioasids: string;
  readonly svm: string;
  /** The function, its PASID table, the page request queue, and what the hardware has before that. */
  readonly device: string;
  readonly table: string;
  readonly registers: string;
  readonly buffer: string;
}

/** What versions are made of. */
export const svmBindParts = setup({
  types: {
    input: {} as SvmBindInput,
    context: {} as SvmBindInput,
    events: {} as SvmBindEvent,
  },
  actions: {
    lock: call('mutex', 'ACQUIRE'),
    unlock: call('mutex', 'RELEASE'),
    allocSvm: send('svm', 'ALLOC'),
    allocPasid: send('ioasids', ({ context }) => ({ type: 'ALLOC_PASID', data: context.svm })),
    setEntry: send('table', ({ context: { pasid } }) => ({ type: 'SET_ENTRY', pasid })),
    startDevice: send('device', ({ context: { pasid } }) => ({ type: 'START_PASID', pasid })),
    postDma: send(
      'device',
      from('POST_DMA', ({ context, event: { index } }) => {
        return { type: 'POST', index, pasid: context.pasid, last: true, process: context.name };
      }),
    ),
    stopDevice: send('device', ({ context: { pasid } }) => ({ type: 'STOP_PASID', pasid })),
    awaitDevice: send('device', ({ context: { pasid } }) => ({ type: 'AWAIT_PASID', pasid })),
    clearEntry: send('table', ({ context: { pasid } }) => ({ type: 'CLEAR_ENTRY', pasid })),
    awaitQueue: send('registers', ({ context: { pasid } }) => ({ type: 'DRAIN', pasid })),
    awaitHardware: send('buffer', 'WAIT_DESCRIPTOR'),
    freePasid: send('ioasids', 'FREE_PASID'),
    freeSvm: send('svm', 'FREE'),
    readCapabilities: call('buffer', 'READ_ECAP'),
  },
});

export const svmBindConfig = {
  context: ({ input }: { input: SvmBindInput }) => input,
  initial: 'unbound',
} as const;

/** intel_svm_bind_mm(). Another version replaces states. */
export const bindMm = ['lock', 'allocSvm', 'allocPasid', 'setEntry', 'unlock', 'startDevice'] as const;

export const svmBindStates = {
  unbound: svmBindParts.createStateConfig({
    on: { BIND: { target: 'bound', actions: [...bindMm] } },
  }),
  bound: svmBindParts.createStateConfig({
    on: { POST_DMA: { actions: 'postDma' }, UNBIND: { target: 'stopped', actions: 'stopDevice' } },
  }),
  ...straightLine(
    {
      // intel_pasid_tear_down_entry()
      stopped: ['lock', 'clearEntry'],
      // intel_svm_drain_prq(), prq_retry
      locked: 'awaitQueue',
      // qi_retry
      drained: 'awaitHardware',
      flushed: 'freePasid',
      freed: ['freeSvm', 'unlock'],
    },
    'unbound',
  ),
};

export const svmBindV58 = svmBindParts.createMachine({ id: 'svmBindV58', ...svmBindConfig, states: svmBindStates });
