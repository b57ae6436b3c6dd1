/**
 * The machines of the study `locked-memory` that are about the limit: the handler that asks for room, and the evictors that make it; all in
 * terms of the blocks of `guest-memory.ts` and of `kernel/vfio-type1/locked-vm.ts`.
 */
import { assign, setup } from 'xstate';
import { type Actor, actor } from '../../src/system/system.ts';
import { call, from, send } from '../parts/call.ts';
import { draws, RUN } from './guest-memory.ts';

type LimitedHandlerEvent =
  | { type: 'STALL'; by: string }
  | { type: 'RUN' }
  | { type: 'CHARGED' }
  | { type: 'OVER_LIMIT' }
  | { type: 'RECORD'; block: number }
  | { type: 'IS_MAPPED' }
  | { type: 'IS_ABSENT' }
  | { type: 'ROOM' };

const handlerParts = setup({
  types: {
    input: {} as { name: string },
    context: {} as { readonly name: string; readonly device: string | null },
    events: {} as LimitedHandlerEvent,
  },
  actions: {
    keepDevice: assign(from('STALL', ({ event }) => ({ device: event.by }))),
    forgetDevice: assign({ device: null }),
    charge: call(() => 'account', 'CHARGE_PAGE'),
    readRecord: call('device', 'READ_RECORD'),
    find: call(({ event }) => `block${event.type === 'RECORD' ? event.block : ''}`, 'FIND'),
    map: send(({ event }) => `block${event.type === 'RECORD' ? event.block : ''}`, 'MAP'),
    resume: send('device', 'RESUME'),
    evict: send(() => 'evictor', 'EVICT'),
  },
});

/** The event queue's thread: vfio_iommu_type1_dynamic_dma_map(), which pins before it charges, with somebody who makes room. */
export const limitedHandler = handlerParts.createMachine({
  id: 'limitedHandler',
  context: ({ input }) => ({ ...input, device: null }),
  initial: 'idle',
  states: {
    idle: { on: { STALL: { target: 'handling', actions: 'keepDevice' } } },
    // Another device's fault may have mapped the block: then nothing is charged.
    handling: { on: { RUN: { target: 'finding', actions: 'readRecord' } } },
    // Left within the step that entered it, as are `charging` and `mapping`.
    finding: {
      on: {
        RECORD: { actions: 'find' },
        IS_MAPPED: { target: 'idle', actions: ['resume', 'forgetDevice'] },
        IS_ABSENT: 'pinning',
      },
    },
    // vfio_pin_pages_remote()
    pinning: { on: { RUN: { target: 'charging', actions: 'charge' } } },
    // vfio_lock_acct()
    charging: {
      on: {
        CHARGED: { target: 'mapping', actions: 'readRecord' },
        OVER_LIMIT: { target: 'evicting', actions: 'evict' },
      },
    },
    // vfio_iommu_map(), iommu_page_response()
    mapping: { on: { RECORD: { target: 'idle', actions: ['map', 'resume', 'forgetDevice'] } } },
    evicting: { on: { ROOM: 'roomMade' } },
    roomMade: { on: { RUN: { target: 'charging', actions: 'charge' } } },
  },
});

interface EvictorInput {
  readonly name: string;
  readonly blocks: number;
  readonly groupSize: number;
}

type EvictorEvent =
  | { type: 'EVICT' }
  | { type: 'RUN' }
  | { type: 'PASSED_ABSENT' }
  | { type: 'PASSED' }
  | { type: 'UNMAPPED' }
  | { type: `GROUP.${number}` | `PLACE.${number}`; at: number };

const evictorParts = setup({
  types: {
    input: {} as EvictorInput,
    context: {} as EvictorInput & { readonly block: number },
    events: {} as EvictorEvent,
  },
  guards: {
    isThere: ({ context, event }) => 'at' in event && context.block + event.at < context.blocks,
  },
  actions: {
    look: call(({ context }) => `block${context.block}`, 'SWEEP'),
    goOn: assign({ block: ({ context }) => (context.block + 1) % context.blocks }),
    drawGroup: assign(({ context, event }) => ('at' in event ? { block: event.at * context.groupSize } : {})),
    drawPlace: assign(({ context, event }) => ('at' in event ? { block: context.block + event.at } : {})),
    uncharge: send(() => 'account', 'UNCHARGE_PAGE'),
    replyRoom: send(() => 'handler', 'ROOM'),
  },
});

const evictorContext = ({ input }: { input: EvictorInput }) => ({ ...input, block: 0 });

// TLBI and CMD_SYNC; only then is the block unpinned, and off the charge.
const invalidating = evictorParts.createStateConfig({
  on: { RUN: { target: 'idle', actions: ['uncharge', 'replyRoom'] } },
});

const sweepingEvictor = evictorParts.createMachine({
  id: 'sweepingEvictor',
  context: evictorContext,
  initial: 'idle',
  states: {
    idle: { on: { EVICT: 'looking' } },
    looking: {
      on: {
        RUN: { actions: 'look' },
        PASSED_ABSENT: { actions: 'goOn' },
        PASSED: { target: 'passing', actions: 'goOn' },
        UNMAPPED: { target: 'invalidating', actions: 'goOn' },
      },
    },
    // What it costs to look at a block that is on the list.
    passing: { on: { RUN: 'looking' } },
    invalidating,
  },
});

/** It draws anew where it has drawn a block that is not mapped: that is a draw from the list of those that are, and takes no time. */
const randomEvictor = evictorParts.createMachine({
  id: 'randomEvictor',
  context: evictorContext,
  initial: 'idle',
  states: {
    idle: { on: { EVICT: 'choosing' } },
    choosing: { on: { 'GROUP.*': { target: 'placing', actions: 'drawGroup' } } },
    placing: { on: { 'PLACE.*': { guard: 'isThere', target: 'looking', actions: 'drawPlace' } } },
    looking: { on: { RUN: { actions: 'look' }, PASSED_ABSENT: 'choosing', UNMAPPED: 'invalidating' } },
    invalidating,
  },
});

/** What the blocks know, by policy; MAX_NR_GENS is 4. */
export const POLICIES = {
  random: { hasAccessFlag: false, chances: 1 },
  oldest: { hasAccessFlag: false, chances: 4 },
  clock: { hasAccessFlag: true, chances: 1 },
  lru: { hasAccessFlag: true, chances: 4 },
} as const;
export type Policy = keyof typeof POLICIES;
export const POLICY_NAMES = Object.keys(POLICIES) as Policy[];

export function evictorOf(policy: Policy, input: EvictorInput): Actor {
  return policy === 'random'
    ? actor(randomEvictor, { input, choices: [RUN, ...draws(input.blocks, input.groupSize)] })
    : actor(sweepingEvictor, { input, choices: [RUN] });
}
