/**
 * The machines of the study `density`, but for the guests' own (`density-guest.ts`):
 * guests whose devices fault on the memory of one host, which is short of it.
 *
 *   driverN      DMA -> deviceN -> DONE
 *   deviceN      TRANSLATE -> blockN_K -> TRANSLATED, or FAULT: -eventQueue-> STALL -> eventThread -workQueue-> WORK -> a worker
 *   worker       -frameRequests-> WANT_FRAME -> frames -> GRANTED; then it reads, and maps: READ_RECORD -> deviceN -> RECORD,
 *                MAP -> block, -commandQueue-> RESUME -> deviceN
 *   frames       -wakeUps-> LOW -> reclaimer: SWEEP -> block -> PASSED, PASSED_ABSENT, UNMAPPED; it writes; FREED -> frames
 *
 * A block is what is mapped, and taken back, at a time: its bit, its IOMMU entry and its place in swap are one machine.
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../parts/call.ts';

export const RUN = { type: 'RUN' } as const;

export const blockName = (guest: number, block: number) => `block${guest}_${block}`;

export interface DenseBlockInput {
  /** It is in memory at the beginning, and in swap otherwise. */
  readonly isMapped: boolean;
}

/** A DMA sets the access flag, and the sweep clears it. The guest has written to all of its blocks before, so each has a place in swap. */
export const denseBlock = setup({
  types: {
    input: {} as DenseBlockInput,
    context: {} as DenseBlockInput & { readonly used: boolean },
    events: {} as { type: 'TRANSLATE' | 'SWEEP'; by: string } | { type: 'MAP' },
  },
  guards: { isMapped: ({ context }) => context.isMapped, isUsed: ({ context }) => context.used },
  actions: {
    beUsed: assign({ used: true }),
    growOld: assign({ used: false }),
    replyTranslated: reply('TRANSLATED'),
    replyFault: reply('FAULT'),
    replyAbsent: reply('PASSED_ABSENT'),
    replyPassed: reply('PASSED'),
    replyUnmapped: reply('UNMAPPED'),
  },
}).createMachine({
  id: 'denseBlock',
  context: ({ input }) => ({ ...input, used: false }),
  initial: 'start',
  states: {
    start: { always: [{ guard: 'isMapped', target: 'mapped' }, { target: 'swapped' }] },
    mapped: {
      on: {
        TRANSLATE: { actions: ['beUsed', 'replyTranslated'] },
        SWEEP: [
          { guard: 'isUsed', actions: ['growOld', 'replyPassed'] },
          { target: 'swapped', actions: 'replyUnmapped' },
        ],
      },
    },
    swapped: {
      on: {
        TRANSLATE: { actions: 'replyFault' },
        MAP: { target: 'mapped', actions: 'beUsed' },
        SWEEP: { actions: 'replyAbsent' },
      },
    },
  },
});

/** The thread of the event queue: one fault after the other goes to the work queue. */
export const eventThread = setup({
  types: {
    context: {} as { readonly device: string | null },
    events: {} as { type: 'STALL'; by: string } | { type: 'RUN' },
  },
  actions: {
    keepDevice: assign({ device: from('STALL', ({ event }) => event.by) }),
    queueWork: send(
      () => 'workQueue',
      ({ context }) => ({ type: 'WORK', device: context.device! }),
    ),
    forgetDevice: assign({ device: null }),
  },
}).createMachine({
  id: 'eventThread',
  context: { device: null },
  initial: 'idle',
  states: {
    idle: { on: { STALL: { target: 'reporting', actions: 'keepDevice' } } },
    reporting: { on: { RUN: { target: 'idle', actions: ['queueWork', 'forgetDevice'] } } },
  },
});

/** A worker of the work queue: it handles a fault to its end. */
export const faultWorker = setup({
  types: {
    input: {} as { readonly name: string },
    context: {} as { readonly name: string; readonly device: string | null },
    events: {} as { type: 'WORK'; device: string } | { type: 'RECORD'; block: string } | { type: 'RUN' | 'GRANTED' },
  },
  actions: {
    keepDevice: assign({ device: from('WORK', ({ event }) => event.device) }),
    readRecord: call('device', 'READ_RECORD'),
    wantFrame: call(() => 'frames', 'WANT_FRAME'),
    map: send(
      from('RECORD', ({ event }) => event.block),
      'MAP',
    ),
    resume: send('device', 'RESUME'),
    forgetDevice: assign({ device: null }),
  },
}).createMachine({
  id: 'faultWorker',
  context: ({ input }) => ({ ...input, device: null }),
  initial: 'idle',
  states: {
    idle: { on: { WORK: { target: 'handling', actions: 'keepDevice' } } },
    handling: { on: { RUN: { target: 'allocating', actions: 'wantFrame' } } },
    // alloc_pages(): it waits for reclaim where none is free.
    allocating: { on: { GRANTED: 'reading' } },
    // swap_read_folio()
    reading: { on: { RUN: 'mapping' } },
    mapping: {
      on: { RUN: { actions: 'readRecord' }, RECORD: { target: 'idle', actions: ['map', 'resume', 'forgetDevice'] } },
    },
  },
});

