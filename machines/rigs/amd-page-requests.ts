/**
 * The page request path of an AMD IOMMU in 7.0, wired once for one function and one PASID of it, `pasid1`, that is bound: `dev0` posts to
 * the log `log`, `irq` reports what it takes out to `core`, which looks `array` up, and what the attach handle leads to is work of `worker`.
 *
 *   dev0 -PAGE_REQUEST-> log -IRQ-> irq -REPORT-> core -LOOK_UP-> array
 *                                   irq -IOPF_HANDLER-> handle0 -> worker -RESPOND-> core -PRG_RESPONSE-> dev0
 *
 * In `amdPageRequests` a thread `driver` unbinds the PASID and binds it again.
 */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import { happens, reachable } from '../../src/system/property.ts';
import { type Actor, actor } from '../../src/system/system.ts';
import { pprLog } from '../hardware/amd/ppr-log.ts';
import { type PasidFunctionEvent, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { type PasidThreadInput, pasidThreadV70 } from '../kernel/amd/pasid-v7.0.ts';
import { type PprThreadInput, pprThreadV70 } from '../kernel/amd/ppr-v7.0.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { type IopfCoreV70Input, iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;

interface AmdRequestPath<L, T, C> {
  /** What the function may post. */
  readonly posts: readonly PasidFunctionEvent[];
  /** The log, whose interrupt goes to `irq`. */
  readonly log: L;
  /** Versions. */
  readonly thread: T;
  readonly core?: C;
  /** What may happen to the thread beside that it is let run. */
  readonly timers?: readonly AnyEventObject[];
}

/** All of it but the thread that unbinds. */
export function amdRequestPath<
  L extends Actor<AnyStateMachine>,
  T extends Version<PprThreadInput>,
  C extends Version<IopfCoreV70Input> = typeof iopfCoreV70,
>({ posts, log, thread, timers = [], ...versions }: AmdRequestPath<L, T, C>) {
  const { core = iopfCoreV70 } = versions;
  const actors = {
    dev0: actor(pasidFunction, {
      input: { name: 'dev0', iommu: 'log' },
      choices: posts,
      rest: ({ context }) => Object.keys(context.groups).length === 0,
    }),
    log,
    irq: actorOf(thread, {
      input: { name: 'irq', log: 'log', core: 'core' },
      choices: [RUN, ...timers],
      rest: ['asleep'],
    }),
    core: actorOf(core, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
    array: actor(pasidArray, { input: { handles: { pasid1: 'handle0' } } }),
    handle0: actor(attachHandle, { input: { handler: 'worker', isAttached: true } }),
    worker: actor(heldGroups, {
      input: { core: 'core' },
      choices: [RUN],
      rest: ({ context }) => context.held.length === 0,
    }),
  };
  return {
    actors,
    blocking: ['PAGE_REQUEST'],
    shows: [happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'core' })],
  } as const satisfies Rig;
}

interface AmdPageRequests<C, D> {
  /** What the function may post. */
  readonly posts: readonly PasidFunctionEvent[];
  /** Entries of the log. */
  readonly entries: number;
  /** Other versions. */
  readonly core?: C;
  readonly driver?: D;
}

export function amdPageRequests<
  C extends Version<IopfCoreV70Input> = typeof iopfCoreV70,
  D extends Version<PasidThreadInput> = typeof pasidThreadV70,
>({ posts, entries, ...versions }: AmdPageRequests<C, D>) {
  const { core = iopfCoreV70, driver = pasidThreadV70 } = versions;
  const path = amdRequestPath({
    posts,
    log: actor(pprLog, { input: { entries, thread: 'irq' } }),
    thread: pprThreadV70,
    core,
  });
  const actors = {
    ...path.actors,
    driver: actorOf(driver, {
      input: {
        pasid: 'pasid1',
        device: 'dev0',
        log: 'log',
        thread: 'irq',
        array: 'array',
        groups: 'worker',
        handle: 'handle0',
      },
      choices: [{ type: 'UNBIND' }, RUN],
      rest: ['bound'],
    }),
  };
  return {
    actors,
    blocking: [...path.blocking, 'EMPTY', 'SYNCHRONIZE', 'FLUSHED'],
    always: [noFreedHandleIsUsed(['handle0'])],
    shows: [
      reachable('the handle is freed', (view) => view.get('handle0').matches('freed')),
      happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
    ],
  } as const satisfies Rig;
}
