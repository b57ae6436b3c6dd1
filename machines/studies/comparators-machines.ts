/**
 * The machines of the study `comparators`: the driver of an assigned device in a guest, the device, the pages that it uses as buffers, and
 * what the host does for them. Coarse forms of `../guest/dma-buffer*.ts`, `../vmm/coiommu-*.ts` and `../kernel/vfio-type1`, where a buffer
 * is a machine; here a buffer is a message, so that a whole ring of them has few local states.
 *
 *   driver       -ring-> BUFFER -> engineN     -completions-> COMPLETED -> driver
 *   engineN      TRANSLATE -> pageN -> TRANSLATED, or FAULT: -eventQueue-> STALL -> handler -> RESUME
 *   driver       QUEUE -> flushQueue -> FLUSH_DUE          only where invalidations are deferred
 *   driver, reclaimer   -invalidations-> INVALIDATE -> invalidator -> DONE
 */
import { and, assign, not, setup } from 'xstate';
import { call, from, reply, send } from '../parts/call.ts';

export const RUN = { type: 'RUN' } as const;

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

/** What a driver does for each buffer before and after the DMA. */
export type Upkeep = 'nothing' | 'strict' | 'deferred' | 'tracked';

export interface ComparedDriverInput {
  readonly name: string;
  readonly upkeep: Upkeep;
  /** Buffers that the device may have at a time. */
  readonly ring: number;
  /** It takes one after the other. */
  readonly pages: number;
  /** The host is short of memory, and takes back each page that the driver has let go. */
  readonly isPressed: boolean;
}

const pageOf = (page: number) => `page${page}`;

/**
 * A driver with a vCPU of its own, which does one thing at a time. Where it has to tell the host, it traps, and the host works on the same
 * CPU; so `trapping` and what follows is the host.
 */
export const comparedDriver = setup({
  types: {
    input: {} as ComparedDriverInput,
    /** `next`: the page of the next buffer. `page`: that is at hand. `free`: places in the ring. */
    context: {} as ComparedDriverInput & {
      readonly next: number;
      readonly page: number;
      readonly free: number;
      readonly isFlushDue: boolean;
    },
    events: {} as
      | { type: 'RUN' | 'DONE' | 'FLUSH_DUE' }
      | { type: 'COMPLETED'; page: number }
      | { type: 'MARKED'; pinned: boolean },
  },
  guards: {
    hasRoom: ({ context }) => context.free > 0,
    isFlushDue: ({ context }) => context.isFlushDue,
    isStrict: ({ context }) => context.upkeep === 'strict',
    isDeferred: ({ context }) => context.upkeep === 'deferred',
    isTracked: ({ context }) => context.upkeep === 'tracked',
    isPressed: ({ context }) => context.isPressed,
    isPinned: ({ event }) => event.type === 'MARKED' && event.pinned,
  },
  actions: {
    takeNext: assign(({ context }) => ({ page: context.next, next: (context.next + 1) % context.pages })),
    takeCompleted: assign(from('COMPLETED', ({ context, event }) => ({ page: event.page, free: context.free + 1 }))),
    post: send(
      () => 'ring',
      ({ context }) => ({ type: 'BUFFER', page: context.page }),
    ),
    countPosted: assign(({ context }) => ({ free: context.free - 1, page: 0 })),
    map: send(({ context }) => pageOf(context.page), 'MAP'),
    unmap: send(({ context }) => pageOf(context.page), 'UNMAP'),
    mark: call(({ context }) => pageOf(context.page), 'MARK'),
    unmark: send(({ context }) => pageOf(context.page), 'UNMARK'),
    invalidate: call(() => 'invalidator', 'INVALIDATE'),
    queueFlush: send(() => 'flushQueue', 'QUEUE'),
    flush: send(() => 'flushQueue', 'FLUSH'),
    noteFlush: assign({ isFlushDue: true }),
    forgetFlush: assign({ isFlushDue: false }),
    letGo: send(
      () => 'reclaimer',
      ({ context }) => ({ type: 'LET_GO', page: context.page }),
    ),
    forgetPage: assign({ page: 0 }),
  },
}).createMachine({
  id: 'comparedDriver',
  context: ({ input }) => ({ ...input, next: 0, page: 0, free: input.ring, isFlushDue: false }),
  initial: 'idle',
  on: { FLUSH_DUE: { actions: 'noteFlush' } },
  states: {
    idle: {
      on: {
        RUN: [
          { guard: 'isFlushDue', target: 'flushTrap', actions: 'forgetFlush' },
          { guard: 'hasRoom', target: 'preparing', actions: 'takeNext' },
        ],
        COMPLETED: { target: 'completed', actions: 'takeCompleted' },
      },
    },
    // The driver's own work: allocate, fill, and what the stack above it does.
    preparing: {
      on: {
        RUN: [
          { guard: 'isTracked', target: 'marking' },
          { guard: 'isStrict', target: 'mapTrap' },
          { guard: 'isDeferred', target: 'mapTrap' },
          { target: 'posting' },
        ],
      },
    },
    marking: {
      on: { RUN: { actions: 'mark' }, MARKED: [{ guard: 'isPinned', target: 'posting' }, { target: 'mapTrap' }] },
    },
    mapTrap: { on: { RUN: 'pinning' } },
    // vfio_pin_map_dma()
    pinning: { on: { RUN: { target: 'posting', actions: 'map' } } },
    posting: { on: { RUN: { target: 'idle', actions: ['post', 'countPosted'] } } },
    completed: {
      always: [
        { guard: 'isStrict', target: 'unmapTrap' },
        { guard: 'isDeferred', target: 'queueing' },
        { guard: 'isTracked', target: 'unmarking' },
        { target: 'done' },
      ],
    },
    unmapTrap: { on: { RUN: 'unmapping' } },
    // vfio_unmap_unpin()
    unmapping: { on: { RUN: { target: 'invalidating', actions: ['unmap', 'invalidate'] } } },
    // qi_submit_sync(): it spins.
    invalidating: { on: { DONE: 'done' } },
    // queue_iova()
    queueing: { on: { RUN: { target: 'done', actions: ['unmap', 'queueFlush'] } } },
    unmarking: { on: { RUN: { target: 'done', actions: 'unmark' } } },
    done: {
      always: [
        {
          guard: and(['isPressed', not('isStrict'), not('isDeferred')]),
          target: 'idle',
          actions: ['letGo', 'forgetPage'],
        },
        { target: 'idle', actions: 'forgetPage' },
      ],
    },
    // fq_flush_iotlb(): one trap for all that is queued. The host works on this CPU, as `flushQueue` has it.
    flushTrap: { on: { RUN: { target: 'flushing', actions: 'flush' } } },
    flushing: { on: { DONE: 'idle' } },
  },
});

