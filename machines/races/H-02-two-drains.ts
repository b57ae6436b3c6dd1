/**
 * H-02: two devices behind one VT-d IOMMU are detached at the same time, each with requests in the page request queue. Each thread reinitialises the
 * completion that both wait on, and the interrupt thread completes it once a pass, if it is not complete already. So one pass wakes one of them; or
 * none, where the other one reinitialises in between. Who is left waits, uninterruptibly and with its group's mutex held, until some device asks for
 * a page again.
 *
 * `complete_all()` is not enough, since the reinitialisation of one still takes what the other was to be woken by. Fix: one drain at a time.
 *
 * A candidate, by our own analysis of intel/prq.c of 7.0 (kangharison/linux-study of July 2026); `iommu_sva_lock` keeps two SVA unbinds apart, but
 * not a detach by iommufd or VFIO from them, nor from another. It was never run on a kernel.
 *
 * Simplifications: `drain-prq.ts`; a request is answered in place.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { drainThread } from '../kernel/intel/drain-prq.ts';
import { drainThreadSerialized } from '../kernel/intel/drain-prq-serialized.ts';
import { prqEventThread } from '../kernel/intel/prq-event-thread.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { completion } from '../kernel/sched/completion.ts';
import { completionAll } from '../kernel/sched/completion-all.ts';
import { names, pairs } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { answeringCores } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';
import { vtdDescriptors } from '../rigs/vtd-descriptors.ts';

type Cores = Readonly<Record<`dev${number}`, `core${number}`>>;

const ENDS = 'a drain ends';
const violated = { verdict: 'violated', property: 'no deadlock', length: 12 } as const;

const versions = {
  fixed: { drain: drainThreadSerialized, complete: completion },
  'one-completion': { drain: drainThread, complete: completion },
  'complete-all': { drain: drainThread, complete: completionAll },
};

export const twoDrains = defineScenario({
  name: 'two-drains',
  title: 'Two devices of one IOMMU are detached at once, and both drains wait on one completion',
  sources: ['H-02', 'drivers/iommu/intel/prq.c intel_iommu_drain_pasid_prq()', 'kernel/sched/completion.c'],
  group: 'iopf',
  // systems: ['vtd-prq']
  parameters: z.object({
    devices: howMany('devices behind the IOMMU, each of which is detached', { min: 2, max: 3, default: 2 }),
    entries: howMany('entries of the page request queue', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: { title: 'one drain at a time', expected: { verdict: 'holds', counts: [991, 2_504] } },
    'one-completion': { title: 'all drains share the completion (7.0)', expected: violated },
    'complete-all': { title: 'the same, and the thread wakes all who wait', expected: violated },
  },
  build({ devices: count, entries }, variant) {
    const { drain, complete } = versions[variant];
    const devices = names('dev', count);
    const ring = { entries, thread: prqEventThread, complete, devices: pairs(devices, names('core', count)) as Cores };
    const rig = assemble(vtdDescriptors(ring), answeringCores(count), {
      actors: combineActors(
        family('dev', count, (at) =>
          actor(faultingFunction, {
            input: { name: `dev${at}`, queue: 'prq', pages: ['page0'] },
            choices: [{ type: 'REQUEST', index: 'prg0' }],
            rest: ({ context }) => Object.keys(context.posted).length === 0,
          }),
        ),
        family('drain', count, (at) =>
          actorOf(drain, {
            input: {
              name: `drain${at}`,
              device: `dev${at}`,
              queue: 'prq',
              completion: 'prqComplete',
              lock: 'drainLock',
            },
            choices: [{ type: 'DETACH' }, { type: 'RUN' }],
            rest: ['attached', 'detached'],
          }),
        ),
        { drainLock: actor(mutex, { rest: ['free'] }) },
      ),
    });
    return defineSystem({
      ...rig.parts,
      blocking: [...rig.parts.blocking, 'WAIT' as never],
      properties: ({ leadsTo, reachable }) => [
        leadsTo(
          ENDS,
          (view) => view.get('drain0').matches('armed'),
          (view) => view.get('drain0').matches('detached'),
        ),
        reachable('a drain waits for a pass', (view) => view.get('drain0').matches('waiting')),
        reachable('two drains are under way', (view) =>
          names('drain', 2).every((name) => !view.get(name).matches('attached')),
        ),
      ],
    });
  },
});
