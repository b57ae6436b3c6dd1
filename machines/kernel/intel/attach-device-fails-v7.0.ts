/**
 * Threads that attach domains to a device without PASID on VT-d, and the attach that fails (intel/iommu.c intel_iommu_attach_device(),
 * 7.0, with B-85 repaired so that only the failure is here). Translation is blocked before anything is asked: whether the domain fits
 * the device (paging_domain_compatible(), -EINVAL), whether its faults can be taken (iopf_for_domain_set()), whether there is memory
 * (dmar_domain_attach_device()). The caller, iommu.c __iommu_group_set_domain_internal(), reverts the devices before the one that failed
 * and not that one: for the group the old domain is attached still.
 *
 *   idle -ATTACH-> blocked -RUN-> idle, or -UNFIT-> idle, or -NO_MEMORY-> idle
 *   idle -DETACH-> idle, by blocking_domain_attach_dev(), which discounts what `info->domain` says
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type AttachDeviceFailsEvent =
  /** `iommu_attach_group()` or `iommu_replace_group_handle()` of a domain that takes faults, by name, or `plain`. */
  | { type: 'ATTACH'; domain: string }
  /** The blocking domain is attached. */
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The domain was made for another IOMMU. */
  | { type: 'UNFIT' }
  /** What the attach needs is not to be had. */
  | { type: 'NO_MEMORY' };

export interface AttachDeviceFailsInput {
  /** `struct device_domain_info` */
  readonly info: string;
}

/** What versions are made of. */
export const attachDeviceFailsParts = setup({
  types: {
    input: {} as AttachDeviceFailsInput,
    context: {} as AttachDeviceFailsInput & {
      /** `info->domain`: what the device translates by, or `none` where translation is blocked. */
      readonly domain: string;
      /** `group->domain`, or `none` for the blocking domain. */
      readonly attached: string;
      readonly next: string;
    },
    events: {} as AttachDeviceFailsEvent,
  },
  guards: {
    isOther: from('ATTACH', ({ context, event }) => event.domain !== context.attached),
    isAttached: ({ context }) => context.attached !== 'none',
  },
  actions: {
    noteNext: assign({ next: from('ATTACH', ({ event }) => event.domain) }),
    block: assign({ domain: 'none' }),
    countNext: send('info', ({ context }) => ({ type: 'IOPF_SET', domain: context.next })),
    discountOld: send('info', ({ context }) => ({ type: 'IOPF_REMOVE', domain: plainIfNone(context.attached) })),
    discountFound: send('info', ({ context }) => ({ type: 'IOPF_REMOVE', domain: plainIfNone(context.domain) })),
    attachNext: assign(({ context }) => ({ domain: context.next, attached: context.next, next: 'none' })),
    forgetNext: assign({ next: 'none' }),
    detach: assign({ domain: 'none', attached: 'none' }),
    attachOldAgain: assign(({ context }) => ({ domain: context.attached, next: 'none' })),
  },
});

const plainIfNone = (domain: string): string => (domain === 'none' ? 'plain' : domain);

export const attachDeviceFailsConfig = {
  context: ({ input }: { input: AttachDeviceFailsInput }) => ({
    ...input,
    domain: 'none',
    attached: 'none',
    next: 'none',
  }),
  initial: 'idle',
} as const;

export const attachDeviceFailsStates = {
  idle: attachDeviceFailsParts.createStateConfig({
    on: {
      // device_block_translation()
      ATTACH: { guard: 'isOther', target: 'blocked', actions: ['noteNext', 'block'] },
      // iopf_for_domain_remove(info->domain), then device_block_translation()
      DETACH: { guard: 'isAttached', actions: ['discountFound', 'detach'] },
    },
  }),
  blocked: attachDeviceFailsParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: ['countNext', 'discountOld', 'attachNext'] },
      UNFIT: { target: 'idle', actions: 'forgetNext' },
      NO_MEMORY: { target: 'idle', actions: 'forgetNext' },
    },
  }),
};

export const attachDeviceFailsV70 = attachDeviceFailsParts.createMachine({
  id: 'attachDeviceFailsV70',
  ...attachDeviceFailsConfig,
  states: attachDeviceFailsStates,
});
