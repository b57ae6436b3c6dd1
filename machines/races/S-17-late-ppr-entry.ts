/**
 * System 17: the interrupt of an AMD IOMMU's page request log, and the tail, may be ahead of the entry itself (amd/ppr.c
 * amd_iommu_poll_ppr_log(), "Hardware bug"). So the thread reads the slot until the type of the request is not 0, and writes zeros to it when
 * it has a copy: without the zeros it would find the request of the last lap, and take it for the new one.
 *
 * The wait has a limit of a tenth of a second. A later entry is dropped together with its place. Then the slot, zeroed already, gets the
 * request after all, and whoever comes there on the next lap takes it for his own: from then on each request is handled one too late.
 * We know of no report of hardware that late.
 *
 * Simplifications: those of the machines; groups of one request; the log never overflows (`ppr-log-restart`).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pprLogLate } from '../hardware/amd/ppr-log-late.ts';
import { groupsOfOne } from '../hardware/pcie/pasid-function.ts';
import { pprThreadWaits } from '../kernel/amd/ppr-waits.ts';
import { pprThreadLeavesSlot } from '../kernel/amd/ppr-waits-leaves-slot.ts';
import { pprThreadWaitsNot } from '../kernel/amd/ppr-waits-not.ts';
import { pprThreadWaitsV70 } from '../kernel/amd/ppr-waits-v7.0.ts';
import { groupsAreAnswered, noSecondAnswer } from '../monitors/pasid-groups.ts';
import { names } from '../parts/names.ts';
import { amdRequestPath } from '../rigs/amd-page-requests.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';

const threads = {
  fixed: pprThreadWaits,
  'times-out': pprThreadWaitsV70,
  'no-wait': pprThreadWaitsNot,
  'no-zeros': pprThreadLeavesSlot,
};

const lost = { verdict: 'violated', property: groupsAreAnswered('prg0').name } as const;

export const latePprEntry = defineScenario({
  name: 'late-ppr-entry',
  title: 'An entry of the page request log comes after its interrupt',
  sources: ['drivers/iommu/amd/ppr.c amd_iommu_poll_ppr_log()', 'AMD erratum 733'],
  group: 'iopf',
  systems: ['amd-ppr'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the function', { max: 3, default: 2 }),
    entries: howMany('entries of the log', { max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'waits for the entry as long as it takes, and writes zeros when it has it',
      expected: { verdict: 'holds', counts: [972, 1_950] },
    },
    'times-out': {
      title: 'waits for a tenth of a second, then takes the slot as it is (to 7.0)',
      expected: lost,
    },
    'no-wait': { title: 'takes the slot as it is', expected: lost },
    'no-zeros': {
      title: 'waits, and leaves the slot as it was (7.0 with SNP, on hardware that has the erratum all the same)',
      expected: { verdict: 'violated', property: noSecondAnswer('').name, length: 23 },
    },
  },
  build({ indexes, entries }, variant) {
    const rig = assemble(
      amdRequestPath({
        posts: groupsOfOne(indexes, 'pasid1'),
        log: actor(pprLogLate, {
          input: { entries, thread: 'irq' },
          choices: [{ type: 'WRITE_ENTRY' }],
          rest: ({ context }) => context.late.length === 0,
        }),
        thread: threads[variant],
        timers: variant === 'times-out' ? [{ type: 'TIME_OUT' }] : [],
      }),
    );
    return defineSystem({
      ...rig.parts,
      deadlock: 'ignore',
      // What is under way comes.
      fairness: { log: { WRITE_ENTRY: 'weak' } },
      properties: ({ reachable }) => [
        noSecondAnswer('log'),
        ...names('prg', indexes).map((index) => groupsAreAnswered(index)),
        reachable('the thread comes to a slot whose entry is still under way', (view) => {
          const { late, head } = view.get('log').context;
          return view.get('irq').matches('polling') && view.get('irq').context.left > 0 && late[0]?.slot === head;
        }),
        reachable('the log has come round', (view) => view.get('log').context.head > 0),
        ...rig.shows,
      ],
    });
  },
});
