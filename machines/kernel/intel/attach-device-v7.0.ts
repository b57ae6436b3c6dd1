/**
 * Threads that attach domains to a device without PASID on VT-d in 7.0, and what they do about page faults (intel/iommu.c
 * intel_iommu_attach_device() and blocking_domain_attach_dev()). Attaching blocks translation, which forgets the domain at
 * hand, and counts the new domain; it does not discount the old one. Blocking does discount it, and is what iommufd's
 * detach comes to.
 *
 *   idle -ATTACH-> blocked -RUN-> idle; idle -DETACH-> idle
 *
 * Simplification: an attach does not fail.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type AttachDeviceEvent =
  /** `iommu_attach_group()` or `iommu_replace_group_handle()` of a domain: one with a fault handler, by name, or `plain`. */
  | { type: 'ATTACH'; domain: string }
  /** The blocking domain is attached. */
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface AttachDeviceInput {
  /** `struct device_domain_info` */
  readonly info: string;
}

/** What threads are made of. */
export const attachDeviceParts = setup({
  types: {
    input: {} as AttachDeviceInput,
    context: {} as AttachDeviceInput & {
      /** `info->domain`, or `none` where translation is blocked. */
      readonly domain: string;
      /** What it was when the attach began, and what it is to be. */
      readonly old: string;
      readonly next: string;
    },
    events: {} as AttachDeviceEvent,
  },
  guards: {
    isOther: from('ATTACH', ({ context, event }) => event.domain !== context.domain),
    isAttached: ({ context }) => context.domain !== 'none',
  },
  actions: {
    block: assign(({ context }) => ({ old: context.domain, domain: 'none' })),
    noteNext: assign({ next: from('ATTACH', ({ event }) => event.domain) }),
    setNext: send('info', ({ context }) => ({ type: 'IOPF_SET', domain: context.next })),
    removeOld: send('info', ({ context }) => ({ type: 'IOPF_REMOVE', domain: plainIfNone(context.old) })),
    attachNext: assign(({ context }) => ({ domain: context.next, old: 'none', next: 'none' })),
    forgetOld: assign({ old: 'none' }),
  },
});

const plainIfNone = (domain: string): string => (domain === 'none' ? 'plain' : domain);

export const attachDeviceConfig = {
  context: ({ input }: { input: AttachDeviceInput }) => ({ ...input, domain: 'none', old: 'none', next: 'none' }),
  initial: 'idle',
} as const;

export const attachDeviceStates = {
  idle: attachDeviceParts.createStateConfig({
    on: {
      // device_block_translation()
      ATTACH: { guard: 'isOther', target: 'blocked', actions: ['block', 'noteNext'] },
      // blocking_domain_attach_dev(): iopf_for_domain_remove(), then device_block_translation().
      DETACH: { guard: 'isAttached', actions: ['block', 'removeOld', 'forgetOld'] },
    },
  }),
  blocked: attachDeviceParts.createStateConfig({
    // iopf_for_domain_set(), then dmar_domain_attach_device().
    on: { RUN: { target: 'idle', actions: ['setNext', 'attachNext'] } },
  }),
};

export const attachDeviceThreadV70 = attachDeviceParts.createMachine({
  id: 'attachDeviceThreadV70',
  ...attachDeviceConfig,
  states: attachDeviceStates,
});
