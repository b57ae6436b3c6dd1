/**
 * The guest's memory as the studies `locked-memory` and `pre-mapping` see it: blocks that a device's DMA touches, the event queue, and the
 * thread that handles faults. What takes a block back, and what maps others as well, is in the studies.
 *
 * A block is what is mapped at a time: a page, or so many pages as one fault maps. Its bit, its IOMMU entries and its IOTLB entry are one
 * machine, for they change together under the container's lock (`iommu->lock`); `machines/kernel/vfio-type1` has them apart.
 *
 *   device     TRANSLATE -> block -> TRANSLATED            the access begins
 *                                 -> FAULT -> eventQueue   the DMA stalls
 *   handler    STALL, READ_RECORD -> device -> RECORD -> (charges) -> block.MAP -> resumeQueue -> RESUME -> device
 *
 * Simplifications. A stall record stays with its device until the handler reads it, so that the queue holds devices and not addresses. The
 * device's address space is one range of the container, so looking it up never fails. A block is in the host's memory all the time, or
 * comes there by the GUP of its first fault at no other cost: a refault costs what a fault costs, and nothing is read from a disk.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { type Actor, actor } from '../../src/system/system.ts';
import type { StepTiming } from '../../src/system/timing.ts';
import { call, reply, tell } from '../parts/call.ts';

export interface GuestBlockInput {
  /** The IOMMU sets an access flag (SMMUv3 HTTU, VT-d first-stage A bit); without one, no software learns of a DMA that did not fault. */
  readonly hasAccessFlag: boolean;
  /** How many times the sweep passes a block that has not been used since, until it takes it. */
  readonly chances: number;
  /** It is mapped from the beginning, as VFIO_IOMMU_MAP_DMA leaves it without I/O page faults. */
  readonly isPinned?: boolean;
}

/** Of a block that nobody takes back. */
export const UNLIMITED = { hasAccessFlag: false, chances: 1 } as const satisfies GuestBlockInput;

export type GuestBlockEvent =
  | { type: 'TRANSLATE'; by: string }
  | { type: 'MAP' }
  /** The sweep comes by: PASSED_ABSENT, PASSED, or UNMAPPED. */
  | { type: 'SWEEP'; by: string }
  /** Whoever maps ahead asks: IS_MAPPED or IS_ABSENT. */
  | { type: 'FIND'; by: string };

export const guestBlock = setup({
  types: {
    input: {} as GuestBlockInput,
    /** `passes`: of the sweep, since the block was mapped or found used. */
    context: {} as GuestBlockInput & { readonly used: boolean; readonly passes: number },
    events: {} as GuestBlockEvent,
  },
  guards: {
    isPinned: ({ context }) => context.isPinned === true,
    isUsed: ({ context }) => context.used,
    isLastPass: ({ context }) => context.passes + 1 >= context.chances,
  },
  actions: {
    setAccessFlag: assign({ used: ({ context }) => context.hasAccessFlag }),
    beYoung: assign({ used: false, passes: 0 }),
    growOld: assign({ passes: ({ context }) => context.passes + 1 }),
    replyTranslated: reply('TRANSLATED'),
    replyFault: reply('FAULT'),
    replyAbsent: reply('PASSED_ABSENT'),
    replyPassed: reply('PASSED'),
    replyUnmapped: reply('UNMAPPED'),
    replyIsMapped: reply('IS_MAPPED'),
    replyIsAbsent: reply('IS_ABSENT'),
  },
}).createMachine({
  id: 'guestBlock',
  context: ({ input }) => ({ ...input, used: false, passes: 0 }),
  initial: 'start',
  states: {
    start: { always: [{ guard: 'isPinned', target: 'mapped' }, { target: 'absent' }] },
    absent: {
      on: {
        TRANSLATE: { actions: 'replyFault' },
        MAP: 'mapped',
        SWEEP: { actions: 'replyAbsent' },
        FIND: { actions: 'replyIsAbsent' },
      },
    },
    mapped: {
      on: {
        TRANSLATE: { actions: ['setAccessFlag', 'replyTranslated'] },
        // Another device's fault has mapped it meanwhile.
        MAP: {},
        SWEEP: [
          { guard: 'isUsed', actions: ['beYoung', 'replyPassed'] },
          { guard: 'isLastPass', target: 'absent', actions: ['beYoung', 'replyUnmapped'] },
          { actions: ['growOld', 'replyPassed'] },
        ],
        FIND: { actions: 'replyIsMapped' },
      },
    },
  },
});

export interface DeviceInput {
  readonly name: string;
  /** That it uses. */
  readonly blocks: number;
  /** Blocks are drawn by their group of so many, and then within it. */
  readonly groupSize: number;
  /** From a block to the next that the device knows: with 4 it uses each fourth. */
  readonly stride: number;
  /** Of one that walks. */
  readonly start: number;
  /** Who is told of each DMA (`speed-meter.ts`). */
  readonly meter?: string;
}

export type DeviceEvent =
  | { type: `GROUP.${number}`; at: number }
  | { type: `PLACE.${number}`; at: number }
  | { type: 'RUN' }
  | { type: 'TRANSLATED' }
  | { type: 'FAULT' }
  | { type: 'READ_RECORD'; by: string }
  | { type: 'RESUME' };

