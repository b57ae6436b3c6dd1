/**
 * What a fault should map besides the page that it is about (D-04, D-05, D-06). Alex Williamson in the review of VFIO's IOPF series v3 (seed 001):
 * without memory pressure, performance should tend to that of pinned mappings, and a pre-fault of any size should show it; to map what lies at
 * the start of a section of RAM has no relation to what the device does; and what overhead is acceptable to avoid pinning?
 *
 *   blockN    `guest-memory.ts`: a page
 *   device    `guest-memory.ts`: walks through a ring of buffers, or draws them
 *   handler   here: the event queue's thread, which maps ahead before it answers, as v3 does (`kernel/vfio-type1/iopf-premap.ts`)
 *   meter     `speed-meter.ts`
 *
 * Policies: `none`; `next` N pages in all, up to the end or a page that is mapped (v3, IOPF_PREMAP_LEN); `aligned`, the window of N pages in which
 * the page lies, without those that are mapped (do_fault_around() of CPU faults); `stride`, N pages at the distance between the last two faults,
 * when it is the same as before that (a prefetcher of a CPU; nobody posted one); `whole` RAM; and `pinned` from the beginning.
 *
 * Patterns: `sequential`, `strided` and `random`. All use as many pages again and again: the first ones; each so-many-th in order; the same in
 * random order.
 *
 * Constants: `COSTS` (numbers.md C.1). What a page costs that is mapped ahead is a parameter: 0.305 us is of guests whose memory is there, 0.72 of those
 * whose is not. The RAM is a few thousand pages. A real one has 4 million: `whole` then costs 4 million times that in its first fault.
 *
 * Simplifications: those of `guest-memory.ts`; nothing is taken back; one DMA at a time; each page is mapped by a step of its own.
 */
