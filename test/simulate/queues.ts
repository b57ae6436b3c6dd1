/** Queueing systems of ordinary machines: a source, a queue with room for all or for some, and servers. */
import { and, assign, not, sendTo, setup } from 'xstate';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';

/** It sends a job again and again, whenever its choice is made. */
const source = setup({
  types: { input: {} as { to: string }, context: {} as { to: string }, events: {} as { type: 'ARRIVE' } },
  actions: { send: sendTo(({ system, context }) => system.get(context.to), { type: 'JOB' }) },
}).createMachine({
  id: 'source',
  context: ({ input }) => input,
  on: { ARRIVE: { actions: 'send' } },
});

/** It gives jobs to one server, the oldest first, and those for which it has no room to the sink. */
const queue = setup({
  types: {
    input: {} as { room?: number },
    context: {} as { room: number; waiting: number; isBusy: boolean },
    events: {} as { type: 'JOB' } | { type: 'FREE' },
  },
  guards: {
    isBusy: ({ context }) => context.isBusy,
    isFull: ({ context }) => context.waiting >= context.room,
    isEmpty: ({ context }) => context.waiting === 0,
  },
  actions: {
    begin: sendTo(({ system }) => system.get('server'), { type: 'START' }),
    refuse: sendTo(({ system }) => system.get('sink'), { type: 'LOST' }),
    occupy: assign({ isBusy: true }),
    rest: assign({ isBusy: false }),
    wait: assign({ waiting: ({ context }) => context.waiting + 1 }),
    leave: assign({ waiting: ({ context }) => context.waiting - 1 }),
  },
}).createMachine({
  id: 'queue',
  context: ({ input }) => ({ room: input.room ?? 1e9, waiting: 0, isBusy: false }),
  on: {
    JOB: [
      { guard: not('isBusy'), actions: ['occupy', 'begin'] },
      { guard: and(['isBusy', 'isFull']), actions: 'refuse' },
      { actions: 'wait' },
    ],
    FREE: [{ guard: 'isEmpty', actions: 'rest' }, { actions: ['leave', 'begin'] }],
  },
});

const server = setup({
  types: { events: {} as { type: 'START' } | { type: 'DONE' } },
  actions: { free: sendTo(({ system }) => system.get('queue'), { type: 'FREE' }) },
}).createMachine({
  id: 'server',
  initial: 'idle',
  states: {
    idle: { on: { START: 'busy' } },
    busy: { on: { DONE: { target: 'idle', actions: 'free' } } },
  },
});

/** It takes as long as its own timer says. */
const timedServer = setup({
  types: { events: {} as { type: 'START' } },
  delays: { service: 2 },
  actions: { free: sendTo(({ system }) => system.get('queue'), { type: 'FREE' }) },
}).createMachine({
  id: 'timedServer',
  initial: 'idle',
  states: {
    idle: { on: { START: 'busy' } },
    busy: { after: { service: { target: 'idle', actions: 'free' } } },
  },
});

/** It is one of several that compete for jobs, and takes one when it has none. */
const worker = setup({ types: { events: {} as { type: 'JOB' } | { type: 'DONE' } } }).createMachine({
  id: 'worker',
  initial: 'idle',
  states: { idle: { on: { JOB: 'busy' } }, busy: { on: { DONE: 'idle' } } },
});

/** Circuits without a queue: a job that finds all of them busy is lost. */
const exchange = setup({
  types: {
    input: {} as { circuits: number },
    context: {} as { free: readonly string[] },
    events: {} as { type: 'JOB' } | { type: 'FREE'; circuit: string },
  },
  guards: { hasFree: ({ context }) => context.free.length > 0 },
  actions: {
    begin: sendTo(({ system, context }) => system.get(context.free[0]!), { type: 'START' }),
    occupy: assign({ free: ({ context }) => context.free.slice(1) }),
    release: assign({
      free: ({ context, event }) => ('circuit' in event ? [...context.free, event.circuit].sort() : []),
    }),
    refuse: sendTo(({ system }) => system.get('sink'), { type: 'LOST' }),
  },
}).createMachine({
  id: 'exchange',
  context: ({ input }) => ({ free: Array.from({ length: input.circuits }, (_, at) => `circuit${at}`) }),
  on: {
    JOB: [{ guard: 'hasFree', actions: ['begin', 'occupy'] }, { actions: 'refuse' }],
    FREE: { actions: 'release' },
  },
});

const circuit = setup({
  types: {
    input: {} as { name: string },
    context: {} as { name: string },
    events: {} as { type: 'START' } | { type: 'DONE' },
  },
  actions: {
    free: sendTo(
      ({ system }) => system.get('exchange'),
      ({ context }) => ({ type: 'FREE', circuit: context.name }),
    ),
  },
}).createMachine({
  id: 'circuit',
  context: ({ input }) => input,
  initial: 'idle',
  states: { idle: { on: { START: 'busy' } }, busy: { on: { DONE: { target: 'idle', actions: 'free' } } } },
});

const sink = setup({ types: { events: {} as { type: 'LOST' } } }).createMachine({ id: 'sink', on: { LOST: {} } });

const arriving = (to: string) => actor(source, { input: { to }, choices: [{ type: 'ARRIVE' }] });

/** @param room places to wait; left out, for all */
export function singleServer(room?: number) {
  return defineSystem({
    actors: {
      source: arriving('queue'),
      queue: actor(queue, { input: room === undefined ? {} : { room } }),
      server: actor(server, { choices: [{ type: 'DONE' }] }),
      sink: actor(sink),
    },
  });
}

export function timedSingleServer() {
  return defineSystem({
    actors: {
      source: arriving('queue'),
      queue: actor(queue, { input: {} }),
      server: actor(timedServer),
      sink: actor(sink),
    },
  });
}

/** Jobs wait in a channel, and whoever of the workers is idle takes one. */
export function competingServers(count: number) {
  return defineSystem({
    actors: combineActors(
      { source: arriving('jobs') },
      family('worker', count, () => actor(worker, { choices: [{ type: 'DONE' }] })),
    ),
    channels: {
      jobs: {
        to: Array.from({ length: count }, (_, at) => `worker${at}` as const),
        competing: true,
        order: 'fifo',
        capacity: Number.POSITIVE_INFINITY,
      },
    },
    blocking: ['JOB'],
  });
}

export function lossSystem(circuits: number) {
  return defineSystem({
    actors: {
      source: arriving('exchange'),
      exchange: actor(exchange, { input: { circuits } }),
      ...family('circuit', circuits, (at) =>
        actor(circuit, { input: { name: `circuit${at}` }, choices: [{ type: 'DONE' }] }),
      ),
      sink: actor(sink),
    },
  });
}
