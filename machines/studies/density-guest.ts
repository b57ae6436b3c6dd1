/** A guest of the study `density`: its driver, and the device that is assigned to it. */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../parts/call.ts';
import { blockName } from './density-machines.ts';

export interface DenseDeviceInput {
  readonly name: string;
  readonly guest: number;
  /** VFIO pins so many blocks before the guest runs; 0 with I/O page faults. */
  readonly pins: number;
}

/** A device with one DMA at a time: DMA to END. Before the first one VFIO has to have pinned the guest. */
export const denseDevice = setup({
  types: {
    input: {} as DenseDeviceInput,
    context: {} as DenseDeviceInput & { readonly block: number },
    events: {} as
      | { type: 'DMA'; block: number; guest: number }
      | { type: 'END'; guest: number }
      | { type: 'RUN' | 'PINNED' | 'NO_MEMORY' | 'TRANSLATED' | 'FAULT' | 'RESUME' }
      | { type: 'READ_RECORD'; by: string },
  },
  guards: { hasToPin: ({ context }) => context.pins > 0 },
  actions: {
    pin: call(
      () => 'frames',
      ({ context }) => ({ type: 'PIN', blocks: context.pins }),
    ),
    letDriverRun: send(({ context }) => `driver${context.guest}`, 'DONE'),
    keepBlock: assign({ block: from('DMA', ({ event }) => event.block) }),
    forgetBlock: assign({ block: 0 }),
    translate: call(({ context }) => blockName(context.guest, context.block), 'TRANSLATE'),
    stall: call(() => 'eventThread', 'STALL'),
    replyRecord: reply(({ context }) => ({ type: 'RECORD', block: blockName(context.guest, context.block) })),
  },
}).createMachine({
  id: 'denseDevice',
  context: ({ input }) => ({ ...input, block: 0 }),
  initial: 'starting',
  states: {
    // VFIO_IOMMU_MAP_DMA of all of its memory: -ENOMEM where the host has not enough.
    starting: {
      on: {
        RUN: [
          { guard: 'hasToPin', actions: 'pin' },
          { target: 'idle', actions: 'letDriverRun' },
        ],
        PINNED: { target: 'idle', actions: 'letDriverRun' },
        NO_MEMORY: 'refused',
      },
    },
    refused: {},
    idle: { on: { DMA: { target: 'translating', actions: ['keepBlock', 'translate'] } } },
    // Left within the step that entered it.
    translating: { on: { TRANSLATED: 'transferring', FAULT: { target: 'stalled', actions: 'stall' } } },
    stalled: {
      on: { READ_RECORD: { actions: 'replyRecord' }, RESUME: { target: 'translating', actions: 'translate' } },
    },
    transferring: { on: { END: { target: 'idle', actions: ['forgetBlock', 'letDriverRun'] } } },
  },
});

/** The driver in the guest: after a DMA it prepares the next, and draws the block where it goes. */
export const denseDriver = setup({
  types: {
    input: {} as { readonly guest: number },
    context: {} as { readonly guest: number },
    events: {} as { type: `DRAW.${number}`; at: number } | { type: 'RUN' | 'DONE' },
  },
  actions: {
    post: send(
      ({ context }) => `device${context.guest}`,
      ({ context, event }) => ({ type: 'DMA', block: 'at' in event ? event.at : 0, guest: context.guest }),
    ),
  },
}).createMachine({
  id: 'denseDriver',
  context: ({ input }) => input,
  initial: 'waiting',
  states: {
    waiting: { on: { DONE: 'preparing' } },
    preparing: { on: { RUN: 'drawing' } },
    drawing: { on: { 'DRAW.*': { target: 'waiting', actions: 'post' } } },
  },
});
