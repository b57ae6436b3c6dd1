/**
 * `struct amd_io_pgtable` (amd/amd_iommu_types.h): where the page table of a domain begins, and how many levels it has. The two
 * are two words, and each is read and written on its own; in `struct protection_domain` from eb791aa70b90 to 6eedb59c18a3 they
 * were one, `pt_root`.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export interface RootAndMode {
  readonly root: string;
  readonly mode: number;
}

export type AmdIoPgtableEvent =
  /** The reply is MODE. */
  | { type: 'READ_MODE'; by: string }
  /** The reply is ROOT. */
  | { type: 'READ_ROOT'; by: string }
  /** `amd_iommu_domain_get_pgtable()`: the reply is ROOT_AND_MODE. */
  | { type: 'READ_BOTH'; by: string }
  | { type: 'SET_ROOT'; root: string }
  | { type: 'SET_MODE'; mode: number }
  /** `amd_iommu_domain_set_pgtable()` */
  | ({ type: 'SET_BOTH' } & RootAndMode);

export const amdIoPgtable = setup({
  types: {
    input: {} as RootAndMode,
    context: {} as RootAndMode,
    events: {} as AmdIoPgtableEvent,
  },
  actions: {
    replyMode: reply(({ context }) => ({ type: 'MODE', mode: context.mode })),
    replyRoot: reply(({ context }) => ({ type: 'ROOT', root: context.root })),
    replyBoth: reply(({ context }) => ({ type: 'ROOT_AND_MODE', root: context.root, mode: context.mode })),
    setRoot: assign(from(['SET_ROOT', 'SET_BOTH'], ({ event }) => ({ root: event.root }))),
    setMode: assign(from(['SET_MODE', 'SET_BOTH'], ({ event }) => ({ mode: event.mode }))),
  },
}).createMachine({
  id: 'amdIoPgtable',
  context: ({ input }) => input,
  on: {
    READ_MODE: { actions: 'replyMode' },
    READ_ROOT: { actions: 'replyRoot' },
    READ_BOTH: { actions: 'replyBoth' },
    SET_ROOT: { actions: 'setRoot' },
    SET_MODE: { actions: 'setMode' },
    SET_BOTH: { actions: ['setRoot', 'setMode'] },
  },
});
