/**
 * H-24: when the hardware has drained, intel_iommu_drain_pasid_prq() looks whether the page request queue overflows (PRO). If it does, it waits for
 * the end of a pass and begins again, and looks again. The overflow need not be its own: its PASID has been cleared, and nothing of it comes to the
 * queue any more. So who floods the queue with another PASID, or with another device, holds the detach up for as long as PRO is set at each look
 * (`v7.0`): no fairness of the scheduler ends that, only a flood that pauses does.
 *
 * The wait is for `iommu->prq_complete`, as the first one of the drain (H-14). Two drains share it here as well: one reinitialises what the
 * other has not consumed, and that one waits with PRO clear and the thread asleep (`shared`), until some device asks for a page.
 *
 * What the second look is for, the model does not show: no request of the PASID gets past it either way (`unseen`), because the hardware looks at the entry
 * before it looks for room. It may be for the answers that the hardware gives by itself (VT-d 7.10, whose text was not at hand).
 *
 * Fix (ours): drain once more when the overflow that was seen is over, and do not look again.
 *
 * A candidate, by our own analysis of intel/prq.c of 7.0 (kangharison/linux-study, July 2026), never run on a kernel.
 *
 * Simplifications: those of the machines; the flood is of another PASID of the same function; groups of one request; as many credits as indexes.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { groupsOfOne, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestRegistersOverflow } from '../hardware/vtd/page-request-registers-overflow.ts';
import { pasidTable } from '../hardware/vtd/pasid-table.ts';
import { drainOverflowOnce } from '../kernel/intel/drain-overflow-once.ts';
import { drainOverflowUnseen } from '../kernel/intel/drain-overflow-unseen.ts';
import { drainOverflowV70 } from '../kernel/intel/drain-overflow-v7.0.ts';
import { prqOverflowThreadCompletes } from '../kernel/intel/prq-overflow-completes.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { completion } from '../kernel/sched/completion.ts';
import { names } from '../parts/names.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const RUN = { type: 'RUN' } as const;
const DRAIN_RETURNS = 'a drain comes back';
const WAKES = 'no drain waits with PRO clear and the thread asleep';

const versions = {
  fixed: { drain: drainOverflowOnce, drains: 1 },
  'v7.0': { drain: drainOverflowV70, drains: 1 },
  shared: { drain: drainOverflowV70, drains: 2 },
  unseen: { drain: drainOverflowUnseen, drains: 1 },
};

export const drainUnderFlood = defineScenario({
  name: 'drain-under-flood',
  title: 'A PASID is drained while another one floods the page request queue',
  sources: ['H-24', 'drivers/iommu/intel/prq.c intel_iommu_drain_pasid_prq(), prq_event_thread()', 'VT-d 7.10'],
  group: 'iopf',
  systems: ['vtd-prq', 'iommufd'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the function', { min: 2, max: 3, default: 2 }),
    entries: howMany('entries of the queue; with as many as indexes it never overflows', { max: 2, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'drains once more after an overflow, and does not look again',
      expected: { verdict: 'holds', counts: [6_572, 21_435] },
    },
    'v7.0': {
      title: 'drains again for as long as PRO is set (7.0)',
      expected: { verdict: 'violated', property: DRAIN_RETURNS, length: 19 },
    },
    shared: {
      title: 'the same, by two drains at a time',
      expected: { verdict: 'violated', property: WAKES, length: 20 },
    },
    unseen: { title: 'does not look whether PRO is set', expected: { verdict: 'holds', counts: [4_959, 16_216] } },
  },
  build({ indexes, entries }, variant) {
    const { drain, drains } = versions[variant];
    const drained = names('pasid', drains);
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          dev0: actor(pasidFunction, {
            input: { name: 'dev0', iommu: 'table' },
            choices: [...drained, 'flood'].flatMap((pasid) => groupsOfOne(indexes, pasid)),
            rest: ({ context }) => Object.keys(context.groups).length === 0,
          }),
          table: actor(pasidTable, { input: { name: 'table', queue: 'registers', present: [...drained, 'flood'] } }),
          registers: actor(pageRequestRegistersOverflow, { input: { name: 'registers', entries, thread: 'irq' } }),
          irq: actor(prqOverflowThreadCompletes, {
            input: { name: 'irq', registers: 'registers', core: 'core', completion: 'prqComplete' },
            choices: [RUN],
            rest: ['asleep'],
          }),
          prqComplete: actor(completion),
          core: actor(iopfCoreV70, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
          array: actor(pasidArray, {
            input: { handles: Object.fromEntries([...drained, 'flood'].map((pasid) => [pasid, 'handle0'])) },
          }),
          handle0: actor(attachHandle, { input: { handler: 'groups', isAttached: true } }),
          groups: actor(heldGroups, {
            input: { core: 'core' },
            choices: [RUN],
            rest: ({ context }) => context.held.length === 0,
          }),
        },
        family('drain', drains, (at) =>
          actorOf(drain, {
            input: {
              name: `drain${at}`,
              pasid: `pasid${at}`,
              device: 'dev0',
              table: 'table',
              registers: 'registers',
              completion: 'prqComplete',
            },
            choices: [{ type: 'DETACH' }, RUN],
            rest: ['attached', 'drained'],
          }),
        ),
      ),
      blocking: ['DRAIN', 'WAIT'],
      properties: ({ always, leadsTo, happens, reachable }) => [
        always('what was drained has nothing in the queue', (view) => {
          const { requests } = view.get('registers').context;
          return drained.every((name, at) => {
            return view.get(`drain${at}`).value !== 'drained' || requests.every(({ pasid }) => pasid !== name);
          });
        }),
        always(WAKES, (view) => {
          const isOver = view.get('registers').matches('normal') && view.get('irq').matches('asleep');
          if (!isOver || !view.get('prqComplete').matches('pending')) return true;
          return drained.every((_, at) => view.get(`drain${at}`).value !== 'waiting');
        }),
        leadsTo(
          DRAIN_RETURNS,
          (view) => view.get('drain0').value === 'stopped',
          (view) => view.get('drain0').value === 'drained',
        ),
        reachable('the queue overflows while a drain is under way', (view) => {
          return view.get('drain0').value === 'scanned' && view.get('registers').matches('overflow');
        }),
        reachable('a PASID is torn down while a request of it is in the queue', (view) => {
          const { requests } = view.get('registers').context;
          return view.get('drain0').value === 'cleared' && requests.some(({ pasid }) => pasid === 'pasid0');
        }),
        happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'core' }),
      ],
    });
  },
});
