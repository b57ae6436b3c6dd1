/** Systems with a population, and times for them: devices that touch pages, and cells that have nothing to do with each other. */
import { type AnyStateMachine, assign, type EventObject, sendTo, setup } from 'xstate';
import { exponential, uniform } from '../../src/system/durations.ts';
import { type Actors, actor, defineSystem, family, type System } from '../../src/system/system.ts';
import type { DrawTiming, MeasureDefinition, Timing } from '../../src/system/timing.ts';

type PageEvent = EventObject & { page: string; device: string };

/** A page of memory with its TLB entry, which says whether it is there, and a clock that makes it cold again. */
const page = setup({
  types: { context: {} as { tlb: string }, input: {} as { index: number }, events: {} as EventObject },
  actions: {
    flush: sendTo(({ context, system }) => system.get(context.tlb), { type: 'FLUSH' }),
  },
}).createMachine({
  context: ({ input }) => ({ tlb: `tlb${input.index}` }),
  initial: 'absent',
  states: {
    absent: { on: { MAP: 'present', TAKE_BACK: {} } },
    present: { on: { MAP: {}, TAKE_BACK: { target: 'absent', actions: 'flush' } } },
  },
});

const tlb = setup({
  types: {
    context: {} as { page: string; clock: string },
    input: {} as { index: number },
    events: {} as EventObject & { device: string },
  },
  actions: {
    hit: sendTo(({ event, system }) => system.get(event.device), { type: 'HIT' }),
    miss: sendTo(
      ({ event, system }) => system.get(event.device),
      ({ context }) => ({ type: 'MISS', page: context.page }),
    ),
    warm: sendTo(({ context, system }) => system.get(context.clock), { type: 'USED' }),
  },
}).createMachine({
  context: ({ input }) => ({ page: `page${input.index}`, clock: `clock${input.index}` }),
  initial: 'invalid',
  states: {
    invalid: { on: { LOOK: { actions: 'miss' }, FILL: 'valid', FLUSH: {} } },
    valid: { on: { LOOK: { actions: ['hit', 'warm'] }, FILL: {}, FLUSH: 'invalid' } },
  },
});

const clock = setup({ types: { events: {} as { type: 'USED' } } }).createMachine({
  initial: 'cold',
  states: {
    cold: { on: { USED: 'hot' } },
    hot: { on: { USED: { target: 'hot', reenter: true } }, after: { 9: 'cold' } },
  },
});

/** It does not read the TLB again after a fault: the answer brings the page. */
const device = setup({
  types: {
    context: {} as { name: string; wants: string | null },
    input: {} as { name: string },
    events: {} as PageEvent,
  },
  actions: {
    look: sendTo(
      ({ event, system }) => system.get(event.page.replace('page', 'tlb')),
      ({ context }) => ({ type: 'LOOK', device: context.name }),
    ),
    ask: sendTo(
      ({ system }) => system.get('handler'),
      ({ context, event }) => ({ type: 'REQUEST', page: event.page, device: context.name }),
    ),
    remember: assign({ wants: ({ event }) => event.page }),
    forget: assign({ wants: null }),
  },
}).createMachine({
  context: ({ input }) => ({ name: input.name, wants: null }),
  initial: 'running',
  states: {
    running: {
      on: { READ: { target: 'looking', actions: 'look' }, WRITE: { target: 'looking', actions: 'look' } },
    },
    looking: { on: { HIT: 'running', MISS: { target: 'waiting', actions: ['remember', 'ask'] } } },
    waiting: {
      on: { ANSWER: { target: 'running', actions: 'forget' }, GIVE_UP: { target: 'cross', actions: 'forget' } },
    },
    cross: { on: { ANSWER: 'running' } },
  },
});

