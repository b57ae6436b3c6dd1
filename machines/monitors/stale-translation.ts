/**
 * A translation must not outlive what it translates to, whichever way a device gets at it: page table, TLB or ATC.
 */
import { assign, setup } from 'xstate';
import { always, monitor, type Observed, type Property } from '../../src/system/property.ts';
import { from } from '../parts/call.ts';

type Allocated = Observed<{ type: 'ALLOCATE'; page: string }>;
type Freed = Observed<{ type: 'ADD'; frame: string }>;
type Accessed = Observed<{ type: 'ACCESS'; page: string }>;

/** Watches frames (`../kernel/mm/frame.ts`) and the allocator: no access to a frame that its page does not own any more. */
const staleTranslation = setup({
  types: {
    /** Page by frame, of the frames that are allocated. */
    context: {} as { owners: Readonly<Record<string, string>> },
    events: {} as Allocated | Freed | Accessed,
  },
  guards: {
    isFree: ({ context, event }) => event.type === 'ACCESS' && !(event.to in context.owners),
    isOfAnotherPage: ({ context, event }) =>
      event.type === 'ACCESS' && event.to in context.owners && context.owners[event.to] !== event.message.page,
  },
  actions: {
    noteOwner: assign(
      from('ALLOCATE', ({ context, event }) => ({ owners: { ...context.owners, [event.to]: event.message.page } })),
    ),
    forgetOwner: assign(
      from('ADD', ({ context, event }) => {
        const { [event.message.frame]: _, ...owners } = context.owners;
        return { owners };
      }),
    ),
  },
}).createMachine({
  id: 'staleTranslation',
  context: { owners: {} },
  initial: 'clean',
  states: {
    clean: {
      on: {
        ALLOCATE: { actions: 'noteOwner' },
        ADD: { actions: 'forgetOwner' },
        ACCESS: [
          { guard: 'isFree', target: 'freeFrameAccessed' },
          { guard: 'isOfAnotherPage', target: 'reusedFrameAccessed' },
        ],
      },
    },
    freeFrameAccessed: { tags: 'violation' },
    reusedFrameAccessed: { tags: 'violation' },
  },
});

export const NO_DMA_TO_FREED_FRAME = 'no DMA reaches a frame that was freed';

export function noDmaToFreedFrame(): Property {
  return monitor(NO_DMA_TO_FREED_FRAME, staleTranslation);
}

/**
 * The SMMU's TLB holds a translation that the page table has no more only while `lock` is held, that is, while whoever
 * changed the table is still invalidating.
 */
export function tlbFollowsPageTable(
  pairs: readonly { tlb: string; entry: string }[],
  lock: string,
): readonly Property[] {
  return pairs.map(({ tlb, entry }) =>
    always(`${tlb} is stale only while ${lock} is held`, (view) => {
      const held = view.get(tlb).context.frame;
      return held === null || held === view.get(entry).context.frame || view.get(lock).matches('held');
    }),
  );
}

/** What the mapped bit says of a page is what the page table says, whenever nobody holds `lock`. */
export function bitmapFollowsPageTable(
  pages: readonly { page: string; mapped: string; entry: string }[],
  lock: string,
): readonly Property[] {
  return pages.map(({ page, mapped, entry }) =>
    always(`the mapped bit of ${page} tells the truth while ${lock} is free`, (view) => {
      if (view.get(lock).matches('held')) return true;
      return view.get(mapped).matches('set') === view.get(entry).matches('valid');
    }),
  );
}

/**
 * When `owner` has unmapped the page and freed its frame, nothing translates the page any more and no access with the old
 * translation is under way in `channels`.
 */
export function noTranslationAfterUnmap(
  page: string,
  owner: string,
  caches: readonly string[],
  channels: readonly string[],
): Property {
  return always(`nothing translates ${page} after it was unmapped`, (view) => {
    if (!view.get(owner).matches('unmapped')) return true;
    if (caches.some((cache) => view.get(cache).context.frame !== null)) return false;
    return !channels.some((channel) =>
      view
        .channel(channel)
        .some(({ event }) => event.type === 'ACCESS' && (event as Accessed['message']).page === page),
    );
  });
}
