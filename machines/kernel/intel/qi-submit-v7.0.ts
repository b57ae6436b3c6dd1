/**
 * A thread in qi_submit_sync() (intel/dmar.c, 7.0) with a device-TLB invalidation of one device: it writes descriptors and polls the status of
 * the wait descriptor, and FSTS through qi_check_fault(), each time with `qi->q_lock` held:
 *
 *   idle -SUBMIT-> polling -RUN-> DONE -> idle, returns 0
 *                                 ABORTED -> restarting -RUN-> polling        -EAGAIN: who found ITE has aborted what was in use
 *                                 ITE -> idle, returns -ETIMEDOUT             it clears ITE and aborts what is in use, its own as well
 *
 * Whoever finds ITE asks whether the device of *its requester ID* is there (80a9b50c0b9e, v6.9), be that its own or not. Nobody looks at what is
 * returned, so it is one reply.
 *
 * Versions: `qi-submit-v6.8.ts`, `qi-submit-compares-sid.ts`, `qi-submit-asks-own-device.ts`. List 'POLL' as `blocking`.
 *
 * Simplifications: what timed out is not there, so the look-up in the tree and pci_device_is_present() are left out; no other errors (IQE, ICE);
 * requester ID 0, which old hardware gives, is left out, and means -EAGAIN.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type QiSubmitEvent =
  /** The function is called; the reply is RETURNED. */
  | { type: 'SUBMIT'; drains: boolean; by: string }
  /** The CPU goes on. */
  | { type: 'RUN' }
  /** The replies to POLL. */
  | { type: 'DONE' }
  | { type: 'ABORTED' }
  | { type: 'ITE'; device: string }
  /** `pci_device_is_present()`, to versions that ask. */
  | { type: 'PRESENT' }
  | { type: 'ABSENT' };

export interface QiSubmitInput {
  readonly name: string;
  /** A `../../hardware/vtd/invalidation-queue-aborts.ts`. */
  readonly queue: string;
  /** A `../../hardware/pcie/ats-completer.ts`. */
  readonly device: string;
}

/** What versions are made of. */
export const qiSubmitParts = setup({
  types: {
    input: {} as QiSubmitInput,
    context: {} as QiSubmitInput & { readonly caller: string; readonly drains: boolean },
    events: {} as QiSubmitEvent,
  },
  guards: {
    isOwn: from('ITE', ({ context, event }) => event.device === context.device),
  },
  actions: {
    keepCall: assign(from('SUBMIT', ({ event: { by, drains } }) => ({ caller: by, drains }))),
    forgetCall: assign({ caller: '', drains: false }),
    submit: call('queue', ({ context: { device, drains } }) => ({ type: 'SUBMIT', device, drains })),
    poll: call('queue', 'POLL'),
    clearIte: send('queue', 'CLEAR_ITE'),
    freeSlots: call('queue', 'FREE'),
    askOwnDevice: call('device', 'READ_ID'),
    returnToCaller: send('caller', 'RETURNED'),
  },
});

export const qiSubmitConfig = {
  context: ({ input }: { input: QiSubmitInput }) => ({ ...input, caller: '', drains: false }),
  initial: 'idle',
} as const;

/** Another version replaces states. */
export const qiSubmitStates = {
  idle: qiSubmitParts.createStateConfig({ on: { SUBMIT: { target: 'polling', actions: ['keepCall', 'submit'] } } }),
  polling: qiSubmitParts.createStateConfig({
    on: {
      RUN: { actions: 'poll' },
      DONE: { target: 'idle', actions: ['returnToCaller', 'forgetCall'] },
      ABORTED: 'restarting',
      ITE: { target: 'idle', actions: ['clearIte', 'freeSlots', 'returnToCaller', 'forgetCall'] },
    },
  }),
  restarting: qiSubmitParts.createStateConfig({ on: { RUN: { target: 'polling', actions: 'submit' } } }),
};

export const qiSubmitV70 = qiSubmitParts.createMachine({
  id: 'qiSubmitV70',
  ...qiSubmitConfig,
  states: qiSubmitStates,
});
