/**
 * The memory of `struct iopf_fault` and `struct iopf_group` of one device, and the lists that they are in (include/linux/list.h), from
 * v5.12 on: the partial requests (`partial`), and the requests of each group (`group0`, …), the last of which is a member of the group.
 *
 * A walk over a list is list_for_each_entry_safe(): whoever walks knows where it is and what comes next, and is told by AT what comes
 * after that, or by END that it is back at the head where it began. So somebody may move, delete or free what it knows, and an entry that
 * was moved leads into another list. kfree() does not unlink, and freed memory still says what it said.
 *
 * Here following a pointer to freed memory, or freeing what was not allocated by itself, ends in `corrupt`, which takes everything in silence.
 *
 * Simplifications: what a function does to a list between two steps of a walk is one step; memory is never short; it is
 * allocated again in the order of its names.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { from, send, tell } from '../../parts/call.ts';
import type { IopfGroup } from './group.ts';

export const PARTIAL = 'partial';

export type FaultListsEvent =
  /** kzalloc(), and list_add() to the partial requests. */
  | { type: 'ADD_PARTIAL'; request: PageRequest }
  /** kzalloc() of a group, and list_move() of each partial request with its index; the reply is GATHERED. */
  | { type: 'GATHER'; request: PageRequest; by: string }
  /** Where a walk begins; the reply is AT or END. */
  | { type: 'FIRST'; head: string; by: string }
  /** It goes on to what it knew to be next; the reply is AT or END. */
  | { type: 'NEXT'; head: string; entry: string; by: string }
  /** list_del() */
  | { type: 'LIST_DEL'; entry: string }
  /** kfree() of a request, or of a group with its last request. */
  | { type: 'KFREE'; entry: string }
  /** A whole walk that deletes and frees all partial requests. */
  | { type: 'FREE_PARTIALS' };

/** What a walk is told. */
export interface At {
  type: 'AT';
  entry: string;
  next: string;
  request: PageRequest;
}

export interface FaultMemory {
  /** By head: what is in the list, in its order. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** What is allocated. */
  readonly requests: Readonly<Record<string, PageRequest>>;
}

export const faultLists = setup({
  types: { context: {} as FaultMemory, events: {} as FaultListsEvent },
  guards: {
    // A group's head is no request; a walk that comes there takes what lies around it for one.
    isRequest: from('NEXT', ({ context, event: { entry } }) => entry in context.requests && !(entry in context.lists)),
    // list_del() writes to both neighbours.
    isLinked: from('LIST_DEL', ({ context, event: { entry } }) => {
      const [, entries = []] = Object.entries(context.lists).find(([, members]) => members.includes(entry)) ?? [];
      const place = entries.indexOf(entry);
      const touched = [entry, ...entries.slice(Math.max(place - 1, 0), place + 2)];
      return touched.every((name) => name in context.requests);
    }),
    isAtHead: from('NEXT', ({ event }) => event.entry === event.head),
    // The last request of a group is a member of it.
    isWhole: from('KFREE', ({ context, event }) => {
      return event.entry in context.requests && !event.entry.endsWith(LAST);
    }),
    isEmpty: from('FIRST', ({ context, event }) => context.lists[event.head]?.length === 0),
  },
  actions: {
    addPartial: assign(
      from('ADD_PARTIAL', ({ context: { lists, requests }, event: { request } }) => {
        const entry = unusedName('fault', requests);
        return {
          lists: { ...lists, [PARTIAL]: [entry, ...lists[PARTIAL]!] },
          requests: { ...requests, [entry]: request },
        };
      }),
    ),
    gather: enqueueActions(({ context: { lists, requests }, event, enqueue }) => {
      assertEvent(event, 'GATHER');
      const { device, index } = event.request;
      const memory = unusedName('group', requests);
      const last = memory + LAST;
      const belongs = (entry: string) => requests[entry]!.index === index;
      // Each is moved to the head of the group's list, so that they are in the order of arrival again, and the last one is last.
      const members = [...lists[PARTIAL]!.filter(belongs).reverse(), last];
      const all = { ...requests, [memory]: event.request, [last]: event.request };
      enqueue.assign({
        lists: { ...lists, [PARTIAL]: lists[PARTIAL]!.filter((entry) => !belongs(entry)), [memory]: members },
        requests: all,
      });
      const group: IopfGroup = {
        device,
        index,
        requests: members.map((entry) => ({ page: all[entry]!.page, generation: all[entry]!.generation })),
        memory,
      };
      tell(enqueue, event.by, { type: 'GATHERED', group } as { type: string });
    }),
    replyFirst: send(
      from('FIRST', ({ event }) => event.by),
      from('FIRST', ({ context, event: { head } }) => at(context, context.lists[head]![0]!)),
    ),
    replyNext: send(
      from('NEXT', ({ event }) => event.by),
      from('NEXT', ({ context, event: { entry } }) => at(context, entry)),
    ),
    replyEnd: send(
      from(['FIRST', 'NEXT'], ({ event }) => event.by),
      'END',
    ),
    unlink: assign({
      lists: from('LIST_DEL', ({ context: { lists }, event: { entry } }) => {
        return Object.fromEntries(
          Object.entries(lists).map(([head, entries]) => [head, entries.filter((other) => other !== entry)]),
        );
      }),
    }),
    free: assign(
      from('KFREE', ({ context: { lists, requests }, event: { entry } }) => {
        const { [entry]: _, [entry + LAST]: __, ...others } = requests;
        const { [entry]: ___, ...left } = lists;
        return { lists: left, requests: others };
      }),
    ),
    freePartials: assign(({ context: { lists, requests } }) => ({
      lists: { ...lists, [PARTIAL]: [] },
      requests: Object.fromEntries(Object.entries(requests).filter(([entry]) => !lists[PARTIAL]!.includes(entry))),
    })),
  },
}).createMachine({
  id: 'faultLists',
  context: { lists: { [PARTIAL]: [] }, requests: {} },
  initial: 'sound',
  states: {
    sound: {
      on: {
        ADD_PARTIAL: { actions: 'addPartial' },
        GATHER: { actions: 'gather' },
        FIRST: [{ guard: 'isEmpty', actions: 'replyEnd' }, { actions: 'replyFirst' }],
        NEXT: [
          { guard: 'isAtHead', actions: 'replyEnd' },
          { guard: 'isRequest', actions: 'replyNext' },
          // As it reads what comes next there.
          { target: 'corrupt' },
        ],
        LIST_DEL: [{ guard: 'isLinked', actions: 'unlink' }, { target: 'corrupt' }],
        KFREE: [{ guard: 'isWhole', actions: 'free' }, { target: 'corrupt' }],
        FREE_PARTIALS: { actions: 'freePartials' },
      },
    },
    corrupt: { on: { ADD_PARTIAL: {}, GATHER: {}, FIRST: {}, NEXT: {}, LIST_DEL: {}, KFREE: {}, FREE_PARTIALS: {} } },
  },
});

/** `group->last_fault` */
const LAST = '-last';

/** What follows an entry, be it in another list by now. */
function at({ lists, requests }: FaultMemory, entry: string): At {
  const [head, entries] = Object.entries(lists).find(([, members]) => members.includes(entry))!;
  return { type: 'AT', entry, next: entries[entries.indexOf(entry) + 1] ?? head, request: requests[entry]! };
}

function unusedName(prefix: string, requests: FaultMemory['requests']): string {
  let number = 0;
  while (`${prefix}${number}` in requests) number++;
  return `${prefix}${number}`;
}
