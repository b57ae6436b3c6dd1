/**
 * The fault handler of `iopf-v3.ts` with pre-mapping (v3 patch 4; in v2 a part of patch 3): after the page that faulted it maps those that
 * follow, IOPF_PREMAP_LEN in all, and stops at the end of the range of the dma, and at a page whose bit is set.
 *
 *   lock; the page: GUP, map, set the bit, put; the next page, while its bit is clear: the same; unlock; answer
 *
 * Where GUP fails on a page that follows, the answer is Success all the same: the page that faulted is mapped.
 *
 *   `iopf-premap-past-end.ts`   does not stop at the end of the range
 *   `iopf-premap-window.ts`     maps the window in which the page lies, not what follows it
 *
 * Simplifications: as in `iopf-v3.ts`; no two frames are contiguous, so each page is mapped by a call of its own (a contiguous piece
 * is mapped by one, which makes blocks, B-79, and fails as a whole); a bit is looked at when its page's turn comes, not before the first
 * GUP, which nobody can tell, as the lock is held. It is held over GUP of all pages: B-58 and B-73.
 */
import { assign } from 'xstate';
import {
  NO_WORK,
  type VfioIopfInput,
  type VfioIopfWork,
  vfioIopfConfig,
  vfioIopfParts,
  vfioIopfStates,
} from './iopf-v3.ts';

export const premapParts = vfioIopfParts.extend({
  guards: {
    hasMore: ({ context }) => context.ahead!.length > 0,
    isFirst: ({ context }) => context.page === context.request!.page,
  },
  actions: {
    // "for (i = bit_offset + 1; i < npages; i++)"
    lookAhead: assign(({ context }) => {
      const { dma, length } = context.premap!;
      const at = dma.indexOf(context.page!);
      return { ahead: dma.slice(at + 1, at + length) };
    }),
    nextPage: assign(({ context }) => ({ page: context.ahead![0]!, ahead: context.ahead!.slice(1) })),
    endRun: assign({ ...NO_WORK, ahead: [] }),
  },
});

export const premapConfig = {
  ...vfioIopfConfig,
  context: ({ input }: { input: VfioIopfInput }): VfioIopfInput & VfioIopfWork => ({ ...input, ...NO_WORK, ahead: [] }),
} as const;

const mapPage = ['map', 'setMappedBit', 'putPage', 'forgetFrame'] as const;

/** Another version replaces states. */
export const premapStates = {
  ...vfioIopfStates,
  findingDma: premapParts.createStateConfig({
    on: {
      DMA_FOUND: [
        { guard: 'isMapped', target: 'responding', actions: 'unlock' },
        { target: 'dmaFound', actions: 'lookAhead' },
      ],
    },
  }),
  gettingPage: premapParts.createStateConfig({
    on: {
      GOT: { target: 'mapping', actions: 'keepFrame' },
      NO_MEMORY: [
        { guard: 'isFirst', target: 'failed', actions: 'unlock' },
        // "if (!mapped_len)": the page that faulted is mapped.
        { target: 'responding', actions: 'unlock' },
      ],
    },
  }),
  mapping: premapParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'hasMore', target: 'goingOn', actions: [...mapPage, 'nextPage', 'findDma'] },
        { target: 'responding', actions: [...mapPage, 'unlock'] },
      ],
    },
  }),
  // Left within the step that entered it.
  goingOn: premapParts.createStateConfig({
    on: {
      DMA_FOUND: [
        // IOPF_MAPPED_BITMAP_GET(): the run ends.
        { guard: 'isMapped', target: 'responding', actions: 'unlock' },
        { target: 'dmaFound' },
      ],
    },
  }),
  responding: premapParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'success' } }, 'returnToCaller', 'endRun'] },
    },
  }),
  failed: premapParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'invalid' } }, 'returnToCaller', 'endRun'] },
    },
  }),
};

export const vfioIopfPremap = premapParts.createMachine({
  id: 'vfioIopfPremap',
  ...premapConfig,
  states: premapStates,
});
