/**
 * The VMM between a fault region of VFIO and the page request queue that it emulates for its guest, request by request: the chain
 * vfio_dma_fault_notifier_handler(), inject_faults() and back by an ioctl that the QEMU side of the nested-stage series had. It keeps nothing:
 * an answer names its group by the index.
 *
 * A recall is done by what every emulated queue has: PRO is set, and the guest discards what is not complete before it clears that. So a
 * guest needs no new message for it.
 *
 * Simplifications: as `vmm-groups.ts`; what finds no room in the guest's queue is answered Success, if it is the last of its group.
 */
import { assign, setup } from 'xstate';
import type { PageRequest, PageResponse } from '../hardware/pcie/page-request.ts';
import { call, from, send } from '../parts/call.ts';
import type { VmmInput } from './vmm-groups.ts';

export type VmmRequestsEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'RECORD'; request: PageRequest }
  | { type: 'RECALLED' }
  /** Replies of the emulated queue. */
  | { type: 'STORED' }
  | { type: 'ENOSPC' }
  /** The guest answers a group. */
  | ({ type: 'PRG_RESPONSE' } & PageResponse);

export const vmmRequests = setup({
  types: {
    input: {} as VmmInput,
    context: {} as VmmInput & { readonly request: PageRequest | null },
    events: {} as VmmRequestsEvent,
  },
  guards: { isLast: ({ context }) => context.request!.last },
  actions: {
    readFaults: call('faults', 'READ'),
    keepRequest: assign({ request: from('RECORD', ({ event }) => event.request) }),
    requestPage: call(
      'prq',
      from('RECORD', ({ context, event }) => ({
        type: 'REQUEST_PAGE',
        request: { ...event.request, device: context.name },
      })),
    ),
    setPro: send('prq', 'SET_PRO'),
    answerSuccess: send('core', ({ context }) => {
      const { index, generation } = context.request!;
      return { type: 'RESPOND', index, code: 'success', generation };
    }),
    forgetRequest: assign({ request: null }),
    passOn: send(
      'core',
      from('PRG_RESPONSE', ({ event: { index, code, generation } }) => ({ type: 'RESPOND', index, code, generation })),
    ),
  },
}).createMachine({
  id: 'vmmRequests',
  context: ({ input }) => ({ ...input, request: null }),
  initial: 'idle',
  on: {
    PRG_RESPONSE: { actions: 'passOn' },
    RECALLED: { actions: 'setPro' },
  },
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'readFaults' } } },
    // Left within the step that entered it, as is `injecting`.
    reading: {
      on: {
        RECORD: { target: 'injecting', actions: ['keepRequest', 'requestPage'] },
        RECALLED: { target: 'idle', actions: 'setPro' },
      },
    },
    injecting: {
      on: {
        STORED: { target: 'idle', actions: 'forgetRequest' },
        ENOSPC: [
          { guard: 'isLast', target: 'idle', actions: ['answerSuccess', 'forgetRequest'] },
          { target: 'idle', actions: 'forgetRequest' },
        ],
      },
    },
  },
});
