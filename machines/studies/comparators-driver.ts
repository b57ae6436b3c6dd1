/**
 * The driver of the study `comparators`, with what it does for each buffer, and the flush queue of one that defers. Coarse forms of
 * `../guest/dma-buffer*.ts`.
 */
import { and, assign, not, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';
import { pageOf } from './comparators-machines.ts';

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
 * The flush queue of dma-iommu.c (iova_fq): a flush is due when it is full, or after a time (IOVA_FQ_TIMEOUT is 10 ms). Then the host
 * unpins what was queued, and invalidates once.
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
