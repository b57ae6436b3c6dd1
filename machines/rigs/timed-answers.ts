/**
 * Functions whose DMA waits for its answer, each as long as its version does, and the handlers that give it, where a timer of the host
 * may answer for them. The interrupt thread of VT-d is between them, with a queue that never overflows.
 */
import { actor, combineActors, family } from '../../src/system/system.ts';
import type { persistentDma } from '../hardware/pcie/persistent-dma.ts';
import type { persistentDmaGivesUp } from '../hardware/pcie/persistent-dma-gives-up.ts';
import type { persistentDmaReusesIndex } from '../hardware/pcie/persistent-dma-reuses-index.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import type { iopfCore738e6f32e61d } from '../kernel/io-pgfault/738e6f32e61d.ts';
import { responseTimer } from '../kernel/io-pgfault/response-timer.ts';
import type { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { names, pairs } from '../parts/names.ts';
import { inThread, type Rig } from './assemble.ts';
import { persistentFunctions } from './pri-functions.ts';

interface WaitingFunctions {
  /** With one DMA at a time each, to a page of its own. */
  readonly devices: number;
  readonly dma: typeof persistentDma | typeof persistentDmaGivesUp | typeof persistentDmaReusesIndex;
  /** Uses of an index that a monitor can tell apart. */
  readonly generations: number;
}

export function waitingFunctions({ devices, dma, generations }: WaitingFunctions) {
  const actors = combineActors(persistentFunctions({ devices, dma, credits: 2, generations, queue: 'prq' }).actors, {
    prq: actor(pageRequestQueue, { input: { entries: devices } }),
    irq: inThread(prqThread)({ name: 'irq', queue: 'prq', cores: coresOf(devices) }),
  });
  const expects = [...names('core', devices), ...names('page', devices)];
  return { actors, expects, blocking: ['POST', 'PAGE_REQUEST', 'PEEK'] } as const satisfies Rig;
}

interface TimedHandlers {
  readonly devices: number;
  readonly workers: number;
  readonly core: typeof iopfCore | typeof iopfCore738e6f32e61d;
  /** Of how many devices the host has a timer, between the core and its neighbours. */
  readonly timers: number;
}

/** The iopf core of each device, the work queue `handlers` with its workers, and the pages. */
export function timedHandlers({ devices, workers, core, timers }: TimedHandlers) {
  const actors = combineActors(
    family('core', devices, (index) => {
      const next = index < timers ? `timer${index}` : undefined;
      return actor(core, {
        input: { name: `core${index}`, device: next ?? `dev${index}`, workQueue: next ?? 'handlers' },
      });
    }),
    family('timer', timers, (index) =>
      actor(responseTimer, {
        input: { core: `core${index}`, workQueue: 'handlers', device: `dev${index}` },
        rest: ['idle'],
      }),
    ),
    { handlers: actor(workQueue) },
    family('worker', workers, (index) =>
      inThread(iopfWorker)({ name: `worker${index}`, workQueue: 'handlers', cores: coresOf(devices) }),
    ),
    // A page that was taken away is what makes a device ask with the same index again.
    family('page', devices, (index) =>
      actor(svaPage, { input: { name: `page${index}` }, choices: [{ type: 'RECLAIM' }], rest: () => true }),
    ),
  );
  return { actors, expects: names('dev', devices), blocking: ['TAKE'] } as const satisfies Rig;
}

const coresOf = (devices: number) => pairs(names('dev', devices), names('core', devices));
