/**
 * Watches the cookies that iommufd's fault queue gives to its readers (`../kernel/iommufd/eventq.ts`): who writes one answers the group
 * that it was given for, and not another one that has the same number by now.
 *
 * Simplification: no read fails, so a cookie that was given is written.
 */
import { assign, setup } from 'xstate';
import type { Observed } from '../../src/system/property.ts';
import { from } from '../parts/call.ts';

type Watched =
  | Observed<{ type: 'FETCHED'; cookie: number }>
  | Observed<{ type: 'WRITE'; cookie: number; by: string }>
  | Observed<{ type: 'WRITTEN' }>
  | Observed<{ type: 'EINVAL' }>;

export const cookieOwner = setup({
  types: {
    context: {} as {
      /** Who was given each cookie last, until it is used up. */
      readonly owners: Readonly<Record<number, string>>;
      /** The cookie of the write at hand; 0 when there is none. */
      readonly written: number;
    },
    events: {} as Watched,
  },
  guards: {
    isOwner: ({ context, event }) => context.owners[context.written] === event.to,
  },
  actions: {
    noteOwner: assign({
      owners: from('FETCHED', ({ context, event }) => ({ ...context.owners, [event.message.cookie]: event.to })),
    }),
    noteWritten: assign({ written: from('WRITE', ({ event }) => event.message.cookie) }),
    forgetWritten: assign({ owners: ({ context }) => without(context.owners, context.written), written: 0 }),
  },
}).createMachine({
  id: 'cookieOwner',
  context: { owners: {}, written: 0 },
  initial: 'sound',
  states: {
    sound: {
      on: {
        FETCHED: { actions: 'noteOwner' },
        WRITE: { actions: 'noteWritten' },
        WRITTEN: [{ guard: 'isOwner', actions: 'forgetWritten' }, { target: 'answeredAnother' }],
        // Its group was answered for it.
        EINVAL: { actions: 'forgetWritten' },
      },
    },
    answeredAnother: { tags: 'violation' },
  },
});

function without(owners: Readonly<Record<number, string>>, cookie: number): Record<number, string> {
  const { [cookie]: _, ...others } = owners;
  return others;
}
