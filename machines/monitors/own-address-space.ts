/**
 * A transaction of a device reaches no memory but that of the process that it was started for, however long it was stalled and
 * whoever has its PASID by now. It looks at the messages DMA and TRANSLATED of `../hardware/smmu/substream.ts`.
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
