/**
 * The page request path of VT-d in 7.0, wired once for one function: `dev0` posts to the PASID table `table`, what it lets
 * through is queued in `registers`, `irq` reports it to `core`, which looks `array` up, and what the attach handles lead
 * to ends in `groups`.
 *
 *   dev0 -PAGE_REQUEST-> table -> registers -IRQ-> irq -REPORT-> core -LOOK_UP-> array
 *                                                  irq -IOPF_HANDLER-> handle0 -> groups -RESPOND-> core -PRG_RESPONSE-> dev0
 *
 * Who attaches, detaches or enables is another rig, or an actor of the race.
 */
import type { InputFrom } from 'xstate';
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { type PasidFunctionEvent, type PostedGroup, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestRegisters } from '../hardware/vtd/page-request-registers.ts';
import { pasidTable } from '../hardware/vtd/pasid-table.ts';
import type { IommufdAttachInput } from '../kernel/intel/attach-v7.0.ts';
import type { EnableInput } from '../kernel/intel/enable-prq-v7.0.ts';
import { prqThreadV70 } from '../kernel/intel/prq-v7.0.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { type IopfCoreV70Input, iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

type Function = Version<InputFrom<typeof pasidFunction>>;
type Core = Version<IopfCoreV70Input>;
type Array = Version<InputFrom<typeof pasidArray>>;
type Handle = Version<InputFrom<typeof attachHandle>>;
type Groups = Version<InputFrom<typeof heldGroups>>;

interface VtdPageRequests<F, C, A, H, G> {
  /** What the function may post. */
  readonly posts: readonly PasidFunctionEvent[];
  /** Who takes its requests; left out, the PASID table. */
  readonly root?: string;
  /** Entries of the page request queue. */
  readonly entries: number;
  /** PASIDs that have a handle at first: the first has handle0, and so on. */
  readonly attached?: readonly string[];
  /** Those whose table entry is set at first; left out, these. */
  readonly present?: readonly string[];
  readonly handles?: number;
  /** The queue has another owner at first. */
  readonly isForeign?: boolean;
  /** Other versions. */
  readonly device?: F | undefined;
  readonly core?: C | undefined;
  readonly array?: A | undefined;
  readonly handle?: H | undefined;
  readonly groups?: G | undefined;
}

export function vtdPageRequests<
  F extends Function = typeof pasidFunction,
  C extends Core = typeof iopfCoreV70,
  A extends Array = typeof pasidArray,
  H extends Handle = typeof attachHandle,
  G extends Groups = typeof heldGroups,
