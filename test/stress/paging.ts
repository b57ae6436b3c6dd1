/**
 * A small system with a population that uses every part of the semantics: choices that name a page that nobody has named yet, a
 * context that remembers pages, refusals, timers, a mailbox, a lossy, a duplicating, a dropping and a full channel, a monitor.
 *
 * A device asks for a page by a channel; a handler maps it, tells its TLB entry, and answers; the host takes pages back.
 */
import { type AnyMachineSnapshot, type AnyStateMachine, assign, type EventObject, sendTo, setup } from 'xstate';
import type { Property, PropertyBuilders } from '../../src/system/property.ts';
import { type Actor, type Actors, actor, defineSystem, family, type System } from '../../src/system/system.ts';

type PageEvent = EventObject & { page: string };

const page = setup({
  types: { context: {} as { name: string; tlb: string }, events: {} as EventObject, input: {} as { index: number } },
  actions: {
    flush: sendTo(
      ({ context, system }) => system.get(context.tlb),
      () => ({ type: 'FLUSH' }),
    ),
    tell: sendTo(
      ({ system }) => system.get('handler'),
      ({ context }) => ({ type: 'MAPPED', page: context.name }),
    ),
  },
}).createMachine({
  context: ({ input }) => ({ name: `page${input.index}`, tlb: `tlb${input.index}` }),
  initial: 'absent',
  states: {
    absent: { on: { MAP: { target: 'present', actions: 'tell' } } },
    present: {
      on: { MAP: { actions: 'tell' }, TAKE_BACK: { target: 'absent', actions: 'flush' } },
    },
  },
});

const tlb = setup({}).createMachine({
  initial: 'invalid',
  states: {
    invalid: { on: { FILL: 'valid', FLUSH: {} } },
    valid: { on: { FILL: {}, FLUSH: 'invalid' } },
  },
});

const handler = setup({
  types: {
    context: {} as { page: string | null; pages: Record<string, string>; tlbs: Record<string, string> },
    events: {} as PageEvent,
    input: {} as { count: number },
  },
  actions: {
    remember: assign({ page: ({ event }) => event.page }),
    forget: assign({ page: null }),
    map: sendTo(
      ({ event, system }) => system.get(event.page),
      () => ({ type: 'MAP' }),
    ),
    fill: sendTo(
      ({ context, system }) => system.get(context.tlbs[context.page!]!),
      () => ({ type: 'FILL' }),
    ),
    answer: sendTo(
      ({ system }) => system.get('device'),
      ({ context }) => ({ type: 'ANSWER', page: context.page }),
    ),
  },
}).createMachine({
  context: ({ input }) => ({
    page: null,
    pages: Object.fromEntries(Array.from({ length: input.count }, (_, i) => [`page${i}`, `page${i}`])),
    tlbs: Object.fromEntries(Array.from({ length: input.count }, (_, i) => [`page${i}`, `tlb${i}`])),
  }),
  initial: 'idle',
  states: {
    // The page answers while the handler is still busy with its request.
    idle: { on: { REQUEST: { target: 'mapping', actions: ['remember', 'map'] } } },
    mapping: { on: { MAPPED: 'mapped' } },
    mapped: {
      after: { 100: { target: 'idle', actions: ['answer', 'forget'] } },
      on: { RUN: { target: 'filled', actions: 'fill' } },
    },
    filled: { on: { RUN: { target: 'idle', actions: ['answer', 'forget'] } } },
  },
});

const device = setup({
  types: { context: {} as { wants: string | null }, events: {} as PageEvent },
  actions: {
    remember: assign({ wants: ({ event }) => event.page }),
    forget: assign({ wants: null }),
    ask: sendTo(
      ({ system }) => system.get('handler'),
      ({ event }) => ({ type: 'REQUEST', page: event.page }),
    ),
    hint: sendTo(
      ({ system }) => system.get('host'),
      ({ event }) => ({ type: 'HINT', page: event.page }),
    ),
  },
  guards: { isWanted: ({ context, event }) => context.wants === event.page },
}).createMachine({
  context: { wants: null },
  initial: 'running',
  states: {
    running: { on: { TOUCH: { target: 'waiting', actions: ['remember', 'ask', 'hint'] }, ANSWER: {} } },
    waiting: {
      on: {
        ANSWER: [{ guard: 'isWanted', target: 'running', actions: 'forget' }, {}],
        GIVE_UP: { target: 'running', actions: 'forget' },
      },
    },
  },
});

