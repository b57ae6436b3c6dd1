/**
 * The io-pgfault core of one device as it was from v5.12 to v6.8: io-pgfault.c, and in iommu.c the functions
 * iommu_report_device_fault() and iommu_page_response(). It takes the same messages as `v6.9.ts`, the core of
 * v6.9.
 *
 * Two mutexes protect a device's fault data. The device lock (`dev->iommu->lock`) is an actor, because flush sleeps
 * while it holds it (`../intel/svm-unbind-v5.15.ts`). The lock of the pending list (`fault_param->lock`) is never held over a
 * sleep, so it is expressed by each function being one step.
 *
 * iommu_page_response() takes the list lock only. In commit cc7338e9d807 it takes the device lock as well, and since its child
 * a74c077b9021 only the list lock again.
 *
 * Removal looks at no fault and never fails: that no group is pending then is its caller's business. (The -EBUSY of those
 * versions was iommu_unregister_device_fault_handler()'s, which is not here; iopf_queue_remove_device() had one in a74c077b9021 alone.)
 *
 * Simplifications: no PASID and no permissions; memory is never short, so the handler does not fail; the queue object
 * is there from start to end, so its mutex is left out, and with it iopf_queue_discard_partial(), which takes that and not the device
 * lock (B-07). List 'ACQUIRE' as `blocking`.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { PageRequest, ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from, tell } from '../../parts/call.ts';
import type { IopfGroup } from './group.ts';

export type IopfCoreV5Event =
  /** `iommu_report_device_fault()` */
  | { type: 'REPORT'; request: PageRequest }
  /** `iommu_page_response()` */
  | { type: 'RESPOND'; group: IopfGroup; code: ResponseCode }
  /** `iopf_queue_remove_device()` */
  | { type: 'REMOVE_DEVICE' }
  /** `iopf_queue_add_device()` */
  | { type: 'ADD_DEVICE' };

export interface IopfCoreV5Input {
  readonly name: string;
  readonly device: string;
  /** The mutex `dev->iommu->lock`. */
  readonly deviceLock: string;
  /** `iopf_param->queue->wq` */
  readonly workQueue: string;
  /** The mutex `pasid_mutex`, where the driver's `page_response` takes it. */
  readonly pasidMutex?: string;
}

/** What versions of this core are made of. */
export const iopfCoreV5Parts = setup({
  types: {
    input: {} as IopfCoreV5Input,
    context: {} as IopfCoreV5Input & {
      /** `fault_param->faults`: the last request of each group that was reported and has no answer. */
      readonly faults: readonly PageRequest[];
      /** `iopf_param->partial`: requests whose group is not complete. */
      readonly partial: readonly PageRequest[];
    },
    events: {} as IopfCoreV5Event,
  },
  guards: {
    isLast: ({ event }) => event.type === 'REPORT' && event.request.last,
    isPending: ({ context, event }) =>
      event.type === 'RESPOND' && context.faults.some(({ index }) => index === event.group.index),
  },
  actions: {
    lockDevice: call('deviceLock', 'ACQUIRE'),
    unlockDevice: call('deviceLock', 'RELEASE'),
    lockPasids: call(({ context }) => context.pasidMutex!, 'ACQUIRE'),
    unlockPasids: call(({ context }) => context.pasidMutex!, 'RELEASE'),
    storePartial: assign({
      partial: from('REPORT', ({ context, event }) => [...context.partial, event.request]),
    }),
    linkFault: assign({
      faults: from('REPORT', ({ context, event }) =>
        [...context.faults, event.request].sort((a, b) => (a.index < b.index ? -1 : 1)),
      ),
    }),
    buildAndQueueGroup: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'REPORT');
      const { device, index } = event.request;
      const members = [...context.partial.filter((request) => request.index === index), event.request];
      const requests = members.map(({ page, generation }) => ({ page, generation }));
      const group: IopfGroup = { device, index, requests };
      enqueue.assign({ partial: context.partial.filter((request) => request.index !== index) });
      const work = { type: 'QUEUE_WORK', group };
      tell(enqueue, context.workQueue, work);
    }),
    answerDevice: call(
      'device',
      from('RESPOND', ({ event }) => ({
        type: 'PRG_RESPONSE',
        index: event.group.index,
        code: event.code,
        generation: 0,
      })),
    ),
    unlinkFault: assign({
      faults: from('RESPOND', ({ context, event }) =>
        context.faults.filter(({ index }) => index !== event.group.index),
      ),
    }),
    freePartials: assign({ partial: [] }),
  },
});

export const iopfCoreV5Config = {
  context: ({ input }: { input: IopfCoreV5Input }) => ({ ...input, faults: [], partial: [] }),
  initial: 'added',
} as const;

export const iopfCoreV5States = {
  added: iopfCoreV5Parts.createStateConfig({
    on: {
      // iommu.c iommu_report_device_fault(): the handler, iommu_queue_iopf(), runs under the device lock.
      REPORT: [
        // The last request takes the partials of its group with it; they are found by index alone.
        { guard: 'isLast', actions: ['lockDevice', 'linkFault', 'buildAndQueueGroup', 'unlockDevice'] },
        { actions: ['lockDevice', 'storePartial', 'unlockDevice'] },
      ],
      RESPOND: [
        // iommu.c iommu_page_response(): only a pending group is answered, and it is then no longer pending.
        { guard: 'isPending', actions: ['answerDevice', 'unlinkFault'] },
        // "no pending PRQ, drop response"
        {},
      ],
      // io-pgfault.c iopf_queue_remove_device(): partials that are left over are freed.
      REMOVE_DEVICE: { target: 'removed', actions: ['lockDevice', 'freePartials', 'unlockDevice'] },
    },
  }),
  removed: iopfCoreV5Parts.createStateConfig({
    on: { ADD_DEVICE: 'added' },
  }),
};

export const iopfCoreV5 = iopfCoreV5Parts.createMachine({
  id: 'iopfCoreV5',
  ...iopfCoreV5Config,
  states: iopfCoreV5States,
});
