/**
 * intel/prq.c prq_event_thread() since v6.9, one pass after the other. `prq.ts` is the same thread where it does not matter how
 * it finds a device and when it writes the head register.
 *
 *   read head and tail: so many descriptors
 *   for each: a Stop Marker is dropped
 *             otherwise, under `iommu->iopf_lock`: find the device by its requester ID, report the fault to it
 *             no such device: a request that is the last of its group is answered Invalid by this thread, others are dropped
 *   write head = tail: the hardware has the room of all of them again; complete(prq_complete)
 *
 * Look-up and report are two steps, because what was found may go away in between, unless a lock is held over both.
 *
 * List 'READ_TAIL' and 'ACQUIRE' as `blocking`.
 *
 * Simplifications: of the checks for bad requests only the look-up; the interrupt is that there is something to read; the report
 * is one step, with the handler (`../io-pgfault/v6.9.ts`).
 */
import { assign, setup } from 'xstate';
import type { PageRequestDescriptor } from '../../hardware/vtd/descriptor-ring.ts';
import { call, from, send } from '../../parts/call.ts';

export type PrqEventThreadEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The queue's replies. */
  | { type: 'TAIL'; count: number }
  | { type: 'DESCRIPTOR'; descriptor: PageRequestDescriptor }
  /** The replies of the look-up: whom to tell of the device's faults. */
  | { type: 'FOUND'; found: string }
  | { type: 'NOT_FOUND' }
  /** The replies of a report that takes several steps. */
  | { type: 'FAULT_PARAM'; param: string }
  | { type: 'NO_FAULT_PARAM' }
  | { type: 'GOT' }
  | { type: 'GONE' };

export interface PrqEventThreadInput {
  readonly name: string;
  /** A `../../hardware/vtd/descriptor-ring.ts`. */
  readonly queue: string;
  /** A `device-rbtree.ts`. */
  readonly devices: string;
  /** The mutex `iommu->iopf_lock`. */
  readonly lock: string;
  /** `iommu->prq_complete` */
  readonly completion: string;
  /** A `../rcu/grace-period.ts`, for `prq-event-thread-steps.ts`. */
  readonly rcu?: string;
}

/** What versions of the thread are made of. */
export const prqEventParts = setup({
  types: {
    input: {} as PrqEventThreadInput,
    context: {} as PrqEventThreadInput & {
      /** How many descriptors there were when the pass began, and how many of them are done. */
      readonly count: number;
      readonly done: number;
      readonly descriptor: PageRequestDescriptor | null;
      readonly found: string | null;
      /** The device's fault parameter, in a report that takes several steps. */
      readonly param: string | null;
    },
    events: {} as PrqEventThreadEvent,
  },
  guards: {
    isStopMarker: from('DESCRIPTOR', ({ event }) => event.descriptor.last && !event.descriptor.access),
    isLast: ({ context }) => context.descriptor!.last,
    isPassOver: ({ context }) => context.done === context.count,
  },
  actions: {
    readTail: call('queue', 'READ_TAIL'),
    noteCount: assign({ count: from('TAIL', ({ event }) => event.count) }),
    readDescriptor: call('queue', ({ context }) => ({ type: 'READ_DESCRIPTOR', at: context.done })),
    keepDescriptor: assign({ descriptor: from('DESCRIPTOR', ({ event }) => event.descriptor) }),
    lock: call('lock', 'ACQUIRE'),
    find: call(
      'devices',
      from('DESCRIPTOR', ({ event }) => ({ type: 'FIND', device: event.descriptor.device })),
    ),
    keepFound: assign({ found: from('FOUND', ({ event }) => event.found) }),
    report: call('found', ({ context }) => {
      const { access: _, ...request } = context.descriptor!;
      return { type: 'REPORT', request };
    }),
    unlock: call('lock', 'RELEASE'),
    answerInvalid: call(
      ({ context }) => context.descriptor!.device,
      ({ context }) => {
        const { index, generation } = context.descriptor!;
        return { type: 'PRG_RESPONSE', index, code: 'invalid', generation };
      },
    ),
    countDone: assign({ done: ({ context }) => context.done + 1, descriptor: null, found: null, param: null }),
    readLock: call(({ context }) => context.rcu!, 'READ_LOCK'),
    loadParam: call('found', 'LOAD_FAULT_PARAM'),
    keepParam: assign({ param: from('FAULT_PARAM', ({ event }) => event.param) }),
    getParam: call('param', 'GET_NOT_ZERO'),
    readUnlock: call(({ context }) => context.rcu!, 'READ_UNLOCK'),
    answerSuccess: call(
      ({ context }) => context.descriptor!.device,
      ({ context }) => {
        const { index, generation } = context.descriptor!;
        return { type: 'PRG_RESPONSE', index, code: 'success', generation };
      },
    ),
    putParam: send('param', 'PUT'),
    writeHead: send('queue', ({ context }) => ({ type: 'WRITE_HEAD', count: context.count })),
    complete: send('completion', 'COMPLETE'),
    forgetPass: assign({ count: 0, done: 0 }),
  },
});

/** Another version replaces states. */
export const prqEventStates = {
  idle: prqEventParts.createStateConfig({
    on: { RUN: { target: 'readingTail', actions: 'readTail' } },
  }),
  // Left within the step that entered it, as are `readingDescriptor`, `finding` and `done`.
  readingTail: prqEventParts.createStateConfig({
    on: { TAIL: { target: 'handling', actions: 'noteCount' } },
  }),
  handling: prqEventParts.createStateConfig({
    on: { RUN: { target: 'readingDescriptor', actions: 'readDescriptor' } },
  }),
  readingDescriptor: prqEventParts.createStateConfig({
    on: {
      DESCRIPTOR: [
        // da8669ff41fa (v5.18): io-pgfault.c asks drivers to discard them; nobody waits for an answer.
        { guard: 'isStopMarker', target: 'done' },
        { target: 'finding', actions: ['keepDescriptor', 'lock', 'find'] },
      ],
    },
  }),
  finding: prqEventParts.createStateConfig({
    on: {
      FOUND: { target: 'reporting', actions: 'keepFound' },
      NOT_FOUND: [
        // handle_bad_prq_event()
        { guard: 'isLast', target: 'done', actions: ['unlock', 'answerInvalid'] },
        { target: 'done', actions: 'unlock' },
      ],
    },
  }),
  reporting: prqEventParts.createStateConfig({
    // intel_prq_report() -> iommu_report_device_fault(); def054b01a86 (v6.9) keeps the lock until here.
    on: { RUN: { target: 'done', actions: ['report', 'unlock'] } },
  }),
  done: prqEventParts.createStateConfig({
    entry: 'countDone',
    always: [{ guard: 'isPassOver', target: 'passOver' }, { target: 'handling' }],
  }),
  passOver: prqEventParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['writeHead', 'complete', 'forgetPass'] } },
  }),
};

export const prqEventConfig = {
  context: ({ input }: { input: PrqEventThreadInput }) => ({
    ...input,
    count: 0,
    done: 0,
    descriptor: null,
    found: null,
    param: null,
  }),
  initial: 'idle',
} as const;

export const prqEventThread = prqEventParts.createMachine({
  id: 'prqEventThread',
  ...prqEventConfig,
  states: prqEventStates,
});
