/**
 * What it costs an access that a request of another one is in its group: a group is refused as a whole. It looks at the requests that a
 * function posts (POST of `../hardware/pcie/pri.ts`) and at the answers of the core that handled them.
 */
import { assign, setup } from 'xstate';
import { monitor, type Observed, type Property } from '../../src/system/property.ts';
import type { PageRequest, PageResponse } from '../hardware/pcie/page-request.ts';
import { from } from '../parts/call.ts';

type Posted = Observed<{ type: 'POST' } & Omit<PageRequest, 'device'>>;
type Answered = Observed<{ type: 'PRG_RESPONSE' } & PageResponse>;

/**
 * A group is answered Invalid only where one of its own pages is not mapped. Of one function.
 *
 * @param device the function
 * @param core whose answers these are, as they say by `by`
 * @param unmapped the pages that cannot be had
 */
export function refusedForItsOwn(device: string, core: string, unmapped: readonly string[]): Property {
  return monitor('no group is refused for a page that it did not ask for', refusals, { device, core, unmapped });
}

const refusals = setup({
  types: {
    input: {} as { device: string; core: string; unmapped: readonly string[] },
    context: {} as {
      readonly device: string;
      readonly core: string;
      readonly unmapped: readonly string[];
      /** The indexes whose group, of now, asks for such a page. */
      readonly guilty: readonly string[];
    },
    events: {} as Posted | Answered,
  },
  guards: {
    isGuilty: from('POST', ({ context, event }) => context.unmapped.includes(event.message.page)),
    isForeign: from('PRG_RESPONSE', ({ context, event: { message } }) => {
      return message.by === context.core && message.code === 'invalid' && !context.guilty.includes(message.index);
    }),
    isOther: ({ context, event }) => event.to !== context.device,
  },
  actions: {
    noteGuilty: assign({
      guilty: from('POST', ({ context, event }) => [
        ...context.guilty.filter((index) => index !== event.message.index),
        event.message.index,
      ]),
    }),
    // Whoever it comes from, an answer at the function ends the group.
    endGroup: assign({
      guilty: from('PRG_RESPONSE', ({ context, event }) =>
        context.guilty.filter((index) => index !== event.message.index),
      ),
    }),
  },
}).createMachine({
  id: 'refusedForItsOwn',
  context: ({ input }) => ({ ...input, guilty: [] }),
  initial: 'fair',
  states: {
    fair: {
      on: {
        POST: [{ guard: 'isOther' }, { guard: 'isGuilty', actions: 'noteGuilty' }],
        PRG_RESPONSE: [{ guard: 'isOther' }, { guard: 'isForeign', target: 'foreign' }, { actions: 'endGroup' }],
      },
    },
    foreign: { tags: 'violation' },
  },
});
