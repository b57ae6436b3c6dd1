/**
 * A limit on the memory that a device's faults may lock, and what is taken back at the limit (D-11, D-12; Alex Williamson in the review of
 * VFIO's IOPF series v1, seed 002: should mappings expire, is a tracker of the least recently mapped page needed, how does a user know
 * which limit to set? The author proposed 10 % of the user's memory, 30, 50, 70 % or no limit). Nobody built it.
 *
 *   blockN       `guest-memory.ts`: a share of the guest's memory, mapped and taken back as one
 *   deviceN      `guest-memory.ts`: draws blocks, or walks through a ring of them
 *   handler      `locked-memory-machines.ts`: the event queue's thread, vfio_iommu_type1_dynamic_dma_map() with a limit
 *   account      `kernel/vfio-type1/locked-vm.ts`: the charge against RLIMIT_MEMLOCK, a block at a time
 *   evictor      `locked-memory-machines.ts`: whom the handler asks for room. A thread that only looks now and then lets faults
 *                fail (`eviction-meets-fault`, variant `refuses`)
 *
 * Four policies. `random` draws mapped blocks. The others sweep over the guest's memory, as kswapd did in Linux 2.4 (swap_out()), and take
 * what they have passed so many times without it being young: `clock` and `lru` see the access flag, which makes a block young, `oldest`
 * (the tracker of the review) sees when it was mapped. Linux's multi-generational LRU tells 4 ages apart (MAX_NR_GENS), and so do `lru` and
 * `oldest` here.
 *
 * Constants: the fault and the transfer of a page are measured (`COSTS`, constants.md C.1); an invalidation is 2131 cycles (rIOMMU, C.6) at
 * 2.6 GHz. The time to unpin a page, and to look at a block while sweeping, are assumed, and are parameters; so is the workload.
 *
 * Simplifications: those of `guest-memory.ts`. The account counts blocks, and the limit is for them alone. A device whose DMA is under way
 * is not disturbed by an eviction: CMD_SYNC waits for it. The guest's CPUs take no part.
 */
