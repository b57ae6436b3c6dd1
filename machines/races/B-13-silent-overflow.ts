/**
 * B-13: the event queue overflows, and the driver acknowledges it in its copy of CONS only. Other than with the PRI queue (B-14) that stops
 * nothing: records are written as soon as there is room, and the CONS write of the next one that is taken carries the acknowledgement out.
 * But until then the overflow is active, and another one leaves no trace: a burst that fills the queue again before the thread has taken its
 * first record is cut off, PROD has the OVFLG that the driver knows, and "events lost" is not printed.
 *
 * 67ea0b7ce418 (v6.4) writes CONS. Its message says that the event queue is not affected, which is so for what comes in later, and not for
 * what is lost; "it feels nicer".
 *
 * Not a part of this: what is lost between the thread's last look at PROD and its acknowledgement. It belongs to the overflow of which that
 * look told.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { abortedStream } from '../hardware/smmu/aborted-stream.ts';
import { eventQueueRegisters } from '../hardware/smmu/event-queue-registers.ts';
import { isOverflowActive } from '../hardware/smmu/queue-pointer.ts';
import { evtqOverflowThread } from '../kernel/arm-smmu-v3/evtq-overflow.ts';
import { evtqOverflowThreadV63 } from '../kernel/arm-smmu-v3/evtq-overflow-v6.3.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const SHOWS = 'a loss before the thread has begun shows in PROD';

export const silentOverflow = defineScenario({
  name: 'silent-overflow',
  title: 'The overflow of the event queue is acknowledged in the driver, but not in the hardware',
  sources: ['B-13', '67ea0b7ce418', 'arm-smmu-v3.c arm_smmu_evtq_thread()', 'SMMUv3 3.5.1', 'SMMUv3 7.4'],
  group: 'iopf',
  systems: ['smmu-stall'],
  parameters: z.object({
    streams: howMany('streams whose transactions are aborted', { max: 3, default: 1 }),
    entries: howMany('entries of the event queue', { max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'writes CONS with OVACKFLG when the queue is empty (67ea0b7ce418, v6.4)',
      expected: { verdict: 'holds', counts: [472, 936] },
    },
    'in-shadow': {
      title: "sets OVACKFLG in the driver's copy of CONS only (to v6.3)",
      expected: { verdict: 'violated', property: SHOWS, length: 11 },
    },
  },
  build({ streams, entries }, variant) {
    const thread = variant === 'fixed' ? evtqOverflowThread : evtqOverflowThreadV63;
    return defineSystem({
      actors: combineActors(
        family('stream', streams, () =>
          actor(abortedStream, { input: { eventQueue: 'evtq' }, choices: [{ type: 'STRAY_DMA' }] }),
        ),
        {
          evtq: actor(eventQueueRegisters, { input: { entries, irqThread: 'evtqThread' } }),
          evtqThread: actorOf(thread, {
            input: { name: 'evtqThread', queue: 'evtq', queueEntries: entries },
            choices: [{ type: 'RUN' }],
            rest: ['asleep'],
          }),
        },
      ),
      symmetry: interchangeable(alike(streams, 'stream')),
      properties: ({ always, reachable }) => [
        // queue_sync_prod_in() returns -EOVERFLOW where OVFLG is another than in `llq->prod`.
        always(SHOWS, (view) => {
          const [queue, driver] = [view.get('evtq').context, view.get('evtqThread')];
          const isShown = queue.prod.flag !== driver.context.prod.flag;
          return !queue.lost || isShown || !(driver.matches('asleep') || driver.matches('woken'));
        }),
        ...when(
          variant === 'fixed',
          // The other one has come to a loss that does not show before it can see that.
          reachable('the thread sees a second overflow', (view) => {
            const { prod, cons } = view.get('evtqThread').context;
            return view.get('evtqThread').matches('acknowledging') && cons.flag === 1 && prod.flag === 0;
          }),
          always('no overflow is active while the thread sleeps', (view) => {
            const { prod, cons } = view.get('evtq').context;
            return !view.get('evtqThread').matches('asleep') || !isOverflowActive(prod, cons);
          }),
        ),
        reachable('something is lost before the thread has begun', (view) => {
          return view.get('evtq').context.lost && view.get('evtqThread').matches('woken');
        }),
      ],
    });
  },
});
