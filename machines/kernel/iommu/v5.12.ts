/**
 * drivers/iommu/iommu.c from v5.3 to v6.8, for one device that has a fault handler of its own
 * (iommu_register_device_fault_handler()): iommu_report_device_fault() and iommu_page_response().
 *
 * The handler runs in the thread that reports, with the device's lock held (`dev->iommu->lock`). So a handler that sleeps keeps the
 * queue thread of the IOMMU waiting, and with it every other device.
 *
 *   REPORT: lock; link the fault as pending; the handler, which answers; unlock; the thread goes on
 *
 * `../io-pgfault/v5.12.ts` is the same for a handler that only queues work. The lock of the pending list (`fault_param->lock`) is never
 * held over a sleep, so it is expressed by each function being one step. List 'ACQUIRE' as `blocking`.
 *
 * Simplifications: memory is never short; the handler answers what it was called for before it returns, and returns 0; it is
 * registered from the start.
 */
import { assign, type EventObject, type MachineContext, setup } from 'xstate';
import { type PageRequest, type ResponseCode, responseTo } from '../../hardware/pcie/page-request.ts';
import { call, from, reply, send } from '../../parts/call.ts';

export type DeviceFaultEvent =
  /** iommu_report_device_fault(); the reply is REPORTED, when it returns. */
  | { type: 'REPORT'; request: PageRequest; by: string }
  /** The handler returns. */
  | { type: 'HANDLED' }
  /** The handler returns an error, without an answer. Only with `v5.12-register.ts`, as is REGISTER. */
  | { type: 'ENODEV' }
  /** iommu_register_device_fault_handler() */
  | { type: 'REGISTER' }
  /** iommu_unregister_device_fault_handler(), by who holds the device's lock. */
  | { type: 'UNREGISTER' }
  /** iommu_page_response() */
  | { type: 'RESPOND'; index: string; code: ResponseCode };

export interface DeviceFaultInput {
  readonly name: string;
  /** Where answers go (`ops->page_response`). */
  readonly device: string;
  /** The mutex `dev->iommu->lock`. */
  readonly lock: string;
  /** `fault_param->handler` */
  readonly handler: string;
}

/** What a fault handler is called with, by `by`, which hears HANDLED in the end. */
export type DeviceFaultCall = { type: 'DEVICE_FAULT'; request: PageRequest; by: string };

/** What a fault handler knows while it is at work. */
export interface DeviceFaultWork {
  readonly request: PageRequest | null;
  /** The fault data of the device that faulted, as iommu_page_response() knows it. */
  readonly caller: string | null;
}

/** For a fault handler: iommu_page_response(). */
export function respond<C extends MachineContext & DeviceFaultWork, E extends EventObject>() {
  return send<C, E, { code: ResponseCode }>(
    ({ context }) => context.caller!,
    ({ context }, { code }) => ({ type: 'RESPOND', index: context.request!.index, code }),
  );
}

/** What versions of it are made of. */
export const deviceFaultParts = setup({
  types: {
    input: {} as DeviceFaultInput,
    context: {} as DeviceFaultInput & {
      /** `fault_param->faults`, by what their answers name. */
      readonly faults: readonly string[];
      /** The thread that reports. */
      readonly caller: string | null;
    },
    events: {} as DeviceFaultEvent,
  },
  actions: {
    lockDevice: call('lock', 'ACQUIRE'),
    unlockDevice: call('lock', 'RELEASE'),
    linkFault: assign(
      from('REPORT', ({ context, event }) => ({
        faults: [...context.faults, event.request.index],
        caller: event.by,
      })),
    ),
    callHandler: call(
      'handler',
      from('REPORT', ({ event }) => ({ type: 'DEVICE_FAULT', request: event.request })),
    ),
    answerDevice: call(
      'device',
      from('RESPOND', ({ event }) => ({ type: 'PRG_RESPONSE', index: event.index, code: event.code, generation: 0 })),
    ),
    unlinkFault: assign(
      from('RESPOND', ({ context, event }) => ({ faults: context.faults.filter((index) => index !== event.index) })),
    ),
    returnToCaller: send('caller', 'REPORTED'),
    refuse: call(
      'device',
      from('REPORT', ({ event }) => responseTo(event.request, 'failure')),
    ),
    returnError: reply('REPORTED'),
    /** arm-smmu-v3.c arm_smmu_handle_evt(): nobody cared, so the driver aborts the access. */
    abandonFault: call('device', ({ context }) => ({
      type: 'PRG_RESPONSE',
      index: context.faults.at(-1)!,
      code: 'failure',
      generation: 0,
    })),
    unlinkAbandoned: assign({ faults: ({ context }) => context.faults.slice(0, -1) }),
    forgetCaller: assign({ caller: null }),
  },
});

export const deviceFaultConfig = {
  context: ({ input }: { input: DeviceFaultInput }) => ({ ...input, faults: [], caller: null }),
  initial: 'registered',
} as const;

/** A version that does one thing otherwise replaces a state. */
export const deviceFaultStates = {
  registered: deviceFaultParts.createStateConfig({
    on: {
      REPORT: { target: 'inHandler', actions: ['lockDevice', 'linkFault', 'callHandler'] },
      UNREGISTER: 'unregistered',
    },
  }),
  inHandler: deviceFaultParts.createStateConfig({
    on: {
      RESPOND: { actions: ['answerDevice', 'unlinkFault'] },
      HANDLED: { target: 'registered', actions: ['unlockDevice', 'returnToCaller', 'forgetCaller'] },
    },
  }),
  // -EINVAL, and the driver aborts the transaction: arm-smmu-v3.c arm_smmu_handle_evt().
  unregistered: deviceFaultParts.createStateConfig({
    on: {
      REPORT: { actions: ['lockDevice', 'unlockDevice', 'refuse', 'returnError'] },
      UNREGISTER: {},
      RESPOND: {},
      HANDLED: {},
    },
  }),
};

export const deviceFault = deviceFaultParts.createMachine({
  id: 'deviceFault',
  ...deviceFaultConfig,
  states: deviceFaultStates,
});
