/**
 * System 8, the PRI queue of an SMMUv3 and all that it answers by itself (SMMUv3 8.1, 8.2): who answers what, and is each group answered once?
 *
 * At an overflow the SMMU answers the last request of a group. A function that needs the PASID in its answers takes that answer for its group only where it
 * has one: with SMMU_IDR3.PPS, or with STE.PPAR, which the driver has to set (`fixed`, `pps`; `no-ppar`). Without, the function sets UPRGI, and waits
 * for ever. So the STE must not be written before the function has stopped (`ste-first`).
 *
 * With PRIQEN = 0 each request is answered Failure, and PRI of the function is off until somebody resets it: `queue-first`, as
 * arm_smmu_device_disable() does it at a shutdown. An STE that cannot be read has the same answer at an overflow (`invalid-ste`).
 *
 * When the write of an entry is aborted, the entry is lost and nobody answers it, and until PRIQ_ABT_ERR is acknowledged everything is answered Failure.
 * arm_smmu_gerror_handler() prints a line and acknowledges (`abort-printed`). The function's PRI has to be reset, and not before what is
 * in the queue was handled (`abort-reset`; `abort-undrained`). No kernel does that; PRI on SMMUv3 is in none yet.
 */
import { z } from 'zod';
import { always, happens, leadsTo, type SystemView } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { gerrorHandler } from '../kernel/arm-smmu-v3/gerror.ts';
import { gerrorHandlerResetsPri } from '../kernel/arm-smmu-v3/gerror-resets-pri.ts';
import { gerrorHandlerSkipsQueue } from '../kernel/arm-smmu-v3/gerror-skips-queue.ts';
import { priqShutdown } from '../kernel/arm-smmu-v3/priq-shutdown.ts';
import { priqShutdownQueueFirst } from '../kernel/arm-smmu-v3/priq-shutdown-queue-first.ts';
import { priqShutdownSteFirst } from '../kernel/arm-smmu-v3/priq-shutdown-ste-first.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { answeringQueue, queueAborts, queueShutsDown } from '../rigs/pri-answers.ts';

const STAYS_ON = 'no Response Failure turns PRI off';
const OWN_ANSWER = 'an answer is for a group that waits for it, and for no later use of its index';
const isAnswered = (index: string) => `a complete group ${index} is answered some day`;

const ppar = { pps: false, ppar: true, isSteValid: true };
const none = { ...ppar, ppar: false };
const queues = {
  fixed: ppar,
  pps: { ...none, pps: true },
  'no-ppar': none,
  'invalid-ste': { ...none, isSteValid: false },
  'ste-first': ppar,
  'queue-first': ppar,
};
const threads = {
  fixed: priqShutdown,
  pps: priqShutdown,
  'no-ppar': priqShutdown,
  'invalid-ste': priqShutdown,
  'ste-first': priqShutdownSteFirst,
  'queue-first': priqShutdownQueueFirst,
};
const handlers = {
  'abort-reset': gerrorHandlerResetsPri,
  'abort-printed': gerrorHandler,
  'abort-undrained': gerrorHandlerSkipsQueue,
};

export const automaticAnswers = defineScenario({
  name: 'automatic-answers',
  title: 'The SMMU answers page requests by itself: at an overflow, with its queue off, and after an abort',
  sources: ['SMMUv3 8.1', 'SMMUv3 8.2', 'SMMUv3 7.5', 'arm-smmu-v3.c arm_smmu_gerror_handler()', 'PCIe 10.4.2'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the function', { max: 3, default: 2 }),
    entries: howMany('entries of the queue', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'STE.PPAR is set, and the function stops before its STE and the queue go',
      expected: { verdict: 'holds', counts: [2_477, 8_036] },
    },
    pps: {
      title: 'the same with IDR3.PPS, where STE.PPAR does not matter',
      expected: { verdict: 'holds', counts: [2_477, 8_036] },
    },
    'no-ppar': {
      title: 'the driver leaves STE.PPAR out: automatic answers have no PASID',
      expected: { verdict: 'violated', property: OWN_ANSWER, length: 2 },
    },
    'invalid-ste': {
      title: 'the STE of the function cannot be read when the queue overflows',
      expected: { verdict: 'violated', property: STAYS_ON, length: 2 },
    },
    'ste-first': {
      title: 'the STE is cleared before the function has stopped',
      expected: { verdict: 'violated', property: OWN_ANSWER, length: 3 },
    },
    'queue-first': {
      title: 'PRIQEN is cleared before the function has stopped (arm_smmu_device_disable())',
      expected: { verdict: 'violated', property: STAYS_ON, length: 2 },
    },
    'abort-reset': {
      title: 'after an abort the queue is handled, and the PRI of the function is reset',
      expected: { verdict: 'holds', counts: [2_037, 7_972] },
    },
    'abort-printed': {
      title: 'after an abort a line is printed, and no more (arm_smmu_gerror_handler())',
      expected: { verdict: 'violated', property: isAnswered('prg0') },
    },
    'abort-undrained': {
      title: 'after an abort the PRI of the function is reset with requests of it in the queue',
      expected: { verdict: 'violated', property: OWN_ANSWER, length: 7 },
    },
  },
  build({ indexes, entries }, variant) {
    const properties = [
      always(OWN_ANSWER, (view) => {
        const { uprgi, tookOldAnswer } = view.get('dev0').context;
        return uprgi === false && tookOldAnswer === false;
      }),
      ...names('prg', indexes).map((index) => {
        const waits = (view: SystemView) => (view.get('dev0').context.groups as Groups)[index]?.complete === true;
        return leadsTo(isAnswered(index), waits, (view) => !waits(view));
      }),
      happens('software answers a group', { to: 'dev0', type: 'PRG_RESPONSE', where: ({ by }) => by === 'priqThread' }),
    ];
    if (variant === 'abort-reset' || variant === 'abort-printed' || variant === 'abort-undrained') {
      const queue = { entries, ...ppar, gerror: 'gerror' };
      const rig = assemble(answeringQueue({ indexes, ...queue }), queueAborts(handlers[variant]));
      return defineSystem({
        ...rig.parts,
        properties: () => [
          ...properties,
          happens('the write of an entry is aborted', { type: 'GERROR' }),
          answersFailure,
        ],
      });
    }
    const rig = assemble(answeringQueue({ indexes, entries, ...queues[variant] }), queueShutsDown(threads[variant]));
    return defineSystem({
      ...rig.parts,
      properties: () => [
        always(STAYS_ON, (view) => !view.get('dev0').matches('failed')),
        ...properties,
        ...when(
          variant !== 'invalid-ste',
          happens('the SMMU answers Success by itself', { type: 'PRG_RESPONSE', where: isOfQueue('success') }),
        ),
      ],
    });
  },
});

type Groups = Readonly<Record<string, { readonly complete: boolean }>>;
const isOfQueue = (code: string) => (answer: Readonly<Record<string, unknown>>) =>
  answer.by === 'priq' && answer.code === code;
const answersFailure = happens('the SMMU answers Failure by itself', {
  type: 'PRG_RESPONSE',
  where: isOfQueue('failure'),
});
