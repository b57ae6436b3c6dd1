/**
 * The interrupt thread of an AMD IOMMU's page request log in 7.0 and the device that it looks up for each entry (amd/ppr.c amd_iommu_poll_ppr_log(),
 * iommu_call_iopf_notifier()): pci_get_domain_bus_and_slot() takes a reference, and no way out of the function drops it.
 *
 *   asleep -IRQ-> woken -RUN-> polling -RUN-> found -RUN-> polling ... -RUN-> woken -RUN-> asleep
 *
 * `ppr-lookup-puts.ts` drops it; `ppr-v7.0.ts` is the thread for those who have one device that stays.
 *
 * Simplification: a report is one step, with the handler; an entry without a device is dropped, as in the kernel.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';

export type PprLookupThreadEvent =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The log's replies. */
  | { type: 'STATUS'; pprInt: boolean }
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: PasidRequest }
  /** The device's replies to the look-up. */
  | { type: 'FOUND' }
  | { type: 'NOT_FOUND' }
  /** The core's reply to REPORT, if the group is complete. */
  | { type: 'CALL_HANDLER'; group: PasidGroup; handle: string };

export interface PprLookupThreadInput {
  readonly name: string;
  readonly log: string;
  readonly core: string;
  /** A `../pci/pci-device.ts`. */
  readonly pdev: string;
}

/** What versions are made of. */
export const pprLookupParts = setup({
  types: {
    input: {} as PprLookupThreadInput,
    context: {} as PprLookupThreadInput & { readonly left: number; readonly request: PasidRequest | null },
    events: {} as PprLookupThreadEvent,
  },
  guards: {
    hasInterrupt: from('STATUS', ({ event }) => event.pprInt),
    hasTakenAll: ({ context }) => context.left === 0,
  },
  actions: {
    readStatus: call('log', 'READ_STATUS'),
    readPointers: call('log', 'READ_POINTERS'),
    beginPass: assign({ left: from('POINTERS', ({ event }) => event.requests) }),
    takeEntry: call('log', 'TAKE_ENTRY'),
    keepEntry: assign({
      left: ({ context }) => context.left - 1,
      request: from('ENTRY', ({ event }) => event.request),
    }),
    getDevice: call('pdev', 'GET_BY_SLOT'),
    putDevice: send('pdev', 'PUT'),
    report: call('core', ({ context }) => ({ type: 'REPORT', request: context.request! })),
    dropEntry: assign({ request: null }),
    callHandler: send(
      from('CALL_HANDLER', ({ event }) => event.handle),
      from('CALL_HANDLER', ({ event: { group, handle } }) => ({ type: 'IOPF_HANDLER', group, handle })),
    ),
  },
});

export const pprLookupConfig = {
  context: ({ input }: { input: PprLookupThreadInput }) => ({ ...input, left: 0, request: null }),
  initial: 'asleep',
  // Awake, it looks at the status again before it sleeps.
  on: { IRQ: {} },
} as const;

export const pprLookupStates = {
  asleep: pprLookupParts.createStateConfig({ on: { IRQ: 'woken' } }),
  woken: pprLookupParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'readStatus' } } }),
  // Left within the step that entered it.
  reading: pprLookupParts.createStateConfig({
    on: {
      STATUS: [{ guard: 'hasInterrupt', actions: 'readPointers' }, { target: 'asleep' }],
      POINTERS: { target: 'polling', actions: 'beginPass' },
    },
  }),
  polling: pprLookupParts.createStateConfig({
    on: {
      RUN: [{ guard: 'hasTakenAll', target: 'woken' }, { actions: 'takeEntry' }],
      ENTRY: { actions: ['keepEntry', 'getDevice'] },
      FOUND: 'found',
      NOT_FOUND: { actions: 'dropEntry' },
      CALL_HANDLER: { actions: 'callHandler' },
    },
  }),
  found: pprLookupParts.createStateConfig({ on: { RUN: { target: 'polling', actions: ['report', 'dropEntry'] } } }),
};

export const pprLookupThread = pprLookupParts.createMachine({
  id: 'pprLookupThread',
  ...pprLookupConfig,
  states: pprLookupStates,
});
