/**
 * A time limit for the answer to a group: the per-device timer of the unmerged "introduce page response timeout" (Jacob Pan,
 * 2018: armed when a page request is reported, cancelled when it is answered), with the answer that it left for later. When it
 * expires, the group is answered Invalid in the name of whoever should have, and not handled any more if nobody has begun. What
 * becomes of an answer that comes after that is the core's business: to 738e6f32e61d it finds the group unlinked and goes nowhere,
 * since then it goes to the device as well.
 *
 * It stands between the iopf core and its two neighbours: what the core queues goes through it to the work queue, what the
 * core answers goes through it to the device.
 *
 * Simplification: one group of the device at a time.
 */
import { assign, setup } from 'xstate';
import type { PageResponse } from '../../hardware/pcie/page-request.ts';
import { from, send } from '../../parts/call.ts';
import type { IopfGroup } from './group.ts';

export type ResponseTimerEvent =
  /** From the core, for the work queue. */
  | { type: 'QUEUE_WORK'; group: IopfGroup }
  /** From the core, for the device. */
  | ({ type: 'PRG_RESPONSE' } & PageResponse);

export interface ResponseTimerInput {
  core: string;
  workQueue: string;
  device: string;
}

export const responseTimer = setup({
  types: {
    input: {} as ResponseTimerInput,
    context: {} as ResponseTimerInput & { readonly group: IopfGroup | null },
    events: {} as ResponseTimerEvent,
  },
  // iommu.prq_timeout, in milliseconds; its default is 10 s. It must expire before the device loses patience.
  delays: { responseTimeout: 4_000 },
  actions: {
    rememberGroup: assign(from('QUEUE_WORK', ({ event }) => ({ group: event.group }))),
    queueWork: send(
      'workQueue',
      from('QUEUE_WORK', ({ event }) => ({ type: 'QUEUE_WORK', group: event.group })),
    ),
    answerInvalid: send('core', ({ context }) => ({ type: 'RESPOND', group: context.group!, code: 'invalid' })),
    cancelWork: send('workQueue', ({ context }) => ({ type: 'CANCEL_WORK', group: context.group! })),
    respond: send('device', ({ event }) => event),
    forgetGroup: assign({ group: null }),
  },
}).createMachine({
  id: 'responseTimer',
  context: ({ input }) => ({ ...input, group: null }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        QUEUE_WORK: { target: 'armed', actions: ['rememberGroup', 'queueWork'] },
        // No timer is pending: the group had its answer already.
        PRG_RESPONSE: { actions: 'respond' },
      },
    },
    armed: {
      on: {
        PRG_RESPONSE: { target: 'idle', actions: ['respond', 'forgetGroup'] },
        // Only behind a second answer: the device uses the index again while its timer is pending, which is set anew (mod_timer()).
        QUEUE_WORK: { actions: ['rememberGroup', 'queueWork'] },
      },
      after: { responseTimeout: { target: 'expired', actions: ['cancelWork', 'answerInvalid'] } },
    },
    // Left within the step that entered it.
    expired: {
      on: { PRG_RESPONSE: { target: 'idle', actions: ['respond', 'forgetGroup'] } },
    },
  },
});
