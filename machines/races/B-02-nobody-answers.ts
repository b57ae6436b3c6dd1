/**
 * B-02: a stall is recorded, then the process unbinds and the driver takes the device out of its iopf queue, and only then does the event
 * queue's thread come to the record. There is nobody to handle the fault any more, and somebody has to answer it nonetheless, or the
 * transaction is stalled for ever.
 *
 * To v6.8 the driver did: it got an error back. 3dfa64aecbaf (v6.9) made the report return nothing, so that the core always answers, but
 * without a fault parameter it did not. b58b133e680b (v6.11) lets it answer Invalid in each such case; a fault without a handler, which had
 * been answered Failure before (for PRI the end of all requests of the function), is one of them.
 *
 * Since v6.16 drivers take the device out of the queue before the attach handle goes, where drivers of devices did it after
 * (`queue-first`).
 *
 * Simplifications: the device is not added again, so each run has one unbind.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { faultReport } from '../kernel/io-pgfault/report.ts';
import { faultReportV512 } from '../kernel/io-pgfault/report-v5.12.ts';
import { faultReportV69 } from '../kernel/io-pgfault/report-v6.9.ts';
import { svaUnbindOnce } from '../kernel/iommu-sva/unbind-once-v5.13.ts';
import { svaUnbindOnceQueueFirst } from '../kernel/iommu-sva/unbind-once-v6.16.ts';
import { assemble } from '../rigs/assemble.ts';
import { svaStalls, svaStallsAreOwned } from '../rigs/sva-stalls.ts';

const versions = {
  fixed: { report: faultReport, user: svaUnbindOnce },
  'queue-first': { report: faultReport, user: svaUnbindOnceQueueFirst },
  'driver-answers': { report: faultReportV512, user: svaUnbindOnce },
  'nobody-answers': { report: faultReportV69, user: svaUnbindOnce },
};

export const nobodyAnswers = defineScenario({
  name: 'nobody-answers',
  title: 'A recorded stall comes to be handled when nobody is left to handle it',
  sources: ['B-02', 'b58b133e680b', '3dfa64aecbaf', 'drivers/iommu/io-pgfault.c iommu_report_device_fault()'],
  group: 'iopf',
  systems: ['iopf-core-v6.9', 'smmu-stall'],
  parameters: z.object({}),
  variants: {
    fixed: {
      title: 'the core answers Invalid where there is no handler or no fault parameter (b58b133e680b, v6.11)',
      expected: { verdict: 'holds', counts: [69, 135] },
    },
    'queue-first': {
      title: 'the same, and the device leaves the iopf queue before its handle goes (since v6.16)',
      expected: { verdict: 'holds', counts: [79, 167] },
    },
    'driver-answers': {
      title: 'the report fails, and the driver aborts the access (v5.13 to v6.8)',
      expected: { verdict: 'holds', counts: [69, 135] },
    },
    'nobody-answers': {
      title: 'the report returns nothing, and does nothing without a fault parameter (3dfa64aecbaf, v6.9)',
      expected: { verdict: 'violated', property: svaStallsAreOwned[0]!.name, length: 9 },
    },
  },
  build(_, variant) {
    const { report, user } = versions[variant];
    const rig = assemble(svaStalls({ processes: 1, report, user, ends: ['over'] }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        ...rig.always,
        ...rig.shows,
        ...(variant === 'nobody-answers'
          ? []
          : [happens('a stalled transaction is aborted', { to: 'dev0', type: 'TERMINATE' })]),
        reachable('a record waits when nobody is left to handle it', (view) => {
          return view.get('evtq').context.records.length > 0 && view.get('user0').matches('over');
        }),
        reachable('a record waits when its handle has gone', (view) => {
          return view.get('evtq').context.records.length > 0 && view.get('report0').context.handle === null;
        }),
      ],
    });
  },
});
