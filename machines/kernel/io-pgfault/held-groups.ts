/**
 * What an `iopf_handler` keeps until it is answered, as much of it as iommufd's list (iommufd/eventq.c, user space reads
 * and answers) and SVA's work (iommu-sva.c iommu_sva_handle_iopf(), a worker handles and answers) have in common: whoever
 * answers a group first follows its `attach_handle`, to the device's name or to the domain's mm.
 *
 * List 'FLUSHED' as `blocking`.
 *
 * Simplifications: one thread answers, in order, all of a group in one step, and always with Success.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, send, tell } from '../../parts/call.ts';
import type { PasidGroup } from './v7.0.ts';

/** A group, and the handle that led it here. */
export interface HeldGroup {
  readonly group: PasidGroup;
  readonly handle: string;
}

export type HeldGroupsEvent =
  /** Called by the reporting thread. */
  | ({ type: 'IOPF_HANDLER' } & HeldGroup)
  /** The worker, or user space, comes to the oldest group. */
  | { type: 'RUN' }
  /** `flush_workqueue()` returns. */
  | { type: 'FLUSHED' }
  /** `iommufd_auto_response_faults()` */
  | { type: 'AUTO_RESPONSE'; handle: string };

/** What a version is made of. */
export const heldGroupsParts = setup({
  types: {
    input: {} as { core: string },
    context: {} as { readonly core: string; readonly held: readonly HeldGroup[] },
    events: {} as HeldGroupsEvent,
  },
  guards: {
    holdsAny: ({ context }) => context.held.length > 0,
    holdsNone: ({ context }) => context.held.length === 0,
  },
  actions: {
    keep: assign({
      held: from('IOPF_HANDLER', ({ context, event: { group, handle } }) => [...context.held, { group, handle }]),
    }),
    followOldest: send(({ context }) => context.held[0]!.handle, 'FOLLOW'),
    answerOldest: send('core', ({ context }) => ({
      type: 'RESPOND',
      group: context.held[0]!.group,
      code: 'success',
    })),
    forgetOldest: assign({ held: ({ context }) => context.held.slice(1) }),
    answerAllOfHandle: enqueueActions(({ context: { core, held }, event, enqueue }) => {
      assertEvent(event, 'AUTO_RESPONSE');
      for (const { group } of held.filter(({ handle }) => handle === event.handle)) {
        const response = { type: 'RESPOND', group, code: 'invalid' };
        tell(enqueue, core, response);
      }
    }),
    forgetAllOfHandle: assign({
      held: from('AUTO_RESPONSE', ({ context, event }) => context.held.filter(({ handle }) => handle !== event.handle)),
    }),
    /** No kernel does this, nor the next. */
    putOldest: send(({ context }) => context.held[0]!.handle, 'PUT'),
    putAllOfHandle: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'AUTO_RESPONSE');
      for (const { handle } of context.held) if (handle === event.handle) tell(enqueue, handle, { type: 'PUT' });
    }),
  },
});

export const heldGroupsConfig = {
  context: ({ input }: { input: { core: string } }) => ({ ...input, held: [] }),
  initial: 'holding',
} as const;

export const heldGroupsStates = {
  holding: heldGroupsParts.createStateConfig({
    on: {
      IOPF_HANDLER: { actions: 'keep' },
      RUN: { guard: 'holdsAny', actions: ['followOldest', 'answerOldest', 'forgetOldest'] },
      FLUSHED: { guard: 'holdsNone' },
      AUTO_RESPONSE: { actions: ['answerAllOfHandle', 'forgetAllOfHandle'] },
    },
  }),
};

export const heldGroups = heldGroupsParts.createMachine({
  id: 'heldGroups',
  ...heldGroupsConfig,
  states: heldGroupsStates,
});
