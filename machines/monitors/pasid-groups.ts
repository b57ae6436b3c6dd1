/**
 * What must hold of page request groups of functions with PASIDs, whoever answers them, by the ghost `generation` that
 * tells one use of an index from the one before (`../hardware/pcie/pasid-function.ts`).
 */
import { assign, setup } from 'xstate';
import { leadsTo, monitor, type Observed, type Property, type SystemView } from '../../src/system/property.ts';
import type { PageResponse } from '../hardware/pcie/page-request.ts';
import type { PasidRequest, PostedGroup } from '../hardware/pcie/pasid-function.ts';
import type { PasidGroup } from '../kernel/io-pgfault/v7.0.ts';
import { from } from '../parts/call.ts';

/** No group gets a second answer: neither while its index is at rest nor, which is worse, when another group has it. */
export function noSecondAnswer(iommu: string): Property {
  return monitor('no group is answered twice', secondAnswers, { iommu }, { actors: [iommu] });
}

/** What a handler gets as one group are requests of one use of one index, and so of one address space. */
export function noMixedGroup(): Property {
  return monitor('no group has requests of two uses of its index', mixedGroups);
}

/** A group of `dev0` that is complete has its answer some day: the index is free again. */
export function groupsAreAnswered(index: string): Property {
  const isPosted = (view: SystemView) => {
    const groups = view.get('dev0').context.groups as Readonly<Record<string, PostedGroup>>;
    return groups[index]?.complete === true;
  };
  return leadsTo(`a group with index ${index} is answered`, isPosted, (view) => !isPosted(view));
}

/** Of each use of an index, by name, whether all of it has been posted and whether it has its answer. */
type Uses = Readonly<Record<string, { readonly complete: boolean; readonly answered: boolean }>>;

const useOf = (device: string, { index, generation }: { index: string; generation: number }) =>
  `${device} ${index} ${generation}`;

const secondAnswers = setup({
  types: {
    input: {} as { iommu: string },
    context: {} as { readonly iommu: string; readonly uses: Uses },
    events: {} as Observed<{ type: 'PAGE_REQUEST' } & PasidRequest> | Observed<{ type: 'PRG_RESPONSE' } & PageResponse>,
  },
  guards: {
    isElsewhere: ({ context, event }) => event.to !== context.iommu,
    isFirst: from('PRG_RESPONSE', ({ context, event }) => {
      return context.uses[useOf(event.to, event.message)]?.answered === false;
    }),
  },
  actions: {
    noteRequest: assign({
      uses: from('PAGE_REQUEST', ({ context: { uses }, event: { message } }) => {
        const use = useOf(message.device, message);
        const before = uses[use]?.complete === false ? uses[use].answered : false;
        return { ...uses, [use]: { complete: message.last, answered: before } };
      }),
    }),
    noteAnswer: assign({
      uses: from('PRG_RESPONSE', ({ context: { uses }, event }) => {
        const use = useOf(event.to, event.message);
        return { ...uses, [use]: { ...uses[use]!, answered: true } };
      }),
    }),
  },
}).createMachine({
  id: 'noSecondAnswer',
  context: ({ input }) => ({ ...input, uses: {} }),
  initial: 'sound',
  states: {
    sound: {
      on: {
        PAGE_REQUEST: [{ guard: 'isElsewhere' }, { actions: 'noteRequest' }],
        PRG_RESPONSE: [{ guard: 'isFirst', actions: 'noteAnswer' }, { target: 'answeredTwice' }],
      },
    },
    answeredTwice: { tags: 'violation' },
  },
});

const mixedGroups = setup({
  types: { context: {}, events: {} as Observed<{ type: 'IOPF_HANDLER'; group: PasidGroup }> },
  guards: {
    isMixed: ({ event }) => {
      const [first, ...others] = event.message.group.requests;
      return others.some(({ pasid, generation }) => pasid !== first!.pasid || generation !== first!.generation);
    },
  },
}).createMachine({
  id: 'noMixedGroup',
  context: {},
  initial: 'sound',
  states: {
    sound: { on: { IOPF_HANDLER: { guard: 'isMixed', target: 'mixed' } } },
    mixed: { tags: 'violation' },
  },
});
