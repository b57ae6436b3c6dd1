/**
 * What must hold of page request groups, whoever answers them: properties to be used by any scenario with a PRI device.
 *
 * They look at messages (POST and PRG_RESPONSE of `../hardware/pcie/pri.ts`, QUEUE_WORK of `../kernel/workqueue/work-queue.ts`) and at the ghost
 * `generation` in them, which tells one use of a page request group index from the next.
 */
import { assign, setup } from 'xstate';
import { always, monitor, type Observed, type Property, reachable } from '../../src/system/property.ts';
import type { PageRequest, PageResponse } from '../hardware/pcie/page-request.ts';
import type { IopfGroup } from '../kernel/io-pgfault/group.ts';
import { from } from '../parts/call.ts';

type Posted = Observed<{ type: 'POST' } & Omit<PageRequest, 'device'>>;
type Answered = Observed<{ type: 'PRG_RESPONSE' } & PageResponse>;
type Queued = Observed<{ type: 'QUEUE_WORK'; group: IopfGroup }>;

/**
 * Every complete group gets one answer, and not a second one: neither while the index is at rest nor, which is worse,
 * when it is already in use again. With `only`, which looks at one index of one device, a group that still waits is an
 * obligation. Without, it is none: where several devices ask in turn, there may always be one that waits, though each is answered.
 */
export function exactlyOneAnswer(only?: GroupId): Property {
  const groups = only ? `group ${only.index} of ${only.device}` : 'page request group';
  const name = `every complete ${groups} gets exactly one answer`;
  return monitor(name, answersMonitor(only !== undefined), { only }, only && { actors: [only.device] });
}

/**
 * Nothing answers an index for which no complete group waits. Where the index has no request at all the device finds UPRGI set; where its
 * group is begun, and not complete, no status bit tells.
 */
export function noUnexpectedAnswer(devices: readonly string[]): Property {
  return always('no answer for a group that was never completed', (view) =>
    devices.every((device) => {
      const { uprgi, answeredEarly } = view.get(device).context;
      return uprgi === false && answeredEarly === false;
    }),
  );
}

/** A group that is handed to the handler consists of requests of one use of its index. */
export function noMergedGroup(): Property {
  return monitor('no group has members of two generations', mergesMonitor);
}

/** I6: when an overflow has just been acknowledged, no device has a partial group. */
export function noPartialAfterRecovery(thread: string, cores: readonly string[]): Property {
  return always('the partial list is empty when an overflow has been recovered from', (view) => {
    if (!view.get(thread).matches('recovered')) return true;
    return cores.every((core) => view.get(core).context.partial.length === 0);
  });
}

/** The premise of `noPartialAfterRecovery`. */
export function recoversFromOverflow(thread: string): Property {
  return reachable('an overflow has been recovered from', (view) => view.get(thread).matches('recovered'));
}

/**
 * iommu_sva_handle_iopf(): after the first request of a group that is refused, its rest is not handled, whatever becomes of the answer.
 *
 * @param worker the thread that handles groups: it takes FAULT_HANDLED, and says DONE when a group is over (`../kernel/iommu-sva/worker.ts`)
 */
export function refusalEndsGroup(worker: string): Property {
  const name = 'after a request that is refused, the rest of its group is not handled';
  return monitor(name, refusalMonitor, { worker }, { actors: [worker] });
}

const refusalMonitor = setup({
  types: {
    input: {} as { worker: string },
    context: {} as { readonly worker: string },
    events: {} as Observed<{ type: 'FAULT_HANDLED'; ok: boolean }> | Observed<{ type: 'DONE'; by: string }>,
  },
  guards: {
    isOther: ({ context, event }) => event.to !== context.worker,
    isRefused: from('FAULT_HANDLED', ({ event }) => !event.message.ok),
    isOver: from('DONE', ({ context, event }) => event.message.by === context.worker),
  },
}).createMachine({
  id: 'refusalEndsGroup',
  context: ({ input }) => input,
  initial: 'handled',
  states: {
    handled: { on: { FAULT_HANDLED: [{ guard: 'isOther' }, { guard: 'isRefused', target: 'refused' }] } },
    refused: {
      on: {
        FAULT_HANDLED: [{ guard: 'isOther' }, { target: 'handledOn' }],
        DONE: { guard: 'isOver', target: 'handled' },
      },
    },
    handledOn: { tags: 'violation' },
  },
});

