/**
 * Detaching as in `detach-v3.ts`, with what it does to the group by which the fault handler finds the container (v3 patch 5):
 *
 *   lock the container; unlink the group, free it; lock the device, unregister the handler, unlock; unlock the container
 *
 * The review asked for the handler to be unregistered first (`detach-unregisters-first.ts`). That is under the container's lock, which a
 * handler that is at work wants. Two others do it outside of that: before (`detach-waits-first.ts`), and after (`detach-waits-last.ts`).
 *
 * Unregistering takes the device's lock, under which the handler runs, so it waits for a handler that is at work. It fails with -EBUSY
 * when a fault is pending, which after the handler none is.
 */
import { assign } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { detachGroupConfig, detachGroupParts } from './detach-v3.ts';

/** What versions of it are made of. */
export const detachGroupInMemoryParts = detachGroupParts.extend({
  guards: {
    isLastDevice: ({ context }) => context.others!.length === 0,
  },
  actions: {
    unlink: send(({ context }) => context.list!, 'UNLINK_IOPF_GROUP'),
    free: send(({ context }) => context.group!, 'FREE'),
    nextDevice: assign(({ context: { others } }) => ({ ...others![0]!, others: others!.slice(1) })),
  },
});

const unregisters = ['lockDevice', 'unregister', 'unlockDevice'] as const;

/** iommu_group_for_each_dev(..., dev_disable_iopf) */
export function forEachDevice<const Then extends string>(then: Then, ...actions: ('lock' | 'unlock')[]) {
  return {
    on: {
      RUN: [
        { guard: 'isLastDevice', target: then, actions: [...unregisters, ...actions] },
        { actions: [...unregisters, 'nextDevice'] },
      ],
    },
  } as const;
}

export const detachGroupFreesFirst = detachGroupInMemoryParts.createMachine({
  id: 'detachGroupFreesFirst',
  ...detachGroupConfig,
  states: {
    attached: { on: { DETACH_GROUP: 'locking' } },
    ...straightLine({ locking: 'lock', locked: 'unlink', unlinked: 'free' }, 'unregistering'),
    unregistering: forEachDevice('detached', 'unlock'),
    detached: {},
  },
});
