/**
 * A handler of whole groups for a device with nested translation (`domain->iopf_handler`, since v6.9), in no release: it owns the group,
 * sorts its requests by stage, sends those of stage 1 to the guest as a group of their own, with the L bit on the last of them, maps
 * those of stage 2 itself, and answers when it has done its part and the guest has answered.
 *
 *   take a group; walk stage 1 for each request; send to the guest; map at stage 2, page by page; answer, or wait for the guest
 *
 *   `nested-serial.ts`         the guest gets its part when the host's is done
 *   `nested-each-answers.ts`   the host answers when it has done its part, and the guest when it has
 *
 * It is a thread of its own, as a worker of the iopf work queue would be; the guest's answer comes by the thread that writes it.
 *
 * Simplifications: host memory is never short, so the host's part never fails; the walks of a group are one step; a part for the guest is in the guest's queue within
 * one step, as by one read of iommufd's fault queue; the guest's queue never overflows (B-47 and the recall of parts are other races).
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from, send, tell } from '../../parts/call.ts';
import type { IopfGroup } from '../io-pgfault/group.ts';

export type NestedHandlerEvent =
  /** `domain->iopf_handler()` */
  | { type: 'QUEUE_WORK'; group: IopfGroup }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'STAGE'; stage: 1 | 2 }
  /** The guest answers its part. */
  | { type: 'PRG_RESPONSE'; index: string; code: ResponseCode };

export interface NestedHandlerInput {
  readonly name: string;
  /** The device's iopf core, in the host and in the guest. */
  readonly core: string;
  readonly guestCore: string;
}

/** What versions are made of. */
export const nestedHandlerParts = setup({
  types: {
    input: {} as NestedHandlerInput,
    context: {} as NestedHandlerInput & {
      readonly queued: readonly IopfGroup[];
      readonly group: IopfGroup | null;
      /** Of each request of the group at hand, as far as it has been walked for. */
      readonly stages: readonly (1 | 2)[];
      /** How many pages of it have been mapped. */
      readonly mapped: number;
      /** What the guest has answered for the group at hand. */
      readonly guestCode: ResponseCode | null;
      /** Groups of which only the guest's part is to be done, by index. */
      readonly waiting: Readonly<Record<string, IopfGroup>>;
    },
    events: {} as NestedHandlerEvent,
  },
  guards: {
    hasGroup: ({ context }) => context.queued.length > 0,
    isLastWalk: ({ context }) => context.stages.length + 1 === context.group!.requests.length,
    isMapped: ({ context }) => context.mapped === context.stages.filter((stage) => stage === 2).length,
    /** Of the host. */
    hasNothing: ({ context }) => !context.stages.includes(2),
    needsGuest: ({ context }) => context.stages.includes(1),
    awaitsGuest: ({ context }) => context.stages.includes(1) && context.guestCode === null,
    isWaiting: from('PRG_RESPONSE', ({ context, event }) => event.index in context.waiting),
  },
  actions: {
    queue: assign({ queued: from('QUEUE_WORK', ({ context, event }) => [...context.queued, event.group]) }),
    takeGroup: assign({ group: ({ context }) => context.queued[0]!, queued: ({ context }) => context.queued.slice(1) }),
    walk: call(({ context }) => context.group!.requests[context.stages.length]!.page, 'WALK'),
    noteStage: assign({ stages: from('STAGE', ({ context, event }) => [...context.stages, event.stage]) }),
    sendToGuest: enqueueActions(({ context: { group, stages, guestCore }, enqueue }) => {
      const { device, index } = group!;
      const requests = group!.requests.filter((_, at) => stages[at] === 1);
      for (const [at, { page, generation }] of requests.entries()) {
        const report = {
          type: 'REPORT',
          request: { device, index, page, generation, last: at + 1 === requests.length },
        };
        tell(enqueue, guestCore, report);
      }
    }),
    map: send(({ context: { group, stages, mapped } }) => {
      return group!.requests.filter((_, at) => stages[at] === 2)[mapped]!.page;
    }, 'MAP_STAGE2'),
    countMapped: assign({ mapped: ({ context }) => context.mapped + 1 }),
    respond: send('core', ({ context: { group, guestCode } }) => ({
      type: 'RESPOND',
      group: group!,
      code: guestCode ?? 'success',
    })),
    leaveToGuest: assign({ waiting: ({ context: { waiting, group } }) => ({ ...waiting, [group!.index]: group! }) }),
    endGroup: assign({ group: null, stages: [], mapped: 0, guestCode: null }),
    noteGuestCode: assign({ guestCode: from('PRG_RESPONSE', ({ event }) => event.code) }),
    respondForGuest: send(
      'core',
      from('PRG_RESPONSE', ({ context, event: { index, code } }) => ({
        type: 'RESPOND',
        group: context.waiting[index]!,
        code,
      })),
    ),
    endWaiting: assign(({ context, event }) => {
      assertEvent(event, 'PRG_RESPONSE');
      const { [event.index]: _, ...waiting } = context.waiting;
      return { waiting };
    }),
  },
});

export const nestedHandlerConfig = {
  context: ({ input }: { input: NestedHandlerInput }) => ({
    ...input,
    queued: [],
    group: null,
    stages: [],
    mapped: 0,
    guestCode: null,
    waiting: {},
  }),
  initial: 'idle',
  on: {
    QUEUE_WORK: { actions: 'queue' },
    PRG_RESPONSE: [{ guard: 'isWaiting', actions: ['respondForGuest', 'endWaiting'] }, { actions: 'noteGuestCode' }],
  },
} as const;

/** A version that does one thing otherwise replaces a state. */
export const nestedHandlerStates = {
  idle: nestedHandlerParts.createStateConfig({
    on: { RUN: { guard: 'hasGroup', target: 'walking', actions: ['takeGroup', 'walk'] } },
  }),
  // Left within the step that entered it.
  walking: nestedHandlerParts.createStateConfig({
    on: {
      STAGE: [{ guard: 'isLastWalk', target: 'sorted', actions: 'noteStage' }, { actions: ['noteStage', 'walk'] }],
    },
  }),
  sorted: nestedHandlerParts.createStateConfig({
    on: { RUN: { target: 'mapping', actions: 'sendToGuest' } },
  }),
  mapping: nestedHandlerParts.createStateConfig({
    always: { guard: 'isMapped', target: 'mapped' },
    on: { RUN: { actions: ['map', 'countMapped'] } },
  }),
  mapped: nestedHandlerParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'awaitsGuest', target: 'idle', actions: ['leaveToGuest', 'endGroup'] },
        { target: 'idle', actions: ['respond', 'endGroup'] },
      ],
    },
  }),
};

export const nestedHandlerJoins = nestedHandlerParts.createMachine({
  id: 'nestedHandlerJoins',
  ...nestedHandlerConfig,
  states: nestedHandlerStates,
});
