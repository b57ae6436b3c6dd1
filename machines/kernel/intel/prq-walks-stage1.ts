/**
 * The thread of `prq.ts` with v5.12's iommu_report_device_fault(), which calls the device's handler before it returns, and with a walk of stage 1
 * before the report: a page request does not say at which stage its translation ended, so software has to find out (no release has
 * this; VT-d takes every request with a PASID for one of stage 1).
 *
 * Simplification: the walk is one step, with the report.
 */
import { assign, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PrqThreadInput } from './prq.ts';

export type PrqThreadWalksEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The queue's reply to PEEK. */
  | { type: 'ENTRY'; request: PageRequest }
  | { type: 'STAGE'; stage: 1 | 2 }
  /** iommu_report_device_fault() returns. */
  | { type: 'REPORTED' };

export const prqThreadWalks = setup({
  types: {
    input: {} as PrqThreadInput,
    context: {} as PrqThreadInput & { readonly request: PageRequest | null },
    events: {} as PrqThreadWalksEvent,
  },
  actions: {
    readEntry: call('queue', 'PEEK'),
    keepRequest: assign({ request: from('ENTRY', ({ event }) => event.request) }),
    walk: call(
      from('ENTRY', ({ event }) => event.request.page),
      'WALK',
    ),
    report: call(
      ({ context }) => context.cores[context.request!.device]!,
      from('STAGE', ({ context, event }) => ({
        type: 'REPORT',
        request: { ...context.request!, ...(event.stage === 2 && { stage2: true }) },
      })),
    ),
    freeEntry: send('queue', 'ADVANCE'),
    forgetRequest: assign({ request: null }),
  },
}).createMachine({
  id: 'prqThreadWalks',
  context: ({ input }) => ({ ...input, request: null }),
  initial: 'idle',
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'readEntry' } } },
    // Left within the step that entered it, as is `walking`.
    reading: { on: { ENTRY: { target: 'walking', actions: ['keepRequest', 'walk'] } } },
    walking: { on: { STAGE: { target: 'reporting', actions: 'report' } } },
    reporting: { on: { REPORTED: { target: 'idle', actions: ['freeEntry', 'forgetRequest'] } } },
  },
});
