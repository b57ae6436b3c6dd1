/**
 * A thread that maps one page, as riscv/iommu.c riscv_iommu_map_pages() and riscv_iommu_pte_alloc() did it while the driver had a page table of its own
 * (from v6.13): it finds no table, takes a page, zeroes it, and links it by cmpxchg_relaxed(), which orders nothing; then it sets its entry.
 * Several may map at once, without a lock; who loses gives its page back and takes the table that is there.
 *
 * The zeros are a store of its CPU (`../../hardware/cpu/store-buffer.ts`); to itself they are visible at once.
 *
 * `map-pages.ts` orders them. Simplifications: a page of zeros is one store; it maps once, and nothing is unmapped; what was left in the page
 * looks like a leaf (where it looks like a table, the thread goes down into it, or frees it as one that it has replaced).
 */
import { assign, setup } from 'xstate';
import type { FreshTableEntry } from '../../hardware/riscv/table-walker.ts';
import { call, from, send } from '../../parts/call.ts';

export type MapPagesEvent =
  /** The scheduler lets the thread run. */
  { type: 'RUN' } | { type: 'TABLE'; table: string } | { type: 'NO_TABLE' } | { type: 'ENTRY'; entry: FreshTableEntry };

export interface MapPagesInput {
  readonly name: string;
  /** Of its address in the table. */
  readonly index: number;
  readonly pointer: string;
  /** The page that it gets if it has to make a table. */
  readonly page: string;
  readonly storeBuffer: string;
}

/** What versions are made of. */
export const mapPagesParts = setup({
  types: {
    input: {} as MapPagesInput,
    context: {} as MapPagesInput & { readonly table: string },
    events: {} as MapPagesEvent,
  },
  guards: {
    isStale: from('ENTRY', ({ event }) => event.entry === 'stale'),
    isOwn: ({ context }) => context.table === context.page,
  },
  actions: {
    readPointer: call('pointer', 'READ_POINTER'),
    zeroPage: send('storeBuffer', ({ context }) => ({ type: 'STORE', to: context.page, value: 'ZERO' })),
    // dma_wmb(), or the release of try_cmpxchg64_release()
    barrier: send('storeBuffer', 'BARRIER'),
    linkTable: call('pointer', ({ context }) => ({ type: 'LINK_TABLE', table: context.page })),
    noteTable: assign({ table: from('TABLE', ({ event }) => event.table) }),
    readEntry: call('table', ({ context }) => ({ type: 'READ_TABLE', index: context.index })),
    // Of two writes of one CPU to one place, the second is the later one.
    drain: send('storeBuffer', 'BARRIER'),
    setEntry: send('table', ({ context }) => ({ type: 'SET_ENTRY', index: context.index })),
  },
});

export const mapPagesConfig = {
  context: ({ input }: { input: MapPagesInput }) => ({ ...input, table: '' }),
  initial: 'idle',
} as const;

export const mapPagesStates = {
  idle: mapPagesParts.createStateConfig({ on: { RUN: { target: 'looking', actions: 'readPointer' } } }),
  // Left within the step that entered it, as are `linking` and `checking`.
  looking: mapPagesParts.createStateConfig({
    on: {
      TABLE: { target: 'descended', actions: 'noteTable' },
      NO_TABLE: { target: 'allocated', actions: 'zeroPage' },
    },
  }),
  allocated: mapPagesParts.createStateConfig({ on: { RUN: { target: 'linking', actions: 'linkTable' } } }),
  linking: mapPagesParts.createStateConfig({ on: { TABLE: { target: 'descended', actions: 'noteTable' } } }),
  descended: mapPagesParts.createStateConfig({
    on: {
      RUN: [
        // It sees its own zeros.
        { guard: 'isOwn', target: 'mapped', actions: ['drain', 'setEntry'] },
        { target: 'checking', actions: 'readEntry' },
      ],
    },
  }),
  checking: mapPagesParts.createStateConfig({
    on: {
      // It takes what was left there for a leaf, on which nothing smaller may be put: riscv_iommu_pte_alloc() returns NULL.
      ENTRY: [
        { guard: 'isStale', target: 'refused' },
        { target: 'mapped', actions: 'setEntry' },
      ],
    },
  }),
  refused: mapPagesParts.createStateConfig({}),
  mapped: mapPagesParts.createStateConfig({}),
};

export const mapPagesRelaxed = mapPagesParts.createMachine({
  id: 'mapPagesRelaxed',
  ...mapPagesConfig,
  states: mapPagesStates,
});
