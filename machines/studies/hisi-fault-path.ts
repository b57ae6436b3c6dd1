/**
 * The way of a fault in the study `hisi-sec`, from a page that is not mapped to the retry.
 *
 *   channel -STALL-> stallSlots -ADD-> evtq -> evtqThread [-ADD-> iopfWork -> worker] -MAP-> `./hisi-translations.ts`
 *                    evtqThread or worker -PRG_RESPONSE-> smmuDriver -RESUME-> cmdq -RETRY-> channel
 *
 * `smmuDriver` and `cmdq` are those of the library (`../kernel/arm-smmu-v3/page-response.ts`, `../hardware/smmu/command-queue.ts`).
 *
 * What it mirrors: arm-smmu-v3.c arm_smmu_evtq_thread(), v5.12, which takes records until the queue is empty, and reads PROD once
 * more before it sleeps. For SVA it queues each fault for a worker (io-pgfault.c iommu_queue_iopf()), and that calls
 * handle_mm_fault(). In v2 and v3 of VFIO IOPF the handler is registered itself, so iommu_report_device_fault() calls it in the
 * event thread.
 *
 * Simplifications: each handler succeeds; no partial groups, since the group of a stall has one member; one worker.
 */
import { assign, setup } from 'xstate';
import { responseTo } from '../hardware/pcie/page-request.ts';
import { call, from, reply, send } from '../parts/call.ts';

export interface Fault {
  readonly channel: string;
  readonly area: string;
  readonly walk: string;
  /** Of a walk over a buffer: whether its page is the one that is missing now, or was mapped since. */
  readonly turn: number;
}

/**
 * The stalls that the SMMU has for the device at a time. STALL has no transition when all are taken: list it as `blocking`. The access
 * then waits without a record, and looks again when there is a place; accesses to mapped pages go on meanwhile.
 */
export const stallSlots = setup({
  types: {
    input: {} as { readonly slots: number },
    context: {} as { readonly slots: number; readonly taken: number },
    events: {} as { type: 'STALL'; fault: Fault } | { type: 'RESUMED' },
  },
  guards: { hasSlot: ({ context }) => context.taken < context.slots },
  actions: {
    takeSlot: assign({ taken: ({ context }) => context.taken + 1 }),
    leaveSlot: assign({ taken: ({ context }) => context.taken - 1 }),
    record: send(
      () => 'evtq',
      from('STALL', ({ event }) => ({ type: 'ADD', fault: event.fault })),
    ),
  },
}).createMachine({
  id: 'hisiStallSlots',
  context: ({ input }) => ({ ...input, taken: 0 }),
  on: {
    STALL: { guard: 'hasSlot', actions: ['takeSlot', 'record'] },
    RESUMED: { actions: 'leaveSlot' },
  },
});

/** The event queue, and the work queue of iopf. READ has no transition while it is empty: list it as `blocking`. PEEK always has. */
export const faultQueue = setup({
  types: {
    context: {} as { readonly faults: readonly Fault[] },
    events: {} as { type: 'ADD'; fault: Fault } | { type: 'READ' | 'PEEK'; by: string },
  },
  guards: { hasFault: ({ context }) => context.faults.length > 0 },
  actions: {
    append: assign({ faults: from('ADD', ({ context, event }) => [...context.faults, event.fault]) }),
    replyOldest: reply(({ context }) => ({ type: 'FAULT', fault: context.faults[0]! })),
    dropOldest: assign({ faults: ({ context }) => context.faults.slice(1) }),
    replyNone: reply('NONE'),
  },
}).createMachine({
  id: 'hisiFaultQueue',
  context: { faults: [] },
  on: {
    ADD: { actions: 'append' },
    READ: { guard: 'hasFault', actions: ['replyOldest', 'dropOldest'] },
    PEEK: [{ guard: 'hasFault', actions: ['replyOldest', 'dropOldest'] }, { actions: 'replyNone' }],
  },
});

/**
 * The thread of the event queue's interrupt, or a worker: what is in its queue wakes it; it handles one fault after the other, or
 * passes it on, and looks whether there is one more before it sleeps.
 */
export const faultThread = setup({
  types: {
    input: {} as { readonly name: string; readonly queue: string; readonly passesTo?: string },
    context: {} as {
      readonly name: string;
      readonly queue: string;
      readonly passesTo: string | null;
      readonly fault: Fault | null;
      /** That the handler has to map. */
      readonly pages: number;
    },
    events: {} as
      | { type: 'RUN' }
      | { type: 'FAULT'; fault: Fault }
      | { type: 'NONE' }
      | { type: 'WINDOW'; pages: number },
  },
  guards: { passesOn: ({ context }) => context.passesTo !== null },
  actions: {
    read: call('queue', 'READ'),
    peek: call('queue', 'PEEK'),
    keep: assign({ fault: from('FAULT', ({ event }) => event.fault) }),
    passOn: send(
      ({ context }) => context.passesTo!,
      ({ context }) => ({ type: 'ADD', fault: context.fault! }),
    ),
    findWindow: call(
      ({ context }) => context.fault!.area,
      ({ context }) => ({ type: 'FIND_WINDOW', walk: context.fault!.walk, turn: context.fault!.turn }),
    ),
    keepWindow: assign({ pages: from('WINDOW', ({ event }) => event.pages) }),
    map: send(
      ({ context }) => context.fault!.area,
      ({ context }) => ({ type: 'MAP', walk: context.fault!.walk, turn: context.fault!.turn }),
    ),
    respond: send(
      () => 'smmuDriver',
      ({ context }) => responseTo({ index: context.fault!.channel, generation: 0 }, 'success'),
    ),
    forget: assign({ fault: null, pages: 0 }),
  },
}).createMachine({
  id: 'hisiFaultThread',
  context: ({ input: { name, queue, passesTo = null } }) => ({ name, queue, passesTo, fault: null, pages: 0 }),
  initial: 'asleep',
  states: {
    asleep: { on: { RUN: { target: 'reading', actions: 'read' } } },
    // Left within the step that entered it, as are `finding` and `peeking`.
    reading: { on: { FAULT: { target: 'received', actions: 'keep' } } },
    received: {
      on: {
        RUN: [
          { guard: 'passesOn', target: 'looking', actions: ['passOn', 'forget'] },
          { target: 'finding', actions: 'findWindow' },
        ],
      },
    },
    finding: { on: { WINDOW: { target: 'handling', actions: 'keepWindow' } } },
    handling: { on: { RUN: { target: 'responding', actions: 'map' } } },
    responding: { on: { RUN: { target: 'looking', actions: ['respond', 'forget'] } } },
    looking: { on: { RUN: { target: 'peeking', actions: 'peek' } } },
    peeking: { on: { FAULT: { target: 'received', actions: 'keep' }, NONE: 'asleep' } },
  },
});

/** The host's memory management, which takes a page of a guest's destinations back now and then. */
export const reclaim = setup({
  types: {
    context: {} as { readonly block: number },
    events: {} as { type: 'RECLAIM' },
  },
  actions: {
    lookAtQueues: send(() => 'queues', 'IN_USE'),
    takeBack: send(({ context }) => `destination${context.block}`, 'RECLAIM'),
    goOn: assign({ block: ({ context }) => 1 - context.block }),
  },
}).createMachine({
  id: 'hisiReclaim',
  context: { block: 0 },
  on: { RECLAIM: { actions: ['lookAtQueues', 'takeBack', 'goOn'] } },
});