>(path: VtdPageRequests<F, C, A, H, G>) {
  const {
    posts,
    root = 'table',
    entries,
    attached = [],
    present = attached,
    handles = 1,
    isForeign = false,
    ...versions
  } = path;
  const { device = pasidFunction } = versions;
  const { core = iopfCoreV70, array = pasidArray, handle = attachHandle, groups = heldGroups } = versions;
  const actors = combineActors(
    {
      dev0: actorOf(device, {
        input: { name: 'dev0', iommu: root },
        choices: posts,
        // Waiting for an answer is no rest.
        rest: ({ context }) => Object.values<PostedGroup>(context.groups).every(({ complete }) => !complete),
      }),
      table: actor(pasidTable, { input: { name: 'table', queue: 'registers', present } }),
      registers: actor(pageRequestRegisters, { input: { entries, thread: 'irq', isForeign } }),
      irq: actor(prqThreadV70, {
        input: { name: 'irq', registers: 'registers', core: 'core' },
        choices: [{ type: 'RUN' }],
        rest: ['asleep'],
      }),
      core: actorOf(core, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
      array: actorOf(array, {
        input: { handles: Object.fromEntries(attached.map((pasid, index) => [pasid, `handle${index}`])) },
      }),
      groups: actorOf(groups, {
        input: { core: 'core' },
        choices: [{ type: 'RUN' }],
        rest: ({ context }) => context.held.length === 0,
      }),
    },
    family('handle', handles, (index) =>
      actorOf(handle, { input: { handler: 'groups', isAttached: index < attached.length } }),
    ),
  );
  return {
    actors,
    blocking: ['PAGE_REQUEST', 'DRAIN', 'DRAIN_PASIDS', 'SYNCHRONIZE'],
    shows: [happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' })],
  } as const satisfies Rig;
}

/** Where a thread of iommufd finds what it changes. */
const PATH = {
  table: 'table',
  registers: 'registers',
  core: 'core',
  array: 'array',
  groups: 'groups',
  thread: 'irq',
} as const;

interface VtdAttach<T> {
  readonly thread: T;
  readonly pasid: string;
  /** How many handles there are. */
  readonly handles?: number;
}

/** A version of iommufd's thread that attaches `pasid` by `handle0`, and takes it away again. */
export function vtdAttach<T extends Version<IommufdAttachInput>>({ thread, pasid, handles = 1 }: VtdAttach<T>) {
  const ioctl = actorOf(thread, {
    input: { ...PATH, pasid, handle: 'handle0' },
    choices: [{ type: 'ATTACH' }, { type: 'DETACH' }, { type: 'RUN' }],
    rest: ['detached', 'attached'],
  });
  return {
    actors: { ioctl },
    expects: [...Object.values(PATH), 'handle0'],
    always: [noFreedHandleIsUsed(names('handle', handles))],
  } as const satisfies Rig;
}

/** A version of iommufd's thread that replaces the domain of `pasid`, and with it one of `handle0` and `handle1` by the other. */
export function vtdReplace<T extends Version<IommufdAttachInput>>(thread: T, pasid: string) {
  const ioctl = actorOf(thread, {
    input: { ...PATH, pasid, handle: 'handle0', spare: 'handle1' },
    choices: [{ type: 'REPLACE' }, { type: 'RUN' }],
    rest: ['attached'],
  });
  return {
    actors: { ioctl },
    expects: [...Object.values(PATH), 'handle0', 'handle1'],
    // A handle that still has references keeps its place in memory.
    blocking: ['ALLOC'],
    always: [noFreedHandleIsUsed(['handle0', 'handle1'])],
    shows: [
      reachable('a report has found the old handle when the new one is stored', (view) => {
        const { due } = view.get('irq').context as { due: { handle: string } | null };
        return view.get('ioctl').matches('stored') && due?.handle === view.get('ioctl').context.handle;
      }),
      reachable('the old handle is freed', (view) => view.get('handle0').matches('freed')),
      happens('a group is answered by the replacement', {
        type: 'PRG_RESPONSE',
        where: ({ code }) => code === 'invalid',
      }),
    ],
  } as const satisfies Rig;
}

export const NO_SLEEP = 'the thread does not sleep while a request is in its queue';

/** A version of the thread that takes the queue over from another owner; then `pasid` may have faults. */
export function vtdTakeOver<T extends Version<EnableInput>>(thread: T, pasid: string) {
  const boot = actorOf(thread, {
    input: { device: 'dev0', pasid, table: 'table', registers: 'registers', thread: 'irq' },
    choices: [{ type: 'TAKE_OVER' }, { type: 'RUN' }],
    rest: ['foreign', 'owned'],
  });
  return {
    actors: { boot },
    expects: ['dev0', 'table', 'registers', 'irq'],
    always: [
      always(NO_SLEEP, (view) => {
        const { requests, isForeign } = view.get('registers').context as { requests: unknown[]; isForeign: boolean };
        return isForeign || requests.length === 0 || !view.get('irq').matches('asleep');
      }),
    ],
    shows: [
      reachable('the bit is set when the kernel takes over', (view) => {
        return view.get('boot').matches('blocked') && Boolean(view.get('registers').context.ppr);
      }),
      happens('an interrupt is raised', { type: 'IRQ' }),
    ],
  } as const satisfies Rig;
}
