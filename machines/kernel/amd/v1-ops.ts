/**
 * A thread that maps and unmaps addresses of a domain with AMD's v1 page table (amd/io_pgtable.c iommu_v1_map_pages() and
 * iommu_v1_unmap_pages(), from 1e56310b40fd to 789a5913b29c, v6.17 to v6.18).
 *
 * The table begins with few levels, and gets one more when somebody maps an address that it does not reach: a new root whose
 * first entry leads to the old one. Whoever grows holds `domain->lock`. Whoever walks holds nothing, so it reads root and mode
 * between the two ends of a sequence count:
 *
 *   idle -MAP-> sizing -> [growing -> rooted -> published -> sizing] -> sampling -> readingMode -> readingRoot -> checking -> walking
 *        -UNMAP-> sampling -> ...
 *
 * `v1-ops-6eedb59c18a3.ts` and `v1-ops-eb791aa70b90.ts` read the two in other ways.
 *
 * List 'ACQUIRE' and 'READ_BEGIN' as `blocking`. At rest in `idle`.
 *
 * Simplifications: one page each time; addresses belong to threads, as the IOVA allocator sees to; a table that is missing is
 * looked for and installed in one step, so nobody loses the cmpxchg of alloc_pte(); tables are never freed; no large pages; no
 * flush of the IOTLB (what is asked is what the table says).
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { TableEntry } from '../../hardware/amd/table-page.ts';
import { call, from, send, tell } from '../../parts/call.ts';

export type V1OpsEvent =
  | { type: 'MAP'; page: string }
  | { type: 'UNMAP'; page: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'MODE'; mode: number }
  | { type: 'ROOT'; root: string }
  | { type: 'ROOT_AND_MODE'; root: string; mode: number }
  | { type: 'CHANGED' }
  | { type: 'UNCHANGED' }
  | { type: 'ENTRY'; entry: TableEntry | null };

export interface V1OpsInput {
  readonly name: string;
  /** `struct amd_io_pgtable` */
  readonly pgtable: string;
  /** `pgtable->seqcount` */
  readonly seqcount: string;
  /** `domain->lock`, a spinlock. */
  readonly lock: string;
  readonly deviceTableEntry: string;
  /** The address that each page of this thread is mapped at: an index for each level, the lowest first. */
  readonly addresses: Readonly<Record<string, readonly number[]>>;
  /** Zeroed pages for tables. */
  readonly spares: readonly string[];
}

/** What versions of the thread are made of. */
export const v1OpsParts = setup({
  types: {
    input: {} as V1OpsInput,
    context: {} as V1OpsInput & {
      /** What is mapped and unmapped, while it is. */
      readonly page: string | null;
      readonly isMap: boolean;
      readonly mode: number;
      readonly root: string;
      /** Where the walk is: the table, and the level that its entries have. */
      readonly table: string;
      readonly level: number;
      /** Pages of this thread that count as mapped. */
      readonly mapped: readonly string[];
    },
    events: {} as V1OpsEvent,
  },
  guards: {
    isUnmapped: ({ context, event }) =>
      event.type === 'MAP' && event.page in context.addresses && !context.mapped.includes(event.page),
    isMapped: ({ context, event }) => event.type === 'UNMAP' && context.mapped.includes(event.page),
    isTooSmall: ({ context, event }) =>
      event.type === 'MODE' && context.addresses[context.page!]!.slice(event.mode).some((index) => index !== 0),
    isMapAtLeaf: ({ context }) => context.level === 0 && context.isMap,
    isMappedLeaf: ({ context, event }) => context.level === 0 && event.type === 'ENTRY' && event.entry !== null,
    isMissingTable: ({ context, event }) =>
      context.isMap && context.spares.length > 0 && event.type === 'ENTRY' && event.entry === null,
    isNextTable: ({ context, event }) =>
      event.type === 'ENTRY' && event.entry !== null && event.entry.level === context.level,
  },
  actions: {
    begin: assign(
      from(['MAP', 'UNMAP'], ({ event }) => ({ page: event.page, isMap: event.type === 'MAP', mode: 0, root: '' })),
    ),
    readMode: call('pgtable', 'READ_MODE'),
    readRoot: call('pgtable', 'READ_ROOT'),
    readBoth: call('pgtable', 'READ_BOTH'),
    keepMode: assign(from('MODE', ({ event }) => ({ mode: event.mode }))),
    keepRoot: assign(from('ROOT', ({ event }) => ({ root: event.root }))),
    keepBoth: assign(from('ROOT_AND_MODE', ({ event }) => ({ root: event.root, mode: event.mode }))),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    beginWrite: send('seqcount', 'WRITE_BEGIN'),
    endWrite: send('seqcount', 'WRITE_END'),
    beginRead: call('seqcount', 'READ_BEGIN'),
    checkRead: call('seqcount', 'READ_RETRY'),
    linkOldRoot: send(
      ({ context }) => context.spares[0]!,
      from(['ROOT', 'ROOT_AND_MODE'], ({ context, event }) => ({
        type: 'SET_ENTRY',
        index: 0,
        entry: { to: event.root, level: context.mode },
      })),
    ),
    publishRoot: send('pgtable', ({ context }) => ({ type: 'SET_ROOT', root: context.spares[0]! })),
    publishMode: send('pgtable', ({ context }) => ({ type: 'SET_MODE', mode: context.mode + 1 })),
    publishBoth: send('pgtable', ({ context }) => ({
      type: 'SET_BOTH',
      root: context.spares[0]!,
      mode: context.mode + 1,
    })),
    updateDeviceTable: send('deviceTableEntry', ({ context }) => ({
      type: 'SET_PAGE_TABLE',
      root: context.spares[0]!,
      mode: context.mode + 1,
    })),
    useSpare: assign({ spares: ({ context }) => context.spares.slice(1) }),
    startWalk: assign({ table: ({ context }) => context.root, level: ({ context }) => context.mode - 1 }),
    readEntry: call('table', ({ context }) => ({ type: 'READ_ENTRY', index: indexOf(context) })),
    setLeaf: send('table', ({ context }) => ({
      type: 'SET_ENTRY',
      index: indexOf(context),
      entry: { to: context.page!, level: 0 },
    })),
    clearLeaf: send('table', ({ context }) => ({ type: 'SET_ENTRY', index: indexOf(context), entry: null })),
    installTable: enqueueActions(({ context, enqueue }) => {
      const [table, ...spares] = context.spares;
      const entry = { to: table!, level: context.level };
      tell(enqueue, context.table, { type: 'SET_ENTRY', index: indexOf(context), entry } as never);
      enqueue.assign({ table: table!, level: context.level - 1, spares });
    }),
    descend: assign(from('ENTRY', ({ context, event }) => ({ table: event.entry!.to, level: context.level - 1 }))),
    noteMapped: assign({ mapped: ({ context }) => [...context.mapped, context.page!].sort() }),
    noteUnmapped: assign({ mapped: ({ context }) => context.mapped.filter((page) => page !== context.page) }),
    end: assign({ page: null, isMap: false, mode: 0, root: '', table: '', level: 0 }),
  },
});