import { assign, setup } from 'xstate';
import { z } from 'zod';
import { defineStudy } from '../../src/simulate/study.ts';
import { type Actor, actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { call, from, send } from '../parts/call.ts';
import { when } from '../parts/when.ts';
import { COSTS, drawing, drawingTimes, evenly, guestBlock, RUN, UNLIMITED, walking } from './guest-memory.ts';
import { meterChannel, meterCounters, meters, meterTimes } from './speed-meter.ts';

interface PremapInput {
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

const premapHandler = setup({
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

const PATTERNS = ['sequential', 'strided', 'random'] as const;
type Pattern = (typeof PATTERNS)[number];

type PremapPoint = {
  readonly pattern: Pattern;
  readonly policy: 'pinned' | 'none' | 'next' | 'aligned' | 'stride' | 'whole';
  readonly length: number;
};

const parameters = z.object({
  ram: z.int().min(8).max(100_000).default(2048).describe('pages of the guest'),
  spread: z.int().min(1).max(64).default(4).describe('the device uses one page of so many'),
  rounds: z
    .int()
    .min(10)
    .max(10_000)
    .default(100)
    .describe('how long: as the device needs for so many rounds at full speed'),
  page: z.number().min(0).max(100).default(COSTS.pageMapped).describe('us for each page that is mapped ahead'),
});

const WINDOWS = 20;

function deviceOf(pattern: Pattern, ram: number, spread: number): Actor {
  const blocks = Math.floor(ram / spread);
  const input = { name: 'device', blocks, groupSize: Math.ceil(Math.sqrt(blocks)), start: 0, meter: 'meter' };
  if (pattern === 'random') return drawing({ ...input, stride: spread });
  return walking({ ...input, stride: pattern === 'strided' ? spread : 1 });
}

/** Enough for the device to have used each of its pages many times. */
export const preMapping = defineStudy({
  name: 'pre-mapping',
  title: 'What a fault maps ahead: overhead against memory that is not pinned',
  question:
    'Which policy of pre-mapping comes to the speed of pinned memory, how soon, and how much memory does it map?',
  sources: ['D-04', 'D-05', 'D-06', 'seed:001'],
  parameters,
  seeds: 3,
  build({ pattern, policy, length }: PremapPoint, { ram, spread, rounds, page }) {
    const device = deviceOf(pattern, ram, spread);
    const blocks = Math.floor(ram / spread);
    const groupSize = Math.ceil(Math.sqrt(blocks));
    const time = rounds * blocks * COSTS.pageTransferred;
    const how = { none: 'next', pinned: 'next', whole: 'aligned' } as const;
    const handler = {
      name: 'handler',
      ram,
      policy: policy in how ? how[policy as keyof typeof how] : (policy as PremapInput['policy']),
      length: policy === 'whole' ? ram : length,
    };
    const block = { ...UNLIMITED, isPinned: policy === 'pinned' };
    const system = defineSystem({
      actors: combineActors(
        {
          device,
          handler: actor(premapHandler, { input: handler, choices: [RUN], rest: ['idle'] }),
          ...meters(WINDOWS),
        },
        family('block', ram, () => actor(guestBlock, { input: block })),
      ),
      channels: {
        eventQueue: { from: ['device'], to: ['handler'], types: ['STALL'], order: 'fifo', capacity: 1 },
        commandQueue: { from: ['handler'], to: ['device'], types: ['RESUME'], order: 'fifo', capacity: 1 },
        metered: meterChannel('device'),
      },
      blocking: ['STALL'],
      unsent: 'ignore',
      properties: ({ happens }) => [
        ...when(policy !== 'pinned', happens('a page is mapped', { type: 'MAP' })),
        ...when(policy !== 'pinned' && policy !== 'none', happens('a page is mapped ahead', { type: 'IS_ABSENT' })),
      ],
    });
    return {
      system,
      timing: {
        actors: {
          device: {
            ...(pattern === 'random' && drawingTimes(evenly(blocks, groupSize), groupSize)),
            RUN: [{ in: 'translating', takes: 0 }, { takes: COSTS.pageTransferred }],
          },
          handler: {
            RUN: [{ in: 'handling', takes: COSTS.handler }, { in: 'mapping', takes: page }, { takes: 0 }],
          },
          ...meterTimes(time / WINDOWS),
        },
        channels: { eventQueue: { latency: COSTS.toHandler }, commandQueue: { latency: COSTS.toDevice } },
      },
      measures: {
        counters: { faults: { type: 'FAULT' }, transfers: { type: 'TRANSFERRED' }, ...meterCounters(WINDOWS) },
        gauges: { mapped: { actors: 'block*', value: (snapshot) => Number(snapshot.matches('mapped')) } },
      },
      time,
      warmUp: 0,
      read: ({ counters, gauges }) => ({
        faults: counters.faults!.count,
        mapped: gauges.mapped!.max / ram,
        kept: (counters.transfers!.count * COSTS.pageTransferred) / time,
        last: (counters[`window${WINDOWS - 1}`]!.count * COSTS.pageTransferred * WINDOWS) / time,
      }),
    };
  },
  async run({ simulate }) {
    const points: PremapPoint[] = PATTERNS.flatMap((pattern) => [
      { pattern, policy: 'pinned' as const, length: 1 },
      { pattern, policy: 'none' as const, length: 1 },
      ...([8, 64, 512] as const).flatMap((length) =>
        (['next', 'aligned', 'stride'] as const).map((policy) => ({ pattern, policy, length })),
      ),
      { pattern, policy: 'whole' as const, length: 1 },
    ]);
    const outcomes = await simulate(points);
    return {
      answer: [],
      tables: [
        {
          title: 't',
          head: ['pat', 'pol', 'len', 'faults', 'mapped', 'kept', 'last'],
          rows: outcomes.map(({ point, values }) => [
            point.pattern,
            point.policy,
            point.length,
            values.faults!.mean,
            values.mapped!.mean,
            values.kept!.mean,
            values.last!.mean,
          ]),
        },
      ],
      plots: [],
    };
  },
});
