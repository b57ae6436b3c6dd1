/**
 * B-82: a request that is not the last of its group waits in `fault_param->partial`. Then its PASID is taken away: the
 * entry is cleared, the queue is drained, and nobody looks at the partial list, while another PASID keeps the fault
 * parameter alive. The last request is refused by the IOMMU itself, so that software never hears of it, and the index is
 * free. The next group with that index, of the other PASID or of the next user of this one, is gathered by its index alone
 * and takes the old request along.
 *
 * Fix: discard the partial requests of the PASID after the drain, and gather by PASID and index. Both are needed: a PASID
 * is used again, and another PASID may use the index before the drain is over. Nor is it enough to discard before the
 * drain, or where the core refuses a last request (the fix of B-81), since this one never comes to the core.
 *
 * A candidate, by our own analysis of io-pgfault.c, intel/pasid.c and intel/iommu.c of 7.0 (kangharison/linux-study of
 * July 2026; io-pgfault.c of raspberrypi/linux 89586905, which has 738e6f32e61d, gathers the same way), and of VT-d 7.1.3
 * (SPT.2) and 7.4.1. It was never run on a kernel.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem } from '../../src/system/system.ts';
import {
  attachThreadV70,
  iommufdAttachConfig,
  iommufdAttachParts,
  iommufdAttachStates,
} from '../kernel/intel/attach-v7.0.ts';
import { iopfCoreV70, iopfCoreV70Config, iopfCoreV70Parts, iopfCoreV70States } from '../kernel/io-pgfault/v7.0.ts';
import { noMixedGroup } from '../monitors/pasid-groups.ts';
import { straightLine } from '../parts/straight-line.ts';
import { VTD_BLOCKING, VTD_NAMES, vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const expected = { verdict: 'violated', property: noMixedGroup().name } as const;

const discardsAfterDrain = iommufdAttachParts.createMachine({
  id: 'attachThreadDiscardsAfterDrain',
  ...iommufdAttachConfig,
  states: { ...iommufdAttachStates, ...straightLine({ drained: ['discardPartial', 'eraseHandle'] }, 'erased') },
});

const discardsBeforeDrain = iommufdAttachParts.createMachine({
  id: 'attachThreadDiscardsBeforeDrain',
  ...iommufdAttachConfig,
  states: {
    ...iommufdAttachStates,
    attached: iommufdAttachParts.createStateConfig({
      on: { DETACH: { target: 'cleared', actions: ['clearEntry', 'discardPartial'] } },
    }),
  },
});

const coreOf = (id: string, replies: object) =>
  iopfCoreV70Parts.createMachine({
    id,
    ...iopfCoreV70Config,
    states: {
      ...iopfCoreV70States,
      finding: iopfCoreV70Parts.createStateConfig({ on: { ...iopfCoreV70States.finding.on, ...replies } }),
    },
  });

const [gathersByIndex, ...others] = iopfCoreV70States.finding.on.HANDLE;
/** Answers are those of the fix of B-81, so that only this race shows. */
const comparing = {
  HANDLE: [{ ...gathersByIndex, actions: ['gatherByPasidAndIndex', 'endReport'] }, ...others],
  NO_HANDLE: [
    { guard: 'isLast', target: 'ready', actions: ['answerInvalid', 'endReport'] },
    { target: 'ready', actions: 'endReport' },
  ],
};
const compares = coreOf('iopfCoreComparesPasids', comparing);
const comparesAndDiscards = coreOf('iopfCoreDiscardsRefused', {
  ...comparing,
  NO_HANDLE: [
    { guard: 'isLast', target: 'ready', actions: ['answerInvalid', 'discardIndex', 'endReport'] },
    { target: 'ready', actions: 'endReport' },
  ],
});

const machines = {
  fixed: { core: compares, thread: discardsAfterDrain },
  survives: { core: iopfCoreV70, thread: attachThreadV70 },
  'discards-only': { core: iopfCoreV70, thread: discardsAfterDrain },
  'compares-only': { core: compares, thread: attachThreadV70 },
  'discards-early': { core: compares, thread: discardsBeforeDrain },
  'discards-refused': { core: comparesAndDiscards, thread: attachThreadV70 },
};

export const survivingPartial = defineScenario({
  name: 'surviving-partial',
  title: 'A PASID is detached in the middle of a group, and the next group with its index takes the first half along',
  sources: [
    'B-82',
    'B-08',
    'drivers/iommu/io-pgfault.c iopf_group_alloc()',
    'drivers/iommu/intel/pasid.c',
    'VT-d 7.1.3',
  ],
  group: 'iopf',
  parameters: z.object({
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'a group is gathered by PASID and index, and a detach discards partial requests after its drain',
      expected: { verdict: 'holds', counts: [554, 1_370] },
    },
    survives: {
      title: 'a group is gathered by index, and partial requests outlive their PASID (7.0)',
      expected: { ...expected, length: 8 },
    },
    'discards-only': {
      title: 'a group is gathered by index, and a detach discards after its drain',
      expected: { ...expected, length: 8 },
    },
    'compares-only': { title: 'a group is gathered by PASID and index', expected: { ...expected, length: 15 } },
    'discards-early': {
      title: 'the same, and a detach discards before its drain',
      expected: { ...expected, length: 15 },
    },
    'discards-refused': {
      title: 'the same, and the core discards what a refused request would have completed',
      expected: { ...expected, length: 15 },
    },
  },
  build({ entries }, variant) {
    const path = vtdPageRequests({
      posts: [
        { type: 'POST', index: 'prg0', pasid: 'pasid1', last: false },
        { type: 'POST', index: 'prg0', pasid: 'pasid1', last: true },
        { type: 'POST', index: 'prg0', pasid: 'pasid2', last: true },
      ],
      present: ['pasid1', 'pasid2'],
      attached: ['pasid1', 'pasid2'],
      handles: 2,
      entries,
      core: machines[variant].core,
    });
    const ioctl = actor(machines[variant].thread, {
      input: { ...VTD_NAMES, pasid: 'pasid1', handle: 'handle0' },
      choices: [{ type: 'ATTACH' }, { type: 'DETACH' }, { type: 'RUN' }],
      rest: ['detached', 'attached'],
    });

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(path, { ioctl }),
      blocking: [...VTD_BLOCKING],
      properties: ({ always, reachable, happens }) => [
        noMixedGroup(),
        always('no attach handle is used after it was freed', (view) => !view.get('handle0').matches('usedAfterFree')),
        reachable('a PASID is taken away between the requests of a group', (view) => {
          return view.get('ioctl').matches('cleared') && view.get('core').context.partial.length > 0;
        }),
        happens('the table refuses the last request of a group', {
          type: 'PRG_RESPONSE',
          where: ({ by }) => by === 'table',
        }),
        happens('a group of two requests is handled', {
          type: 'IOPF_HANDLER',
          to: 'groups',
          where: ({ group }) => (group as { requests: unknown[] }).requests.length === 2,
        }),
        happens('a group of the other PASID is handled', { type: 'IOPF_HANDLER', to: 'handle1' }),
      ],
    });
  },
});