export interface FramesInput {
  /** At the beginning. */
  readonly free: number;
  /** Below so many free ones the reclaimer is woken, and works until so many are free. */
  readonly low: number;
}

/** The host's memory, in frames of a block, with its watermark. */
export const frameCounter = setup({
  types: {
    input: {} as FramesInput,
    context: {} as FramesInput,
    events: {} as
      | { type: 'WANT_FRAME'; by: string }
      | { type: 'PIN'; blocks: number; by: string }
      | { type: 'FREED'; by: string },
  },
  guards: {
    isNone: ({ context }) => context.free === 0,
    isLastFree: ({ context }) => context.free === 1,
    hasFor: from('PIN', ({ context, event }) => context.free >= event.blocks),
    isLow: ({ context }) => context.free < context.low,
  },
  actions: {
    take: assign({ free: ({ context }) => context.free - 1 }),
    grant: reply('GRANTED'),
    takeAll: assign({ free: from('PIN', ({ context, event }) => context.free - event.blocks) }),
    replyPinned: reply('PINNED'),
    replyNoMemory: reply('NO_MEMORY'),
    give: assign({ free: ({ context }) => context.free + 1 }),
    wake: send(() => 'reclaimer', 'LOW'),
  },
}).createMachine({
  id: 'frameCounter',
  context: ({ input }) => input,
  initial: 'enough',
  on: { FREED: { actions: 'give' } },
  states: {
    enough: {
      always: { guard: 'isLow', target: 'low', actions: 'wake' },
      on: {
        WANT_FRAME: { actions: ['take', 'grant'] },
        PIN: [{ guard: 'hasFor', actions: ['takeAll', 'replyPinned'] }, { actions: 'replyNoMemory' }],
      },
    },
    // What is wanted where there is none waits in the channel (a blocking message).
    low: {
      always: [{ guard: 'isNone', target: 'none' }],
      on: {
        WANT_FRAME: { actions: ['take', 'grant'] },
        PIN: { actions: 'replyNoMemory' },
        FREED: { target: 'checking', actions: 'give' },
      },
    },
    none: { on: { FREED: { target: 'checking', actions: 'give' } } },
    // The reclaimer goes on as long as it is too little.
    checking: { always: [{ guard: 'isLow', target: 'low', actions: 'wake' }, { target: 'enough' }] },
  },
});

export interface DenseReclaimerInput {
  readonly name: string;
  readonly guests: number;
  /** Of each guest. */
  readonly blocks: number;
}

/** kswapd: a clock over all blocks, which takes back what was not used since it came by; written to swap, and only then free. */
export const denseReclaimer = setup({
  types: {
    input: {} as DenseReclaimerInput,
    context: {} as DenseReclaimerInput & { readonly hand: number },
    events: {} as { type: 'LOW' | 'RUN' | 'PASSED' | 'PASSED_ABSENT' | 'UNMAPPED' },
  },
  actions: {
    look: call(({ context: { hand, blocks } }) => blockName(Math.floor(hand / blocks), hand % blocks), 'SWEEP'),
    goOn: assign({ hand: ({ context }) => (context.hand + 1) % (context.guests * context.blocks) }),
    free: send(() => 'frames', 'FREED'),
  },
}).createMachine({
  id: 'denseReclaimer',
  context: ({ input }) => ({ ...input, hand: 0 }),
  initial: 'asleep',
  states: {
    asleep: { on: { LOW: 'looking' } },
    looking: {
      on: {
        RUN: { actions: 'look' },
        PASSED: { target: 'passing', actions: 'goOn' },
        PASSED_ABSENT: { target: 'passing', actions: 'goOn' },
        UNMAPPED: { target: 'unmapping', actions: 'goOn' },
      },
    },
    // What it costs to look at a block.
    passing: { on: { RUN: 'looking' } },
    // TLBI and CMD_SYNC, then unpin.
    unmapping: { on: { RUN: 'writing' } },
    writing: { on: { RUN: { target: 'asleep', actions: 'free' } } },
  },
});