const deviceParts = setup({
  types: {
    input: {} as DeviceInput,
    context: {} as DeviceInput & { readonly block: number },
    events: {} as DeviceEvent,
  },
  guards: {
    isThere: ({ context, event }) => 'at' in event && context.block + event.at < context.blocks,
    isFirstGroup: ({ event }) => 'at' in event && event.at === 0,
  },
  actions: {
    drawGroup: assign({
      block: ({ context, event }) => ('at' in event ? event.at * context.groupSize : context.block),
    }),
    drawPlace: assign({ block: ({ context, event }) => context.block + ('at' in event ? event.at : 0) }),
    forgetBlock: assign({ block: 0 }),
    walk: assign({ block: ({ context }) => (context.block + 1) % context.blocks }),
    translate: call(({ context }) => `block${context.block * context.stride}`, 'TRANSLATE'),
    stall: call(() => 'handler', 'STALL'),
    tellMeter: enqueueActions(({ context, enqueue }) => {
      if (context.meter) tell(enqueue, context.meter, { type: 'TRANSFERRED' });
    }),
    replyRecord: reply(({ context }) => ({ type: 'RECORD', block: context.block * context.stride })),
  },
});

const deviceStates = {
  translating: deviceParts.createStateConfig({
    on: {
      RUN: { actions: 'translate' },
      TRANSLATED: 'transferring',
      FAULT: { target: 'stalled', actions: 'stall' },
    },
  }),
  stalled: deviceParts.createStateConfig({
    on: { READ_RECORD: { actions: 'replyRecord' }, RESUME: 'translating' },
  }),
};

const deviceConfig = {
  context: ({ input }: { input: DeviceInput }) => ({ ...input, block: input.start }),
} as const;

/**
 * A device whose DMA goes to a block that is drawn: first the group in which it lies, then its place there, so that of N blocks not N
 * choices are enabled at a time. The `timing` section has the weights. In the first group the places have weights of their own (state
 * `first`).
 */
export const drawingDevice = deviceParts.createMachine({
  id: 'drawingDevice',
  ...deviceConfig,
  initial: 'choosing',
  states: {
    ...deviceStates,
    choosing: {
      on: {
        'GROUP.*': [
          { guard: 'isFirstGroup', target: 'first', actions: 'drawGroup' },
          { target: 'other', actions: 'drawGroup' },
        ],
      },
    },
    first: { on: { 'PLACE.*': { guard: 'isThere', target: 'translating', actions: 'drawPlace' } } },
    other: { on: { 'PLACE.*': { guard: 'isThere', target: 'translating', actions: 'drawPlace' } } },
    transferring: { on: { RUN: { target: 'choosing', actions: ['tellMeter', 'forgetBlock'] } } },
  },
});

/** A device whose DMA goes from one of its blocks to the next, and at the end begins anew: a ring of buffers. */
export const walkingDevice = deviceParts.createMachine({
  id: 'walkingDevice',
  ...deviceConfig,
  initial: 'translating',
  states: {
    ...deviceStates,
    transferring: { on: { RUN: { target: 'translating', actions: ['tellMeter', 'walk'] } } },
  },
});

export const RUN = { type: 'RUN' } as const;

export function drawing(input: DeviceInput): Actor<typeof drawingDevice> {
  return actor(drawingDevice, { input, choices: [RUN, ...draws(input.blocks, input.groupSize)] });
}

export function walking(input: DeviceInput): Actor<typeof walkingDevice> {
  return actor(walkingDevice, { input, choices: [RUN] });
}

/**
 * The times of a fault and of a transfer, in us: hisi_sec on Kunpeng 920, VFIO (constants.md C.1).
 *
 * - A fault costs 10 us, of which the handler has 1.6 (seed 000); the rest, event queue, wake-up, CMD_RESUME and retry, is taken half
 *   before the handler and half after it, which matters to nobody here.
 * - Each page beyond the first that a fault maps: (166.1 - 10) / 511, of the row 10 MB, PREMAP 512, x100. The row x1 gives 0.72; there
 *   pages are touched for the first time by anybody.
 * - A page that is transferred: 115.8 us for a message of 1 MB, which are 256 pages of source and 256 of destination.
 */
export const COSTS = {
  handler: 1.6,
  toHandler: 4.2,
  toDevice: 4.2,
  pageMapped: 0.305,
  pageTransferred: 0.226,
} as const;

/** Weights of the draws of some actor: of its groups, and, where they are not alike, of the places in the first (state `first`). */
export function drawingTimes(
  groups: readonly number[],
  groupSize: number,
  first?: readonly number[],
): Record<string, readonly StepTiming[]> {
  const inFirst = (at: number) => (first ? [{ in: 'first', takes: 0, weight: first[at]! }] : []);
  return Object.fromEntries([
    ...groups.map((weight, at) => [`GROUP.${at}`, [{ takes: 0, weight }]] as const),
    ...upTo(groupSize).map((at) => [`PLACE.${at}`, [...inFirst(at), { takes: 0, weight: 1 }]] as const),
  ]);
}

/** The choices of who draws a block: its group, then its place in it. */
export function draws(blocks: number, groupSize: number) {
  return [
    ...upTo(Math.ceil(blocks / groupSize)).map((at) => ({ type: `GROUP.${at}` as const, at })),
    ...upTo(Math.min(groupSize, blocks)).map((at) => ({ type: `PLACE.${at}` as const, at })),
  ];
}

/** The sizes of groups, of which the last may be smaller. */
export function evenly(blocks: number, groupSize: number): number[] {
  return upTo(Math.ceil(blocks / groupSize)).map((at) => Math.min(groupSize, blocks - at * groupSize));
}

/** 0 to below `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
