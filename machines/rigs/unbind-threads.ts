/** A thread for each function that takes it away from its address space and gives it back, as a rig: VT-d's (`../kernel/intel/svm-unbind.ts`). */
import { actor, family } from '../../src/system/system.ts';
import { unbindThread } from '../kernel/intel/svm-unbind.ts';
import type { unbindThreadFlushesFirst } from '../kernel/intel/svm-unbind-flushes-first.ts';
import type { unbindThreadV514 } from '../kernel/intel/svm-unbind-v5.14.ts';
import type { unbindThreadV515 } from '../kernel/intel/svm-unbind-v5.15.ts';
import type { unbindThreadV616 } from '../kernel/intel/svm-unbind-v6.16.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

interface UnbindThreads<Core extends string, Queue extends string> {
  readonly devices: number;
  /** A version of it. */
  readonly thread?:
    | typeof unbindThread
    | typeof unbindThreadFlushesFirst
    | typeof unbindThreadV514
    | typeof unbindThreadV515
    | typeof unbindThreadV616;
  /** What the device leaves: with `core`, it is `core0`, …. */
  readonly core: Core;
  /** What is flushed. */
  readonly workQueue: Queue;
}

/** Versions to v6.8 take locks, for which the race or another rig has `lock0`, … and `pasidMutex0`. */
export function unbindThreads<const Core extends string, const Queue extends string>({
  devices,
  thread = unbindThread,
  core,
  workQueue,
}: UnbindThreads<Core, Queue>) {
  const actors = family('unbind', devices, (index) =>
    actor(thread as typeof unbindThread, {
      input: {
        name: `unbind${index}`,
        device: `dev${index}`,
        core: `${core}${index}`,
        queue: 'prq',
        // Two flushes at once share its marks: the earlier one may return later than it could, never sooner.
        workQueue,
        deviceLock: `lock${index}`,
        pasidMutex: 'pasidMutex0',
      },
      choices: [{ type: 'UNBIND' }, { type: 'RUN' }],
      rest: ['bound'],
    }),
  );
  return {
    actors,
    expects: [...names('dev', devices), ...names(core, devices), 'prq', workQueue],
    blocking: ['DRAIN', 'FLUSHED'],
    things: { devices: { count: devices, prefixes: ['unbind'] } },
  } as const satisfies Rig;
}
