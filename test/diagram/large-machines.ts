/** Machines that are too large for one readable picture: some repeat themselves, some do not. */
import { type AnyStateMachine, createMachine } from 'xstate';

/** `amber`, `birch`, …: names without numbers, which are alike to nobody. */
function words(count: number, prefix = ''): string[] {
  const [first, second] = ['bcdfghklmnprstvz', 'aeiou'];
  return Array.from({ length: count }, (_, index) => {
    const at = index * 7 + 3;
    const [one, two] = [first[at % first.length]!, second[at % second.length]!];
    return `${prefix}${one}${two}${first[(at * 5) % first.length]}${second[(index * 3) % second.length]}${first[Math.floor(index / 5) % first.length]}${second[index % 5]}`;
  });
}

type States = Record<string, Record<string, unknown>>;

function statesOf(names: readonly string[], make: (name: string, index: number) => Record<string, unknown>): States {
  return Object.fromEntries(names.map((name, index) => [name, make(name, index)]));
}

function machine(id: string, states: States, more: Record<string, unknown> = {}): AnyStateMachine {
  return createMachine({ id, initial: Object.keys(states)[0]!, states, ...more } as never);
}

/** Twelve pages, each of the same five states; every page goes back to the first one. */
export const wizard = machine(
  'wizard',
  statesOf(
    Array.from({ length: 12 }, (_, page) => `page${page}`),
    (_, page) => ({
      initial: 'idle',
      invoke: { src: `load${page}`, onDone: '.ready', onError: '.failed' },
      on: {
        RESET: 'page0',
        [`OPEN${page}`]: `page${(page + 5) % 12}`,
        NEXT: { target: `page${(page + 1) % 12}`, guard: 'valid', actions: ['save', 'track'] },
        BACK: `page${(page + 11) % 12}`,
      },
      states: {
        idle: { on: { EDIT: 'editing' } },
        editing: { on: { SAVE: { target: 'saving', guard: 'valid' }, CANCEL: 'idle' } },
        saving: { after: { 500: 'ready' } },
        ready: { on: { EDIT: 'editing' } },
        failed: { on: { RETRY: 'idle' } },
      },
    }),
  ),
);

/** A ring of 160 states. */
export const ring = machine(
  'ring',
  statesOf(
    Array.from({ length: 160 }, (_, index) => `s${index}`),
    (_, index) => ({ on: { NEXT: `s${(index + 1) % 160}` } }),
  ),
);

/** Twelve states of six states each, none alike, with arrows between all of them and out of their insides. */
const shelves = words(12, 'x');
export const store = machine(
  'store',
  statesOf(shelves, (shelf, index) => {
    const inner = words(6, `${shelf.slice(0, 3)}-`);
    return {
      initial: inner[0],
      on: { [`to ${shelf}`]: shelves[(index + 5) % 12], [`skip ${shelf}`]: shelves[(index + 3) % 12] },
      onDone: shelves[(index + 1) % 12],
      states: statesOf(inner, (name, at) => ({
        on: {
          [`go ${name}`]: inner[(at + 1) % 6],
          [`redo ${name}`]: { target: inner[(at + 4) % 6], guard: 'isAllowed', actions: ['note', 'count'] },
          ...(at === 3 && { [`leave ${name}`]: `#store.${shelves[(index + 7) % 12]}` }),
        },
      })),
    };
  }),
);

/** One state with arrows to sixty others, and back. */
const rays = words(60);
export const star = machine('star', {
  hub: { on: Object.fromEntries(rays.map((ray) => [`to ${ray}`, ray])) },
  ...statesOf(rays, (ray) => ({ on: { [`from ${ray}`]: 'hub' } })),
});

/** Thirty regions side by side. */
export const regions = machine(
  'regions',
  statesOf(words(30, 'r'), (region) => ({
    initial: 'off',
    states: { off: { on: { [`start ${region}`]: 'on' } }, on: { on: { [`stop ${region}`]: 'off' } } },
  })),
  { type: 'parallel', initial: undefined },
);

/** Forty states without order. */
const knots = words(40, 'k');
export const mesh = machine(
  'mesh',
  statesOf(knots, (knot, index) => ({
    on: {
      [`one ${knot}`]: knots[(index * 7 + 3) % 40],
      [`two ${knot}`]: knots[(index * 11 + 5) % 40],
      [`three ${knot}`]: { target: knots[(index * 13 + 1) % 40], guard: 'maybe' },
    },
  })),
);

/** Ten steps that each may fail, wait, or be left, and one that is entered again. */
export const pipeline = machine('pipeline', {
  ready: { on: { START: 'step1' } },
  ...statesOf(
    Array.from({ length: 10 }, (_, index) => `step${index + 1}`),
    (_, index) => ({
      on: {
        NEXT: index === 9 ? 'finished' : `step${index + 2}`,
        ABORT: { target: 'aborted', actions: 'cleanUp' },
        AGAIN: { target: `step${index + 1}`, reenter: true },
      },
      after: { TIMEOUT: { target: 'aborted', actions: 'report' } },
      initial: 'waiting',
      states: { waiting: { on: { GO: 'busy' } }, busy: { on: { PAUSE: 'waiting' } } },
    }),
  ),
  aborted: { on: { START: 'step1' } },
  finished: { type: 'final' },
});

export const LARGE = { wizard, ring, store, star, regions, mesh, pipeline };
