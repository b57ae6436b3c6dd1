/**
 * The thread of a VMM between the fault region of a device (`../kernel/vfio-pci/dma-fault-region.ts`) and the guest: it reads a fault, puts it into
 * the guest's emulated queue, which is where the guest's io-pgfault gets it from, and writes the guest's answers into the response region
 * (QEMU's vfio_dma_fault_notifier_handler() and smmuv3_inject_faults() of the proof of concept for vSVA on Arm, 2019 to 2021).
 *
 * Simplifications: the emulated queue is the step between them, so it never overflows; the response region is another, and the worker that
 * reads it, dma_response_inject(), which calls iommu_page_response().
 */
import { assign, setup } from 'xstate';
import type { PageRequest, PageResponse } from '../hardware/pcie/page-request.ts';
import { call, from, send } from '../parts/call.ts';

export type FaultInjectorEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'RECORD'; request: PageRequest }
  /** The guest's driver answers: the VMM sees a command of its emulated queue. */
  | ({ type: 'PRG_RESPONSE' } & PageResponse)
  /** The guest answers what it was not asked, or a second time; once in a run. */
  | { type: 'ANSWER_UNASKED'; index: string; code: 'success' | 'invalid' };

export interface FaultInjectorInput {
  readonly name: string;
  readonly region: string;
  /** The io-pgfault core of the device in the guest. */
  readonly guestCore: string;
  /** Its fault data in the host. */
  readonly core: string;
}

export const faultInjector = setup({
  types: {
    input: {} as FaultInjectorInput,
    context: {} as FaultInjectorInput & { readonly request: PageRequest | null; readonly hasAnsweredUnasked: boolean },
    events: {} as FaultInjectorEvent,
  },
  guards: { mayAnswerUnasked: ({ context }) => !context.hasAnsweredUnasked },
  actions: {
    readFault: call('region', 'READ'),
    keepFault: assign({ request: from('RECORD', ({ event }) => event.request) }),
    inject: send('guestCore', ({ context }) => ({ type: 'REPORT', request: context.request! })),
    noteUnasked: assign({ hasAnsweredUnasked: true }),
    forgetFault: assign({ request: null }),
    respond: send(
      'core',
      from(['PRG_RESPONSE', 'ANSWER_UNASKED'], ({ event: { index, code } }) => ({
        type: 'RESPOND',
        index,
        code,
        stage: 1,
      })),
    ),
  },
}).createMachine({
  id: 'faultInjector',
  context: ({ input }) => ({ ...input, request: null, hasAnsweredUnasked: false }),
  initial: 'idle',
  on: {
    PRG_RESPONSE: { actions: 'respond' },
    ANSWER_UNASKED: { guard: 'mayAnswerUnasked', actions: ['respond', 'noteUnasked'] },
  },
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'readFault' } } },
    // Left within the step that entered it.
    reading: { on: { RECORD: { target: 'injecting', actions: 'keepFault' } } },
    injecting: { on: { RUN: { target: 'idle', actions: ['inject', 'forgetFault'] } } },
  },
});
