/**
 * An ioctl thread that replaces the page table of a device (iommufd/device.c iommufd_hwpt_replace_device(), since ba5c0f28a26e,
 * v7.2). The device goes on meanwhile, and may fault in either table.
 *
 *   attached -REPLACE-> replacing -RUN-> replaced -RUN-> answered -RUN-> attached
 *
 * `replace-fb21b1568ada.ts` is the version before. List 'ACQUIRE' as `blocking`. At rest in `attached`.
 *
 * Simplifications: two page tables take turns; nothing fails; `igroup->lock` is left out, there is one such thread.
 */
import { assign, setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type ReplaceThreadEvent =
  /** User space calls the ioctl. */
  | { type: 'REPLACE' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

/** `struct iommufd_hw_pagetable`, as far as faults are concerned. */
interface Hwpt {
  /** The attach handle that the device has while this page table is attached. */
  readonly handle: string;
  /** `hwpt->fault` and its mutex. */
  readonly fault: string;
  readonly mutex: string;
}

export interface ReplaceInput {
  readonly name: string;
  /** Where the device's attach handle is found (`../iommu/attach-handle-slot.ts`). */
  readonly slot: string;
  readonly hwpt: Hwpt;
  readonly other: Hwpt;
}

/** What versions of the thread are made of. */
export const replaceParts = setup({
  types: {
    input: {} as ReplaceInput,
    /** `hwpt` is attached; `other` was, or will be. */
    context: {} as ReplaceInput & { readonly live: readonly string[] },
    events: {} as ReplaceThreadEvent,
  },
  actions: {
    allocateHandle: assign({ live: ({ context }) => [context.hwpt.handle, context.other.handle].sort() }),
    exchange: assign(({ context }) => ({ hwpt: context.other, other: context.hwpt })),
    storeHandle: send('slot', ({ context }) => ({
      type: 'STORE',
      handle: context.hwpt.handle,
      handler: context.hwpt.fault,
    })),
    lockOld: call(({ context }) => context.other.mutex, 'ACQUIRE'),
    respondInOld: send(
      ({ context }) => context.other.fault,
      ({ context }) => ({ type: 'AUTO_RESPONSE', handle: context.other.handle }),
    ),
    unlockOld: call(({ context }) => context.other.mutex, 'RELEASE'),
    lockNew: call(({ context }) => context.hwpt.mutex, 'ACQUIRE'),
    respondInNew: send(
      ({ context }) => context.hwpt.fault,
      ({ context }) => ({ type: 'AUTO_RESPONSE', handle: context.other.handle }),
    ),
    unlockNew: call(({ context }) => context.hwpt.mutex, 'RELEASE'),
    freeOldHandle: assign({ live: ({ context }) => [context.hwpt.handle] }),
  },
});

export const replaceConfig = {
  context: ({ input }: { input: ReplaceInput }) => ({ ...input, live: [input.hwpt.handle] }),
  initial: 'attached',
} as const;

export const replaceStates = {
  attached: replaceParts.createStateConfig({
    on: { REPLACE: { target: 'replacing', actions: 'allocateHandle' } },
  }),
  // iommu_replace_group_handle(): the new table is live before the new handle is found, here it is one step.
  replacing: replaceParts.createStateConfig({
    on: { RUN: { target: 'replaced', actions: ['exchange', 'storeHandle'] } },
  }),
  // iommufd_auto_response_faults(old, old_handle): where the old handle's groups are.
  replaced: replaceParts.createStateConfig({
    on: { RUN: { target: 'answered', actions: ['lockOld', 'respondInOld', 'unlockOld'] } },
  }),
  // kfree(old_handle)
  answered: replaceParts.createStateConfig({
    on: { RUN: { target: 'attached', actions: 'freeOldHandle' } },
  }),
};

export const replaceThread = replaceParts.createMachine({
  id: 'replaceThread',
  ...replaceConfig,
  states: replaceStates,
});
