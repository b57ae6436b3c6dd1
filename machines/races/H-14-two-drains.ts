/**
 * H-14: a drain of VT-d's page request queue waits for the end of a pass by `iommu->prq_complete`, one completion for each IOMMU
 * (intel/prq.c intel_iommu_drain_pasid_prq()). It is called under the mutex of the device's group, so two drains of two groups run at
 * the same time. The thread of the queue completes once, which lets one of them go on; and each begins with reinit_completion(), which
 * takes back what the other has not consumed. The other one waits for a pass that comes only with the next page request of any device
 * behind this IOMMU, with its group's mutex held; the devices that are drained are quiet.
 *
 * complete_all() alone is no repair (`completes-all`): a drain that scans again reinitialises the completion before the other has run.
 *
 * The scan after the wait is needed (`scans-once`): the pass that ends may have begun before the last request came.
 *
 * Fix (ours): one drain of an IOMMU at a time; or a wait queue and a condition, "nothing of this device is in the queue".
 *
 * A candidate, by our own analysis of intel/prq.c of 7.0 (kangharison/linux-study, July 2026), never run on a kernel. An unbind of
 * shared virtual addressing holds the core's `iommu_sva_lock` around it, so those are one at a time; what iommufd and VFIO detach is
 * not.
 *
 * Simplifications: a device is stopped before its drain begins; requests are answered within their report; the wait for an overflow,
 * which uses the same completion, is left out.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { drainPrqOneAtATime } from '../kernel/intel/drain-prq-one-at-a-time.ts';
import { drainPrqScansOnce } from '../kernel/intel/drain-prq-scans-once.ts';
import { type DrainPrqInput, drainPrqV70 } from '../kernel/intel/drain-prq-v7.0.ts';
import { prqEventThread } from '../kernel/intel/prq-event-thread.ts';
import { answersAtOnce } from '../kernel/io-pgfault/answers-at-once.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { completionAll } from '../kernel/sched/completion-all.ts';
import { names, pairs } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { faultingFunctions } from '../rigs/faulting-functions.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { actorOf } from '../rigs/version.ts';
import { vtdDescriptors } from '../rigs/vtd-descriptors.ts';

const DRAINED = 'what was drained has nothing in the queue';

const versions = {
  fixed: { drain: drainPrqOneAtATime },
  shared: { drain: drainPrqV70 },
  'scans-once': { drain: drainPrqScansOnce },
  'completes-all': { drain: drainPrqV70, complete: completionAll },
};

export const twoDrains = defineScenario({
  name: 'two-drains',
  title: 'Two devices of one IOMMU are drained at the same time, and share one completion',
  sources: ['H-14', 'drivers/iommu/intel/prq.c intel_iommu_drain_pasid_prq(), prq_event_thread()'],
  group: 'iopf',
  systems: ['vtd-prq', 'iommufd'],
  parameters: z.object({
    devices: z
      .number()
      .int()
      .min(1)
      .max(3)
      .default(2)
      .describe('devices behind the IOMMU, each with a thread that drains'),
    indexes: z.number().int().min(1).max(2).default(1).describe('page request group indexes of each device'),
  }),
  variants: {
    fixed: { title: 'one drain of an IOMMU at a time', expected: { verdict: 'holds', counts: [581, 1_482] } },
    shared: {
      title: 'each drain reinitialises the completion, and waits for it (7.0)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 9 },
    },
    'scans-once': {
      title: 'one drain of an IOMMU at a time, which waits for the end of one pass and takes the queue to be drained',
      expected: { verdict: 'violated', property: DRAINED, length: 9 },
    },
    'completes-all': {
      title: 'the same, and the thread completes for all who wait',
      expected: { verdict: 'violated', property: 'no deadlock', length: 9 },
    },
  },
  build({ devices, indexes }, variant) {
    const { drain, ...complete } = versions[variant];
    const deviceNames = names('dev', devices);
    const thread = (device: string, name: string): { readonly input: DrainPrqInput } => ({
      input: { name, device, queue: 'prq', completion: 'prqComplete', lock: 'drainLock' },
    });
    const rig = assemble(
      { actors: { guest: startsFaultingDma(deviceNames, names('prg', indexes)) }, blocking: ['REQUEST'] },
      faultingFunctions({ devices, indexes }),
      vtdDescriptors({
        entries: devices * indexes,
        thread: prqEventThread,
        devices: pairs(deviceNames, names('core', devices)) as Readonly<Record<`dev${number}`, `core${number}`>>,
        ...complete,
      }),
      {
        actors: family('core', devices, (at) =>
          actor(answersAtOnce, { input: { name: `core${at}`, device: `dev${at}` } }),
        ),
      },
      {
        actors: family('drain', devices, (at) =>
          actorOf(drain, {
            ...thread(`dev${at}`, `drain${at}`),
            choices: [{ type: 'DETACH' }, { type: 'RUN' }],
            rest: ['attached', 'drained'],
          }),
        ),
        blocking: ['WAIT'],
      },
      { actors: { drainLock: actor(mutex) } },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ always, happens, leadsTo, reachable }) => [
        ...rig.always,
        always(DRAINED, (view) => {
          const { descriptors } = view.get('prq').context as { descriptors: readonly { device: string }[] };
          return deviceNames.every((name, at) => {
            return view.get(`drain${at}`).value !== 'drained' || descriptors.every(({ device }) => device !== name);
          });
        }),
        ...names('drain', devices).map((name) =>
          leadsTo(
            `${name} returns`,
            (view) => view.get(name).matches('stopped'),
            (view) => view.get(name).matches('drained'),
          ),
        ),
        happens('a drain has waited for the end of a pass', { to: 'prqComplete', type: 'WAIT' }),
        ...(devices > 1
          ? [
              reachable('two devices are being drained', (view) => {
                return (
                  names('drain', devices).filter(
                    (name) => !['attached', 'drained'].includes(view.get(name).value as string),
                  ).length > 1
                );
              }),
            ]
          : []),
      ],
    });
  },
});
