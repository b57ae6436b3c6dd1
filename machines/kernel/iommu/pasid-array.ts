/**
 * `group->pasid_array` (iommu.c): which attach handle a PASID has, IOMMU_NO_PASID included. `iommu_attach_handle_get()`
 * takes xa_lock for the look-up alone, and no reference: "the caller should synchronise", and the fault path does not.
 *
 * Simplifications: a reserved slot (XA_ZERO_ENTRY) reads as an empty one, as in the kernel, and so is none here; one
 * device in the group; `group->mutex` is held by the one thread that writes.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type PasidArrayEvent =
  /** `iommu_attach_handle_get()`; the reply is HANDLE or NO_HANDLE. */
  | { type: 'LOOK_UP'; pasid: string; by: string }
  /** `xa_store()`, when the driver has switched the hardware. */
  | { type: 'STORE'; pasid: string; handle: string }
  /** `xa_erase()`, when the driver has switched the hardware. */
  | { type: 'ERASE'; pasid: string };

type Handles = Readonly<Record<string, string>>;

/** What a version is made of. */
export const pasidArrayParts = setup({
  types: {
    input: {} as { handles: Handles },
    context: {} as {
      /** The attach handle, by PASID. */
      readonly handles: Handles;
    },
    events: {} as PasidArrayEvent,
  },
  guards: {
    isAttached: from('LOOK_UP', ({ context, event }) => event.pasid in context.handles),
  },
  actions: {
    replyHandle: reply(
      from('LOOK_UP', ({ context, event }) => ({ type: 'HANDLE', handle: context.handles[event.pasid]! })),
    ),
    replyNoHandle: reply('NO_HANDLE'),
    /** No kernel does this. */
    getReference: send(
      from('LOOK_UP', ({ context, event }) => context.handles[event.pasid]!),
      'GET',
    ),
    store: assign({
      handles: from('STORE', ({ context, event }) => ({ ...context.handles, [event.pasid]: event.handle })),
    }),
    erase: assign({
      handles: from('ERASE', ({ context, event }) => {
        const { [event.pasid]: _, ...others } = context.handles;
        return others;
      }),
    }),
  },
});

export const pasidArrayConfig = {
  context: ({ input }: { input: { handles: Handles } }) => ({ ...input }),
  initial: 'valid',
} as const;

export const pasidArrayStates = {
  valid: pasidArrayParts.createStateConfig({
    on: {
      LOOK_UP: [{ guard: 'isAttached', actions: 'replyHandle' }, { actions: 'replyNoHandle' }],
      STORE: { actions: 'store' },
      ERASE: { actions: 'erase' },
    },
  }),
};

export const pasidArray = pasidArrayParts.createMachine({
  id: 'pasidArray',
  ...pasidArrayConfig,
  states: pasidArrayStates,
});
