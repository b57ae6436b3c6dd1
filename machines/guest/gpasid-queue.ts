/**
 * The page request queue that a guest sees, with its own PASIDs, and the guest's thread that handles what is in it: it finds the process of a PASID,
 * handles the fault in its address space, and the answer goes to the device.
 *
 * List 'FLUSH_GUEST' as `blocking`.
 *
 * Simplifications: it never overflows; the answer goes by the index, which a function has only once, so that nobody translates a PASID back.
 */
import { setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';
import { entriesIn } from '../parts/ring.ts';

/** What the guest has to know of a page request for its answer. */
export interface InjectedRequest {
  readonly device: string;
  readonly index: string;
  readonly generation: number;
}

export type GpasidQueueEvent =
  | { type: 'INJECT'; request: InjectedRequest; gpasid: string }
  /** The guest's thread comes to the oldest. */
  | { type: 'RUN' }
  /** The replies to its look-up. */
  | { type: 'PROCESS'; process: string }
  | { type: 'NO_PROCESS' }
  /** The guest's IOMMU driver waits, as each driver does at unbind, until nothing of this PASID is in its queue. */
  | { type: 'FLUSH_GUEST'; gpasid: string };

const ring = entriesIn('entries');

export const gpasidQueue = setup({
  types: {
    input: {} as { name: string; binds: string },
    context: {} as {
      readonly name: string;
      /** A `../kernel/iommu/gpasid-binds.ts`. */
      readonly binds: string;
      readonly entries: readonly { readonly request: InjectedRequest; readonly gpasid: string }[];
    },
    events: {} as GpasidQueueEvent,
  },
  guards: {
    isNotEmpty: ring.isNotEmpty,
    hasNoneOf: from('FLUSH_GUEST', ({ context, event }) => {
      return context.entries.every(({ gpasid }) => gpasid !== event.gpasid);
    }),
  },
  actions: {
    add: ring.add(from('INJECT', ({ event: { request, gpasid } }) => ({ request, gpasid }))),
    findProcess: call('binds', ({ context }) => ({ type: 'FIND_PROCESS', gpasid: context.entries[0]!.gpasid })),
    handle: send(
      from('PROCESS', ({ event }) => event.process),
      ({ context }) => ({ type: 'HANDLE_FAULT', request: context.entries[0]!.request }),
    ),
    answer: send(
      ({ context }) => context.entries[0]!.request.device,
      ({ context: { name, entries }, event }) => {
        const { index, generation } = entries[0]!.request;
        const code = event.type === 'PROCESS' ? 'success' : 'invalid';
        return { type: 'PRG_RESPONSE', index, code, by: name, generation };
      },
    ),
    drop: ring.drop(),
  },
}).createMachine({
  id: 'gpasidQueue',
  context: ({ input }) => ({ ...input, entries: [] }),
  on: {
    INJECT: { actions: 'add' },
    RUN: { guard: 'isNotEmpty', actions: 'findProcess' },
    PROCESS: { actions: ['handle', 'answer', 'drop'] },
    NO_PROCESS: { actions: ['answer', 'drop'] },
    // That it is not refused is what the caller waited for.
    FLUSH_GUEST: { guard: 'hasNoneOf' },
  },
});
