/**
 * `struct iommu_fault_param` of one device with its reference count, and the functions of io-pgfault.c that work on
 * it, since v6.9. `v6.9.ts` is the same object for handlers that answer from the work queue; here the subject is
 * who owns a group while it waits for somebody who may take for ever.
 *
 * A group refers to the parameter until it is freed, so the parameter may outlive the device's removal.
 *
 * Three versions differ in who owns a group:
 *
 *   `fault-param-v6.9.ts`           removal answers and unlinks, whoever holds the group frees it
 *   `fault-param-9759ae2cee7c.ts`   removal frees what it answers
 *   here, since 738e6f32e61d        a handler that keeps a group unlinks it, and owns it; an answer is never held back
 *
 * REPORT is iommu_report_device_fault() as one step, up to the call of the handler. It is three: the handler is looked up, and the
 * parameter, and a group is linked. Where something may come between them, `report-to-iommufd.ts` goes through them one by one, by
 * GET_PARAM and LINK.
 *
 * Simplifications: groups of one request, so no partial list; memory is never short (`report-without-memory.ts` has that case);
 * `fault_param->lock` is expressed by each function being one step; a device has one parameter at a time. In the kernel
 * iopf_queue_add_device() makes a new one while groups still refer to the old one; here the old one is the new one, and counts both's references.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { PageRequest, ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from, reply, tell } from '../../parts/call.ts';

export type FaultParamEvent =
  /** `iommu_report_device_fault()`, up to the call of the handler: the reply is CALL_HANDLER, and the caller calls. */
  | { type: 'REPORT'; request: PageRequest; by: string }
  /** `iopf_get_dev_fault_param()`: the reply is PARAM, or NO_PARAM. */
  | { type: 'GET_PARAM'; by: string }
  /** `iopf_group_alloc()`, to which the caller's reference passes: the reply is LINKED. */
  | { type: 'LINK'; request: PageRequest; by: string }
  /** `iopf_group_dequeue()` */
  | { type: 'UNLINK'; group: string }
  /** `iopf_group_response()` */
  | { type: 'RESPOND'; group: string; index: string; code: ResponseCode }
  /** `iopf_put_dev_fault_param()` */
  | { type: 'PUT' }
  /** `iopf_queue_remove_device()` */
  | { type: 'REMOVE_DEVICE' }
  /** `iopf_queue_add_device()` */
  | { type: 'ADD_DEVICE' };

export interface FaultParamInput {
  readonly name: string;
  readonly device: string;
  /** The memory for the group of each index, by index. */
  readonly groups: Readonly<Record<string, string>>;
  /** The attached domain's `iopf_handler`, and the attach handle that it is found by. */
  readonly handler: string;
  readonly handle: string;
  /** Of `fault-param-0095bf83554f.ts`: the memory for the copy of the last request, by index. */
  readonly copies?: Readonly<Record<string, string>>;
}

/** What the versions are made of. */
export const faultParamParts = setup({
  types: {
    input: {} as FaultParamInput,
    context: {} as FaultParamInput & {
      /** References: one of the iopf queue while the device is in it, one of each group. */
      readonly users: number;
      /** `fault_param->faults` */
      readonly faults: readonly { group: string; index: string }[];
    },
    events: {} as FaultParamEvent,
  },
  guards: {
    isLast: ({ event }) => event.type === 'REPORT' && event.request.last,
    isLinked: ({ context, event }) =>
      event.type === 'RESPOND' && context.faults.some(({ group }) => group === event.group),
    isUnused: ({ context }) => context.users === 0,
  },
  actions: {
    linkGroup: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, ['REPORT', 'LINK']);
      const { index } = event.request;
      const group = context.groups[index]!;
      const faults = [...context.faults, { group, index }].sort((a, b) => (a.group < b.group ? -1 : 1));
      enqueue.assign({ faults });
      tell(enqueue, group, { type: 'ALLOC' });
    }),
    replyParam: reply('PARAM'),
    replyNoParam: reply('NO_PARAM'),
    replyLinked: reply(
      from('LINK', ({ context, event }) => ({ type: 'LINKED', group: context.groups[event.request.index]! })),
    ),
    // iopf_error_response()
    answerInvalid: call(
      'device',
      from('REPORT', ({ context, event }) => invalid(context.name, event.request.index)),
    ),
    askCallerToCallHandler: reply(
      from('REPORT', ({ context, event }) => {
        const { handler, handle, groups } = context;
        return { type: 'CALL_HANDLER', call: { handler, handle, group: groups[event.request.index]! } };
      }),
    ),
    unlink: assign({
      faults: from(['UNLINK', 'RESPOND'], ({ context, event }) =>
        context.faults.filter(({ group }) => group !== event.group),
      ),
    }),
    answerDevice: call(
      'device',
      from('RESPOND', ({ event }) => ({ type: 'PRG_RESPONSE', index: event.index, code: event.code, generation: 0 })),
    ),
    answerAllInvalid: enqueueActions(({ context: { name, device, faults }, enqueue }) => {
      for (const { index } of faults) tell(enqueue, device, invalid(name, index));
      enqueue.assign({ faults: [] });
    }),
    answerAndFreeAll: enqueueActions(({ context: { name, device, faults }, enqueue }) => {
      for (const { group, index } of faults) {
        tell(enqueue, device, invalid(name, index));
        tell(enqueue, group, { type: 'FREE' });
      }
      enqueue.assign({ faults: [] });
    }),
    getReference: assign({ users: ({ context }) => context.users + 1 }),
    putReference: assign({ users: ({ context }) => context.users - 1 }),
  },
});

