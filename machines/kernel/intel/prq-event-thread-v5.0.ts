/**
 * prq_event_thread() while it handled faults itself (intel/svm.c, from v5.0, 5b438f4ba315, to v5.13): it clears PPR, reads tail and head
 * once, and does all of it for each request between them: finds the `struct intel_svm` of its PASID, faults its page in, and answers. It
 * moves the head over all of them at the end, so a drain, which looks between head and tail, waits for what is in hand.
 *
 *   asleep -IRQ-> woken -RUN-> handling -RUN-> found -RUN-> handling ... -RUN-> (WRITE_HEAD) asleep
 *
 * The thread holds RCU for the look-up alone: in `found` it has a pointer and no lock.
 *
 * A request is answered if it is the last of its group, or has private data (VT-d 7.7); the answer carries the same private data. It was
 * cleared to v5.12: `prq-event-thread-v5.0-clears-private-data.ts`.
 *
 * `prq-v7.0.ts` is the thread that leaves handling to the iopf core.
 *
 * Simplifications: no overflow, no malformed requests, no Stop Markers; fault_cb(), which is called through freed memory in the same way,
 * is left out. To v5.5 the look-up was intel_pasid_lookup_id().
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';

/** A page request descriptor; private data is there if the function put some into it. */
export type DescribedRequest = PasidRequest & { readonly privateData?: number };

export type PrqEventThreadV50Event =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The registers' replies. */
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: DescribedRequest }
  /** What `ioasid_find()` returns. */
  | { type: 'DATA'; data: string }
  | { type: 'NO_DATA' }
  | { type: 'FAULT_HANDLED'; ok: boolean };

export interface PrqEventThreadV50Input {
  readonly name: string;
  readonly registers: string;
  /** A `../iommu/ioasid.ts`, whose data are `svm.ts`. */
  readonly ioasids: string;
}

/** What versions are made of. */
export const prqEventThreadV50Parts = setup({
  types: {
    input: {} as PrqEventThreadV50Input,
    context: {} as PrqEventThreadV50Input & {
      /** An interrupt came while the thread was awake (IRQTF_RUNTHREAD). */
      readonly isPending: boolean;
      /** Requests that were between head and tail, and how many of them have been handled. */
      readonly requests: number;
      readonly handled: number;
      /** The request in hand, and the `struct intel_svm` that was found for it. */
      readonly request: DescribedRequest | null;
      readonly svm: string | null;
    },
    events: {} as PrqEventThreadV50Event,
  },
  guards: {
    isPending: ({ context }) => context.isPending,
    hasHandledAll: ({ context }) => context.handled === context.requests,
    mustAnswer: ({ context }) => context.request!.last || context.request!.privateData !== undefined,
  },
  actions: {
    notePending: assign({ isPending: true }),
    forgetPending: assign({ isPending: false }),
    clearPpr: send('registers', 'CLEAR_PPR'),
    readPointers: call('registers', 'READ_POINTERS'),
    beginPass: assign({ requests: from('POINTERS', ({ event }) => event.requests), handled: 0 }),
    readEntry: call('registers', ({ context }) => ({ type: 'READ_ENTRY', at: context.handled })),
    takeRequest: assign({
      handled: ({ context }) => context.handled + 1,
      request: from('ENTRY', ({ event }) => event.request),
    }),
    findSvm: call('ioasids', 'FIND'),
    noteSvm: assign({ svm: from('DATA', ({ event }) => event.data) }),
    handleFault: call('svm', ({ context }) => ({ type: 'HANDLE_FAULT', request: context.request })),
    respondFailure: send(
      ({ context }) => context.request!.device,
      ({ context }) => responseTo(context.request!, 'failure', context.name),
    ),
    respondHandled: send(
      ({ context }) => context.request!.device,
      from('FAULT_HANDLED', ({ context, event }) => {
        return responseTo(context.request!, event.ok ? 'success' : 'invalid', context.name);
      }),
    ),
    /** Private data is cleared after it has been set. */
    respondWithoutData: send(
      ({ context }) => context.request!.device,
      from('FAULT_HANDLED', ({ context, event }) => ({
        ...responseTo(context.request!, event.ok ? 'success' : 'invalid', context.name),
        privateData: 0,
      })),
    ),
    forgetRequest: assign({ request: null, svm: null }),
    writeHead: send('registers', ({ context }) => ({ type: 'WRITE_HEAD', requests: context.requests })),
    endPass: assign({ requests: 0, handled: 0 }),
  },
});

export const prqEventThreadV50Config = {
  context: ({ input }: { input: PrqEventThreadV50Input }) => ({
    ...input,
    isPending: false,
    requests: 0,
    handled: 0,
    request: null,
    svm: null,
  }),
  initial: 'asleep',
  on: { IRQ: { actions: 'notePending' } },
} as const;

export const prqEventThreadV50States = {
  asleep: prqEventThreadV50Parts.createStateConfig({
    always: { guard: 'isPending', target: 'woken', actions: 'forgetPending' },
  }),
  woken: prqEventThreadV50Parts.createStateConfig({
    on: { RUN: { target: 'reading', actions: ['clearPpr', 'readPointers'] } },
  }),
  // Left within the step that entered it, and so are `finding` and `faulting`.
  reading: prqEventThreadV50Parts.createStateConfig({
    on: { POINTERS: { target: 'handling', actions: 'beginPass' } },
  }),
  handling: prqEventThreadV50Parts.createStateConfig({
    on: {
      RUN: [{ guard: 'hasHandledAll', target: 'asleep', actions: ['writeHead', 'endPass'] }, { actions: 'readEntry' }],
      ENTRY: { target: 'finding', actions: ['takeRequest', 'findSvm'] },
    },
  }),
  finding: prqEventThreadV50Parts.createStateConfig({
    on: {
      DATA: { target: 'found', actions: 'noteSvm' },
      // "Page request for invalid PASID"
      NO_DATA: [
        { guard: 'mustAnswer', target: 'handling', actions: ['respondFailure', 'forgetRequest'] },
        { target: 'handling', actions: 'forgetRequest' },
      ],
    },
  }),
  found: prqEventThreadV50Parts.createStateConfig({
    on: { RUN: { target: 'faulting', actions: 'handleFault' } },
  }),
  faulting: prqEventThreadV50Parts.createStateConfig({
    on: {
      FAULT_HANDLED: [
        { guard: 'mustAnswer', target: 'handling', actions: ['respondHandled', 'forgetRequest'] },
        { target: 'handling', actions: 'forgetRequest' },
      ],
    },
  }),
};

export const prqEventThreadV50 = prqEventThreadV50Parts.createMachine({
  id: 'prqEventThreadV50',
  ...prqEventThreadV50Config,
  states: prqEventThreadV50States,
});

/** A Page Group Response Descriptor. */
function responseTo(request: DescribedRequest, code: 'success' | 'invalid' | 'failure', by: string) {
  const { index, generation, privateData } = request;
  const response = { type: 'PRG_RESPONSE', index, code, by, generation };
  return privateData === undefined ? response : { ...response, privateData };
}
