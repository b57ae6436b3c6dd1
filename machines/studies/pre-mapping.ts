/**
 * What a fault should map besides the page that it is about (D-04, D-05, D-06). Alex Williamson in the review of VFIO's IOPF series v3
 * (seed 001): without memory pressure, performance should tend to that of pinned mappings, and a pre-fault of any size should show it; to
 * map what lies at the start of a section of RAM has no relation to what the device does; and what overhead is acceptable to avoid pinning?
 *
 *   blockN    `guest-memory.ts`: a page
 *   device    `guest-memory.ts`: walks through a ring of buffers, or draws them
 *   handler   `pre-mapping-machines.ts`: the event queue's thread, which maps ahead before it answers,
 *             as v3 does (`kernel/vfio-type1/iopf-premap.ts`)
 *   meter     `speed-meter.ts`
 *
 * Policies: `none`; `next` N pages in all, up to the end or a page that is mapped (v3, IOPF_PREMAP_LEN); `aligned`, the window of N pages
 * in which the page lies, without those that are mapped (do_fault_around() of CPU faults); `stride`, N pages at the distance between the
 * last two faults, when it is the same as before that (a prefetcher of a CPU; nobody posted one); `whole` RAM; and `pinned` from the
 * beginning.
 *
 * Patterns: `sequential`, `strided` and `random`. All use as many pages again and again: the first ones; each so-many-th in order; the same
 * in random order.
 *
 * Constants: `COSTS` (constants.md C.1). What a page costs that is mapped ahead is a parameter: 0.305 us is of guests whose memory is there,
 * 0.72 of those whose is not. The RAM is a few thousand pages. A real one has 4 million: `whole` then costs 4 million times that in its
 * first fault.
 *
 * Simplifications: those of `guest-memory.ts`; nothing is taken back; one DMA at a time; each page is mapped by a step of its own.
 */
import { z } from 'zod';
import type { Run } from '../../src/simulate/run.ts';
import { defineStudy } from '../../src/simulate/study.ts';
import { type Actor, actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { when } from '../parts/when.ts';
import { COSTS, drawing, drawingTimes, evenly, guestBlock, RUN, UNLIMITED, upTo, walking } from './guest-memory.ts';
import {
  DOUBTED,
  PATTERNS,
  type Pattern,
  POLICIES,
  type PremapPoint,
  resultOf,
  WINDOWS,
} from './pre-mapping-answer.ts';
import { type PremapInput, premapHandler } from './pre-mapping-machines.ts';
import { meterChannel, meterCounters, meters, meterTimes } from './speed-meter.ts';

const parameters = z.object({
  ram: z.int().min(8).max(100_000).default(1024).describe('pages of the guest'),
  spread: z.int().min(1).max(16).default(4).describe('the device uses one page of so many'),
  rounds: z
    .int()
    .min(10)
    .max(10_000)
    .default(100)
    .describe('how long: as the device needs for so many rounds at full speed'),
  page: z.number().min(0).max(100).default(COSTS.pageMapped).describe('us for each page that is mapped ahead'),
});

function deviceOf(pattern: Pattern, blocks: number, spread: number): Actor {
  const input = { name: 'device', blocks, groupSize: Math.ceil(Math.sqrt(blocks)), start: 0, meter: 'meter' };
  if (pattern === 'random') return drawing({ ...input, stride: spread });
  return walking({ ...input, stride: pattern === 'strided' ? spread : 1 });
}

/** The share of full speed in each window, and when 95 % are reached for good, us. */
function speeds(counters: Run['counters'], time: number): Record<string, number> {
  const window = time / WINDOWS;
  const all = upTo(WINDOWS).map((at) => (counters[`window${at}`]!.count * COSTS.pageTransferred) / window);
  const slow = all.findLastIndex((speed) => speed < 0.95);
  return { ...Object.fromEntries(all.map((speed, at) => [`speed${at}`, speed])), full: (slow + 1) * window, window };
}

export const preMapping = defineStudy({
  name: 'pre-mapping',
  title: 'What a fault maps ahead: overhead against memory that is not pinned',
  question:
    'Which policy of pre-mapping comes to the speed of pinned memory, how soon, and how much memory does it map?',
  sources: ['D-04', 'D-05', 'D-06', 'seed:001'],
  parameters,
  seeds: 3,
  build({ pattern, policy, length, page, spread }: PremapPoint, { ram, rounds }) {
    const blocks = Math.max(1, Math.floor(ram / spread));
    const device = deviceOf(pattern, blocks, spread);
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
        ...speeds(counters, time),
      }),
    };
  },
  async run({ parameters: { page, spread }, simulate }) {
    const usual = PATTERNS.flatMap((pattern) => POLICIES.map((policy) => ({ pattern, ...policy, page, spread })));
    const doubted = [
      { page: 0.72, spread },
      { page, spread: 4 * spread },
    ].flatMap((other) => DOUBTED.map((policy) => ({ pattern: 'random' as const, ...policy, ...other })));
    const outcomes = await simulate([...usual, ...doubted]);
    return resultOf(outcomes.slice(0, usual.length), outcomes.slice(usual.length));
  },
});
