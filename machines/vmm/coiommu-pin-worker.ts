/**
 * The thread of a VMM with a coIOMMU that pins a page when the guest asks for it (crosvm, devices/src/pci/coiommu.rs PinWorker, pin_page()):
 *
 *   lock the pin state; not pinned yet: map it by VFIO, set the flag in the tracking entry; unlock; let the guest go on
 *
 * List 'PIN' as `blocking`.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

export type CoiommuPinWorkerEvent =
  | { type: 'PIN'; page: string; by: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'ENTRY'; pinned: boolean; mapped: boolean }
  | { type: 'DONE' };

export interface CoiommuWorkerInput {
  readonly name: string;
  /** `pinstate`, a mutex. */
  readonly lock: string;
  readonly vfio: string;
  /** The tracking entry of each page. */
  readonly tracking: Readonly<Record<string, string>>;
}

export const coiommuPinWorker = setup({
  types: {
    input: {} as CoiommuWorkerInput,
    context: {} as CoiommuWorkerInput & { readonly page: string | null; readonly caller: string | null },
    events: {} as CoiommuPinWorkerEvent,
  },
  guards: { isPinned: ({ event }) => event.type === 'ENTRY' && event.pinned },
  actions: {
    keepRequest: assign(from('PIN', ({ event }) => ({ page: event.page, caller: event.by }))),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    load: call(({ context }) => context.tracking[context.page!]!, 'LOAD'),
    map: call('vfio', ({ context }) => ({ type: 'MAP_DMA', page: context.page! })),
    setPinned: send(({ context }) => context.tracking[context.page!]!, 'SET_PINNED'),
    letGuestGoOn: send('caller', 'DONE'),
    forgetRequest: assign({ page: null, caller: null }),
  },
}).createMachine({
  id: 'coiommuPinWorker',
  context: ({ input }) => ({ ...input, page: null, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { PIN: { target: 'locking', actions: 'keepRequest' } } },
    locking: { on: { RUN: { target: 'looking', actions: ['lock', 'load'] } } },
    // Left within the step that entered it.
    looking: {
      on: {
        ENTRY: [
          { guard: 'isPinned', target: 'idle', actions: ['unlock', 'letGuestGoOn', 'forgetRequest'] },
          { target: 'toMap' },
        ],
      },
    },
    toMap: { on: { RUN: { target: 'mapping', actions: 'map' } } },
    mapping: { on: { DONE: 'done' } },
    done: { on: { RUN: { target: 'idle', actions: ['setPinned', 'unlock', 'letGuestGoOn', 'forgetRequest'] } } },
  },
});
