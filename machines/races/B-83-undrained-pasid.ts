/**
 * B-83: on AMD a PASID is taken away, and handle and domain are freed, while requests of it are in the log, in the hands of the interrupt
 * thread, or on the work queue (amd/iommu.c blocked_domain_set_dev_pasid()). The worker follows the group's attach handle to the domain and
 * its mm; the thread calls the handler through it.
 *
 * Fix: wait until the log is empty, then until its thread sleeps, then for the work queue. A flush alone is not enough, since the thread
 * may queue more; nor is it to wait for an empty log before, since the thread moves the head before it handles the entry.
 *
 * A candidate, by our own analysis of amd/iommu.c, amd/ppr.c, amd/pasid.c and iommu-sva.c of 7.0 (kangharison/linux-study of July 2026). It
 * was never run on a kernel. The AMD specification was not read for it.
 *
 * Simplifications: groups of one request; the domain, which is freed just before, goes with the handle.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfOne } from '../hardware/pcie/pasid-function.ts';
import { pasidThreadDrains } from '../kernel/amd/pasid-drains.ts';
import { pasidThreadEmptiesLog } from '../kernel/amd/pasid-empties-log.ts';
import { pasidThreadFlushes } from '../kernel/amd/pasid-flushes.ts';
import { pasidThreadV70 } from '../kernel/amd/pasid-v7.0.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import { amdPageRequests } from '../rigs/amd-page-requests.ts';
import { assemble } from '../rigs/assemble.ts';

const violated = { verdict: 'violated', property: noFreedHandleIsUsed(['handle0']).name } as const;

const threads = {
  fixed: pasidThreadDrains,
  undrained: pasidThreadV70,
  'flush-only': pasidThreadFlushes,
  'empty-log': pasidThreadEmptiesLog,
};

export const undrainedPasid = defineScenario({
  name: 'undrained-pasid',
  title: 'A PASID is taken away while its page requests are in the log, in hand, or queued as work',
  sources: ['B-83', 'B-31', 'drivers/iommu/amd/iommu.c blocked_domain_set_dev_pasid()', 'drivers/iommu/amd/ppr.c'],
  group: 'iopf',
  systems: ['amd-ppr'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request log'),
  }),
  variants: {
    fixed: {
      title: 'waits for an empty log, then for the thread, then for the work queue',
      expected: { verdict: 'holds', counts: [679, 1_417] },
    },
    undrained: { title: 'waits for nothing (7.0)', expected: { ...violated, length: 8 } },
    'flush-only': { title: 'waits for the work queue', expected: { ...violated, length: 9 } },
    'empty-log': {
      title: 'waits for an empty log, and then for the work queue',
      expected: { ...violated, length: 10 },
    },
  },
  build({ indexes, entries }, variant) {
    const rig = assemble(amdPageRequests({ posts: groupsOfOne(indexes, 'pasid1'), entries, driver: threads[variant] }));
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable }) => [
        ...rig.always,
        reachable('the log is empty while the thread has an entry in hand', (view) => {
          return view.get('log').context.requests.length === 0 && view.get('irq').matches('taken');
        }),
        reachable('the PASID is stopped while a group is queued as work', (view) => {
          return view.get('driver').matches('stopped') && view.get('worker').context.held.length > 0;
        }),
        ...rig.shows,
      ],
    });
  },
});