function indexOf({
  addresses,
  page,
  level,
}: {
  addresses: V1OpsInput['addresses'];
  page: string | null;
  level: number;
}) {
  return addresses[page!]![level]!;
}

export const v1OpsConfig = {
  context: ({ input }: { input: V1OpsInput }) => ({
    ...input,
    page: null,
    isMap: false,
    mode: 0,
    root: '',
    table: '',
    level: 0,
    mapped: [],
  }),
  initial: 'idle',
} as const;

export const v1OpsStates = {
  idle: v1OpsParts.createStateConfig({
    on: {
      MAP: { guard: 'isUnmapped', target: 'sizing', actions: 'begin' },
      // fetch_pte() asks as well whether the table reaches the address; what was mapped it does reach, it never shrinks.
      UNMAP: { guard: 'isMapped', target: 'sampling', actions: 'begin' },
    },
  }),
  // alloc_pte(): without a lock.
  sizing: v1OpsParts.createStateConfig({
    on: {
      RUN: { actions: 'readMode' },
      MODE: [{ guard: 'isTooSmall', target: 'growing' }, { target: 'sampling' }],
    },
  }),
  // increase_address_space(), from spin_lock_irqsave(): somebody else may have done it.
  growing: v1OpsParts.createStateConfig({
    on: {
      RUN: { actions: ['lock', 'readMode'] },
      MODE: [
        { guard: 'isTooSmall', target: 'linking', actions: 'keepMode' },
        { target: 'sizing', actions: 'unlock' },
      ],
    },
  }),
  linking: v1OpsParts.createStateConfig({
    on: {
      RUN: { actions: 'readRoot' },
      ROOT: { target: 'rooted', actions: ['linkOldRoot', 'beginWrite', 'publishRoot'] },
    },
  }),
  rooted: v1OpsParts.createStateConfig({
    on: { RUN: { target: 'published', actions: ['publishMode', 'endWrite'] } },
  }),
  // amd_iommu_update_and_flush_device_table()
  published: v1OpsParts.createStateConfig({
    on: { RUN: { target: 'sizing', actions: ['updateDeviceTable', 'useSpare', 'unlock'] } },
  }),
  // alloc_pte() and fetch_pte(): read_seqcount_begin()
  sampling: v1OpsParts.createStateConfig({
    on: { RUN: { target: 'readingMode', actions: 'beginRead' } },
  }),
  readingMode: v1OpsParts.createStateConfig({
    on: { RUN: { actions: 'readMode' }, MODE: { target: 'readingRoot', actions: 'keepMode' } },
  }),
  readingRoot: v1OpsParts.createStateConfig({
    on: { RUN: { actions: 'readRoot' }, ROOT: { target: 'checking', actions: 'keepRoot' } },
  }),
  // read_seqcount_retry()
  checking: v1OpsParts.createStateConfig({
    on: {
      RUN: { actions: 'checkRead' },
      CHANGED: 'sampling',
      UNCHANGED: { target: 'walking', actions: 'startWalk' },
    },
  }),
  walking: v1OpsParts.createStateConfig({
    on: {
      RUN: { actions: 'readEntry' },
      ENTRY: [
        { guard: 'isMapAtLeaf', target: 'idle', actions: ['setLeaf', 'noteMapped', 'end'] },
        { guard: 'isMappedLeaf', target: 'idle', actions: ['clearLeaf', 'noteUnmapped', 'end'] },
        // alloc_pte(): a new table, and down to it.
        { guard: 'isMissingTable', actions: 'installTable' },
        { guard: 'isNextTable', actions: 'descend' },
        // NULL: not present, or a table of another number of levels than the walk is at (PM_PTE_LEVEL()). A map returns -ENOMEM; an
        // unmap returns 0, its caller warns, and takes the address back (dma-iommu.c __iommu_dma_unmap()).
        { target: 'failed' },
      ],
    },
  }),
  failed: v1OpsParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['noteUnmapped', 'end'] } },
  }),
};

export const v1Ops = v1OpsParts.createMachine({ id: 'v1Ops', ...v1OpsConfig, states: v1OpsStates });