/**
 * The flush queue of dma-iommu.c (iova_fq): a flush is due when it is full, or after a time (IOVA_FQ_TIMEOUT is 10 ms). Then the host unpins
 * what was queued, and invalidates once.
 */
export const flushQueue = setup({
  types: {
    input: {} as { readonly name: string; readonly size: number },
    context: {} as { readonly name: string; readonly size: number; readonly queued: number },
    events: {} as { type: 'QUEUE' | 'FLUSH' | 'RUN' | 'DONE' },
  },
  delays: { flushTimeout: 10 },
  guards: { isLastPlace: ({ context }) => context.queued + 1 >= context.size },
  actions: {
    count: assign({ queued: ({ context }) => Math.min(context.size, context.queued + 1) }),
    empty: assign({ queued: 0 }),
    callForFlush: send(() => 'driver', 'FLUSH_DUE'),
    invalidate: call(() => 'invalidator', 'INVALIDATE'),
    letDriverGoOn: send(() => 'driver', 'DONE'),
  },
}).createMachine({
  id: 'flushQueue',
  context: ({ input }) => ({ ...input, queued: 0 }),
  initial: 'empty',
  states: {
    empty: { on: { QUEUE: { target: 'filling', actions: 'count' } } },
    filling: {
      after: { flushTimeout: { target: 'due', actions: 'callForFlush' } },
      on: {
        QUEUE: [{ guard: 'isLastPlace', target: 'due', actions: ['count', 'callForFlush'] }, { actions: 'count' }],
      },
    },
    due: { on: { QUEUE: { actions: 'count' }, FLUSH: 'unpinning' } },
    unpinning: { on: { RUN: { target: 'invalidating', actions: 'invalidate' } } },
    invalidating: { on: { DONE: { target: 'empty', actions: ['empty', 'letDriverGoOn'] } } },
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
