/**
 * A thread of a driver that binds a device to an mm, asks for the PASID, and unbinds again, from v6.11, 3e7f57d1ef3f, on (iommu-sva.c
 * iommu_sva_bind_device(), iommu_sva_get_pasid(), iommu_sva_unbind_device()). What is done under `iommu_sva_lock` is one step; before and
 * after it others run:
 *
 *   idle -BIND-> published: the handle can be found, and its device is still to be set -RUN-> bonded -RUN-> bound
 *              -> bonded, where there is a handle already
 *   bound -UNBIND-> read: the device has been read, and the lock is still to be taken -RUN-> idle
 *
 * A thread that follows a pointer that is not set is in `oops`.
 *
 * Versions: `bond.ts` sets the device under the lock, `bond-v6.8.ts` searches a list.
 *
 * Simplification: allocations and the attach do not fail.
 */
import { assign, setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type SvaBondEvent =
  | { type: 'BIND' }
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** What the handle replies. */
  | { type: 'FOUND' }
  | { type: 'NOT_FOUND' }
  | { type: 'BUSY' }
  | { type: 'DEVICE' }
  | { type: 'DOMAIN' }
  | { type: 'NULL' }
  | { type: 'LAST' }
  | { type: 'NOT_LAST' };

export interface SvaBondInput {
  readonly name: string;
  /** A `sva-handle.ts`. */
  readonly handle: string;
}

/** What versions are made of. */
export const svaBondParts = setup({
  types: {
    input: {} as SvaBondInput,
    context: {} as SvaBondInput & {
      /** What was read of `handle->dev` before the lock was taken. */
      readonly hasDevice: boolean;
    },
    events: {} as SvaBondEvent,
  },
  guards: {
    hasDevice: ({ context }) => context.hasDevice,
  },
  actions: {
    lookUp: call('handle', 'LOOK_UP'),
    searchList: call('handle', 'SEARCH_LIST'),
    allocHandle: send('handle', 'ALLOC'),
    setDevice: send('handle', 'SET_DEVICE'),
    setDomain: send('handle', 'SET_DOMAIN'),
    readDomain: call('handle', 'READ_DOMAIN'),
    readDevice: call('handle', 'READ_DEVICE'),
    noteDevice: assign({ hasDevice: true }),
    forgetDevice: assign({ hasDevice: false }),
    putHandle: call('handle', 'PUT'),
    freeHandle: send('handle', 'FREE'),
  },
});

export const svaBondConfig = {
  context: ({ input }: { input: SvaBondInput }) => ({ ...input, hasDevice: false }),
  initial: 'idle',
} as const;

/** Another version replaces states. */
export const svaBondStates = {
  idle: svaBondParts.createStateConfig({
    on: { BIND: { target: 'searching', actions: 'lookUp' } },
  }),
  // Left within the step that entered it, and so are the other states without RUN.
  searching: svaBondParts.createStateConfig({
    on: {
      FOUND: 'bonded',
      // iommu_attach_device_pasid() sets `handle->handle.domain`.
      NOT_FOUND: { target: 'published', actions: ['allocHandle', 'setDomain'] },
    },
  }),
  // The lock has been dropped.
  published: svaBondParts.createStateConfig({
    on: { RUN: { target: 'bonded', actions: 'setDevice' } },
  }),
  bonded: svaBondParts.createStateConfig({
    on: { RUN: { target: 'asking', actions: 'readDomain' } },
  }),
  asking: svaBondParts.createStateConfig({
    on: { DOMAIN: 'bound', NULL: 'oops' },
  }),
  bound: svaBondParts.createStateConfig({
    on: { UNBIND: { target: 'reading', actions: 'readDevice' } },
  }),
  reading: svaBondParts.createStateConfig({
    on: { DEVICE: { target: 'read', actions: 'noteDevice' }, NULL: 'read' },
  }),
  read: svaBondParts.createStateConfig({
    on: { RUN: { target: 'putting', actions: 'putHandle' } },
  }),
  putting: svaBondParts.createStateConfig({
    on: {
      NOT_LAST: { target: 'idle', actions: 'forgetDevice' },
      // iommu_detach_device_pasid(domain, dev, pasid)
      LAST: [{ guard: 'hasDevice', target: 'idle', actions: ['forgetDevice', 'freeHandle'] }, { target: 'oops' }],
    },
  }),
  oops: svaBondParts.createStateConfig({ type: 'final' }),
};

export const svaBondV611 = svaBondParts.createMachine({
  id: 'svaBondV611',
  ...svaBondConfig,
  states: svaBondStates,
});
