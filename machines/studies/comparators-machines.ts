/**
 * The machines of the study `comparators`, but for the driver (`comparators-driver.ts`): the device, the pages that it uses as buffers, and
 * what the host does for them. Coarse forms of `../guest/dma-buffer*.ts`, `../vmm/coiommu-*.ts` and `../kernel/vfio-type1`, where a buffer
 * is a machine; here a buffer is a message, so that a whole ring of them has few local states.
 *
 *   driver       -ring-> BUFFER -> engineN     -completions-> COMPLETED -> driver
 *   engineN      TRANSLATE -> pageN -> TRANSLATED, or FAULT: -eventQueue-> STALL -> handler -> RESUME
 *   driver       QUEUE -> flushQueue -> FLUSH_DUE          only where invalidations are deferred
 *   driver, reclaimer   -invalidations-> INVALIDATE -> invalidator -> DONE
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../parts/call.ts';

export const RUN = { type: 'RUN' } as const;

export const pageOf = (page: number) => `page${page}`;

export interface ComparedPageInput {
  readonly isMapped: boolean;
}

/** A page of the guest and its entry in the IOMMU of the host, which has it pinned as long as it is mapped. */
export const comparedPage = setup({
  types: {
    input: {} as ComparedPageInput,
    /** `marked`: in the DMA tracking table of a coIOMMU; what is marked is not taken back. */
    context: {} as ComparedPageInput & { readonly marked: boolean },
    events: {} as
      | { type: 'TRANSLATE'; by: string }
      | { type: 'MARK'; by: string }
      | { type: 'MAP' | 'UNMAP' | 'UNMARK' }
      | { type: 'TAKE_BACK'; by: string },
  },
  guards: { startsMapped: ({ context }) => context.isMapped, isMarked: ({ context }) => context.marked },
  actions: {
    mark: assign({ marked: true }),
    unmark: assign({ marked: false }),
    replyTranslated: reply('TRANSLATED'),
    replyFault: reply('FAULT'),
    replyPinned: reply({ type: 'MARKED', pinned: true }),
    replyNotPinned: reply({ type: 'MARKED', pinned: false }),
    replyTaken: reply('TAKEN'),
    replyKept: reply('KEPT'),
  },
}).createMachine({
  id: 'comparedPage',
  context: ({ input }) => ({ ...input, marked: false }),
  initial: 'start',
  on: { UNMARK: { actions: 'unmark' } },
  states: {
    start: { always: [{ guard: 'startsMapped', target: 'mapped' }, { target: 'absent' }] },
    absent: {
      on: {
        TRANSLATE: { actions: 'replyFault' },
        MARK: { actions: ['mark', 'replyNotPinned'] },
        MAP: 'mapped',
        TAKE_BACK: { actions: 'replyKept' },
      },
    },
    mapped: {
      on: {
        TRANSLATE: { actions: 'replyTranslated' },
        MARK: { actions: ['mark', 'replyPinned'] },
        // Another engine's fault has mapped it meanwhile.
        MAP: {},
        UNMAP: 'absent',
        TAKE_BACK: [
          { guard: 'isMarked', actions: 'replyKept' },
          { target: 'absent', actions: 'replyTaken' },
        ],
      },
    },
  },
});

/** The invalidation queue of the IOMMU: one after the other. */
export const invalidator = setup({
  types: {
    context: {} as { readonly caller: string | null },
    events: {} as { type: 'INVALIDATE'; by: string } | { type: 'RUN' },
  },
  actions: {
    keepCaller: assign({ caller: from('INVALIDATE', ({ event }) => event.by) }),
    replyDone: send('caller', 'DONE'),
    forgetCaller: assign({ caller: null }),
  },
}).createMachine({
  id: 'invalidator',
  context: { caller: null },
  initial: 'idle',
  states: {
    idle: { on: { INVALIDATE: { target: 'busy', actions: 'keepCaller' } } },
    busy: { on: { RUN: { target: 'idle', actions: ['replyDone', 'forgetCaller'] } } },
  },
});

/** One DMA of the device at a time; a device that overlaps several has several. */
export const dmaEngine = setup({
  types: {
    input: {} as { readonly name: string },
    context: {} as { readonly name: string; readonly page: number | null },
    events: {} as { type: 'BUFFER'; page: number } | { type: 'RUN' | 'TRANSLATED' | 'FAULT' | 'RESUME' },
  },
  actions: {
    keepPage: assign({ page: from('BUFFER', ({ event }) => event.page) }),
    translate: call(({ context }) => pageOf(context.page!), 'TRANSLATE'),
    stall: call(
      () => 'handler',
      ({ context }) => ({ type: 'STALL', page: context.page! }),
    ),
    complete: send(
      () => 'driver',
      ({ context }) => ({ type: 'COMPLETED', page: context.page! }),
    ),
    forgetPage: assign({ page: null }),
  },
}).createMachine({
  id: 'dmaEngine',
  context: ({ input }) => ({ ...input, page: null }),
  initial: 'idle',
  states: {
    idle: { on: { BUFFER: { target: 'translating', actions: 'keepPage' } } },
    translating: {
      on: { RUN: { actions: 'translate' }, TRANSLATED: 'transferring', FAULT: { target: 'stalled', actions: 'stall' } },
    },
    stalled: { on: { RESUME: 'translating' } },
    transferring: { on: { RUN: { target: 'idle', actions: ['complete', 'forgetPage'] } } },
  },
});

/** The handler of I/O page faults: vfio_iommu_type1_dynamic_dma_map() pins and maps, and the stalled transaction is resumed. */
export const comparedHandler = setup({
  types: {
    context: {} as { readonly engine: string | null; readonly page: number | null },
    events: {} as { type: 'STALL'; page: number; by: string } | { type: 'RUN' },
  },
  actions: {
    keepRecord: assign(from('STALL', ({ event }) => ({ engine: event.by, page: event.page }))),
    map: send(({ context }) => pageOf(context.page!), 'MAP'),
    resume: send('engine', 'RESUME'),
    forgetRecord: assign({ engine: null, page: null }),
  },
}).createMachine({
  id: 'comparedHandler',
  context: { engine: null, page: null },
  initial: 'idle',
  states: {
    idle: { on: { STALL: { target: 'handling', actions: 'keepRecord' } } },
    handling: { on: { RUN: { target: 'idle', actions: ['map', 'resume', 'forgetRecord'] } } },
  },
});

/** The thread of the host that takes back what was let go: unmap, invalidate and wait, unpin. */
export const takeBackThread = setup({
  types: {
    input: {} as { readonly name: string },
    context: {} as { readonly name: string; readonly page: number | null },
    events: {} as { type: 'LET_GO'; page: number } | { type: 'RUN' | 'TAKEN' | 'KEPT' | 'DONE' },
  },
  actions: {
    keepPage: assign({ page: from('LET_GO', ({ event }) => event.page) }),
    takeBack: call(({ context }) => pageOf(context.page!), 'TAKE_BACK'),
    invalidate: call(() => 'invalidator', 'INVALIDATE'),
    forgetPage: assign({ page: null }),
  },
}).createMachine({
  id: 'takeBackThread',
  context: ({ input }) => ({ ...input, page: null }),
  initial: 'idle',
  states: {
    idle: { on: { LET_GO: { target: 'unmapping', actions: 'keepPage' } } },
    unmapping: {
      on: {
        RUN: { actions: 'takeBack' },
        TAKEN: { target: 'invalidating', actions: ['invalidate', 'forgetPage'] },
        KEPT: { target: 'idle', actions: 'forgetPage' },
      },
    },
    invalidating: { on: { DONE: 'idle' } },
  },
});
