/**
 * B-20 (d5afb4b47e13, v6.6, CVE-2023-52484): an munmap() in a process with SVA sent a TLBI for each page, and a CPU was stuck in
 * arm_smmu_cmdq_issue_cmdlist() for 26 s. Since then, with 512 pages or more and without range invalidation, it is one TLBI of the whole
 * ASID. How much memory does it take for 26 s, what do the entries of the queue and the polling change, and is 512 the right number?
 *
 * Machines: `invalidation-flood-machines.ts`. Nothing ends a run but that all is unmapped.
 *
 * Constants. 512 pages, 26 s: `constants.md` C.5. Batches of 64 and the polling (waits of 1, 2, 4 ... us, 1 s in all): arm-smmu-v3.h, and
 * queue_poll(); a queue of 65536 entries is what logs of Linux on such servers tell. `sync`: C.6, 73.5 % of 5.4 us for a page are in the
 * command queue, less one TLBI. Nobody has published what a TLBI takes (`command`), nor how many translations a device has in use
 * (`translations`) and what a walk takes (`walk`): assumed.
 *
 * Simplifications: see the machines; that the CPU's own TLB is flushed, and that pages are freed, takes no time here. Stuck means from
 * the munmap() until the CMD_SYNC is seen: the thread does not sleep in between. What is said of 26 s is a line through two sizes: a run
 * of as much memory would be millions of batches that are all alike.
 */
import { defineStudy, type StudyContext } from '../../src/simulate/study.ts';
import { exponential } from '../../src/system/durations.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import type { Timing } from '../../src/system/timing.ts';
import { names } from '../parts/names.ts';
import {
  BATCH_COMMANDS,
  floodedSmmu,
  floodingThread,
  flushedProcess,
  retranslatingDevice,
} from './invalidation-flood-machines.ts';
import {
  type FloodOutcomes,
  type FloodPoint,
  type FloodValues,
  floodParameters,
  floodTold,
} from './invalidation-flood-told.ts';

/** 1 s is ARM_SMMU_POLL_TIMEOUT_US; nothing here comes near 30 years. */
const NEVER = 1e15;

/** @param commands TLBIs of each munmap(), 0 for the whole ASID. @param places of the queue, each for a batch, and two at the least */
export function flood(threads: number, commands: number, places: number, translations: number) {
  return defineSystem({
    actors: combineActors(
      family('thread', threads, (at) =>
        actor(floodingThread, {
          input: { name: `thread${at}`, commands },
          choices: [{ type: 'MUNMAP', by: `thread${at}` }, { type: 'ISSUE' }, { type: 'POLL' }],
          rest: ['unmapped'],
        }),
      ),
      {
        smmu: actor(floodedSmmu),
        device: actor(retranslatingDevice, {
          input: { translations },
          choices: [{ type: 'WALK' }],
          rest: ({ context }) => context.cold === 0,
        }),
        process: actor(flushedProcess),
      },
    ),
    channels: {
      commands: { from: names('thread', threads), to: ['smmu'], order: 'fifo', capacity: places },
    },
    unsent: 'ignore',
    properties: ({ always, reachable }) => [
      always('no more batches than there is room for', (view) => view.channel('commands').length <= places),
      reachable('all is unmapped', (view) => view.get(`thread${threads - 1}`).matches('unmapped')),
    ],
  });
}

function timingOf({ command, polls }: FloodPoint, { sync, issue, walk }: FloodValues): Timing {
  return {
    unit: 'us',
    resources: { walker: { units: 1 } },
    actors: {
      'thread*': {
        MUNMAP: 0,
        ISSUE: exponential(issue),
        POLL: polls
          ? { takes: ({ context }) => 2 ** (context.round as number) }
          : [{ in: 'complete', takes: 0 }, { takes: NEVER }],
      },
      smmu: {
        TLBI: { takes: ({ event }) => command * (event.count as number) },
        TLBI_ASID: { takes: command },
        SYNC: { takes: sync },
      },
      device: { WALK: { takes: walk, uses: 'walker' } },
    },
  };
}

type Flood = StudyContext<typeof floodParameters, FloodPoint>;
/** What each part of the study asks for, from what is usual. */
function pointsOf(values: FloodValues) {
  const { pages, cut, threads, entries } = values;
  const usual: FloodPoint = { pages, threads: 1, isAsid: false, entries, command: values.command, polls: false };
  const sizes = [...new Set([1, cut / 8, cut / 2, cut - 1, cut, 2 * cut, pages / 8, pages].map(Math.floor))].sort(
    (a, b) => a - b,
  );
  return {
    sizes: sizes.map((size) => ({ ...usual, pages: size })),
    asid: [{ ...usual, isAsid: true }],
    polling: [cut - 1, pages].map((size) => ({ ...usual, pages: size, polls: true })),
    crowds: [1, threads / 8, threads].map((count) => ({
      ...usual,
      pages: pages / 8,
      threads: Math.max(1, Math.floor(count)),
    })),
    queues: [entries / 64, entries / 8, entries].map((places) => ({
      ...usual,
      threads: 4,
      pages: pages / 2,
      entries: Math.max(2 * BATCH_COMMANDS, Math.floor(places)),
    })),
    speeds: [values.command / 10, values.command * 10].flatMap((command) =>
      [pages / 8, pages].map((size) => ({ ...usual, pages: size, command })),
    ),
  };
}

async function outcomesOf({ parameters: values, simulate }: Flood): Promise<FloodOutcomes> {
  const points = pointsOf(values);
  const outcomes = await simulate(Object.values(points).flat());
  const rest = [...outcomes];
  const take = (part: readonly FloodPoint[]) => rest.splice(0, part.length);
  return {
    sizes: take(points.sizes),
    asid: take(points.asid)[0]!,
    polling: take(points.polling),
    crowds: take(points.crowds),
    queues: take(points.queues),
    speeds: take(points.speeds),
  };
}

export const invalidationFlood = defineStudy({
  name: 'invalidation-flood',
  title: 'A TLBI for each page, or one for all',
  question:
    'How much memory keeps a CPU for 26 s in an munmap(), and from how many pages on is one TLBI for all better?',
  sources: ['B-20', 'CVE-2023-52484'],
  parameters: floodParameters,
  seeds: 2,
  build(point: FloodPoint, values: FloodValues) {
    return {
      system: flood(
        point.threads,
        point.isAsid ? 0 : point.pages,
        Math.floor(point.entries / BATCH_COMMANDS),
        values.translations,
      ),
      timing: timingOf(point, values),
      measures: {
        counters: { timeOuts: { type: 'SYNC_TIME_OUT' } },
        times: {
          munmap: { from: { type: 'MUNMAP' }, to: { type: 'UNMAPPED' }, key: ({ by }) => String(by) },
          command: { from: { type: 'TLBI', fate: 'queued' }, to: { type: 'TLBI' } },
          seen: { from: { type: 'SYNC_COMPLETE' }, to: { type: 'UNMAPPED' } },
        },
      },
      read: ({ counters, times, resources, time: end }) => ({
        timeOuts: counters.timeOuts!.count,
        munmap: times.munmap!.max,
        wait: times.command!.max,
        unseen: times.seen!.max,
        walking: resources.walker!.utilisation * end,
      }),
    };
  },
  async run(scaling) {
    return floodTold(await outcomesOf(scaling), scaling.parameters);
  },
});
