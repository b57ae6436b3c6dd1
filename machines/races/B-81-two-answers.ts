/**
 * B-81: `iommu_report_device_fault()` answers each request that it cannot hand to a handler, those that are not the last
 * of their group as well (io-pgfault.c, err_bad_iopf and iopf_error_response()). PCIe knows one answer for a group: the
 * second one meets an index at rest, or the next group that has it. Nobody has to race for that where PRI is on and no
 * handler is attached; and each attach has a window in which that is so, because the hardware is switched before the
 * handle is stored (iommu.c iommu_attach_group_handle()).
 *
 * Fix: answer the last request only, and drop the partial requests that it would have completed.
 *
 * A candidate, by our own analysis of io-pgfault.c, iommu.c and intel/prq.c of 7.0 (kangharison/linux-study of July 2026;
 * io-pgfault.c of raspberrypi/linux 89586905, which has 738e6f32e61d, does the same). It was never run on a kernel.
 *
 * Simplifications: one device that asks without PASID, which is the PASID `rid` here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem } from '../../src/system/system.ts';
import { iommufdAttachConfig, iommufdAttachParts, iommufdAttachStates } from '../kernel/intel/attach-v7.0.ts';
import { iopfCoreV70, iopfCoreV70Config, iopfCoreV70Parts, iopfCoreV70States } from '../kernel/io-pgfault/v7.0.ts';
import { noSecondAnswer } from '../monitors/pasid-groups.ts';
import { names } from '../parts/names.ts';
import { straightLine } from '../parts/straight-line.ts';
import { VTD_BLOCKING, VTD_NAMES, vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const expected = { verdict: 'violated', property: noSecondAnswer('').name } as const;

/** A request that is not the last one of its group has no answer of its own, and the last one takes its group along. */
const refuse = iopfCoreV70Parts.createStateConfig({
  on: {
    ...iopfCoreV70States.finding.on,
    NO_HANDLE: [
      { guard: 'isLast', target: 'ready', actions: ['answerInvalid', 'discardIndex', 'endReport'] },
      { target: 'ready', actions: 'endReport' },
    ],
  },
});

const refusesGroups = iopfCoreV70Parts.createMachine({
  id: 'iopfCoreRefusesGroups',
  ...iopfCoreV70Config,
  states: { ...iopfCoreV70States, finding: refuse },
});

/**
 * iommufd's thread, for a device that has faults without PASID only: it joins its iopf queue and leaves it. In the order
 * that B-75 asks for, so that only this race shows.
 */
const ridThread = iommufdAttachParts.createMachine({
  id: 'ridThread',
  ...iommufdAttachConfig,
  initial: 'detached',
  states: {
    ...iommufdAttachStates,
    detached: iommufdAttachParts.createStateConfig({
      on: { ATTACH: { target: 'switched', actions: ['allocateHandle', 'addDevice', 'setEntry'] } },
    }),
    ...straightLine({ drained: ['removeDevice', 'eraseHandle'] }, 'erased'),
  },
});

export const twoAnswers = defineScenario({
  name: 'two-answers',
  title: 'A group that no handler is there for is refused request by request',
  sources: ['B-81', 'drivers/iommu/io-pgfault.c iommu_report_device_fault()', 'drivers/iommu/iommu.c', 'VT-d 7.4.1'],
  group: 'iopf',
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the last request of a group is answered, and no other',
      expected: { verdict: 'holds', counts: [380, 845] },
    },
    'no-handler': {
      title: 'each request is answered; the device is in its default domain, which takes no faults (7.0)',
      expected: { ...expected, length: 5 },
    },
    'attach-window': {
      title: 'each request is answered; the device is blocked until a domain that takes faults is attached (7.0)',
      expected: { ...expected, length: 6 },
    },
  },
  build({ indexes, entries }, variant) {
    const path = vtdPageRequests({
      posts: names('prg', indexes).flatMap((index) =>
        [false, true].map((last) => ({ type: 'POST' as const, index, pasid: 'rid', last })),
      ),
      present: variant === 'attach-window' ? [] : ['rid'],
      attached: [],
      handles: 1,
      entries,
      core: variant === 'fixed' ? refusesGroups : iopfCoreV70,
    });
    const ioctl = actor(ridThread, {
      input: { ...VTD_NAMES, pasid: 'rid', handle: 'handle0' },
      choices: [{ type: 'ATTACH' }, { type: 'DETACH' }, { type: 'RUN' }],
      rest: ['detached', 'attached'],
    });

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(path, { ioctl }),
      blocking: [...VTD_BLOCKING],
      properties: ({ always, reachable, happens }) => [
        noSecondAnswer('table'),
        always(
          'the attach handle is not used after it was freed',
          (view) => !view.get('handle0').matches('usedAfterFree'),
        ),
        happens('a group is refused by the core', {
          type: 'PRG_RESPONSE',
          where: ({ by, code }) => by === 'core' && code === 'invalid',
        }),
        reachable('a request waits for the thread between the hardware and the handle', (view) => {
          return view.get('ioctl').matches('switched') && view.get('registers').context.requests.length > 0;
        }),
        happens('a group is handled', { type: 'IOPF_HANDLER', to: 'groups' }),
        happens('the table refuses a group', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'table' }),
      ],
    });
  },
});
