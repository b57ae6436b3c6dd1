/**
 * The interrupt thread of VT-d's page request queue in 7.0 (intel/prq.c prq_event_thread()): it clears PPR, reads tail and
 * head once, reports what is between them, and moves the head over all of it at the end. So a drain, which looks between
 * head and tail, waits for what is in hand.
 *
 *   asleep -IRQ-> woken -RUN-> handling -RUN-> calling -RUN-> handling ... -RUN-> (WRITE_HEAD) asleep
 *
 * `iommu->iopf_lock` is held over look-up, report and handler: it is free everywhere but in `calling`, where SYNCHRONIZE
 * is refused (list it as `blocking`).
 *
 * `prq.ts` is the thread for scenarios that need neither PPR nor the head.
 *
 * Simplifications: the requester ID finds its device always; no overflow; no malformed requests.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';

export type PrqThreadV70Event =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The registers' replies. */
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: PasidRequest }
  /** The reply to versions that look for an overflow. */
  | { type: 'STATUS'; pro: boolean }
  /** The core's reply to REPORT, if the group is complete. */
  | { type: 'CALL_HANDLER'; group: PasidGroup; handle: string }
  /** Somebody takes `iommu->iopf_lock` and gives it back, so as to wait for a report that is under way. No kernel does. */
  | { type: 'SYNCHRONIZE' };

export interface PrqThreadV70Input {
  readonly name: string;
  readonly registers: string;
  readonly core: string;
  /** `iommu->prq_complete`, of a version that completes it. */
  readonly completion?: string;
}

/** What versions are made of. */
export const prqV70Parts = setup({
  types: {
    input: {} as PrqThreadV70Input,
    context: {} as PrqThreadV70Input & {
      /** An interrupt came while the thread was awake (IRQTF_RUNTHREAD). */
      readonly isPending: boolean;
      /** Requests that were between head and tail, and how many of them have been handled. */
      readonly requests: number;
      readonly handled: number;
      readonly due: { readonly group: PasidGroup; readonly handle: string } | null;
    },
    events: {} as PrqThreadV70Event,
  },
  guards: {
    isPending: ({ context }) => context.isPending,
    hasHandledAll: ({ context }) => context.handled === context.requests,
  },
  actions: {
    notePending: assign({ isPending: true }),
    forgetPending: assign({ isPending: false }),
    clearPpr: send('registers', 'CLEAR_PPR'),
    readPointers: call('registers', 'READ_POINTERS'),
    beginPass: assign({ requests: from('POINTERS', ({ event }) => event.requests), handled: 0 }),
    readEntry: call('registers', ({ context }) => ({ type: 'READ_ENTRY', at: context.handled })),
    report: call(
      'core',
      from('ENTRY', ({ event }) => ({ type: 'REPORT', request: event.request })),
    ),
    countHandled: assign({ handled: ({ context }) => context.handled + 1 }),
    noteHandler: assign({ due: from('CALL_HANDLER', ({ event: { group, handle } }) => ({ group, handle })) }),
    callHandler: send(
      ({ context }) => context.due!.handle,
      ({ context }) => ({ type: 'IOPF_HANDLER', ...context.due! }),
    ),
    forgetHandler: assign({ due: null }),
    writeHead: send('registers', ({ context }) => ({ type: 'WRITE_HEAD', requests: context.requests })),
    endPass: assign({ requests: 0, handled: 0 }),
  },
});

export const prqV70Config = {
  context: ({ input }: { input: PrqThreadV70Input }) => ({
    ...input,
    isPending: false,
    requests: 0,
    handled: 0,
    due: null,
  }),
  initial: 'asleep',
  on: { IRQ: { actions: 'notePending' } },
} as const;

export const prqV70States = {
  asleep: prqV70Parts.createStateConfig({
    always: { guard: 'isPending', target: 'woken', actions: 'forgetPending' },
    on: { SYNCHRONIZE: {} },
  }),
  woken: prqV70Parts.createStateConfig({
    on: { RUN: { target: 'reading', actions: ['clearPpr', 'readPointers'] }, SYNCHRONIZE: {} },
  }),
  // Left within the step that entered it.
  reading: prqV70Parts.createStateConfig({ on: { POINTERS: { target: 'handling', actions: 'beginPass' } } }),
  handling: prqV70Parts.createStateConfig({
    on: {
      RUN: [{ guard: 'hasHandledAll', target: 'asleep', actions: ['writeHead', 'endPass'] }, { actions: 'readEntry' }],
      ENTRY: { actions: ['countHandled', 'report'] },
      CALL_HANDLER: { target: 'calling', actions: 'noteHandler' },
      SYNCHRONIZE: {},
    },
  }),
  calling: prqV70Parts.createStateConfig({
    on: { RUN: { target: 'handling', actions: ['callHandler', 'forgetHandler'] } },
  }),
};

export const prqThreadV70 = prqV70Parts.createMachine({
  id: 'prqThreadV70',
  ...prqV70Config,
  states: prqV70States,
});
