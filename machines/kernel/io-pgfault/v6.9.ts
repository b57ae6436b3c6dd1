/**
 * drivers/iommu/io-pgfault.c from v6.9 to 738e6f32e61d, for one device: its `struct iommu_fault_param`, and the functions that work
 * on it under `fault_param->lock`. `738e6f32e61d.ts` is the core since then; only its answers differ. Two lists: `partial`, the requests whose group is not complete yet, and `pending`, the
 * groups that wait for their answer (`fault_param->faults`).
 *
 * Each transition is what one function does while it holds the lock, so it is one step; the handler is called without
 * the lock, but all that it does here is to queue the group, so that is in the same step.
 *
 * Simplifications: memory is never short, so nothing is aborted (there the kernel answers Failure); the fault parameter
 * is not reference counted; PASIDs are not compared, as in the kernel.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { PageRequest, ResponseCode } from '../../hardware/pcie/page-request.ts';
import { from, send, tell } from '../../parts/call.ts';
import { type IopfGroup, isSameGroup } from './group.ts';

export type IopfCoreEvent =
  /** `iommu_report_device_fault()`, called by the IOMMU driver's interrupt thread. */
  | { type: 'REPORT'; request: PageRequest }
  /** `iopf_group_response()`, called by whoever handled the group. */
  | { type: 'RESPOND'; group: IopfGroup; code: ResponseCode }
  /** `iopf_queue_discard_partial()`, this device's turn. */
  | { type: 'DISCARD_PARTIAL' }
  /** `iopf_queue_remove_device()`. */
  | { type: 'REMOVE_DEVICE' }
  /** `iopf_queue_add_device()` */
  | { type: 'ADD_DEVICE' };

export interface IopfCoreInput {
  readonly name: string;
  /** Where answers go (`ops->page_response`): the device's PRI. */
  readonly device: string;
  /** Who takes complete groups (the domain's `iopf_handler` queues them there). */
  readonly workQueue: string;
}

/** What versions of the core since v6.9 are made of. */
export const iopfCoreParts = setup({
  types: {
    input: {} as IopfCoreInput,
    context: {} as IopfCoreInput & {
      readonly partial: readonly PageRequest[];
      /** Kept sorted: the order in the kernel's list is never looked at. */
      readonly pending: readonly IopfGroup[];
    },
    events: {} as IopfCoreEvent,
  },
  guards: {
    isLast: ({ event }) => event.type === 'REPORT' && event.request.last,
    isPending: from('RESPOND', ({ context, event }) =>
      context.pending.some((group) => isSameGroup(group, event.group)),
    ),
  },
  actions: {
    storePartial: assign(from('REPORT', ({ context, event }) => ({ partial: [...context.partial, event.request] }))),
    // iopf_group_alloc(): gathers by index alone, links the group as pending; then the handler queues it.
    buildAndQueueGroup: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'REPORT');
      const { device, index } = event.request;
      const gathered = [...context.partial.filter((request) => request.index === index), event.request];
      const group: IopfGroup = {
        device,
        index,
        requests: gathered.map(({ page, generation, write }) => ({
          page,
          generation,
          ...(write === undefined ? {} : { write }),
        })),
      };
      enqueue.assign({
        partial: context.partial.filter((request) => request.index !== index),
        pending: [...context.pending, group].sort(byText),
      });
      const work = { type: 'QUEUE_WORK', group };
      tell(enqueue, context.workQueue, work);
    }),
    // iopf_error_response(): nobody to handle it, so it is answered at once, whether it is the last one or not.
    answerInvalid: send(
      'device',
      from('REPORT', ({ context, event }) => {
        const { index, generation } = event.request;
        return { type: 'PRG_RESPONSE', index, code: 'invalid', by: context.name, generation };
      }),
    ),
    unlinkAndAnswer: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESPOND');
      const at = context.pending.findIndex((group) => isSameGroup(group, event.group));
      enqueue.assign({ pending: context.pending.filter((_, i) => i !== at) });
      const response = answer(event.group, event.code, context.name);
      tell(enqueue, context.device, response);
    }),
    discardPartial: assign({ partial: [] }),
    answerAllInvalid: enqueueActions(({ context, enqueue }) => {
      for (const group of context.pending) {
        const response = answer(group, 'invalid', context.name);
        tell(enqueue, context.device, response);
      }
      enqueue.assign({ pending: [] });
    }),
  },
});

export const iopfCoreConfig = {
  context: ({ input }: { input: IopfCoreInput }) => ({ ...input, partial: [], pending: [] }),
  initial: 'added',
} as const;

/** A version that does one thing otherwise replaces a state. */
export const iopfCoreStates = {
  added: iopfCoreParts.createStateConfig({
    on: {
      REPORT: [
        // iommu_report_device_fault() -> iopf_group_alloc() -> domain->iopf_handler()
        { guard: 'isLast', actions: 'buildAndQueueGroup' },
        // report_partial_fault(): no answer is due before the last request.
        { actions: 'storePartial' },
      ],
      RESPOND: [
        // iopf_group_response(), to 738e6f32e61d: only while the group is still linked, so the first of two answers wins.
        { guard: 'isPending', actions: 'unlinkAndAnswer' },
        {},
      ],
      // iopf_queue_discard_partial()
      DISCARD_PARTIAL: { actions: 'discardPartial' },
      // iopf_queue_remove_device(): partials are freed, pending groups answered Invalid and unlinked.
      REMOVE_DEVICE: { target: 'removed', actions: ['discardPartial', 'answerAllInvalid'] },
    },
  }),
  removed: iopfCoreParts.createStateConfig({
    on: {
      // Since b58b133e680b (v6.11); before it nobody answered.
      REPORT: { actions: 'answerInvalid' },
      // The group was unlinked by the removal.
      RESPOND: {},
      // Nothing is left of the old parameter's lists; a group that still refers to it is no longer in them.
      ADD_DEVICE: 'added',
      // The device is no longer in the queue's list.
      DISCARD_PARTIAL: {},
    },
  }),
};

export const iopfCore = iopfCoreParts.createMachine({ id: 'iopfCore', ...iopfCoreConfig, states: iopfCoreStates });

function answer(group: IopfGroup, code: ResponseCode, by: string) {
  return { type: 'PRG_RESPONSE', index: group.index, code, by, generation: group.requests.at(-1)!.generation };
}

function byText(a: IopfGroup, b: IopfGroup): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
