/** The machine of the study `pre-mapping`: the event queue's thread, which maps ahead before it answers. */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

export interface PremapInput {
  readonly name: string;
  readonly ram: number;
  readonly policy: 'next' | 'aligned' | 'stride';
  /** Pages in all that a fault maps; with 1, no others. */
  readonly length: number;
}

type PremapEvent =
  | { type: 'STALL'; by: string }
  | { type: 'RUN' }
  | { type: 'RECORD'; block: number }
  | { type: 'IS_MAPPED' }
  | { type: 'IS_ABSENT' };

interface Premap extends PremapInput {
  /** What is to be mapped next, how far the one after it lies, and how many there are. */
  readonly cursor: number;
  readonly step: number;
  readonly left: number;
  /** Of `stride`: the page of the last fault, and how far from the one before. */
  readonly last: number;
  readonly distance: number;
}

/** What to map after a page that has faulted. */
function ahead({ policy, length, ram, last, distance }: Premap, page: number): Partial<Premap> {
  if (policy === 'next') return { cursor: page + 1, step: 1, left: Math.min(length, ram - page) - 1 };
  if (policy === 'aligned') {
    const cursor = page - (page % length);
    return { cursor, step: 1, left: Math.min(length, ram - cursor) };
  }
  const found = page - last;
  const isSeen = found === distance && found > 0;
  const room = isSeen ? Math.floor((ram - 1 - page) / found) : 0;
  // From a page that was mapped ahead on, the next fault comes where that ended.
  return {
    cursor: page + found,
    step: found,
    left: isSeen ? Math.min(length - 1, room) : 0,
    last: isSeen ? page + found * Math.min(length - 1, room) : page,
    distance: found,
  };
}

export const premapHandler = setup({
  types: { input: {} as PremapInput, context: {} as Premap, events: {} as PremapEvent },
  guards: {
    isOver: ({ context }) => context.left === 0,
    stops: ({ context }) => context.policy === 'next',
  },
  actions: {
    readRecord: call(() => 'device', 'READ_RECORD'),
    map: send(
      from('RECORD', ({ event }) => `block${event.block}`),
      'MAP',
    ),
    lookAhead: assign(from('RECORD', ({ context, event }) => ahead(context, event.block))),
    find: call(({ context }) => `block${context.cursor}`, 'FIND'),
    mapNext: send(({ context }) => `block${context.cursor}`, 'MAP'),
    goOn: assign({ cursor: ({ context }) => context.cursor + context.step, left: ({ context }) => context.left - 1 }),
    endRun: assign({ cursor: 0, step: 0, left: 0 }),
    resume: send(() => 'device', 'RESUME'),
  },
}).createMachine({
  id: 'premapHandler',
  context: ({ input }) => ({ ...input, cursor: 0, step: 0, left: 0, last: 0, distance: 0 }),
  initial: 'idle',
  states: {
    idle: { on: { STALL: 'handling' } },
    handling: {
      on: {
        RUN: { actions: 'readRecord' },
        RECORD: { target: 'goingOn', actions: ['map', 'lookAhead'] },
      },
    },
    // Left within the step that entered it, but where a page follows.
    goingOn: { always: [{ guard: 'isOver', target: 'idle', actions: ['endRun', 'resume'] }, { target: 'ahead' }] },
    ahead: {
      on: {
        RUN: { actions: 'find' },
        IS_ABSENT: 'mapping',
        IS_MAPPED: [
          { guard: 'stops', target: 'idle', actions: ['endRun', 'resume'] },
          { target: 'goingOn', actions: 'goOn' },
        ],
      },
    },
    // GUP and map of one page more
    mapping: { on: { RUN: { target: 'goingOn', actions: ['mapNext', 'goOn'] } } },
  },
});
