/**
 * The worker of the iopf work queue that runs VFIO's fault handler as the first version of its IOPF series had it (v1, January
 * 2021, vfio_iommu_dev_fault_handler()): it pins the page, charges it to the user, and keeps it pinned.
 * `iopf-v3.ts` is the later version, which pins nothing.
 *
 *   take a group; lock, charge, pin and map, unlock; answer
 *
 * Simplifications: one worker, so that faults are handled in the order of their arrival (with more they would take turns at
 * the container's lock); pinning and mapping under the lock is one step, since nobody else takes the lock here; no two
 * devices fault on one page, so the page is never mapped already.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import type { IopfGroup } from '../io-pgfault/group.ts';

export type PinningHandlerEvent =
  /** The scheduler lets the thread run. */
  { type: 'RUN' } | { type: 'WORK'; group: IopfGroup } | { type: 'CHARGED' } | { type: 'OVER_LIMIT' };

interface Wiring {
  name: string;
  workQueue: string;
  account: string;
  /** The iopf core of each device. */
  cores: Readonly<Record<string, string>>;
}

export const pinningHandler = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & { readonly group: IopfGroup | null },
    events: {} as PinningHandlerEvent,
  },
  actions: {
    takeWork: call('workQueue', 'TAKE'),
    beginGroup: assign(from('WORK', ({ event }) => ({ group: event.group }))),
    charge: call('account', ({ context }) => ({ type: 'CHARGE', page: context.group!.requests[0]!.page })),
    map: send(({ context }) => context.group!.requests[0]!.page, 'MAP'),
    respond: send(
      ({ context }) => context.cores[context.group!.device]!,
      ({ context }, { code }: { code: 'success' | 'invalid' }) => ({ type: 'RESPOND', group: context.group!, code }),
    ),
    finishWork: call('workQueue', 'DONE'),
    freeGroup: assign({ group: null }),
  },
}).createMachine({
  id: 'pinningHandler',
  context: ({ input }) => ({ ...input, group: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { RUN: { target: 'taking', actions: 'takeWork' } },
    },
    // Left within the step that entered it, as is `charging`.
    taking: {
      on: { WORK: { target: 'locking', actions: 'beginGroup' } },
    },
    // mutex_lock(&iommu->lock)
    locking: {
      on: { RUN: { target: 'charging', actions: 'charge' } },
    },
    charging: {
      on: {
        // vfio_pin_pages_remote(), vfio_iommu_map()
        CHARGED: { target: 'mapped', actions: 'map' },
        OVER_LIMIT: 'overLimit',
      },
    },
    mapped: {
      on: {
        RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'success' } }, 'finishWork', 'freeGroup'] },
      },
    },
    overLimit: {
      on: {
        RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'invalid' } }, 'finishWork', 'freeGroup'] },
      },
    },
  },
});
