/**
 * VFIO's I/O page fault handler, for `look-up.ts`, with each pointer that its look-ups follow as a step. It runs in the event queue's
 * thread, one fault after the other (`../kernel/vfio-type1/iopf-v3.ts`, which has the locks and the page, and finds the range in no step
 * of its own).
 *
 *   v1, v2   iommu_group_get(), the list of VFIO's groups, the container and its reference; then the tree of ranges
 *   v3       the tree of `iopf_group_list`, under one mutex for all containers; then the tree of ranges
 *   handle   what the fault parameter points to, as the attach handle of 7.0 (an xarray); then the tree of ranges
 *
 * In which range a fault is, and in which group, is drawn when the event is read: then the queue is a number of events. Ranges and groups
 * are numbered by address; a tree is balanced, and going down in it is bisection.
 *
 * List 'FAULT' and 'ACQUIRE' as `blocking`.
 *
 * Simplifications: every look-up finds something, and no lock but that of the groups has two threads; pinning, mapping, putting the page
 * and answering are one step.
 */
import { and, assign, enqueueActions, setup } from 'xstate';
import { call, from, reply, send, tell } from '../parts/call.ts';

/** A device that stalls, as far as it can: so many faults without an answer. */
export const stallingDevice = setup({
  types: {
    input: {} as { thread: string; most: number },
    context: {} as { readonly thread: string; readonly most: number; readonly stalled: number },
    events: {} as { type: 'DMA' } | { type: 'PAGE_RESPONSE' },
  },
  guards: { mayStall: ({ context }) => context.stalled < context.most },
  actions: {
    fault: send('thread', 'FAULT'),
    stall: assign({ stalled: ({ context }) => context.stalled + 1 }),
    resume: assign({ stalled: ({ context }) => context.stalled - 1 }),
  },
}).createMachine({
  id: 'stallingDevice',
  context: ({ input }) => ({ ...input, stalled: 0 }),
  on: { DMA: { guard: 'mayStall', actions: ['stall', 'fault'] }, PAGE_RESPONSE: { actions: 'resume' } },
});

export type LookUp = 'v2' | 'v3' | 'handle';

