/**
 * How long a guest takes to start, and its device to be fast: all memory pinned at the start against faults at the first touch (D-03: Alex
 * Williamson in the review of VFIO's IOPF series v3, seed 001, proposes start-up as a metric; D-14, seed 002: a slow ramp-up).
 *
 *   vmm, pinner     `start-up-machines.ts`: VFIO_IOMMU_MAP_DMA of the whole guest, in batches of 512 pages, and then the guest starts
 *   device, stream  `start-up-machines.ts`: goes through a ring of buffers of 2 MiB
 *   handler         `start-up-machines.ts`: maps what faulted, with so many pages after it (IOPF_PREMAP_LEN)
 *   blockN          `guest-memory.ts`: a buffer of 2 MiB
 *   meter           `speed-meter.ts`
 *
 * Constants. The fault is 10 us, 1.6 of it in the handler, and a page is transferred in 0.226 us (constants.md C.1). A page more that is got
 * and mapped at its first touch is (376.8 - 10) / 511 = 0.718 us (C.1, row 10 MB, PREMAP 512, x1); nobody has measured it in
 * VFIO_IOMMU_MAP_DMA, so the same is taken there. What a GUP call for a single page costs beyond that, where it is not in batches, is
 * assumed.
 *
 * Simplifications. One DMA at a time. The pinner is one thread. To note a range, where faults map, and to boot the guest take no time.
 * Memory that the device does not use is only counted by the pinner. A buffer that is absent is so as a whole: its pages fault in order,
 * once each.
 */
import { z } from 'zod';
import type { Run } from '../../src/simulate/run.ts';
import { defineStudy } from '../../src/simulate/study.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { COSTS, guestBlock, RUN, UNLIMITED, upTo } from './guest-memory.ts';
import { meterChannel, meterCounters, meters, meterTimes } from './speed-meter.ts';
import { casesOf, resultOf, type StartPoint, WINDOWS } from './start-up-answer.ts';
import { bufferDevice, faultingStream, firstTouchHandler, pinner, vmm } from './start-up-machines.ts';

/** Of a block, and of a batch: PAGE_SIZE / sizeof(struct page *). */
const PAGES = 512;

const parameters = z.object({
  memory: z.int().min(2).max(1_048_576).default(16_384).describe('MiB of the guest'),
  buffers: z.int().min(1).max(4096).default(512).describe('buffers of 2 MiB that the device uses again and again'),
  page: z.number().min(0).max(100).default(0.718).describe('us to get and map a page, beyond what a fault costs'),
  call: z.number().min(0).max(100).default(0.1).describe('us for a GUP call, where each page has its own (assumed)'),
  fault: z.number().min(COSTS.handler).max(10_000).default(10).describe('us for a fault of one page'),
});

export const startUp = defineStudy({
  name: 'start-up',
  title: 'Start of a guest: pinned against faulted',
  question: 'How long until a guest has started, and until its device is at 95 % of full speed, pinned and faulted?',
  sources: ['D-03', 'D-14', 'seed:001', 'seed:002'],
  parameters,
  seeds: 2,
  build({ how, premap, buffers, page, fault, time }: StartPoint, { memory, call }) {
    const isPinned = how !== 'faulted';
    const batches = isPinned ? Math.ceil(memory / 2) : 0;
    const toHandler = (fault - COSTS.handler) / 2;
    const system = defineSystem({
      actors: combineActors(
        {
          vmm: actor(vmm, { choices: [RUN], rest: ['running'] }),
          pinner: actor(pinner, { input: { batches, blocks: buffers }, choices: [RUN], rest: ['idle', 'done'] }),
          device: actor(bufferDevice, { input: { name: 'device', blocks: buffers }, choices: [RUN], rest: ['off'] }),
          stream: actor(faultingStream, { input: { runs: PAGES / premap }, choices: [RUN], rest: ['idle'] }),
          handler: actor(firstTouchHandler, { choices: [RUN], rest: ['idle'] }),
        },
        meters(WINDOWS),
        family('block', buffers, () => actor(guestBlock, { input: UNLIMITED })),
      ),
      channels: {
        eventQueue: { from: ['stream'], to: ['handler'], types: ['STALL'], order: 'fifo', capacity: 1 },
        commandQueue: { from: ['handler'], to: ['stream'], types: ['RESUME'], order: 'fifo', capacity: 1 },
        metered: meterChannel('device'),
      },
      blocking: ['STALL'],
      unsent: 'ignore',
      properties: ({ always, happens }) =>
        isPinned
          ? [always('a pinned guest has no fault', (view) => view.get('stream').matches('idle'))]
          : [happens('a fault maps pages', { type: 'RESUME' })],
    });
    const transfer = PAGES * COSTS.pageTransferred;
    return {
      system,
      timing: {
        actors: {
          vmm: { RUN: 0 },
          pinner: { RUN: PAGES * (page + (how === 'pinned a page at a time' ? call : 0)) },
          device: { RUN: [{ in: 'translating', takes: 0 }, { takes: transfer }] },
          stream: { RUN: transfer / (PAGES / premap) },
          handler: { RUN: COSTS.handler + (premap - 1) * page },
          ...meterTimes(time / WINDOWS),
        },
        channels: { eventQueue: { latency: toHandler }, commandQueue: { latency: toHandler } },
      },
      measures: {
        counters: { faults: { type: 'RESUME' }, ...meterCounters(WINDOWS) },
        times: { start: { from: { type: 'MAP_DMA' }, to: { type: 'BOOT' } } },
      },
      time,
      warmUp: 0,
      read: (run) => ({
        faults: run.counters.faults!.count,
        start: run.times.start!.mean,
        ...speeds(run, transfer, time),
      }),
    };
  },
  async run({ parameters: values, simulate }) {
    return resultOf(await simulate(casesOf(values)), values.memory);
  },
});

/** The share of full speed in each window, and from when on it is at least 95 %, in us. */
function speeds({ counters }: Run, transfer: number, time: number): Record<string, number> {
  const window = time / WINDOWS;
  const all = upTo(WINDOWS).map((at) => (counters[`window${at}`]!.count * transfer) / window);
  // The one that is under way at the end of a window is counted in the next.
  const slow = all.findLastIndex((speed) => speed + transfer / window < 0.95);
  return { ...Object.fromEntries(all.map((speed, at) => [`speed${at}`, speed])), full: (slow + 1) * window };
}
