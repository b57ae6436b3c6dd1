/**
 * B-65: the answer to a page request comes late, or never. PCIe and the kernel know no time limit: a DMA whose answer is lost
 * waits for ever. HiSilicon's accelerators have one, 4.2 s, and tests with 512 threads hit it while the kernel was merely slow.
 * Then the group is still in software; if the device uses its index again, the late answer is taken for that of the new
 * request, which is not handled yet, and the answer to that one comes when nobody waits.
 *
 * `fixed` is what a device has to do: it gives the access up, and keeps the index until the answer has come. `host-timer` is
 * what the host can do for handlers that may never answer (user space, a guest): answer for them. With the cores of v6.9 to
 * 738e6f32e61d, which answer a group once, that is enough (`host-timer-v6.9`). Since then iopf_group_response() answers in any case,
 * so the late answer of the handler reaches the device as well: such a timer now needs a mark of its own on the group.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { persistentDma } from '../hardware/pcie/persistent-dma.ts';
import { persistentDmaGivesUp } from '../hardware/pcie/persistent-dma-gives-up.ts';
import { persistentDmaReusesIndex } from '../hardware/pcie/persistent-dma-reuses-index.ts';
import { iopfCore738e6f32e61d } from '../kernel/io-pgfault/738e6f32e61d.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { exactlyOneAnswer, noUnexpectedAnswer } from '../monitors/page-requests.ts';
import { isLeft } from '../monitors/progress.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { timedHandlers, waitingFunctions } from '../rigs/timed-answers.ts';

const GROUPS_OF_DEV0 = { device: 'dev0', index: 'prg0' };
const waitEnds = (index: number) => `dma${index} does not wait for an answer for ever`;

/** How long a device waits, whether the host has a timer, and whether the handler, somewhere in user space, may never answer. */
const limits = {
  fixed: { dma: persistentDmaGivesUp, hasTimer: false, mayNeverAnswer: false },
  'host-timer-v6.9': { dma: persistentDma, hasTimer: true, mayNeverAnswer: true },
  'host-timer': { dma: persistentDma, hasTimer: true, mayNeverAnswer: true },
  'index-reused': { dma: persistentDmaReusesIndex, hasTimer: false, mayNeverAnswer: false },
  'no-timeout': { dma: persistentDma, hasTimer: false, mayNeverAnswer: true },
};

export const iopfTimeout = defineScenario({
  name: 'iopf-timeout',
  title: 'A device waits no longer for its answer, or waits for ever',
  sources: [
    'B-65',
    'D-24',
    'seed:003',
    '738e6f32e61d',
    'iommu: introduce page response timeout (2018)',
    'PCIe 6.0 10.4.2',
  ],
  group: 'iopf',
  systems: ['iopf-core-v6.9'],
  parameters: z.object({
    devices: howMany('PCIe functions with PRI, with one DMA at a time each', { max: 3, default: 2 }),
    workers: howMany('workers that handle faults', { max: 2, default: 1 }),
    generations: howMany('uses of an index that the monitor can tell apart', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'the device gives the access up after 4.2 s, and keeps the index until its answer comes',
      expected: { verdict: 'holds', counts: [1_440, 4_736] },
    },
    'host-timer-v6.9': {
      title:
        'the handler may never answer, and a timer of the host answers for it; a group is answered once (v6.9 to 738e6f32e61d)',
      expected: { verdict: 'holds', counts: [14_752, 57_488] },
    },
    'host-timer': {
      title:
        'the handler may never answer, and a timer of the host answers for it; every answer goes out (since 738e6f32e61d)',
      expected: { verdict: 'violated', property: noUnexpectedAnswer([]).name, length: 6 },
    },
    'index-reused': {
      title: 'the device gives the access up after 4.2 s, and uses the index again before its answer comes',
      expected: { verdict: 'violated', property: exactlyOneAnswer(GROUPS_OF_DEV0).name, length: 7 },
    },
    'no-timeout': {
      title: 'the handler may never answer, and neither the host nor the device has a time limit',
      expected: { verdict: 'violated', property: waitEnds(0) },
    },
  },
  build({ devices, workers, generations }, variant) {
    const { dma, hasTimer, mayNeverAnswer } = limits[variant];
    const core = variant === 'host-timer-v6.9' ? iopfCore : iopfCore738e6f32e61d;
    const deviceNames = names('dev', devices);
    const rig = assemble(
      waitingFunctions({ devices, dma, generations }),
      timedHandlers({ devices, workers, core, timers: hasTimer ? devices : 0 }),
    );
    return defineSystem({
      ...rig.parts,
      // Nobody can promise that a handler in user space answers: it may hang, or its guest may be stopped.
      fairness: mayNeverAnswer
        ? Object.fromEntries(names('worker', workers).map((name) => [name, 'none' as const]))
        : {},
      properties: ({ reachable, happens }) => [
        ...when(variant !== 'index-reused', noUnexpectedAnswer(deviceNames)),
        // Where answers may never come, that is reported by the next one.
        ...when(
          !mayNeverAnswer || hasTimer,
          ...deviceNames.map((device) => exactlyOneAnswer({ device, index: 'prg0' })),
        ),
        ...names('dma', devices).map((name, index) => isLeft('waiting', name, waitEnds(index))),
        reachable('a page is faulted in', (view) => view.get('page0').matches('present')),
        happens('an index is used again', { type: 'POST', where: (event) => (event.generation as number) > 0 }),
        ...when(
          variant === 'fixed',
          reachable('an access is given up while its group is in software', (view) => {
            return view.get('dma0').value === 'givenUp' && view.get('core0').context.pending.length > 0;
          }),
        ),
        ...when(variant === 'index-reused', happens('an index is abandoned', { type: 'ABANDON' })),
        ...when(
          hasTimer,
          happens('the host answers for a handler', { type: 'RESPOND', where: ({ code }) => code === 'invalid' }),
          reachable('a handler is about to answer a group that has its answer', (view) => {
            return view.get('worker0').matches('responding') && view.get('core0').context.pending.length === 0;
          }),
        ),
      ],
    });
  },
});
