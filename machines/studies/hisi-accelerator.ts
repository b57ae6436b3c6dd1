/**
 * The accelerator of the study `hisi-sec`: a channel of its engine, of which there are several.
 *
 *   queues -MESSAGE-> channel -TRANSLATE-> source0, destination0, …, rings (`./hisi-translations.ts`)
 *                     channel -STALL-> stallSlots (`./hisi-fault-path.ts`)
 *
 * Simplifications: a walk over a buffer is sequential, and so one number. Source and destination are walked in turns, in grains of one
 * page or, where a fault maps many, of some: read, worked on, written, worked on. The number is known modulo a number that is larger than
 * the distance of any two channels on one buffer, so that steps that were seen are not worked out again. A message whose buffers are wholly
 * mapped is one step: nothing can stall it. A page that was taken back is accessed at the beginning of the message that needs it.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';
import type { Message } from './hisi-queues.ts';

/** What a channel accesses. `shared0` and `shared1` are two pages that all queues use. */
type Access = 'shared0' | 'shared1' | 'submission' | 'source' | 'destination' | 'missing' | 'completion';

interface ChannelContext extends Message {
  readonly name: string;
  readonly modulus: number;
  readonly access: Access;
  /** Of the walks over the buffers, modulo `modulus`. */
  readonly page: number;
}

const IDLE = { queue: 0, block: 0, newSubmission: false, newCompletion: false, access: 'shared0', page: 0 } as const;

/** Who translates an access, and as which walk. */
function walkOf({ access, queue, block }: ChannelContext) {
  switch (access) {
    case 'source':
    case 'destination':
      return { area: `${access}${block}`, walk: access };
    case 'missing':
      return { area: `destination${block}`, walk: access };
    case 'submission':
    case 'completion':
      return { area: 'rings', walk: `${access}${queue}` };
    default:
      return { area: 'rings', walk: access };
  }
}

/**
 * A channel of the engine: it works on one message at a time, so one message alone has no more than its share of the engine. Where an
 * access is not mapped, the transaction stalls, if the SMMU has a place for one more (`stallSlots`); if not, the access waits.
 */
export const channel = setup({
  types: {
    input: {} as { readonly name: string; readonly modulus: number },
    context: {} as ChannelContext,
    events: {} as
      | { type: 'TAKE' | 'TOUCH' | 'WORK' | 'STREAM' }
      | ({ type: 'MESSAGE' } & Message)
      | { type: 'PRESENT'; isLast: boolean }
      | { type: 'WHOLE' | 'PARTLY' | 'MISSING' }
      | { type: 'ABSENT'; turn: number }
      /** CMD_RESUME with Ac = 1. */
      | { type: 'RETRY' },
  },
  guards: {
    isNewSubmission: ({ event }) => event.type === 'MESSAGE' && event.newSubmission,
    isData: ({ context: { access } }) => access === 'source' || access === 'destination',
    isLastWrite: ({ context, event }) => context.access === 'destination' && event.type === 'PRESENT' && event.isLast,
    isSource: ({ context }) => context.access === 'source',
    isShared0: ({ context }) => context.access === 'shared0',
    isShared1: ({ context }) => context.access === 'shared1',
    isMissing: ({ context }) => context.access === 'missing',
    isSubmission: ({ context }) => context.access === 'submission',
    hasNewCompletion: ({ context }) => context.newCompletion,
  },
  actions: {
    next: call(() => 'queues', 'NEXT'),
    begin: assign(
      from('MESSAGE', ({ event: { queue, block, newSubmission, newCompletion } }) => ({
        queue,
        block,
        newSubmission,
        newCompletion,
      })),
    ),
    translate: call(
      ({ context }) => walkOf(context).area,
      ({ context }) => ({ type: 'TRANSLATE', walk: walkOf(context).walk, page: context.page }),
    ),
    // The destination is whole last.
    askForBlock: call(({ context }) => `destination${context.block}`, 'ASK_WHETHER_WHOLE'),
    stall: send(
      () => 'stallSlots',
      from('ABSENT', ({ context, event }) => ({
        type: 'STALL',
        fault: { channel: context.name, ...walkOf(context), turn: event.turn },
      })),
    ),
    leaveSlot: send(() => 'stallSlots', 'RESUMED'),
    aimAtShared1: assign({ access: 'shared1' }),
    aimAtSubmission: assign({ access: 'submission' }),
    aimAtSource: assign({ access: 'source' }),
    aimAtDestination: assign({ access: 'destination' }),
    aimAtMissing: assign({ access: 'missing' }),
    aimAtCompletion: assign({ access: 'completion', page: 0 }),
    turnPage: assign({ page: ({ context }) => (context.page + 1) % context.modulus }),
    complete: send(() => 'queues', 'COMPLETED'),
    forget: assign(IDLE),
  },
}).createMachine({
  id: 'hisiChannel',
  context: ({ input }) => ({ ...IDLE, ...input }),
  initial: 'idle',
  states: {
    idle: { on: { TAKE: { target: 'taking', actions: 'next' } } },
    // Left within the step that entered it, as are `translating` and `asking`.
    taking: {
      on: {
        MESSAGE: [
          { guard: 'isNewSubmission', target: 'touching', actions: 'begin' },
          { target: 'asking', actions: ['begin', 'askForBlock'] },
        ],
      },
    },
    touching: { on: { TOUCH: { target: 'translating', actions: 'translate' } } },
    translating: {
      on: {
        PRESENT: [
          { guard: 'isLastWrite', target: 'writingLast' },
          { guard: 'isData', target: 'working' },
          { guard: 'isShared0', target: 'touching', actions: 'aimAtShared1' },
          { guard: 'isShared1', target: 'touching', actions: 'aimAtSubmission' },
          { guard: 'isSubmission', target: 'asking', actions: 'askForBlock' },
          { guard: 'isMissing', target: 'streaming' },
          { target: 'idle', actions: ['complete', 'forget'] },
        ],
        ABSENT: { target: 'stalled', actions: 'stall' },
      },
    },
    stalled: { on: { RETRY: { target: 'touching', actions: 'leaveSlot' } } },
    asking: {
      on: {
        WHOLE: 'streaming',
        PARTLY: { target: 'touching', actions: 'aimAtSource' },
        MISSING: { target: 'touching', actions: 'aimAtMissing' },
      },
    },
    working: {
      on: {
        WORK: [
          { guard: 'isSource', target: 'touching', actions: 'aimAtDestination' },
          { target: 'touching', actions: ['turnPage', 'aimAtSource'] },
        ],
      },
    },
    writingLast: {
      on: {
        WORK: [
          { guard: 'hasNewCompletion', target: 'touching', actions: 'aimAtCompletion' },
          { target: 'idle', actions: ['complete', 'forget'] },
        ],
      },
    },
    streaming: {
      on: {
        STREAM: [
          { guard: 'hasNewCompletion', target: 'touching', actions: 'aimAtCompletion' },
          { target: 'idle', actions: ['complete', 'forget'] },
        ],
      },
    },
  },
});
