/**
 * Threads that give memory back, and the command queue of the SMMU that all of them fill: arm-smmu-v3-sva.c arm_smmu_mm_invalidate_range(),
 * arm-smmu-v3.c arm_smmu_cmdq_batch_add(), arm_smmu_cmdq_issue_cmdlist() and queue_poll().
 *
 *   thread: MUNMAP -> ISSUE a batch of 64 TLBIs, again and again -> CMD_SYNC -> POLL until it is complete
 *   SMMU:   takes a batch or a CMD_SYNC at a time, the oldest first; an invalidation of the whole ASID leaves the device to walk again
 *
 * Simplifications: a batch takes one place of the queue, and so do a CMD_SYNC and a single TLBI; batches of several threads come
 * into the queue one after the other, in the order of their ends; a thread that finds the queue full goes on as soon as there is room, with
 * no polling of its own; a CMD_SYNC waits for nothing but the commands before it.
 */
import { assign, setup } from 'xstate';
import { call, reply, send } from '../parts/call.ts';

/** CMDQ_BATCH_ENTRIES, which is BITS_PER_LONG. */
export const BATCH_COMMANDS = 64;
/** ARM_SMMU_POLL_TIMEOUT_US is 10^6: with the wait of this round, each twice as long as that before it, the first of 1 us, it is over. */
const LAST_ROUND = 19;

export interface FloodingInput {
  readonly name: string;
  /** How many TLBIs, one for each page; for the whole ASID, none. */
  readonly commands: number;
}

export const floodingThread = setup({
  types: {
    input: {} as FloodingInput,
    context: {} as FloodingInput & {
      /** Batches that have still to be issued. */
      readonly left: number;
      /** How often it has looked whether the CMD_SYNC is complete. */
      readonly round: number;
    },
    events: {} as { type: 'MUNMAP'; by: string } | { type: 'ISSUE' | 'POLL' | 'SYNC_COMPLETE' },
  },
  guards: {
    isAll: ({ context }) => context.commands === 0,
    isLast: ({ context }) => context.left === 1,
    isOver: ({ context }) => context.round === LAST_ROUND,
  },
  actions: {
    issueAsid: send(() => 'smmu', 'TLBI_ASID'),
    issue: send(() => 'smmu', { type: 'TLBI', count: BATCH_COMMANDS }),
    issueRest: send(
      () => 'smmu',
      ({ context }) => ({ type: 'TLBI', count: ((context.commands - 1) % BATCH_COMMANDS) + 1 }),
    ),
    issueSync: call(() => 'smmu', 'SYNC'),
    discount: assign({ left: ({ context }) => context.left - 1 }),
    backOff: assign({ round: ({ context }) => context.round + 1 }),
    tell: call(() => 'process', 'UNMAPPED'),
    tellTimeOut: call(() => 'process', 'SYNC_TIME_OUT'),
  },
}).createMachine({
  id: 'floodingThread',
  context: ({ input }) => ({ ...input, left: Math.ceil(input.commands / BATCH_COMMANDS), round: 0 }),
  initial: 'mapped',
  states: {
    mapped: { on: { MUNMAP: 'issuing' } },
    issuing: {
      on: {
        ISSUE: [
          { guard: 'isAll', target: 'syncing', actions: ['issueAsid', 'issueSync'] },
          { guard: 'isLast', target: 'syncing', actions: ['issueRest', 'issueSync', 'discount'] },
          { actions: ['issue', 'discount'] },
        ],
      },
    },
    syncing: {
      on: {
        SYNC_COMPLETE: 'complete',
        POLL: [{ guard: 'isOver', target: 'unmapped', actions: 'tellTimeOut' }, { actions: 'backOff' }],
      },
    },
    // It has not looked yet.
    complete: { on: { POLL: { target: 'unmapped', actions: 'tell' } } },
    unmapped: { on: { SYNC_COMPLETE: {} } },
  },
});

/** The consumer of the command queue: list nothing as blocking, it takes whatever comes. */
export const floodedSmmu = setup({
  types: {
    events: {} as { type: 'TLBI'; count: number } | { type: 'TLBI_ASID' } | { type: 'SYNC'; by: string },
  },
  actions: {
    forget: send(() => 'device', 'INVALIDATED'),
    complete: reply('SYNC_COMPLETE'),
  },
}).createMachine({
  id: 'smmu',
  on: { TLBI: {}, TLBI_ASID: { actions: 'forget' }, SYNC: { actions: 'complete' } },
});

/** A device of the same process, whose translations an invalidation of the whole ASID takes as well: it has them walked again. */
export const retranslatingDevice = setup({
  types: {
    input: {} as { readonly translations: number },
    context: {} as { readonly translations: number; readonly cold: number },
    events: {} as { type: 'INVALIDATED' | 'WALK' },
  },
  guards: { isCold: ({ context }) => context.cold > 0 },
  actions: {
    forgetAll: assign({ cold: ({ context }) => context.translations }),
    fill: assign({ cold: ({ context }) => context.cold - 1 }),
  },
}).createMachine({
  id: 'retranslatingDevice',
  context: ({ input }) => ({ ...input, cold: 0 }),
  on: { INVALIDATED: { actions: 'forgetAll' }, WALK: { guard: 'isCold', actions: 'fill' } },
});

/** Whose memory it is. */
export const flushedProcess = setup({
  types: { events: {} as { type: 'UNMAPPED' | 'SYNC_TIME_OUT'; by: string } },
}).createMachine({ id: 'flushedProcess', on: { UNMAPPED: {}, SYNC_TIME_OUT: {} } });
