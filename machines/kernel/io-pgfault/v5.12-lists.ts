/**
 * The core of `v5.12.ts` with the lists that its requests are in (`fault-lists.ts`), where somebody walks over the partial ones while
 * others are reported. A report holds the device lock (`dev->iommu->lock`) from start to end. iopf_queue_discard_partial() holds the lock of
 * the iopf queue; DISCARD_PARTIAL is such a call by the thread that reports, so that nothing can come between, and a walk by somebody else
 * goes to the lists itself (`../arm-smmu-v3/flush-priq-v8-walks.ts`).
 *
 * Simplifications: as there; the device stays in its iopf queue. List 'ACQUIRE' as `blocking`.
 */
import { assign, setup } from 'xstate';
import type { PageRequest, ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';
import type { IopfGroup } from './group.ts';

export type IopfCoreV5ListsEvent =
  /** `iommu_report_device_fault()` */
  | { type: 'REPORT'; request: PageRequest }
  /** The reply of the lists to GATHER. */
  | { type: 'GATHERED'; group: IopfGroup }
  /** `iommu_page_response()` */
  | { type: 'RESPOND'; group: IopfGroup; code: ResponseCode }
  /** `iopf_queue_discard_partial()` */
  | { type: 'DISCARD_PARTIAL' };

export interface IopfCoreV5ListsInput {
  readonly name: string;
  readonly device: string;
  /** A `fault-lists.ts`. */
  readonly lists: string;
  /** The mutexes `dev->iommu->lock` and `iopf_queue->lock`. */
  readonly deviceLock: string;
  readonly queueLock: string;
  /** `iopf_param->queue->wq` */
  readonly workQueue: string;
}

export const iopfCoreV5Lists = setup({
  types: {
    input: {} as IopfCoreV5ListsInput,
    context: {} as IopfCoreV5ListsInput & {
      /** `fault_param->faults`: the last request of each group that was reported and has no answer. */
      readonly faults: readonly PageRequest[];
    },
    events: {} as IopfCoreV5ListsEvent,
  },
  guards: {
    isLast: from('REPORT', ({ event }) => event.request.last),
  },
  actions: {
    lockDevice: call('deviceLock', 'ACQUIRE'),
    unlockDevice: call('deviceLock', 'RELEASE'),
    lockQueue: call('queueLock', 'ACQUIRE'),
    unlockQueue: call('queueLock', 'RELEASE'),
    storePartial: send(
      'lists',
      from('REPORT', ({ event: { request } }) => ({ type: 'ADD_PARTIAL', request })),
    ),
    linkFault: assign({
      faults: from('REPORT', ({ context, event }) =>
        [...context.faults, event.request].sort((a, b) => (a.index < b.index ? -1 : 1)),
      ),
    }),
    gather: call(
      'lists',
      from('REPORT', ({ event: { request } }) => ({ type: 'GATHER', request })),
    ),
    queueGroup: send(
      'workQueue',
      from('GATHERED', ({ event: { group } }) => ({ type: 'QUEUE_WORK', group })),
    ),
    answerDevice: send(
      'device',
      from('RESPOND', ({ context, event: { group, code } }) => {
        const { index, requests } = group;
        return { type: 'PRG_RESPONSE', index, code, by: context.name, generation: requests.at(-1)!.generation };
      }),
    ),
    unlinkFault: assign({
      faults: from('RESPOND', ({ context, event }) =>
        context.faults.filter(({ index }) => index !== event.group.index),
      ),
    }),
    freePartials: send('lists', 'FREE_PARTIALS'),
  },
}).createMachine({
  id: 'iopfCoreV5Lists',
  context: ({ input }) => ({ ...input, faults: [] }),
  on: {
    REPORT: [
      // iommu_queue_iopf(): the group is put together and queued, with the lock held.
      { guard: 'isLast', actions: ['lockDevice', 'linkFault', 'gather'] },
      { actions: ['lockDevice', 'storePartial', 'unlockDevice'] },
    ],
    GATHERED: { actions: ['queueGroup', 'unlockDevice'] },
    // iommu_page_response(): only workers answer, so the group is pending.
    RESPOND: { actions: ['answerDevice', 'unlinkFault'] },
    DISCARD_PARTIAL: { actions: ['lockQueue', 'freePartials', 'unlockQueue'] },
  },
});