/** Where a look-up is: between two numbers, and after so many steps. */
export interface Walk {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface HandlerInput {
  readonly name: string;
  readonly device: string;
  /** Who knows where the device works. */
  readonly address: string;
  readonly lookUp: LookUp;
  readonly groups: number;
  readonly ranges: number;
  /** The range of the fault before is kept, and is looked at first: the name of who keeps it. */
  readonly cache: string | null;
}

export interface HandlerContext extends HandlerInput, Walk {
  readonly group: number;
  /** The range that is looked for. */
  readonly range: number;
}

const middle = ({ low, high }: Walk) => (low + high) >> 1;

/** One node further down, towards a number. */
const descended = (walk: Walk, to: number): Walk => {
  const { low, high, level } = walk;
  const at = middle(walk);
  return to < at ? { low, high: at - 1, level: level + 1 } : { low: at + 1, high, level: level + 1 };
};

const handlerParts = setup({
  types: {
    input: {} as HandlerInput,
    context: {} as HandlerContext,
    events: {} as
      | { type: 'FAULT' }
      /** The event that is read is one of this range. */
      | { type: 'READ_EVENT'; range: number }
      /** It is one of the same range as the last one. */
      | { type: 'READ_EVENT_OF_SAME_RANGE' }
      /** The group of the device that has faulted. */
      | { type: 'GET_GROUP'; group: number }
      | { type: 'RUN' }
      | { type: 'ADDRESS'; range: number }
      | { type: 'SAME' }
      | { type: 'OTHER' },
  },
  guards: {
    hasHandle: ({ context }) => context.lookUp === 'handle',
    isV2: ({ context }) => context.lookUp === 'v2',
    isGroup: ({ context }) => middle(context) === context.group,
    // A list is followed from its beginning.
    isListed: ({ context }) => context.level === context.group,
    isRange: ({ context }) => middle(context) === context.range,
    hasCache: ({ context }) => context.cache !== null,
  },
  actions: {
    move: send(
      'address',
      from('READ_EVENT', ({ event }) => ({ type: 'MOVE', range: event.range })),
    ),
    readAddress: call('address', 'READ_ADDRESS'),
    keepRange: assign({ range: from('ADDRESS', ({ event }) => event.range) }),
    noteGroup: assign({ group: from('GET_GROUP', ({ event }) => event.group) }),
    beginGroups: assign(({ context }) => ({ low: 0, high: context.groups - 1, level: 0 })),
    beginRanges: assign(({ context }) => ({ low: 0, high: context.ranges - 1, level: 0 })),
    descendToGroup: assign(({ context }) => descended(context, context.group)),
    nextInList: assign({ level: ({ context }) => context.level + 1 }),
    descendToRange: assign(({ context }) => descended(context, context.range)),
    endWalk: assign({ low: 0, high: 0, level: 0, range: 0 }),
    forgetGroup: assign({ group: 0 }),
    lockGroups: call(() => 'groupsLock', 'ACQUIRE'),
    unlockGroups: call(() => 'groupsLock', 'RELEASE'),
    compare: enqueueActions(({ context, enqueue }) => {
      const message = { type: 'COMPARE', range: context.range, by: context.name };
      tell(enqueue, context.cache!, message);
    }),
    respond: send('device', 'PAGE_RESPONSE'),
  },
});

/** Of which states a look-up is. */
export const LOOK_UPS = ['gettingGroup', 'findingGroup', 'following', 'comparing', 'findingRange'] as const;

export const iopfHandler = handlerParts.createMachine({
  id: 'iopfHandler',
  context: ({ input }) => ({ ...input, low: 0, high: 0, level: 0, group: 0, range: 0 }),
  initial: 'idle',
  states: {
    idle: { on: { FAULT: 'reading' } },
    reading: {
      on: {
        READ_EVENT: [
          { guard: 'hasHandle', target: 'following', actions: 'move' },
          { target: 'gettingGroup', actions: 'move' },
        ],
        READ_EVENT_OF_SAME_RANGE: [{ guard: 'hasHandle', target: 'following' }, { target: 'gettingGroup' }],
      },
    },
    // iommu_group_get(); v3 takes iopf_group_list_lock then.
    gettingGroup: {
      on: {
        GET_GROUP: [
          { guard: 'isV2', target: 'findingGroup', actions: ['noteGroup', 'beginGroups'] },
          { target: 'findingGroup', actions: ['noteGroup', 'beginGroups', 'lockGroups'] },
        ],
      },
    },
    // vfio_group_get_from_iommu(); vfio_find_iopf_group().
    findingGroup: {
      on: {
        RUN: [
          { guard: and(['isV2', 'isListed']), target: 'following', actions: ['endWalk', 'forgetGroup'] },
          { guard: 'isV2', actions: 'nextInList' },
          { guard: 'isGroup', target: 'following', actions: ['endWalk', 'forgetGroup', 'unlockGroups'] },
          { actions: 'descendToGroup' },
        ],
      },
    },
    // The references to group and container, and its lock; or what the handle points to.
    following: {
      on: {
        RUN: { actions: 'readAddress' },
        ADDRESS: [
          { guard: 'hasCache', target: 'comparing', actions: ['keepRange', 'compare'] },
          { target: 'findingRange', actions: ['keepRange', 'beginRanges'] },
        ],
      },
    },
    // Left within the step that entered it.
    comparing: {
      on: {
        SAME: { target: 'mapping', actions: 'endWalk' },
        OTHER: { target: 'findingRange', actions: 'beginRanges' },
      },
    },
    // vfio_find_dma()
    findingRange: {
      on: { RUN: [{ guard: 'isRange', target: 'mapping', actions: 'endWalk' }, { actions: 'descendToRange' }] },
    },
    // vaddr_get_pfns(), vfio_iommu_map(), put_pfn(), iommu_page_response()
    mapping: { on: { RUN: { target: 'idle', actions: 'respond' } } },
  },
});

/** In which range the device works: an actor, so that the handler knows of a range only while it looks for it. */
export const dmaAddress = setup({
  types: {
    context: {} as { readonly range: number },
    events: {} as { type: 'MOVE'; range: number } | { type: 'READ_ADDRESS'; by: string },
  },
  actions: {
    move: assign({ range: from('MOVE', ({ event }) => event.range) }),
    replyAddress: reply(({ context }) => ({ type: 'ADDRESS', range: context.range })),
  },
}).createMachine({
  id: 'dmaAddress',
  context: { range: 0 },
  on: { MOVE: { actions: 'move' }, READ_ADDRESS: { actions: 'replyAddress' } },
});

/** The range of the last fault, kept with the handle. No kernel has it. */
export const lastRange = setup({
  types: {
    context: {} as { readonly range: number },
    events: {} as { type: 'COMPARE'; range: number; by: string },
  },
  guards: { isSame: ({ context, event }) => context.range === event.range },
  actions: {
    note: assign({ range: ({ event }) => event.range }),
    replySame: reply('SAME'),
    replyOther: reply('OTHER'),
  },
}).createMachine({
  id: 'lastRange',
  context: { range: -1 },
  on: { COMPARE: [{ guard: 'isSame', actions: 'replySame' }, { actions: ['note', 'replyOther'] }] },
});
