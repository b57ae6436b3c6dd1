/** The system of one row of the study `hisi-sec`, and its times. */
import { exponential, logNormal } from '../../src/system/durations.ts';
import { type Actor, actor, combineActors, defineSystem, family, type System } from '../../src/system/system.ts';
import type { StepTiming, Timing } from '../../src/system/timing.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { names } from '../parts/names.ts';
import { channel } from './hisi-accelerator.ts';
import { digitsOf, highDigit, lowDigit } from './hisi-counter.ts';
import { faultQueue, faultThread, reclaim, stallSlots } from './hisi-fault-path.ts';
import { order, place, queues, sender } from './hisi-queues.ts';
import { buffer, rings, type Walk } from './hisi-translations.ts';

/** What of a run is about order. */
export interface Row {
  /** SVA: user pages, and the event thread passes faults to a worker. VFIO: pages of a guest, and the event thread handles them. */
  readonly path: 'sva' | 'vfio';
  readonly iopf: boolean;
  /** How many messages, and the pages of a buffer from its first byte to its last. */
  readonly times: number;
  readonly pages: number;
  /** IOPF_PREMAP_LEN. */
  readonly premap: number;
  readonly queues: number;
  readonly channels: number;
  /** Stalls that the SMMU has for the device at a time. */
  readonly stalls: number;
  /** Pages that the host takes back, per millisecond. */
  readonly reclaimed: number;
  /** Pages of a walk are known modulo this; larger than the distance of two channels on one buffer. */
  readonly modulus?: number;
}

/** What of a run is about time, in microseconds. */
export interface Costs {
  readonly startUp: number;
  /** Of a message, when all channels are at work. */
  readonly perMessage: number;
  /** Until a thread that is woken runs; for the event thread, with the interrupt. */
  readonly wakeUp: number;
  /** The handler, with one page; and for each page more. */
  readonly handler: number;
  readonly perPage: number;
  readonly post: number;
  readonly access: number;
  readonly record: number;
  readonly receive: number;
  readonly respond: number;
  readonly resume: number;
  readonly look: number;
  /** Of the times that it takes to wake up: their deviation, as a share of their mean. */
  readonly spread: number;
  readonly cpus: number;
}

/** Of 64 pages: alloc_pages() gives the 37 of a ring (hisi_qm, 1024 entries) as a block of 2^6. */
const RING_STRIDE = 64;
const SUBMISSION_PAGES = 32;
const COMPLETION_PAGES = 4;
/** The sender waits when so many messages wait for each channel. */
const ROOM = 8;
/** Where a fault maps more, a channel walks by so many pages at a time. */
const GRAIN = 64;

function grainsOf({ premap, pages }: Row) {
  const grain = Math.min(premap, GRAIN);
  return { grains: Math.ceil(pages / grain), window: premap / grain };
}

export function hisiSystem(row: Row): System {
  const { path, iopf, times, channels } = row;
  const passesOn = path === 'sva';
  const modulus = row.modulus ?? (row.premap === 1 ? 32 : 64);
  const run = { choices: [{ type: 'RUN' as const }], rest: ['asleep' as const] };
  const optional: Record<string, Actor> = {
    ...(passesOn && {
      iopfWork: actor(faultQueue),
      worker: actor(faultThread, { input: { name: 'worker', queue: 'iopfWork' }, ...run }),
    }),
    ...(row.reclaimed > 0 && { reclaim: actor(reclaim, { choices: [{ type: 'RECLAIM' }], rest: () => true }) }),
  };
  const actors = combineActors(
    {
      sender: actor(sender, {
        input: { name: 'sender' },
        choices: [{ type: 'SET_UP' }, { type: 'POST' }],
        rest: ['finished'],
      }),
      queues: actor(queues, { input: { room: channels * ROOM } }),
      order: actor(order, { input: { name: 'order', queues: row.queues } }),
      place: actor(place),
      rings: actor(rings, {
        // With SVA the rings are the kernel's own, and mapped in another domain.
        input: { walks: ringWalks(row), premap: row.premap, isMapped: !iopf || passesOn },
      }),
    },
    counter('messages', 'sender', times),
    ...['source0', 'destination0', 'source1', 'destination1'].map((name) => bufferOf(row, name, modulus)),
    family('channel', channels, (index) =>
      actor(channel, {
        input: { name: `channel${index}`, modulus },
        choices: [{ type: 'TAKE' }, { type: 'TOUCH' }, { type: 'WORK' }, { type: 'STREAM' }],
        rest: ['idle'],
      }),
    ),
    {
      stallSlots: actor(stallSlots, { input: { slots: row.stalls } }),
      evtq: actor(faultQueue),
      evtqThread: actor(faultThread, {
        input: { name: 'evtqThread', queue: 'evtq', ...(passesOn && { passesTo: 'iopfWork' }) },
        ...run,
      }),
      smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
      cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: {} } }),
    },
    optional,
  );
  return defineSystem({
    actors,
    channels: {
      records: { from: ['stallSlots'], to: ['evtq'], types: ['ADD'], order: 'fifo', capacity: row.stalls },
      commands: { from: ['smmuDriver'], to: ['cmdq'], types: ['RESUME'], order: 'fifo', capacity: row.stalls },
    },
    blocking: ['POST', 'NEXT', 'IN_USE', 'STALL', 'READ', 'ASK_WHETHER_WHOLE'],
    // Rows differ in what they use of machines that they share, and `cmdq` is the library's.
    unsent: 'ignore',
    properties: ({ always }) => [
      always('each stalled transaction has a slot', (view) => {
        const stalled = names('channel', channels).filter((name) => view.get(name).matches('stalled'));
        return stalled.length === view.get('stallSlots').context.taken;
      }),
    ],
  });
}

