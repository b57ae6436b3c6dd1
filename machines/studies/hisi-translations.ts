/**
 * Which pages of the study `hisi-sec` are mapped in the IOMMU: of the buffers, and of the rings of all queues.
 *
 * What it mirrors: the page table and, for VFIO, the bitmap of mapped pages of a vfio_dma. Pre-map (v3, patch 4/8): the run of clear bits
 * from the fault on, at most IOPF_PREMAP_LEN, is pinned, mapped and unpinned.
 *
 * Simplifications: what is mapped of a walk is a number, since each is first touched in order; at most one page of a buffer is taken back
 * at a time; what lies behind a buffer belongs to others: to pre-map it costs, and saves the benchmark nothing.
 */
import { assign, setup } from 'xstate';
import { call, from, reply } from '../parts/call.ts';

type TranslationEvent =
  /** The reply is PRESENT or ABSENT. */
  | { type: 'TRANSLATE'; by: string; walk: string; page: number }
  /** How many pages a handler has to map; the reply is WINDOW. */
  | { type: 'FIND_WINDOW'; by: string; walk: string; turn: number }
  | { type: 'MAP'; walk: string; turn: number };

export interface BufferInput {
  readonly name: string;
  /** In grains: what a fault maps, and how many there are. */
  readonly window: number;
  readonly grains: number;
  /** What a fault maps, in pages. */
  readonly premap: number;
  /** How many grains are mapped at the beginning. */
  readonly mapped: number;
  /** Pages of a walk are known modulo this. */
  readonly modulus: number;
}

/**
 * A buffer that is walked from its first page to its last. How many faults that takes is a count of its own (`NAMEfaults`).
 *
 * ASK_WHETHER_WHOLE has no transition while the front is so far that a page number would say nothing: list it as `blocking`. A message
 * that comes then waits until the buffer is whole.
 */
export const buffer = setup({
  types: {
    input: {} as BufferInput,
    context: {} as BufferInput & {
      /** The first page that is not mapped, modulo. */
      readonly front: number;
      readonly isYoung: boolean;
      /** Changes with each fault. */
      readonly turn: number;
    },
    events: {} as
      | TranslationEvent
      /** The reply is WHOLE, PARTLY, or MISSING where one page is. */
      | { type: 'ASK_WHETHER_WHOLE'; by: string }
      | { type: 'MORE' | 'END' | 'RECLAIM' },
  },
  guards: {
    isMapped: ({ context }) => context.mapped >= context.grains,
    isFront: ({ context, event }) => event.type === 'TRANSLATE' && event.page === context.front,
    isTaken: ({ event }) => event.type === 'TRANSLATE' && event.walk === 'missing',
    isYoung: ({ context }) => context.isYoung,
    isStale: ({ context, event }) =>
      (event.type === 'MAP' || event.type === 'FIND_WINDOW') && event.turn !== context.turn,
  },
  actions: {
    count: call(({ context }) => `${context.name}faults`, 'COUNT'),
    advance: assign(({ context: { front, window, modulus, isYoung, turn } }) => ({
      front: (front + window) % modulus,
      // With room for a window more: the source is a little ahead of the destination, which is the one that is asked.
      isYoung: isYoung && front + 2 * window + 1 < modulus,
      turn: 1 - turn,
    })),
    finish: assign(({ context: { grains, modulus, turn } }) => ({ front: grains % modulus, turn: 1 - turn })),
    replyAbsent: reply(({ context }) => ({ type: 'ABSENT', turn: context.turn })),
    replyPresent: reply({ type: 'PRESENT', isLast: false }),
    replyPresentInWhole: reply(
      from('TRANSLATE', ({ context: { front, modulus }, event }) => ({
        type: 'PRESENT',
        isLast: (event.page + 1) % modulus === front,
      })),
    ),
    replyWhole: reply('WHOLE'),
    replyPartly: reply('PARTLY'),
    replyMissing: reply('MISSING'),
    replyNothing: reply({ type: 'WINDOW', pages: 0 }),
    replyOne: reply({ type: 'WINDOW', pages: 1 }),
    replyWindow: reply(({ context }) => ({ type: 'WINDOW', pages: context.premap })),
  },
}).createMachine({
  id: 'hisiBuffer',
  context: ({ input }) => ({ ...input, front: input.mapped % input.modulus, isYoung: true, turn: 0 }),
  initial: 'starting',
  states: {
    starting: { always: [{ guard: 'isMapped', target: 'whole' }, { target: 'partial' }] },
    partial: {
      on: {
        TRANSLATE: [{ guard: 'isFront', actions: 'replyAbsent' }, { actions: 'replyPresent' }],
        ASK_WHETHER_WHOLE: { guard: 'isYoung', actions: 'replyPartly' },
        FIND_WINDOW: [{ guard: 'isStale', actions: 'replyNothing' }, { actions: 'replyWindow' }],
        MAP: [{ guard: 'isStale' }, { target: 'counting', actions: 'count' }],
        // The host takes back what it takes from other pages.
        RECLAIM: {},
      },
    },
    // Left within the step that entered it.
    counting: {
      on: { MORE: { target: 'partial', actions: 'advance' }, END: { target: 'whole', actions: 'finish' } },
    },
    whole: {
      on: {
        TRANSLATE: { actions: 'replyPresentInWhole' },
        ASK_WHETHER_WHOLE: { actions: 'replyWhole' },
        FIND_WINDOW: { actions: 'replyNothing' },
        MAP: {},
        RECLAIM: 'missing',
      },
    },
    missing: {
      on: {
        TRANSLATE: [{ guard: 'isTaken', actions: 'replyAbsent' }, { actions: 'replyPresentInWhole' }],
        ASK_WHETHER_WHOLE: { actions: 'replyMissing' },
        FIND_WINDOW: { actions: 'replyOne' },
        MAP: 'whole',
        RECLAIM: {},
      },
    },
  },
});

