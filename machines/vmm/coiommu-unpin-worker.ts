/**
 * The thread of a VMM with a coIOMMU that unpins pages which the guest has not mapped (crosvm, devices/src/pci/coiommu.rs UnpinWorker,
 * unpin_page()): it clears the flag in the tracking entry by a compare-exchange that fails where the page is mapped, and only then unmaps by VFIO.
 *
 *   lock the pin state; exchange the flag; unmap by VFIO; unlock
 *
 * `coiommu-unpin-worker-checks-first.ts` looks, unmaps, and then clears the flag; `coiommu-unpin-worker-returns-locked.ts` forgets to unlock.
 *
 * Simplifications: any page at any time, where the original goes by a policy; VFIO never fails.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';
import type { CoiommuWorkerInput } from './coiommu-pin-worker.ts';

export type CoiommuUnpinWorkerEvent =
  /** The timer fires, or the balloon wants a page. */
  | { type: 'UNPIN'; page: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'EXCHANGED' }
  | { type: 'IN_USE' }
  | { type: 'ENTRY'; pinned: boolean; mapped: boolean }
  | { type: 'DONE' };

/** What versions of it are made of. */
export const coiommuUnpinParts = setup({
  types: {
    input: {} as CoiommuWorkerInput,
    context: {} as CoiommuWorkerInput & { readonly page: string | null },
    events: {} as CoiommuUnpinWorkerEvent,
  },
  guards: { isPinnedOnly: ({ event }) => event.type === 'ENTRY' && event.pinned && !event.mapped },
  actions: {
    keepPage: assign({ page: from('UNPIN', ({ event }) => event.page) }),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    exchange: call(({ context }) => context.tracking[context.page!]!, 'EXCHANGE_PINNED'),
    load: call(({ context }) => context.tracking[context.page!]!, 'LOAD'),
    clearPinned: send(({ context }) => context.tracking[context.page!]!, 'CLEAR_PINNED'),
    unmap: call('vfio', ({ context }) => ({ type: 'UNMAP_DMA', page: context.page! })),
    forgetPage: assign({ page: null }),
  },
});

export const coiommuUnpinConfig = {
  context: ({ input }: { input: CoiommuWorkerInput }) => ({ ...input, page: null }),
  initial: 'idle',
} as const;

export const coiommuUnpinStates = {
  idle: coiommuUnpinParts.createStateConfig({
    on: { UNPIN: { target: 'looking', actions: ['keepPage', 'lock', 'exchange'] } },
  }),
  // Left within the step that entered it.
  looking: coiommuUnpinParts.createStateConfig({
    on: {
      EXCHANGED: 'toUnmap',
      IN_USE: { target: 'idle', actions: ['unlock', 'forgetPage'] },
    },
  }),
  toUnmap: coiommuUnpinParts.createStateConfig({ on: { RUN: { target: 'unmapping', actions: 'unmap' } } }),
  unmapping: coiommuUnpinParts.createStateConfig({ on: { DONE: 'done' } }),
  done: coiommuUnpinParts.createStateConfig({ on: { RUN: { target: 'idle', actions: ['unlock', 'forgetPage'] } } }),
};

export const coiommuUnpinWorker = coiommuUnpinParts.createMachine({
  id: 'coiommuUnpinWorker',
  ...coiommuUnpinConfig,
  states: coiommuUnpinStates,
});
