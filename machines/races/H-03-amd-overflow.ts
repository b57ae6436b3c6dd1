/**
 * H-03: the page request log of an AMD IOMMU overflows after the first request of a group, and the last one is discarded. Linux takes out what there
 * is and restarts the log (274c2218b8b2, v6.6), but what waits for the rest of its group stays in the partial list (the second half of B-36). Where
 * the hardware answers such a request by itself (PPR auto response), the index is used again, and the next group takes the old request along.
 *
 * Fix: discard before the restart, as VT-d does. To discard first is too early: the entries that were logged before the overflow come after it.
 * Linux 7.0 does not turn auto response on. Without it the group has no answer at all, and the index comes back with a reset only, which since 7.0
 * blocks the device first (pci_dev_reset_iommu_prepare()), and so discards. So the merge needs a driver or firmware that does otherwise.
 *
 * A candidate, by our own analysis of amd/iommu.c, amd/init.c and amd/ppr.c of 7.0 (kangharison/linux-study of July 2026). It was never run on
 * a kernel.
 *
 * Simplifications: one PASID; `ppr-log-overflows.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pprLogOverflows } from '../hardware/amd/ppr-log-overflows.ts';
import { groupsOfTwo, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pprOverflowThreadDiscards } from '../kernel/amd/ppr-overflow-discards.ts';
import { pprOverflowThreadDiscardsFirst } from '../kernel/amd/ppr-overflow-discards-first.ts';
import { pprOverflowThread } from '../kernel/amd/ppr-overflow-v7.0.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { actorOf } from '../rigs/version.ts';

const RUN = { type: 'RUN' } as const;
const UNMIXED = 'no group that is handled has requests of two uses of its index';
const violated = { verdict: 'violated', property: UNMIXED } as const;

const versions = {
  fixed: pprOverflowThreadDiscards,
  'v7.0': pprOverflowThread,
  'discard-first': pprOverflowThreadDiscardsFirst,
};

export const amdOverflow = defineScenario({
  name: 'amd-overflow',
  title: 'The page request log of an AMD IOMMU overflows in the middle of a group, and is restarted',
  sources: [
    'H-03',
    'B-36',
    '274c2218b8b2',
    'drivers/iommu/amd/init.c amd_iommu_restart_log()',
    'drivers/iommu/amd/iommu.c amd_iommu_handle_irq()',
  ],
  group: 'iopf',
  // systems: ['amd-ppr']
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(1).describe('entries of the page request log'),
  }),
  variants: {
    fixed: { title: 'discards before the restart', expected: { verdict: 'holds', counts: [3_769, 12_980] } },
    'v7.0': { title: 'discards nothing (7.0)', expected: { ...violated, length: 9 } },
    'discard-first': { title: 'discards before it takes the entries out', expected: { ...violated, length: 9 } },
  },
  build({ indexes, entries }, variant) {
    return defineSystem({
      unsent: 'ignore',
      actors: {
        dev0: actor(pasidFunction, {
          input: { name: 'dev0', iommu: 'log' },
          choices: groupsOfTwo(indexes, 'pasid1'),
          rest: ({ context }) => Object.values(context.groups).every(({ complete }) => !complete),
        }),
        log: actor(pprLogOverflows, { input: { name: 'log', entries, thread: 'irq' } }),
        irq: actorOf(versions[variant], {
          input: { name: 'irq', log: 'log', core: 'core' },
          choices: [RUN],
          rest: ['asleep'],
        }),
        core: actor(iopfCoreV70, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
        array: actor(pasidArray, { input: { handles: { pasid1: 'handle0' } } }),
        handle0: actor(attachHandle, { input: { handler: 'worker', isAttached: true } }),
        worker: actor(heldGroups, {
          input: { core: 'core' },
          choices: [RUN],
          rest: ({ context }) => context.held.length === 0,
        }),
      },
      properties: ({ always, happens, reachable }) => [
        always(UNMIXED, (view) =>
          view
            .get('worker')
            .context.held.every(({ group: { requests } }) =>
              requests.every(({ generation }) => generation === requests[0]!.generation),
            ),
        ),
        reachable('the log is stopped while a group waits for its last request', (view) => {
          return view.get('log').matches('stopped') && view.get('core').context.partial.length > 0;
        }),
        reachable('a group of two is handled', (view) => {
          return view.get('worker').context.held.some(({ group }) => group.requests.length === 2);
        }),
        happens('the log is restarted', { type: 'RESTART' }),
      ],
    });
  },
});
