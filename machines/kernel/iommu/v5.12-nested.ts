/**
 * The fault data of one device in RFC v3 of VFIO's I/O page faults, patch 1 ("iommu: Evolve the device fault reporting framework", April
 * 2021): iommu.c iommu_report_device_fault() and iommu_page_response() of v5.12 (`v5.12.ts`), with a flag for each stage. There is one handler for
 * a device, and the flags say which faults of a nested domain it gets; the others are an error, and the driver that reported answers Failure.
 *
 *   REPORT: lock; is the stage asked for? link the fault as pending; the handler; unlock; the thread goes on
 *
 * A handler may return before the fault has its answer: those of stage 1 wait for the guest. The answer names a fault by its index alone.
 *
 * Here the lock is released where a fault is refused, and an answer is for a fault of the stage that who answers is there for.
 * `v5.12-nested-index.ts` has answers as they are in v5.12, and `v5.12-nested-v3.ts` is the patch as it was posted.
 *
 * Simplifications: as `v5.12.ts`; memory is never short; faults without PASID; the flags never change
 * (iommu_update_device_fault_handler(), as posted, fails wherever there is a handler: its test is the wrong way round).
 */
import { assign, setup } from 'xstate';
import { type PageRequest, type ResponseCode, responseTo } from '../../hardware/pcie/page-request.ts';
import { call, from, reply, send } from '../../parts/call.ts';

export type NestedDeviceFaultEvent =
  /** iommu_report_device_fault(); the reply is REPORTED, when it returns. */
  | { type: 'REPORT'; request: PageRequest; by: string }
  /** The handler returns 0. */
  | { type: 'HANDLED' }
  /** The handler returns an error, without an answer. */
  | { type: 'REFUSED' }
  /** iommu_page_response(), with the stage that whoever answers is there for. */
  | { type: 'RESPOND'; index: string; code: ResponseCode; stage: 1 | 2 };

export interface NestedDeviceFaultInput {
  readonly name: string;
  /** Where answers go (`ops->page_response`). */
  readonly device: string;
  /** The mutex `dev->iommu->lock`. */
  readonly lock: string;
  /** `fault_param->handler` */
  readonly handler: string;
  /** FAULT_REPORT_NESTED_L1, FAULT_REPORT_NESTED_L2 */
  readonly hasL1: boolean;
  readonly hasL2: boolean;
}

/** What versions of it are made of. */
export const nestedDeviceFaultParts = setup({
  types: {
    input: {} as NestedDeviceFaultInput,
    context: {} as NestedDeviceFaultInput & {
      /** `fault_param->faults` */
      readonly faults: readonly PageRequest[];
      /** The request that the handler is called with. */
      readonly reported: PageRequest | null;
      /** The thread that reports. */
      readonly caller: string | null;
    },
    events: {} as NestedDeviceFaultEvent,
  },
  guards: {
    isWanted: from('REPORT', ({ context, event }) => (event.request.stage2 ? context.hasL2 : context.hasL1)),
    isPending: from('RESPOND', ({ context, event }) => context.faults.some(({ index }) => index === event.index)),
    isPendingAtStage: from('RESPOND', ({ context, event }) =>
      context.faults.some(({ index, stage2 }) => index === event.index && (stage2 === true) === (event.stage === 2)),
    ),
  },
  actions: {
    lockDevice: call('lock', 'ACQUIRE'),
    unlockDevice: call('lock', 'RELEASE'),
    // Only the last request of a group is linked, as its answer is that of the group.
    linkFault: assign(
      from('REPORT', ({ context, event: { request, by } }) => ({
        faults: request.last ? [...context.faults, request] : context.faults,
        reported: request,
        caller: by,
      })),
    ),
    callHandler: call(
      'handler',
      from('REPORT', ({ event }) => ({ type: 'DEVICE_FAULT', request: event.request })),
    ),
    answerDevice: call(
      'device',
      from('RESPOND', ({ context, event: { index, code } }) =>
        responseTo(context.faults.find((fault) => fault.index === index)!, code),
      ),
    ),
    unlinkFault: assign({
      faults: from('RESPOND', ({ context, event }) => {
        const at = context.faults.findIndex(({ index }) => index === event.index);
        return context.faults.filter((_, i) => i !== at);
      }),
    }),
    returnToCaller: send('caller', 'REPORTED'),
    /** arm-smmu-v3.c arm_smmu_handle_evt(): nobody cared, so the driver aborts the access. */
    refuse: call(
      'device',
      from('REPORT', ({ event }) => responseTo(event.request, 'failure')),
    ),
    returnError: reply('REPORTED'),
    abandonFault: call('device', ({ context }) => responseTo(context.reported!, 'failure')),
    unlinkAbandoned: assign({
      faults: ({ context: { faults, reported } }) => faults.filter(({ index }) => index !== reported!.index),
    }),
    forgetCaller: assign({ caller: null, reported: null }),
  },
});

export const nestedDeviceFaultConfig = {
  context: ({ input }: { input: NestedDeviceFaultInput }) => ({ ...input, faults: [], reported: null, caller: null }),
  initial: 'registered',
} as const;

/** A version that does one thing otherwise replaces a state. */
export const nestedDeviceFaultStates = {
  registered: nestedDeviceFaultParts.createStateConfig({
    on: {
      REPORT: [
        { guard: 'isWanted', target: 'inHandler', actions: ['lockDevice', 'linkFault', 'callHandler'] },
        // -EOPNOTSUPP
        { actions: ['lockDevice', 'unlockDevice', 'refuse', 'returnError'] },
      ],
      // No version that was posted looks at the stage.
      RESPOND: [{ guard: 'isPendingAtStage', actions: ['answerDevice', 'unlinkFault'] }, {}],
    },
  }),
  inHandler: nestedDeviceFaultParts.createStateConfig({
    on: {
      RESPOND: [{ guard: 'isPendingAtStage', actions: ['answerDevice', 'unlinkFault'] }, {}],
      HANDLED: { target: 'registered', actions: ['unlockDevice', 'returnToCaller', 'forgetCaller'] },
      REFUSED: {
        target: 'registered',
        actions: ['unlinkAbandoned', 'abandonFault', 'unlockDevice', 'returnToCaller', 'forgetCaller'],
      },
    },
  }),
};

export const nestedDeviceFault = nestedDeviceFaultParts.createMachine({
  id: 'nestedDeviceFault',
  ...nestedDeviceFaultConfig,
  states: nestedDeviceFaultStates,
});