function invalid(by: string, index: string) {
  return { type: 'PRG_RESPONSE', index, code: 'invalid', by, generation: 0 };
}

export const faultParamConfig = {
  context: ({ input }: { input: FaultParamInput }) => ({ ...input, users: 1, faults: [] }),
  initial: 'added',
} as const;

/** Another version replaces states. */
export const faultParamStates = {
  added: faultParamParts.createStateConfig({
    on: {
      // iommu_report_device_fault() -> iopf_group_alloc(): the group takes over the caller's reference and is linked.
      REPORT: { guard: 'isLast', actions: ['getReference', 'linkGroup', 'askCallerToCallHandler'] },
      GET_PARAM: { actions: ['getReference', 'replyParam'] },
      LINK: { actions: ['linkGroup', 'replyLinked'] },
      UNLINK: { actions: 'unlink' },
      // iopf_group_response(): only the group's one owner gets here, whether it is linked or not.
      RESPOND: { actions: ['answerDevice', 'unlink'] },
      PUT: { actions: 'putReference' },
      // iopf_queue_remove_device(): answers Invalid to what is linked, frees it, and drops the queue's reference.
      REMOVE_DEVICE: { target: 'removed', actions: ['answerAndFreeAll', 'putReference'] },
    },
  }),
  // No longer found by the device, but groups that are still out there refer to it.
  removed: faultParamParts.createStateConfig({
    always: { guard: 'isUnused', target: 'freed' },
    on: {
      // Since b58b133e680b (v6.11); before it nobody answered.
      REPORT: { actions: 'answerInvalid' },
      GET_PARAM: { actions: 'replyNoParam' },
      // Who got the parameter before it was removed goes on with it.
      LINK: { actions: ['linkGroup', 'replyLinked'] },
      UNLINK: { actions: 'unlink' },
      RESPOND: { actions: ['answerDevice', 'unlink'] },
      PUT: { actions: 'putReference' },
      // iopf_queue_add_device(): it finds none (`dev->iommu->fault_param` is NULL), whoever still refers to the old one.
      ADD_DEVICE: { target: 'added', actions: 'getReference' },
    },
  }),
  freed: faultParamParts.createStateConfig({
    on: {
      ADD_DEVICE: { target: 'added', actions: 'getReference' },
      REPORT: { actions: 'answerInvalid' },
      GET_PARAM: { actions: 'replyNoParam' },
      LINK: 'usedAfterFree',
      UNLINK: 'usedAfterFree',
      // Freed memory still tells its device.
      RESPOND: { target: 'usedAfterFree', actions: 'answerDevice' },
      PUT: 'usedAfterFree',
    },
  }),
  usedAfterFree: faultParamParts.createStateConfig({
    on: {
      UNLINK: {},
      RESPOND: {},
      PUT: {},
      REPORT: {},
      GET_PARAM: { actions: 'replyNoParam' },
      LINK: {},
      ADD_DEVICE: {},
      REMOVE_DEVICE: {},
    },
  }),
};

export const faultParam = faultParamParts.createMachine({
  id: 'faultParam',
  ...faultParamConfig,
  states: faultParamStates,
});
