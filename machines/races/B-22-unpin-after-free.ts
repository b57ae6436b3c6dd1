/**
 * B-22: a process has exited, and its device is unbound. On arm64 a bond pins the mm's ASID. Of the references to the mm, the process's own is
 * gone, the notifier's is left. arm_smmu_mmu_notifier_put() puts the notifier, and then unpins the ASID. mmu_notifier_put() only queues a
 * callback, and if that runs at once on another CPU, it drops the last reference: arm64_mm_context_put() looks into a structure that was freed.
 *
 * Fix: cbd23144f766 (v5.19, CVE-2022-49426). The descriptor that pins the ASID has a reference to the mm until it has unpinned it.
 *
 * Simplification: one mm, whose descriptor all devices share.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { armSmmuBond } from '../kernel/arm-smmu-v3/arm-smmu-bond.ts';
import { sharedCd } from '../kernel/arm-smmu-v3/shared-cd.ts';
import { sharedCdV511 } from '../kernel/arm-smmu-v3/shared-cd-v5.11.ts';
import { pinnedMm } from '../kernel/arm64/pinned-mm.ts';
import { mmuNotifierPut } from '../kernel/mm/mmu-notifier-put.ts';
import { exitingProcess } from '../kernel/mm/process-exit.ts';
import { gracePeriod } from '../kernel/rcu/grace-period.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const MM_LIFETIME = 'nobody touches the mm after it was freed';

export const unpinAfterFree = defineScenario({
  name: 'unpin-after-free',
  title: 'An mm is freed before the ASID that a bond has pinned is unpinned',
  sources: ['B-22', 'cbd23144f766', '32784a9562fb', 'arm-smmu-v3-sva.c', 'mm/mmu_notifier.c mmu_notifier_put()'],
  group: 'mm',
  systems: ['host-sva', 'mmu-notifiers'],
  parameters: z.object({
    devices: howMany('devices that the process is bound to, each with a domain of its own', { max: 3, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'who pins the ASID has a reference to the mm (cbd23144f766, v5.19)',
      expected: { verdict: 'holds', counts: [80, 180], reduced: [44, 97] },
    },
    unreferenced: {
      title: 'who pins the ASID has none (32784a9562fb, v5.11, to v5.18)',
      expected: { verdict: 'violated', property: MM_LIFETIME, length: 5 },
    },
  },
  build({ devices }, variant) {
    const bonds = combineActors(
      family('bond', devices, (i) =>
        actor(armSmmuBond, {
          input: { process: 'process', cd: 'cd', notifier: `notifier${i}` },
          choices: [{ type: 'BIND' }, { type: 'UNBIND' }, { type: 'RUN' }],
          rest: ['unbound', 'bound', 'closed'],
        }),
      ),
      family('notifier', devices, (i) =>
        actor(mmuNotifierPut, { input: { name: `notifier${i}`, mm: 'mm', srcu: 'srcu' } }),
      ),
    );
    const mm = {
      process: actor(exitingProcess, { input: { mm: 'mm' }, choices: [{ type: 'EXIT' }], rest: ['running', 'gone'] }),
      cd: actorOf(variant === 'fixed' ? sharedCd : sharedCdV511, { input: { mm: 'mm' } }),
      mm: actor(pinnedMm, { input: { name: 'mm' } }),
      srcu: actor(gracePeriod, {
        choices: [{ type: 'RUN' }],
        rest: ({ context }) => context.callbacks.length === 0,
      }),
    };
    return defineSystem({
      actors: combineActors(bonds, mm),
      unsent: 'ignore',
      blocking: ['OPEN'],
      symmetry: interchangeable(alike(devices, 'bond', 'notifier')),
      properties: ({ always, reachable, happens }) => [
        noUseAfterFree(MM_LIFETIME, { objects: ['mm'], free: 'FREE', allocated: ['mm'] }),
        // In the other one it is false before anybody touches the mm.
        ...when(
          variant === 'fixed',
          always('an mm that is freed has no pins', (view) => {
            return !view.get('mm').matches('freed') || view.get('mm').context.pinned === 0;
          }),
        ),
        reachable('the callback is over before the ASID is unpinned, and the process has exited', (view) => {
          const isBetween = view.get('bond0').matches('notifierPut') && view.get('notifier0').matches('unregistered');
          return isBetween && view.get('process').matches('gone');
        }),
        happens('an mm is freed', { type: 'FREE', to: 'mm' }),
      ],
    });
  },
});