const handler = setup({
  types: { context: {} as { page: string | null; device: string | null }, events: {} as PageEvent },
  actions: {
    remember: assign({ page: ({ event }) => event.page, device: ({ event }) => event.device }),
    forget: assign({ page: null, device: null }),
    map: sendTo(({ context, system }) => system.get(context.page!), { type: 'MAP' }),
    fill: sendTo(({ context, system }) => system.get(context.page!.replace('page', 'tlb')), { type: 'FILL' }),
    answer: sendTo(
      ({ context, system }) => system.get(context.device!),
      ({ context }) => ({ type: 'ANSWER', page: context.page }),
    ),
  },
}).createMachine({
  context: { page: null, device: null },
  initial: 'idle',
  states: {
    idle: { on: { REQUEST: { target: 'handling', actions: 'remember' } } },
    handling: { on: { RUN: { target: 'mapped', actions: 'map' } } },
    mapped: { after: { 2: { target: 'idle', actions: ['fill', 'answer', 'forget'] } } },
  },
});

const host = setup({
  types: { events: {} as PageEvent },
  actions: { takeBack: sendTo(({ event, system }) => system.get(event.page), { type: 'TAKE_BACK' }) },
}).createMachine({ on: { RECLAIM: { actions: 'takeBack' } } });

/** Knows the last page that was mapped. */
const lastMapped = setup({
  types: { context: {} as { page: string | null }, events: {} as EventObject & { message: PageEvent } },
  actions: { remember: assign({ page: ({ event }) => event.message.page }) },
}).createMachine({ context: { page: null }, on: { REQUEST: { actions: 'remember' } } });

/** @param hasClocks pages become cold again; without them a page has nothing that goes on by itself, and all requests have room */
export function pagedSystem(pages: number, devices: number, hasClocks = true): System {
  const names = Array.from({ length: pages }, (_, index) => `page${index}`);
  const each = (type: string) => names.map((name) => ({ type, page: name }));
  return defineSystem<Actors>({
    actors: {
      ...family('device', devices, (at) =>
        actor(device as AnyStateMachine, {
          input: { name: `device${at}` },
          choices: [...each('READ'), ...each('WRITE'), { type: 'GIVE_UP' }],
          rest: ['running'],
        }),
      ),
      ...family('page', pages, (index) => actor(page as AnyStateMachine, { input: { index } })),
      handler: actor(handler as AnyStateMachine, { choices: [{ type: 'RUN' }], rest: ['idle'] }),
      ...family('tlb', pages, (index) =>
        actor((hasClocks ? tlb : tlb.provide({ actions: { warm: () => {} } })) as AnyStateMachine, {
          input: { index },
        }),
      ),
      ...(hasClocks && family('clock', pages, () => actor(clock as AnyStateMachine))),
      host: actor(host as AnyStateMachine, { choices: each('RECLAIM'), rest: () => true }),
    },
    channels: {
      requests: { to: ['handler'], types: ['REQUEST'], order: 'fifo', capacity: hasClocks ? 2 : 64 },
      answers: {
        from: ['handler'],
        to: Array.from({ length: devices }, (_, at) => `device${at}`),
        order: 'fifo',
        capacity: Number.POSITIVE_INFINITY,
      },
    },
    blocking: ['REQUEST'],
    population: names.map((name, index) => [name, `tlb${index}`, `clock${index}`]),
    properties: ({ monitor }) => [monitor('the last page that was asked for', lastMapped)],
  });
}

export interface PagedTimes {
  readonly read: DrawTiming;
  readonly write: DrawTiming;
  readonly reclaim: DrawTiming;
  /** All times are constant, so that much happens at one moment. */
  readonly isEven: boolean;
}

export function pagedTiming({ read, write, reclaim, isEven }: PagedTimes): Timing {
  return {
    unit: 'ms',
    resources: { cpu: { units: 1, wakeUp: 0.5, keeps: true } },
    actors: {
      'device*': {
        READ: { takes: isEven ? 1 : exponential(2), weight: 3, draws: read },
        WRITE: { takes: isEven ? 1 : uniform(1, 2), weight: 1, draws: write },
        GIVE_UP: isEven ? 6 : exponential(8),
      },
      handler: { RUN: { takes: 1, uses: 'cpu' }, REQUEST: { takes: 0.5, uses: 'cpu', effect: 'start' } },
      host: { RECLAIM: { takes: isEven ? 2 : exponential(3), draws: reclaim } },
    },
    channels: { requests: { latency: 0.5 }, answers: { bandwidth: 2, size: 1, latency: isEven ? 1 : exponential(1) } },
  };
}

