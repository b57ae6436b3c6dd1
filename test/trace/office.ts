/**
 * A system in which everything that a trace can show happens: choices, timers, channels of both orders, lost, duplicated
 * and dropped messages, refusals, a reply that waits in a mailbox, nested and parallel states, monitors, a model error.
 */
import { assign, raise, sendTo, setup } from 'xstate';
import { actor, defineSystem, type System } from '../../src/system/system.ts';

interface Job {
  page: string;
  tags: { urgent: boolean };
}
type JobMessage = { type: 'JOB' } & Job;

export const clerk = setup({
  types: {
    context: {} as { sent: number; stamp: string | null },
    events: {} as
      | { type: 'SEND'; page: string }
      | { type: 'STAMPED'; stamp: string }
      | { type: 'STOP' }
      | { type: 'BREAK' },
  },
  actions: {
    askForStamp: sendTo(
      ({ system }) => system.get('desk'),
      ({ self }) => ({ type: 'STAMP', by: self.id }),
    ),
    post: sendTo(
      ({ system }) => system.get('printer'),
      ({ event }) => ({ type: 'JOB', page: (event as { page: string }).page, tags: { urgent: false } }),
    ),
    count: assign({ sent: ({ context }) => context.sent + 1 }),
    keepStamp: assign({ stamp: ({ event }) => (event as { stamp: string }).stamp }),
    nag: sendTo(({ system }) => system.get('desk'), { type: 'NAG' }),
  },
}).createMachine({
  id: 'clerk',
  context: { sent: 0, stamp: null },
  initial: 'working',
  states: {
    working: {
      initial: 'writing',
      states: { writing: {}, waiting: { after: { 1000: 'writing' } } },
      on: {
        SEND: { target: '.waiting', actions: ['askForStamp', 'post', 'count'] },
        STAMPED: { actions: 'keepStamp' },
        STOP: 'gone',
        BREAK: { actions: 'nag' },
      },
    },
    gone: { type: 'final' },
  },
});

/** Stamps in numbers of its own; it has never heard of nagging. */
export const desk = setup({
  types: { context: {} as { next: number }, events: {} as { type: 'STAMP'; by: string } },
  actions: {
    stamp: sendTo(
      ({ system, event }) => system.get(event.by),
      ({ context }) => ({ type: 'STAMPED', stamp: `s${context.next}` }),
    ),
    advance: assign({ next: ({ context }) => (context.next + 1) % 2 }),
  },
}).createMachine({ id: 'desk', context: { next: 0 }, on: { STAMP: { actions: ['stamp', 'advance'] } } });

export const printer = setup({
  types: { context: {} as { pages: string[] }, events: {} as JobMessage | { type: 'DRY' } },
  guards: { roomLeft: ({ context }) => context.pages.length < 2 },
  actions: {
    print: assign({ pages: ({ context, event }) => [...context.pages, (event as JobMessage).page] }),
    arm: raise({ type: 'DRY' }, { delay: 10, id: 'dry' }),
  },
}).createMachine({
  id: 'printer',
  context: { pages: [] },
  type: 'parallel',
  states: {
    paper: { initial: 'loaded', states: { loaded: {} } },
    ink: {
      initial: 'wet',
      states: {
        wet: { on: { JOB: { guard: 'roomLeft', actions: ['print', 'arm'] }, DRY: 'dry' } },
        dry: {},
      },
    },
  },
});

const pagesOnce = setup({
  types: { context: {} as { seen: Record<string, true> } },
  guards: { again: ({ context, event }) => (event.message as JobMessage).page in context.seen },
  actions: {
    remember: assign({
      seen: ({ context, event }) => ({ ...context.seen, [(event.message as JobMessage).page]: true }),
    }),
  },
}).createMachine({
  id: 'pagesOnce',
  context: { seen: {} },
  initial: 'clean',
  states: {
    clean: { on: { JOB: [{ guard: 'again', target: 'twice' }, { actions: 'remember' }] } },
    twice: { tags: 'violation' },
  },
});

/** @param breaks the clerk may send the desk what it has no transition for */
export function office({ breaks = false } = {}): System {
  return defineSystem({
    actors: {
      clerk: actor(clerk, {
        choices: [
          { type: 'SEND', page: 'p0' },
          { type: 'SEND', page: 'p1' },
          { type: 'STOP' },
          ...(breaks ? [{ type: 'BREAK' } as const] : []),
        ],
        rest: () => true,
      }),
      desk: actor(desk),
      printer: actor(printer),
    },
    channels: {
      spool: { to: ['printer'], order: 'fifo', capacity: 2, whenFull: 'drop', lossy: true, duplicating: true },
    },
    blocking: ['JOB'],
    properties: ({ always, monitor }) => [
      always('the ink stays wet', (view) => !view.get('printer').matches({ ink: 'dry' })),
      monitor('no page is printed twice', pagesOnce),
    ],
  });
}
