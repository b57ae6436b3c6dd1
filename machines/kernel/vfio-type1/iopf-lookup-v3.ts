/**
 * The fault handler of the VFIO type1 IOPF series (v3 patch 2, vfio_iommu_type1_dma_map_iopf()), as far as the way from the device
 * to its container is concerned; it runs in the queue thread of the IOMMU driver, under
 * the device's lock (`../iommu/v5.12.ts`). `iopf-v3.ts` is what it does when it has found it.
 *
 *   idle -DEVICE_FAULT-> looking -RUN-> waiting -RUN-> mapping -RUN-> idle
 *                             -> notFound -RUN-> idle, with -ENODEV
 *
 * List 'ACQUIRE' as `blocking`. At rest in `idle`.
 *
 * Simplifications: the page is always there; what is mapped already is asked of the page table, not of a bitmap.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import type { DeviceFaultCall, DeviceFaultWork } from '../iommu/v5.12.ts';

export type IopfLookupEvent =
  | DeviceFaultCall
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'IOPF_GROUP' }
  | { type: 'NO_IOPF_GROUP' }
  | { type: 'PHYS'; frame: string | null };

export interface IopfLookupInput {
  readonly name: string;
  readonly list: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The IOMMU page table entry, and the frame, of each page. */
  readonly entries: Readonly<Record<string, string>>;
  readonly frames: Readonly<Record<string, string>>;
}

export const iopfLookupV3 = setup({
  types: {
    input: {} as IopfLookupInput,
    context: {} as IopfLookupInput & DeviceFaultWork,
    events: {} as IopfLookupEvent,
  },
  guards: {
    isInvalid: ({ event }) => event.type === 'PHYS' && event.frame === null,
  },
  actions: {
    beginFault: assign(from('DEVICE_FAULT', ({ event }) => ({ request: event.request, caller: event.by }))),
    find: call('list', 'FIND_IOPF_GROUP'),
    lock: call('lock', 'ACQUIRE'),
    look: call(({ context }) => context.entries[context.request!.page]!, 'IOVA_TO_PHYS'),
    map: send(
      ({ context }) => context.entries[context.request!.page]!,
      ({ context }) => ({ type: 'MAP', frame: context.frames[context.request!.page]!, writable: true }),
    ),
    unlock: call('lock', 'RELEASE'),
    respond: send('caller', ({ context }) => ({ type: 'RESPOND', index: context.request!.index, code: 'success' })),
    returnHandled: send('caller', 'HANDLED'),
    returnEnodev: send('caller', 'ENODEV'),
    endFault: assign({ request: null, caller: null }),
  },
}).createMachine({
  id: 'iopfLookupV3',
  context: ({ input }) => ({ ...input, request: null, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { DEVICE_FAULT: { target: 'looking', actions: 'beginFault' } } },
    looking: { on: { RUN: { actions: 'find' }, IOPF_GROUP: 'waiting', NO_IOPF_GROUP: 'notFound' } },
    notFound: { on: { RUN: { target: 'idle', actions: ['returnEnodev', 'endFault'] } } },
    waiting: { on: { RUN: { target: 'mapping', actions: 'lock' } } },
    mapping: {
      on: {
        RUN: { actions: 'look' },
        PHYS: [
          { guard: 'isInvalid', target: 'idle', actions: ['map', 'unlock', 'respond', 'returnHandled', 'endFault'] },
          { target: 'idle', actions: ['unlock', 'respond', 'returnHandled', 'endFault'] },
        ],
      },
    },
  },
});