/** An index of a device: at any time the name of at most one group. */
export interface GroupId {
  readonly device: string;
  readonly index: string;
}

/** The groups of one device that are begun and not answered, by index. */
type Groups = Readonly<Record<string, { generation: number; complete: boolean }>>;

const answers = setup({
  types: {
    input: {} as { only?: GroupId | undefined },
    context: {} as { devices: Readonly<Record<string, Groups>>; only?: GroupId },
    events: {} as Posted | Answered,
  },
  guards: {
    isOther: ({ context: { only }, event }) =>
      only !== undefined && (event.to !== only.device || event.message.index !== only.index),
    // The answer to an incomplete group is a matter of `noUnexpectedAnswer`; here it only must not end the group.
    isForIncompleteGroup: from('PRG_RESPONSE', ({ context, event }) => {
      const group = context.devices[event.to]?.[event.message.index];
      return group?.generation === event.message.generation && !group.complete;
    }),
    isDue: from('PRG_RESPONSE', ({ context, event }) => {
      const group = context.devices[event.to]?.[event.message.index];
      return group?.generation === event.message.generation && group.complete;
    }),
    nothingComplete: ({ context }) =>
      Object.values(context.devices).every((groups) => Object.values(groups).every(({ complete }) => !complete)),
  },
  actions: {
    notePosted: assign(
      from('POST', ({ context, event }) => {
        const { index, generation, last } = event.message;
        const groups = { ...context.devices[event.to], [index]: { generation, complete: last } };
        return { devices: { ...context.devices, [event.to]: groups } };
      }),
    ),
    noteAnswered: assign(
      from('PRG_RESPONSE', ({ context, event }) => {
        const { [event.message.index]: _, ...groups } = context.devices[event.to] ?? {};
        const { [event.to]: __, ...devices } = context.devices;
        return { devices: Object.keys(groups).length === 0 ? devices : { ...devices, [event.to]: groups } };
      }),
    ),
  },
});

function answersMonitor(isObligation: boolean) {
  return answers.createMachine({
    id: 'exactlyOneAnswer',
    context: ({ input: { only } }) => ({ devices: {}, ...(only && { only }) }),
    initial: 'owing',
    states: {
      owing: {
        tags: isObligation ? 'hot' : [],
        always: { guard: 'nothingComplete', target: 'owingNothing' },
        on: {
          POST: [{ guard: 'isOther' }, { target: 'owing', actions: 'notePosted' }],
          PRG_RESPONSE: [
            { guard: 'isOther' },
            { guard: 'isForIncompleteGroup' },
            { guard: 'isDue', target: 'owing', actions: 'noteAnswered' },
            { target: 'answeredTwice' },
          ],
        },
      },
      owingNothing: {
        on: {
          POST: [{ guard: 'isOther' }, { target: 'owing', actions: 'notePosted' }],
          PRG_RESPONSE: [{ guard: 'isOther' }, { guard: 'isForIncompleteGroup' }, { target: 'answeredTwice' }],
        },
      },
      answeredTwice: { tags: 'violation' },
    },
  });
}

const mergesMonitor = setup({
  types: {
    context: {},
    events: {} as Queued,
  },
  guards: {
    isMerged: ({ event }) => {
      const [first, ...others] = event.message.group.requests;
      return others.some(({ generation }) => generation !== first!.generation);
    },
  },
}).createMachine({
  id: 'noMergedGroup',
  context: {},
  initial: 'clean',
  states: {
    clean: { on: { QUEUE_WORK: { guard: 'isMerged', target: 'merged' } } },
    merged: { tags: 'violation' },
  },
});