function counter(name: string, owner: string, count: number): Record<string, Actor> {
  const { base, low, high } = digitsOf(count);
  return {
    [name]: actor(lowDigit, { input: { name, owner, high: `${name}Tens`, base, low } }),
    [`${name}Tens`]: actor(highDigit, { input: { high } }),
  };
}

/**
 * In user space malloc() has written the header of the allocation, so the CPU has mapped the first page of each buffer: with SVA the
 * device finds it. The CPU of a guest maps nothing in the IOMMU.
 */
function bufferOf(row: Row, name: string, modulus: number): Record<string, Actor> {
  const { grains, window } = grainsOf(row);
  const mapped = !row.iopf ? grains : row.path === 'sva' ? 1 : 0;
  const faults = Math.max(1, Math.ceil((grains - mapped) / window));
  return {
    [name]: actor(buffer, { input: { name, window, grains, premap: row.premap, mapped, modulus } }),
    ...counter(`${name}faults`, name, faults),
  };
}

/** Two pages that all queues use, and each queue's ring: submission entries, and right behind them completion entries. */
function ringWalks({ queues: count }: Row): Walk[] {
  const shared = [0, 1].map((at) => ({ name: `shared${at}`, start: at, pages: 1 }));
  const ring = (at: number) => {
    const start = shared.length + at * RING_STRIDE;
    return [
      { name: `submission${at}`, start, pages: SUBMISSION_PAGES },
      { name: `completion${at}`, start: start + SUBMISSION_PAGES, pages: COMPLETION_PAGES },
    ];
  };
  return [...shared, ...Array.from({ length: count }, (_, at) => ring(at)).flat()];
}

export function hisiTiming(row: Row, costs: Costs): Timing {
  const { channels, reclaimed, path } = row;
  const { grains } = grainsOf(row);
  const { handler, perPage, access } = costs;
  const alone = channels * costs.perMessage;
  const thread: StepTiming[] = [
    { in: 'asleep', takes: 0, uses: 'cpu' },
    { in: 'received', takes: costs.receive, uses: 'cpu' },
    {
      in: 'handling',
      takes: ({ context }) => handler + perPage * Math.max(0, (context.pages as number) - 1),
      uses: 'cpu',
    },
    { in: 'responding', takes: costs.respond, uses: 'cpu' },
    { in: 'looking', takes: costs.look, uses: 'cpu' },
  ];
  return {
    unit: 'us',
    resources: {
      cpu: {
        units: costs.cpus,
        wakeUp: costs.wakeUp > 0 ? logNormal(costs.wakeUp, costs.spread * costs.wakeUp) : 0,
        keeps: true,
      },
    },
    actors: {
      sender: { SET_UP: costs.startUp, POST: costs.post },
      'channel*': {
        TAKE: 0,
        TOUCH: access,
        // Half of a grain's share of a message; the access before it is a part of that.
        WORK: Math.max(0, alone / (2 * grains) - access),
        STREAM: alone,
      },
      evtqThread: { RUN: thread },
      ...(path === 'sva' && { worker: { RUN: thread } }),
      ...(reclaimed > 0 && { reclaim: { RECLAIM: exponential(1000 / reclaimed) } }),
    },
    channels: { records: { latency: costs.record }, commands: { latency: costs.resume } },
  };
}
