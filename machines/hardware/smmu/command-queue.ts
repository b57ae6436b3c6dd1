/**
 * The consumer of the SMMU's command queue (SMMUv3 H.a 4.1 to 4.7). The queue itself is a FIFO channel to this actor; that a
 * command is delivered means that the SMMU has consumed it.
 *
 * Consumed is not completed: only CMD_SYNC promises that what was before it is done, and for CMD_ATC_INV that is when the
 * device has sent its Invalidate Completion. A CMD_SYNC that cannot complete yet keeps the queue from moving on: list
 * 'SYNC' as `blocking`.
 *
 * Simplifications: CMD_TLBI takes effect when it is consumed (it may, and nothing is promised before the CMD_SYNC);
 * CMD_RESUME as well, where the specification says in finite time and in any order, and a transaction that is to be terminated may be
 * retried with success before (4.7.1); no command errors, no timeout of an
 * invalidation (CERROR_ATC_INV_SYNC); software's side, several producers that reserve slots by compare-exchange
 * (arm-smmu-v3.c arm_smmu_cmdq_issue_cmdlist()), is the atomicity of a send to the channel.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { call, from, reply, send, tell } from '../../parts/call.ts';
import type { PageResponse } from '../pcie/page-request.ts';

export type CommandQueueEvent =
  | { type: 'TLBI'; page: string }
  /** `by` sees CONS move past the command, as CONSUMED; that says nothing about completion. */
  | { type: 'ATC_INV'; device: string; page: string; by: string }
  /** A PCIe Invalidate Completion. */
  | { type: 'INVALIDATE_COMPLETION'; by: string; page: string }
  /** The reply is SYNC_COMPLETE. */
  | { type: 'SYNC'; by: string }
  /** CMD_RESUME: `retry` is Ac = 1; otherwise the transaction ends with an abort (Ac = 0, Ab = 1). */
  | { type: 'RESUME'; stag: string; retry: boolean }
  | { type: 'PRI_RESP'; device: string; response: PageResponse };

export const commandQueue = setup({
  types: {
    input: {} as {
      name: string;
      /** The TLB entry of each page. */
      tlbs: Readonly<Record<string, string>>;
      /** The ATC entry of each device and page; without ATS, none. */
      atcs?: Readonly<Record<string, Readonly<Record<string, string>>>>;
      /** Who keeps stalls that have no record yet, where there may be some. */
      eventQueue?: string;
    },
    context: {} as {
      name: string;
      tlbs: Readonly<Record<string, string>>;
      atcs: Readonly<Record<string, Readonly<Record<string, string>>>>;
      eventQueue: string | null;
      /** ATC invalidations that were consumed and that their device has not completed. */
      incomplete: number;
    },
    events: {} as CommandQueueEvent,
  },
  guards: {
    everythingCompleted: ({ context }) => context.incomplete === 0,
  },
  actions: {
    invalidateTlb: send(
      from('TLBI', ({ context, event }) => context.tlbs[event.page]!),
      'TLBI',
    ),
    outdateStalls: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TLBI');
      const invalidation = { type: 'TLBI', page: event.page };
      if (context.eventQueue !== null) tell(enqueue, context.eventQueue, invalidation);
    }),
    sendInvalidateRequest: call(
      from('ATC_INV', ({ context, event }) => context.atcs[event.device]![event.page]!),
      'INVALIDATE_REQUEST',
    ),
    reportConsumed: reply('CONSUMED'),
    countIncomplete: assign({ incomplete: ({ context }) => context.incomplete + 1 }),
    countCompleted: assign({ incomplete: ({ context }) => context.incomplete - 1 }),
    reportComplete: reply('SYNC_COMPLETE'),
    resume: send(
      from('RESUME', ({ event }) => event.stag),
      from('RESUME', ({ event }) => ({ type: event.retry ? 'RETRY' : 'TERMINATE' })),
    ),
    sendPageResponse: send(
      from('PRI_RESP', ({ event }) => event.device),
      from('PRI_RESP', ({ event }) => ({ type: 'PRG_RESPONSE', ...event.response })),
    ),
  },
}).createMachine({
  id: 'commandQueue',
  context: ({ input }) => ({
    name: input.name,
    tlbs: input.tlbs,
    atcs: input.atcs ?? {},
    eventQueue: input.eventQueue ?? null,
    incomplete: 0,
  }),
  on: {
    // SMMUv3 4.4
    TLBI: { actions: ['invalidateTlb', 'outdateStalls'] },
    // SMMUv3 4.5.1: sends the Invalidate Request; does not wait.
    ATC_INV: { actions: ['sendInvalidateRequest', 'countIncomplete', 'reportConsumed'] },
    INVALIDATE_COMPLETION: { actions: 'countCompleted' },
    // SMMUv3 4.7.3: completes when all commands before it have.
    SYNC: { guard: 'everythingCompleted', actions: 'reportComplete' },
    // SMMUv3 H.a 4.7.1
    RESUME: { actions: 'resume' },
    // SMMUv3 4.5.2: no CMD_SYNC waits for what the device does with it.
    PRI_RESP: { actions: 'sendPageResponse' },
  },
});
