/**
 * A thread that attaches a group of devices to a container that has IOPF on, as the VFIO type1 IOPF series does it (v3 patch 5,
 * vfio_iommu_type1_attach_group(), and vfio_iommu_type1_enable_iopf() in the same order): faults are switched on for each
 * device, and then the group is linked, by which their handler finds the container. All of it under the container's lock; the
 * handler's look-up does not take that.
 *
 *   detached -ATTACH_GROUP-> registering -RUN-> ... -RUN-> linking -RUN-> attached
 *
 * List 'ACQUIRE' as `blocking`. At rest in `detached` and `attached`.
 *
 * Simplifications: nothing fails, so nothing is unwound; no detach.
 */
import { assign, setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type AttachGroupEvent =
  | { type: 'ATTACH_GROUP' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface AttachGroupInput {
  readonly name: string;
  readonly lock: string;
  readonly list: string;
  /** The fault handlers of the group's devices (`../iommu/v5.12-register.ts`). */
  readonly handlers: readonly string[];
}

/** What versions of the thread are made of. */
export const attachGroupParts = setup({
  types: {
    input: {} as AttachGroupInput,
    context: {} as AttachGroupInput,
    events: {} as AttachGroupEvent,
  },
  guards: {
    isLastDevice: ({ context }) => context.handlers.length === 1,
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    register: send(({ context }) => context.handlers[0]!, 'REGISTER'),
    nextDevice: assign({ handlers: ({ context }) => context.handlers.slice(1) }),
    link: send('list', 'LINK_IOPF_GROUP'),
    unlock: call('lock', 'RELEASE'),
  },
});

export const attachGroupConfig = {
  context: ({ input }: { input: AttachGroupInput }) => input,
  initial: 'detached',
} as const;

export const attachGroupStates = {
  detached: attachGroupParts.createStateConfig({
    on: { ATTACH_GROUP: { target: 'registering', actions: 'lock' } },
  }),
  // dev_enable_iopf() for each device
  registering: attachGroupParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'isLastDevice', target: 'linking', actions: ['register', 'nextDevice'] },
        { actions: ['register', 'nextDevice'] },
      ],
    },
  }),
  linking: attachGroupParts.createStateConfig({
    on: { RUN: { target: 'attached', actions: ['link', 'unlock'] } },
  }),
  attached: attachGroupParts.createStateConfig({ type: 'final' }),
};

export const attachGroupV3 = attachGroupParts.createMachine({
  id: 'attachGroupV3',
  ...attachGroupConfig,
  states: attachGroupStates,
});