/** Consecutive pages that are first touched in order, and then again from the first. */
export interface Walk {
  readonly name: string;
  /** Its first page. */
  readonly start: number;
  readonly pages: number;
}

export interface RingsInput {
  /** By their starts; between them is what nobody here uses. */
  readonly walks: readonly Walk[];
  readonly premap: number;
  readonly isMapped: boolean;
}

interface RingsContext extends RingsInput {
  /** By walk: how many pages are mapped, from its first; and which page is the next one. */
  readonly mapped: readonly number[];
  readonly next: readonly number[];
}

const indexOf = ({ walks }: RingsInput, walk: string) => walks.findIndex(({ name }) => name === walk);

const isNextMapped = (context: RingsContext, walk: string) => {
  const index = indexOf(context, walk);
  return context.next[index]! < context.mapped[index]!;
};

/** What is mapped after a fault at the next page of a walk, and how many pages that took. The window ends at the first mapped page. */
function afterFault(context: RingsContext, walk: string) {
  const { walks, premap } = context;
  if (isNextMapped(context, walk)) return { mapped: context.mapped, pages: 0 };
  const index = indexOf(context, walk);
  const begin = walks[index]!.start + context.next[index]!;
  const barrier = walks.findIndex((_, other) => other > index && context.mapped[other]! > 0);
  const end = Math.min(begin + premap, barrier < 0 ? Number.POSITIVE_INFINITY : walks[barrier]!.start);
  const mapped = walks.map(({ start, pages }, other) =>
    other < index || start >= end ? context.mapped[other]! : Math.min(pages, end - start),
  );
  return { mapped, pages: end - begin };
}

/** The memory of the rings, and the two pages before it that all queues use. */
export const rings = setup({
  types: { input: {} as RingsInput, context: {} as RingsContext, events: {} as TranslationEvent },
  guards: {
    isMapped: ({ context, event }) => isNextMapped(context, (event as { walk: string }).walk),
  },
  actions: {
    replyPresent: reply({ type: 'PRESENT', isLast: false }),
    replyAbsent: reply({ type: 'ABSENT', turn: 0 }),
    goOn: assign({
      next: from('TRANSLATE', ({ context, event }) => {
        const index = indexOf(context, event.walk);
        return context.next.map((at, other) => (other === index ? (at + 1) % context.walks[index]!.pages : at));
      }),
    }),
    replyWindow: reply(
      from('FIND_WINDOW', ({ context, event }) => ({ type: 'WINDOW', pages: afterFault(context, event.walk).pages })),
    ),
    map: assign({ mapped: from('MAP', ({ context, event }) => afterFault(context, event.walk).mapped) }),
  },
}).createMachine({
  id: 'hisiRings',
  context: ({ input }) => ({
    ...input,
    mapped: input.walks.map(({ pages }) => (input.isMapped ? pages : 0)),
    next: input.walks.map(() => 0),
  }),
  on: {
    TRANSLATE: [{ guard: 'isMapped', actions: ['goOn', 'replyPresent'] }, { actions: 'replyAbsent' }],
    FIND_WINDOW: { actions: 'replyWindow' },
    MAP: { actions: 'map' },
  },
});