/** Each device has pages of its own: the memory of a guest. */
export function guestTiming(guests: number, pagesEach: number): Timing {
  const own = (at: number) => ({ from: at * pagesEach, count: pagesEach });
  return {
    unit: 'ms',
    resources: { cpu: { units: 4 } },
    actors: {
      ...Object.fromEntries(
        Array.from({ length: guests }, (_, at) => [
          `device${at}`,
          {
            READ: { takes: exponential(2), weight: 3, draws: { order: 'zipf' as const, ...own(at) } },
            WRITE: { takes: exponential(2), weight: 1, draws: { order: 'uniform' as const, ...own(at) } },
            GIVE_UP: 1e6,
          },
        ]),
      ),
      handler: { RUN: { takes: exponential(1.6), uses: 'cpu' } },
      host: { RECLAIM: { takes: 10, draws: { order: 'uniform' } } },
    },
    channels: { requests: { latency: 0.5 }, answers: { latency: 1 } },
  };
}

export const PAGED_MEASURES: MeasureDefinition = {
  gauges: {
    present: { actors: 'page*', value: (snapshot) => Number(snapshot.matches('present')) },
    hot: { actors: 'clock*', value: (snapshot) => Number(snapshot.matches('hot')) },
    requests: { channel: 'requests' },
  },
  counters: { hits: { type: 'HIT' }, faults: { type: 'REQUEST' }, flushes: { type: 'FLUSH' } },
  times: {
    fault: {
      from: { type: 'REQUEST', fate: 'queued' },
      to: { type: 'ANSWER' },
      key: (event) => String(event.page),
    },
  },
};

// --- cells ---

const source = setup({
  types: { input: {} as { index: number }, context: {} as { to: string }, events: {} as { type: 'ARRIVE' } },
  actions: { send: sendTo(({ system, context }) => system.get(context.to), { type: 'JOB' }) },
}).createMachine({ context: ({ input }) => ({ to: `queue${input.index}` }), on: { ARRIVE: { actions: 'send' } } });

const queue = setup({
  types: {
    input: {} as { index: number },
    context: {} as { jobs: number; server: string },
    events: {} as { type: 'JOB' } | { type: 'FREE' },
  },
  guards: { isEmpty: ({ context }) => context.jobs === 0, isFull: ({ context }) => context.jobs === 20 },
  actions: {
    take: assign({ jobs: ({ context }) => context.jobs + 1 }),
    leave: assign({ jobs: ({ context }) => context.jobs - 1 }),
    begin: sendTo(({ system, context }) => system.get(context.server), { type: 'START' }),
  },
}).createMachine({
  context: ({ input }) => ({ jobs: 0, server: `server${input.index}` }),
  initial: 'idle',
  states: {
    idle: { on: { JOB: { target: 'busy', actions: 'begin' } } },
    busy: {
      on: {
        JOB: [{ guard: 'isFull' }, { actions: 'take' }],
        FREE: [{ guard: 'isEmpty', target: 'idle' }, { actions: ['leave', 'begin'] }],
      },
    },
  },
});

const server = setup({
  types: { input: {} as { index: number }, context: {} as { queue: string }, events: {} as EventObject },
  actions: { free: sendTo(({ system, context }) => system.get(context.queue), { type: 'FREE' }) },
}).createMachine({
  context: ({ input }) => ({ queue: `queue${input.index}` }),
  initial: 'idle',
  states: { idle: { on: { START: 'busy' } }, busy: { on: { DONE: { target: 'idle', actions: 'free' } } } },
});

/** So many M/M/1/21. */
export function cells(count: number): System {
  return defineSystem<Actors>({
    actors: {
      ...family('source', count, (index) =>
        actor(source as AnyStateMachine, { input: { index }, choices: [{ type: 'ARRIVE' }] }),
      ),
      ...family('queue', count, (index) => actor(queue as AnyStateMachine, { input: { index } })),
      ...family('server', count, (index) =>
        actor(server as AnyStateMachine, { input: { index }, choices: [{ type: 'DONE' }] }),
      ),
    },
    population: Array.from({ length: count }, (_, index) => [`source${index}`, `queue${index}`, `server${index}`]),
  });
}

export const CELL_TIMES: Timing = {
  actors: { 'source*': { ARRIVE: exponential(2) }, 'server*': { DONE: exponential(1) } },
};
