/**
 * The machines of the study `start-up`: who pins a guest's memory, and a device that goes through buffers of whole blocks, page by page
 * where they fault. A block is 2 MiB, 512 pages: as many as one GUP of VFIO pins (VFIO_BATCH_MAX_CAPACITY).
 *
 *   vmm -> pinner.MAP_DMA -> (block.MAP for each) -> DONE -> vmm -> device.BOOT
 *   device  TRANSLATE -> block -> TRANSLATED                          the whole block is transferred
 *                              -> FAULT -> stream.BEGIN               its pages are absent: they fault one after the other
 *   stream  STALL -> handler -> RESUME -> stream, for each run of pages that a fault maps; END_OF_BLOCK -> device -> block.MAP
 *
 * Stream and device are two, so that how far it is in a block is not looked at together with which block it is.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { call, send, tell } from '../parts/call.ts';

/** VFIO_IOMMU_MAP_DMA of the whole guest, at its start. With no batches to pin it only notes the range, as where faults map. */
export const pinner = setup({
  types: {
    input: {} as { readonly batches: number; readonly blocks: number },
    context: {} as { readonly batches: number; readonly blocks: number; readonly batch: number },
    events: {} as { type: 'MAP_DMA' } | { type: 'RUN' },
  },
  guards: {
    isDone: ({ context }) => context.batches === 0,
    isLast: ({ context }) => context.batch === context.batches - 1,
  },
  actions: {
    // Memory that no device uses is not there as blocks.
    map: enqueueActions(({ context: { batch, blocks }, enqueue }) => {
      if (batch < blocks) tell(enqueue, `block${batch}`, { type: 'MAP' });
    }),
    nextBatch: assign({ batch: ({ context }) => context.batch + 1 }),
    replyDone: send(() => 'vmm', 'DONE'),
  },
}).createMachine({
  id: 'pinner',
  context: ({ input }) => ({ ...input, batch: 0 }),
  initial: 'idle',
  states: {
    idle: { on: { MAP_DMA: [{ guard: 'isDone', target: 'done', actions: 'replyDone' }, { target: 'pinning' }] } },
    // vfio_pin_pages_remote(), vfio_iommu_map()
    pinning: {
      on: {
        RUN: [{ guard: 'isLast', target: 'done', actions: ['map', 'replyDone'] }, { actions: ['map', 'nextBatch'] }],
      },
    },
    done: {},
  },
});

/** It starts the guest when the ioctl has come back. */
export const vmm = setup({
  types: { events: {} as { type: 'RUN' } | { type: 'DONE' } },
  actions: { mapDma: send(() => 'pinner', 'MAP_DMA'), boot: send(() => 'device', 'BOOT') },
}).createMachine({
  id: 'vmm',
  initial: 'off',
  states: {
    off: { on: { RUN: { target: 'mapping', actions: 'mapDma' } } },
    mapping: { on: { DONE: { target: 'running', actions: 'boot' } } },
    running: {},
  },
});

/** It fills a ring of buffers, each of a block, one after the other. */
export const bufferDevice = setup({
  types: {
    input: {} as { readonly name: string; readonly blocks: number },
    context: {} as { readonly name: string; readonly blocks: number; readonly block: number },
    events: {} as
      | { type: 'BOOT' }
      | { type: 'RUN' }
      | { type: 'TRANSLATED' }
      | { type: 'FAULT' }
      | { type: 'END_OF_BLOCK' },
  },
  actions: {
    translate: call(({ context }) => `block${context.block}`, 'TRANSLATE'),
    begin: send(() => 'stream', 'BEGIN'),
    map: send(({ context }) => `block${context.block}`, 'MAP'),
    tellMeter: send(() => 'meter', 'TRANSFERRED'),
    nextBlock: assign({ block: ({ context }) => (context.block + 1) % context.blocks }),
  },
}).createMachine({
  id: 'bufferDevice',
  context: ({ input }) => ({ ...input, block: 0 }),
  initial: 'off',
  states: {
    off: { on: { BOOT: 'translating' } },
    translating: {
      on: {
        RUN: { actions: 'translate' },
        TRANSLATED: 'transferring',
        FAULT: { target: 'faulting', actions: 'begin' },
      },
    },
    transferring: { on: { RUN: { target: 'translating', actions: ['tellMeter', 'nextBlock'] } } },
    // The handler has mapped all its pages meanwhile, each by its fault.
    faulting: { on: { END_OF_BLOCK: { target: 'translating', actions: ['map', 'tellMeter', 'nextBlock'] } } },
  },
});

/** The transactions to a block that is absent: each run of pages faults, and is transferred. */
export const faultingStream = setup({
  types: {
    input: {} as { readonly runs: number },
    context: {} as { readonly runs: number; readonly run: number },
    events: {} as { type: 'BEGIN' } | { type: 'RESUME' } | { type: 'RUN' },
  },
  guards: { isLast: ({ context }) => context.run === context.runs - 1 },
  actions: {
    stall: send(() => 'handler', 'STALL'),
    nextRun: assign({ run: ({ context }) => context.run + 1 }),
    endRuns: assign({ run: 0 }),
    endBlock: send(() => 'device', 'END_OF_BLOCK'),
  },
}).createMachine({
  id: 'faultingStream',
  context: ({ input }) => ({ ...input, run: 0 }),
  initial: 'idle',
  states: {
    idle: { on: { BEGIN: { target: 'stalled', actions: 'stall' } } },
    stalled: { on: { RESUME: 'transferring' } },
    transferring: {
      on: {
        RUN: [
          { guard: 'isLast', target: 'idle', actions: ['endRuns', 'endBlock'] },
          { target: 'stalled', actions: ['nextRun', 'stall'] },
        ],
      },
    },
  },
});

/** The event queue's thread; which pages it maps, nobody looks at here. */
export const firstTouchHandler = setup({
  types: { events: {} as { type: 'STALL' } | { type: 'RUN' } },
  actions: { resume: send(() => 'stream', 'RESUME') },
}).createMachine({
  id: 'firstTouchHandler',
  initial: 'idle',
  states: {
    idle: { on: { STALL: 'handling' } },
    handling: { on: { RUN: { target: 'idle', actions: 'resume' } } },
  },
});
