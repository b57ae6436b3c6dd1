/**
 * The memory of one `struct iommu_attach_handle`, which leads to the domain and its `iopf_handler`. A group keeps a
 * pointer to it until it is freed; the handle itself is freed by whoever attached it (iommufd/device.c
 * iommufd_hwpt_detach_device(), iommufd_hwpt_replace_device(), iommu-sva.c iommu_sva_unbind_device()), and counts nobody.
 *
 * Freed memory does not object: what leads to `usedAfterFree` is the bug, and there everything is taken in silence.
 *
 * Simplification: one place in memory for each handle.
 */
import { setup } from 'xstate';
import { from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';

export type AttachHandleEvent =
  /** `kzalloc()`, by whoever attaches. */
  | { type: 'ALLOC' }
  /** `group->attach_handle->domain->iopf_handler(group)`, called by the reporting thread. */
  | { type: 'IOPF_HANDLER'; group: PasidGroup; handle: string }
  /** Who handles a group follows `group->attach_handle`, to the domain or to the device. */
  | { type: 'FOLLOW' }
  /** `kfree()` */
  | { type: 'FREE' };

export const attachHandle = setup({
  types: {
    input: {} as { handler: string; isAttached: boolean },
    context: {} as {
      /** `domain->iopf_handler` */
      readonly handler: string;
      readonly isAttached: boolean;
    },
    events: {} as AttachHandleEvent,
  },
  guards: {
    isAttached: ({ context }) => context.isAttached,
  },
  actions: {
    callHandler: send(
      'handler',
      from('IOPF_HANDLER', ({ event }) => event),
    ),
  },
}).createMachine({
  id: 'attachHandle',
  context: ({ input }) => input,
  initial: 'atFirst',
  states: {
    atFirst: { always: [{ guard: 'isAttached', target: 'allocated' }, { target: 'freed' }] },
    allocated: {
      on: {
        IOPF_HANDLER: { actions: 'callHandler' },
        FOLLOW: {},
        FREE: 'freed',
      },
    },
    freed: {
      on: { ALLOC: 'allocated', IOPF_HANDLER: 'usedAfterFree', FOLLOW: 'usedAfterFree', FREE: 'usedAfterFree' },
    },
    usedAfterFree: { on: { ALLOC: {}, IOPF_HANDLER: {}, FOLLOW: {}, FREE: {} } },
  },
});