import type { SnapshotFrom } from 'xstate';
import { z } from 'zod';
import { defineStudy } from '../../src/simulate/study.ts';
import { type Actor, actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { lockedVm } from '../kernel/vfio-type1/locked-vm.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { COSTS, drawing, drawingTimes, evenly, guestBlock, RUN, upTo, walking } from './guest-memory.ts';
import {
  answerOf,
  curvesOf,
  HALVINGS,
  type LimitPoint,
  percent,
  plotOf,
  rates,
  sensitivity,
  WORKLOADS,
  type Workload,
  widest,
} from './locked-memory-answer.ts';
import { evictorOf, limitedHandler, POLICIES, POLICY_NAMES, type Policy } from './locked-memory-machines.ts';

const parameters = z.object({
  blocks: z.int().min(2).max(4000).default(100).describe('equal shares of the guest that are mapped as one'),
  pages: z.int().min(1).max(65_536).default(512).describe('pages of a block: what one fault maps (IOPF_PREMAP_LEN)'),
  message: z.number().positive().max(262_144).default(1024).describe('KiB of one DMA, all of it in one block'),
  devices: z.int().min(1).max(8).default(1).describe('devices, each with one DMA at a time'),
  hot: z.number().min(0.05).max(0.95).default(0.2).describe('share of the guest that is hot, or the ring'),
  hits: z.number().min(0).max(1).default(0.9).describe('share of the DMA of the workload hot that goes there'),
  unpin: z.number().min(0).max(10).default(0.05).describe('us to unmap and unpin a page (assumed)'),
  look: z.number().min(0).max(100).default(0.05).describe('us to look at a mapped block while sweeping (assumed)'),
  accesses: z.int().min(100).max(1_000_000).default(6000).describe('DMAs in a run, about; half of it is warm-up'),
});
type LimitParameters = z.output<typeof parameters>;

/** Cycles of an invalidation, at 2.6 GHz, in us. */
const INVALIDATION = 2131 / 2600;
/** Groups have a twentieth of the guest. */
const GROUPS = 20;

interface Weights {
  readonly groupSize: number;
  readonly groups: readonly number[];
  /** Of the places in the first group, where they are not alike. */
  readonly first?: readonly number[];
}

/** Of each group, by what its blocks are drawn; and of the places in the first. */
function weightsOf({ workload, hot }: LimitPoint, { blocks, hits }: LimitParameters): Weights {
  const groupSize = Math.max(1, Math.round(blocks / GROUPS));
  const sizes = evenly(blocks, groupSize);
  if (workload === 'zipf') {
    // The most wanted first, the k-th by 1 / k; within a group, but for the first, alike.
    const ranks = sizes.map((size, group) => upTo(size).map((at) => 1 / (1 + at + group * groupSize)));
    return { groupSize, groups: ranks.map((all) => all.reduce((sum, one) => sum + one, 0)), first: ranks[0]! };
  }
  if (workload !== 'hot') return { groupSize, groups: sizes };
  const hotGroups = Math.min(sizes.length - 1, Math.max(1, Math.round(hot * sizes.length)));
  const sum = (all: readonly number[]) => all.reduce((total, size) => total + size, 0);
  const [warm, cold] = [sum(sizes.slice(0, hotGroups)), sum(sizes.slice(hotGroups))];
  const groups = sizes.map((size, at) => (at < hotGroups ? (hits * size) / warm : ((1 - hits) * size) / cold));
  return { groupSize, groups };
}

function systemOf(point: LimitPoint, { blocks, devices }: LimitParameters, groupSize: number) {
  const { workload, policy, limit, hot } = point;
  const may = Math.max(devices, Math.round(limit * blocks));
  const deviceNames = names('device', devices);
  const blockNames = names('block', blocks);
  const mapped = (all: readonly SnapshotFrom<typeof guestBlock>[]) =>
    all.filter((block) => block.matches('mapped')).length;
  const device = (name: string, at: number): Actor => {
    const ring = Math.max(1, Math.round(hot * blocks));
    const start = Math.floor((at * ring) / devices);
    return workload === 'ring'
      ? walking({ name, blocks: ring, groupSize, stride: 1, start })
      : drawing({ name, blocks, groupSize, stride: 1, start: 0 });
  };
  return defineSystem({
    actors: combineActors(
      family('device', devices, (at) => device(deviceNames[at]!, at)),
      {
        handler: actor(limitedHandler, { input: { name: 'handler' }, choices: [RUN] }),
        account: actor(lockedVm, { input: { limit: may } }),
        evictor: evictorOf(policy, { name: 'evictor', blocks, groupSize }),
      },
      family('block', blocks, () => actor(guestBlock, { input: POLICIES[policy] })),
    ),
    channels: {
      eventQueue: { from: deviceNames, to: ['handler'], types: ['STALL'], order: 'fifo', capacity: devices },
      commandQueue: { from: ['handler'], to: deviceNames, types: ['RESUME'], order: 'fifo', capacity: devices },
    },
    blocking: ['STALL'],
    unsent: 'ignore',
    properties: ({ always, happens }) => [
      // It looks at all blocks, which is for a few of them.
      ...when(
        blocks <= 8,
        always('no more blocks are mapped than may be locked', (view) => {
          return mapped(blockNames.map((name) => view.get(name))) <= may;
        }),
        always('what is charged is mapped', (view) => {
          if (!view.get('handler').matches('idle')) return true;
          return view.get('account').context.locked === mapped(blockNames.map((name) => view.get(name)));
        }),
      ),
      ...when(workload !== 'ring' && may < blocks, happens('a block is taken back', { type: 'UNMAPPED' })),
    ],
  });
}

export const lockedMemory = defineStudy({
  name: 'locked-memory',
  title: 'A limit on locked memory: fault rates, and where it thrashes',
  question: 'How many faults does a limit on locked memory cost, by policy and workload, and which limit is too low?',
  sources: ['D-11', 'D-12', 'seed:002'],
  parameters,
  seeds: 3,
  build(point: LimitPoint, values) {
    const { groupSize, groups, first } = weightsOf(point, values);
    const { blocks, pages, devices, unpin, look, accesses } = values;
    const transfer = (point.message / 4) * COSTS.pageTransferred;
    const map = (pages - 1) * COSTS.pageMapped;
    // About as many: some of them fault.
    const time = (accesses / devices) * (transfer + map / 4 + 5);
    const isWalking = point.workload === 'ring';
    return {
      system: systemOf(point, values, groupSize),
      timing: {
        actors: {
          'device*': {
            ...(!isWalking && drawingTimes(groups, groupSize, first)),
            RUN: [{ in: 'translating', takes: 0 }, { takes: transfer }],
          },
          handler: { RUN: [{ in: 'handling', takes: COSTS.handler }, { in: 'pinning', takes: map }, { takes: 0 }] },
          evictor: {
            ...(point.policy === 'random' && drawingTimes(evenly(blocks, groupSize), groupSize)),
            RUN: [
              { in: 'looking', takes: 0 },
              { in: 'invalidating', takes: INVALIDATION + pages * unpin },
              ...(point.policy === 'random' ? [] : [{ in: 'passing', takes: look }]),
            ],
          },
        },
        channels: { eventQueue: { latency: COSTS.toHandler }, commandQueue: { latency: COSTS.toDevice } },
      },
      measures: {
        counters: { accesses: { type: 'TRANSLATED' }, faults: { type: 'FAULT' } },
        gauges: {
          transferring: { actors: 'device*', value: (snapshot) => Number(snapshot.matches('transferring')) },
          mapped: { actors: 'account', value: ({ context }) => context.locked },
        },
      },
      time,
      // Blocks that are seldom wanted come in slowly.
      warmUp: time / 2,
      read: ({ counters, gauges }) => ({
        rate: counters.faults!.count / counters.accesses!.count,
        kept: gauges.transferring!.mean / devices,
        mapped: gauges.mapped!.max / blocks,
      }),
    };
  },
  async run({ parameters: values, simulate }) {
    const { message, hot } = values;
    const usual = WORKLOADS.flatMap((workload) => POLICY_NAMES.map((policy) => ({ workload, policy, message, hot })));
    const doubted = [
      { message: message / 4, hot },
      { message: message / 16, hot },
      { message, hot: hot / 2 },
      { message, hot: Math.min(0.95, hot * 2) },
    ].map((other) => ({ workload: 'hot', policy: 'clock', ...other }) as const);
    const curves = await curvesOf([...usual, ...doubted], simulate);
    const find = (workload: Workload, policy: Policy) =>
      curves.find((curve) => curve.case.workload === workload && curve.case.policy === policy)!;
    return {
      answer: answerOf(find),
      tables: [
        rates(curves.slice(0, usual.length)),
        sensitivity([find('hot', 'clock'), ...curves.slice(usual.length)]),
      ],
      plots: WORKLOADS.map((workload) => plotOf(workload, find)),
      notes: [
        'A limit thrashes where the device transfers for less than half of the time: it is found between two levels, by halving ' +
          `${HALVINGS} times.`,
        `The widest interval of a fault rate is +- ${percent(widest(curves))} (95 %, over the seeds).`,
        'Nothing is read from a disk: a guest whose memory is swapped out loses more.',
      ],
    };
  },
});
