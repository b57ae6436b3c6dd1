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
 * `iopf-lookup-follows.ts` is the same for races about the memory of what it has found.
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
  /** `iopf_group->iommu`. Only with `iopf-lookup-follows.ts`. */
  | { type: 'CONTAINER' }
  | { type: 'PHYS'; frame: string | null };

export interface IopfLookupInput {
  readonly name: string;
  readonly list: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The IOMMU page table entry, and the frame, of each page. */
  readonly entries: Readonly<Record<string, string>>;
  readonly frames: Readonly<Record<string, string>>;
  /** Of versions in which it may be freed: the memory of the group (`iopf-group.ts`). */
  readonly group?: string;
}

/** What versions of it are made of. */
export const iopfLookupParts = setup({
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
});

export const iopfLookupConfig = {
  context: ({ input }: { input: IopfLookupInput }) => ({ ...input, request: null, caller: null }),
  initial: 'idle',
} as const;

/** Another version replaces states. */
export const iopfLookupStates = {
  idle: iopfLookupParts.createStateConfig({
    on: { DEVICE_FAULT: { target: 'looking', actions: 'beginFault' } },
  }),
  looking: iopfLookupParts.createStateConfig({
    on: { RUN: { actions: 'find' }, IOPF_GROUP: 'waiting', NO_IOPF_GROUP: 'notFound' },
  }),
  notFound: iopfLookupParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['returnEnodev', 'endFault'] } },
  }),
  waiting: iopfLookupParts.createStateConfig({
    on: { RUN: { target: 'mapping', actions: 'lock' } },
  }),
  mapping: iopfLookupParts.createStateConfig({
    on: {
      RUN: { actions: 'look' },
      PHYS: [
        { guard: 'isInvalid', target: 'idle', actions: ['map', 'unlock', 'respond', 'returnHandled', 'endFault'] },
        { target: 'idle', actions: ['unlock', 'respond', 'returnHandled', 'endFault'] },
      ],
    },
  }),
};

export const iopfLookupV3 = iopfLookupParts.createMachine({
  id: 'iopfLookupV3',
  ...iopfLookupConfig,
  states: iopfLookupStates,
});
