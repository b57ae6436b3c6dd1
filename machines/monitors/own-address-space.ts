/**
 * What a device does for a process concerns no other one, however long it takes and whoever has its PASID by now:
 *
 * - a transaction reaches no memory but that of the process that it was started for. It looks at the messages DMA and TRANSLATED of
 *   `../hardware/smmu/substream.ts`.
 * - a page request is handled in no address space but that of the process whose DMA missed. It looks at the messages POST of
 *   `../hardware/pcie/pasid-function.ts`, with the process as a ghost, and HANDLE_FAULT of whoever leads to the address space.
 */
import { assign, setup } from 'xstate';
import { monitor, type Observed, type Property } from '../../src/system/property.ts';
import { from } from '../parts/call.ts';

export const REACHES_OWN_PROCESS = 'a DMA reaches no memory but that of the process that it was started for';

/** @param pages the pages of each process */
export function reachesOwnProcess(pages: Readonly<Record<string, readonly string[]>>): Property {
  return monitor(REACHES_OWN_PROCESS, ownProcess, { pages }, { actors: Object.values(pages).flat() });
}

type Started = Observed<{ type: 'DMA'; process: string }>;
type Translated = Observed<{ type: 'TRANSLATED'; page: string; present: boolean }>;

interface Pages {
  readonly pages: Readonly<Record<string, readonly string[]>>;
}

export const ownProcess = setup({
  types: {
    input: {} as Pages,
    context: {} as Pages & {
      /** By stream: whose transaction is the one that is under way. */
      readonly processes: Readonly<Record<string, string>>;
    },
    events: {} as Started | Translated,
  },
  guards: {
    isOwn: from('TRANSLATED', ({ context, event: { to, message } }) =>
      context.pages[context.processes[to]!]!.includes(message.page),
    ),
    isFault: from('TRANSLATED', ({ event }) => !event.message.present),
  },
  actions: {
    noteProcess: assign({
      processes: from('DMA', ({ context, event }) => ({ ...context.processes, [event.to]: event.message.process })),
    }),
  },
}).createMachine({
  id: 'ownProcess',
  context: ({ input }) => ({ ...input, processes: {} }),
  initial: 'own',
  states: {
    own: {
      on: {
        DMA: { actions: 'noteProcess' },
        TRANSLATED: [{ guard: 'isFault' }, { guard: 'isOwn' }, { target: 'others' }],
      },
    },
    others: { tags: 'violation' },
  },
});

export const HANDLED_IN_OWN_PROCESS =
  'a page request is handled in no address space but that of the process whose DMA missed';

/** @param spaces the process of each actor that is asked to handle faults */
export function handledInOwnProcess(spaces: Readonly<Record<string, string>>): Property {
  return monitor(HANDLED_IN_OWN_PROCESS, ownRequests, { spaces }, { actors: Object.keys(spaces) });
}

type Posted = Observed<{ type: 'POST'; index: string; process: string }>;
type Handled = Observed<{ type: 'HANDLE_FAULT'; request: { readonly device: string; readonly index: string } }>;

interface Spaces {
  readonly spaces: Readonly<Record<string, string>>;
}

export const ownRequests = setup({
  types: {
    input: {} as Spaces,
    context: {} as Spaces & {
      /** By device and index: whose DMA the group is for. An index is used again only when its group has been answered. */
      readonly processes: Readonly<Record<string, string>>;
    },
    events: {} as Posted | Handled,
  },
  guards: {
    isOwn: from('HANDLE_FAULT', ({ context, event: { to, message } }) => {
      return context.processes[groupOf(message.request.device, message.request.index)] === context.spaces[to];
    }),
  },
  actions: {
    noteProcess: assign({
      processes: from('POST', ({ context, event: { to, message } }) => ({
        ...context.processes,
        [groupOf(to, message.index)]: message.process,
      })),
    }),
  },
}).createMachine({
  id: 'ownRequests',
  context: ({ input }) => ({ ...input, processes: {} }),
  initial: 'own',
  states: {
    own: {
      on: {
        POST: { actions: 'noteProcess' },
        HANDLE_FAULT: [{ guard: 'isOwn' }, { target: 'others' }],
      },
    },
    others: { tags: 'violation' },
  },
});

function groupOf(device: string, index: string): string {
  return `${device} ${index}`;
}