const hostMachine = setup({
  types: { context: {} as { victim: string | null }, events: {} as PageEvent },
  actions: {
    remember: assign({ victim: ({ event }) => event.page }),
    forget: assign({ victim: null }),
    takeBack: sendTo(
      ({ context, system }) => system.get(context.victim!),
      () => ({ type: 'TAKE_BACK' }),
    ),
  },
}).createMachine({
  context: { victim: null },
  initial: 'idle',
  states: {
    idle: {
      on: { HINT: { actions: 'remember' }, RUN: { guard: ({ context }) => context.victim !== null, target: 'busy' } },
    },
    // A page that is absent refuses, so that the host waits.
    busy: { on: { HINT: {}, RUN: { target: 'idle', actions: ['takeBack', 'forget'] } } },
  },
});

/** Knows the last page that was mapped. */
const lastMapped = setup({
  types: { context: {} as { page: string | null }, events: {} as EventObject & { message: PageEvent } },
  actions: { remember: assign({ page: ({ event }) => event.message.page }) },
}).createMachine({ context: { page: null }, on: { MAPPED: { actions: 'remember' } } });

interface Options {
  /** Only pages, which the host takes back as it likes, the handler and the device: few states. */
  readonly lean?: boolean;
  /** How many requests can be on their way. */
  readonly requestsMax?: number;
  /** Replaces actors, or adds some. */
  readonly actors?: Record<string, Actor>;
  readonly properties?: (builders: PropertyBuilders<Record<string, AnyMachineSnapshot>>) => readonly Property[];
}

export function paging(
  pages: number,
  { lean = false, requestsMax = 2, actors = {}, properties = () => [] }: Options = {},
): System {
  const names = Array.from({ length: pages }, (_, index) => `page${index}`);
  const handles = { input: { count: pages }, choices: [{ type: 'RUN' }], rest: ['idle'] };
  const touches = names.map((name) => ({ type: 'TOUCH', page: name }));
  const drives = { choices: [...touches, { type: 'GIVE_UP' }], rest: ['running', 'waiting'] };
  const host = { choices: [{ type: 'RUN' }], rest: ['idle', 'busy'] };
  const whole = {
    ...family('page', pages, (index) => actor(page as AnyStateMachine, { input: { index } })),
    ...family('tlb', pages, () => actor(tlb as AnyStateMachine)),
    handler: actor(handler as AnyStateMachine, handles),
    device: actor(device as AnyStateMachine, drives),
    host: actor(hostMachine as AnyStateMachine, host),
  };
  const nobodyElse = { actions: { flush: () => {}, fill: () => {}, hint: () => {} } };
  const few = {
    ...family('page', pages, (index) =>
      actor(page.provide(nobodyElse) as AnyStateMachine, {
        input: { index },
        choices: [{ type: 'TAKE_BACK' }],
        rest: () => true,
      }),
    ),
    handler: actor(handler.provide(nobodyElse) as AnyStateMachine, handles),
    device: actor(device.provide(nobodyElse) as AnyStateMachine, drives),
  };
  const requests = {
    to: ['handler'],
    types: ['REQUEST'],
    order: 'unordered',
    capacity: requestsMax,
    duplicating: true,
  } as const;
  return defineSystem<Actors>({
    actors: { ...(lean ? few : whole), ...actors },
    channels: lean
      ? { requests: { ...requests, lossy: true, whenFull: 'drop' } }
      : {
          requests,
          hints: { to: ['host'], types: ['HINT'], order: 'fifo', capacity: 1, whenFull: 'drop', lossy: true },
          answers: { from: ['handler'], to: ['device'], order: 'fifo', capacity: 1 },
        },
    blocking: ['REQUEST', 'TAKE_BACK'],
    population: names.map((name, index) => [name, `tlb${index}`]),
    properties: (builders) => [
      ...(lean ? [] : [builders.monitor('the last page that was mapped', lastMapped)]),
      ...properties(builders),
    ],
  });
}
