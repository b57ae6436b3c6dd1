/**
 * System 17, and both halves of B-36: the page request log of an AMD IOMMU overflows. Who restarts it, and what becomes of the groups that
 * the overflow has cut in two?
 *
 * To v6.5 nobody restarted it (274c2218b8b2). Since then amd_iommu_handle_irq() writes the interrupt bit and the overflow bit back whichever
 * of them it has read. The log may overflow between the read and the write: then the bit is gone unseen, the log is stopped for ever, and
 * no more page request gets an answer. Fix: write back what was read.
 *
 * amd_iommu_restart_ppr_log() does not discard partial requests either. That cannot merge two groups as long as nobody answers a group
 * that was cut: its index is not used again, and the device waits for ever. So Linux, which leaves PprAutoRspEn off, loses the group. With the
 * bit on, the IOMMU answers, the index comes again, and the restart has to discard; in the same pass that saw the overflow, since only
 * then is the log known to have been emptied.
 *
 * The window is a candidate, by our own analysis of amd/iommu.c and amd/init.c of 6.18 and 7.0. It was never run on a machine. It counts on
 * a stopped log not to set PprOverflow again once that was cleared; `hardware/amd/ppr-log-overflows.ts` says where that is from.
 *
 * Simplifications: those of the machines; an overflow needs more credits than entries (B-09).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pprLogOverflows } from '../hardware/amd/ppr-log-overflows.ts';
import { groupsOfOne, groupsOfTwo } from '../hardware/pcie/pasid-function.ts';
import { pprThreadNeverRestarts } from '../kernel/amd/ppr-never-restarts.ts';
import { pprThreadRestarts } from '../kernel/amd/ppr-restarts.ts';
import { pprThreadRestartsClearsRead } from '../kernel/amd/ppr-restarts-clears-read.ts';
import { pprThreadRestartsDiscards } from '../kernel/amd/ppr-restarts-discards.ts';
import { pprThreadRestartsDiscardsClearsBoth } from '../kernel/amd/ppr-restarts-discards-clears-both.ts';
import { pprThreadRestartsStopped } from '../kernel/amd/ppr-restarts-stopped.ts';
import { groupsAreAnswered, noMixedGroup, noSecondAnswer } from '../monitors/pasid-groups.ts';
import { names } from '../parts/names.ts';
import { amdRequestPath } from '../rigs/amd-page-requests.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';

const RUNS = 'the thread does not sleep while the log is stopped';
const stopped = { verdict: 'violated', property: RUNS } as const;
const merged = { verdict: 'violated', property: noMixedGroup().name } as const;

const threads = {
  fixed: pprThreadRestartsDiscards,
  'never-restarts': pprThreadNeverRestarts,
  'lost-overflow': pprThreadRestarts,
  'clears-both': pprThreadRestartsDiscardsClearsBoth,
  'no-discard': pprThreadRestartsClearsRead,
  'any-stop': pprThreadRestartsStopped,
  'no-answer': pprThreadRestartsDiscards,
  'merges-only': pprThreadRestarts,
};

export const pprLogRestart = defineScenario({
  name: 'ppr-log-restart',
  title: 'The page request log of an AMD IOMMU overflows and is restarted, or not',
  sources: [
    'B-36',
    'B-09',
    '274c2218b8b2',
    '5ce97f4ec5e0',
    'drivers/iommu/amd/iommu.c amd_iommu_handle_irq()',
    'drivers/iommu/amd/ppr.c amd_iommu_restart_ppr_log()',
  ],
  group: 'iopf',
  systems: ['amd-ppr'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the function', { min: 2, max: 3, default: 2 }),
    entries: howMany('entries of the log; with more than indexes it never overflows', { max: 3, default: 2 }),
  }),
  variants: {
    fixed: {
      title:
        'automatic answers are on; what was read is written back; partial requests are discarded, and the log restarted',
      expected: { verdict: 'holds', counts: [6_400, 16_452] },
    },
    'never-restarts': { title: 'nobody restarts the log (to v6.5)', expected: { ...stopped, length: 14 } },
    'lost-overflow': {
      title: 'both bits are written back, whichever was read; nothing is discarded; no automatic answers (v6.6 to 7.0)',
      expected: { ...stopped, length: 14 },
    },
    'clears-both': { title: 'as fixed, but both bits are written back', expected: { ...stopped, length: 14 } },
    'no-discard': { title: 'as fixed, but nothing is discarded', expected: { ...merged, length: 21 } },
    'any-stop': {
      title:
        'discards, and restarts, wherever the log is stopped after a pass, whether that pass saw the overflow or not',
      expected: { ...merged, length: 22 },
    },
    'no-answer': {
      title: 'as fixed, but automatic answers are off, as Linux leaves them',
      expected: { verdict: 'violated', property: groupsAreAnswered('prg0').name },
    },
    'merges-only': {
      title: 'as v6.6 to 7.0, and only what is handed to a handler is looked at',
      expected: { verdict: 'holds', counts: [2_785, 4_981] },
    },
  },
  build({ indexes, entries }, variant) {
    const pprAutoRspEn = !['no-answer', 'lost-overflow', 'merges-only'].includes(variant);
    const rig = assemble(
      amdRequestPath({
        // The others fill the log.
        posts: [...groupsOfTwo(1, 'pasid1'), ...groupsOfOne(indexes, 'pasid1').slice(1)],
        log: actor(pprLogOverflows, { input: { name: 'log', entries, thread: 'irq', pprAutoRspEn } }),
        thread: threads[variant],
      }),
    );
    return defineSystem({
      ...rig.parts,
      deadlock: 'ignore',
      properties: ({ always, reachable, happens }) => [
        noMixedGroup(),
        ...(variant === 'merges-only'
          ? []
          : [
              always(RUNS, (view) => !view.get('irq').matches('asleep') || view.get('log').matches('running')),
              noSecondAnswer('log'),
              ...names('prg', indexes).map((index) => groupsAreAnswered(index)),
            ]),
        reachable('the log is stopped with a partial request in the core', (view) => {
          return view.get('log').matches('stopped') && view.get('core').context.partial.length > 0;
        }),
        reachable('the log overflows between the read of the status and the write', (view) => {
          return (
            view.get('irq').matches('clearing') &&
            view.get('log').matches('stopped') &&
            view.get('irq').context.status?.overflow === false
          );
        }),
        happens('the log is restarted', { type: 'RESTART_LOG' }),
        ...(pprAutoRspEn
          ? [happens('the IOMMU answers a group', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'log' })]
          : []),
        ...rig.shows,
      ],
    });
  },
});
