/**
 * The page request path of VT-d in 7.0, wired once for one function: `dev0` posts to the PASID table `table`, what it lets
 * through is queued in `registers`, `irq` reports it to `core`, which looks `array` up, and what the attach handles lead
 * to ends in `groups`.
 *
 *   dev0 -PAGE_REQUEST-> table -> registers -IRQ-> irq -REPORT-> core -LOOK_UP-> array
 *                                                  irq -IOPF_HANDLER-> handle0 -> groups -RESPOND-> core -PRG_RESPONSE-> dev0
 *
 * A race adds the thread that attaches and detaches, and puts other machines in the place of these.
 */
import type { AnyStateMachine, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { type PasidFunctionEvent, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestRegisters } from '../hardware/vtd/page-request-registers.ts';
import { pasidTable } from '../hardware/vtd/pasid-table.ts';
import { prqThreadV70 } from '../kernel/intel/prq-v7.0.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';

export interface VtdPath<Core, Array, Handle, Groups> {
  /** What the function may post. */
  readonly posts: readonly PasidFunctionEvent[];
  /** PASIDs whose table entry is set at first, and those that have a handle then: the first has handle0, and so on. */
  readonly present: readonly string[];
  readonly attached: readonly string[];
  readonly handles: number;
  readonly entries: number;
  /** The queue has another owner at first. */
  readonly isForeign?: boolean;
  /** Other versions. */
  readonly core?: Core;
  readonly array?: Array;
  readonly handle?: Handle;
  readonly groups?: Groups;
}

/** Messages that are refused: list them as `blocking`. */
export const VTD_BLOCKING = ['PAGE_REQUEST', 'DRAIN', 'SYNCHRONIZE'] as const;

/** Where the threads of the path are, for whoever attaches. */
export const VTD_NAMES = {
  table: 'table',
  registers: 'registers',
  core: 'core',
  array: 'array',
  groups: 'groups',
  thread: 'irq',
} as const;

export function vtdPageRequests<
  Core extends AnyStateMachine = typeof iopfCoreV70,
  Array extends AnyStateMachine = typeof pasidArray,
  Handle extends AnyStateMachine = typeof attachHandle,
  Groups extends AnyStateMachine = typeof heldGroups,
>(path: VtdPath<Core, Array, Handle, Groups>) {
  const { core = iopfCoreV70, array = pasidArray, handle = attachHandle, groups = heldGroups } = path;
  const handles = Object.fromEntries(path.attached.map((pasid, index) => [pasid, `handle${index}`]));
  return combineActors(
    {
      dev0: actor(pasidFunction, {
        input: { name: 'dev0', iommu: 'table' },
        choices: path.posts,
        // Waiting for an answer is no rest.
        rest: ({ context }) => Object.values(context.groups).every(({ complete }) => !complete),
      }),
      table: actor(pasidTable, { input: { name: 'table', queue: 'registers', present: path.present } }),
      registers: actor(pageRequestRegisters, {
        input: { entries: path.entries, thread: 'irq', isForeign: path.isForeign ?? false },
      }),
      irq: actor(prqThreadV70, {
        input: { name: 'irq', registers: 'registers', core: 'core' },
        choices: [{ type: 'RUN' }],
        rest: ['asleep'],
      }),
      core: actor(core as Core, {
        input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } as InputFrom<Core>,
      }),
      array: actor(array as Array, { input: { handles } as InputFrom<Array> }),
      groups: actor(groups as Groups, {
        input: { core: 'core' } as InputFrom<Groups>,
        choices: [{ type: 'RUN' } as EventFromLogic<Groups>],
        rest: (snapshot) => (snapshot as unknown as SnapshotFrom<typeof heldGroups>).context.held.length === 0,
      }),
    },
    family('handle', path.handles, (index) =>
      actor(handle as Handle, {
        input: { handler: 'groups', isAttached: index < path.attached.length } as InputFrom<Handle>,
      }),
    ),
  );
}
