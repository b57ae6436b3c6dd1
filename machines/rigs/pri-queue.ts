/**
 * The PRI queue of an SMMUv3 with its slots, and the interrupt thread that reads it and reports to `core0`, …, as a rig. The functions
 * that fill it are of another one, as `pri-functions.ts`, and so are the cores, as `iopf-cores.ts`.
 */
import type { AnyStateMachine } from 'xstate';
import type { SystemView } from '../../src/system/property.ts';
import { type Actor, actor, combineActors, family } from '../../src/system/system.ts';
import { priQueue } from '../hardware/smmu/pri-queue.ts';
import { priQueueSlot } from '../hardware/smmu/pri-queue-slot.ts';
import { isOverflowActive } from '../hardware/smmu/queue-pointer.ts';
import { type FlushPriqInput, flushPriqThread } from '../kernel/arm-smmu-v3/flush-priq-v8.ts';
import { type PriqInput, priqThread } from '../kernel/arm-smmu-v3/priq.ts';
import type { PriqV8Input } from '../kernel/arm-smmu-v3/priq-v8.ts';
import { smmuQueue } from '../kernel/arm-smmu-v3/queue.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface PriQueuePath<Thread> {
  /** How many functions there are, with an iopf core each. */
  readonly devices: number;
  /** Entries of the queue. */
  readonly entries: number;
  /** A version of the thread. */
  readonly thread?: Thread;
}

/** With a thread that alone reads the queue. */
export function priQueuePath<Thread extends Version<PriqInput> = typeof priqThread>({
  devices,
  entries,
  thread = priqThread as AnyStateMachine as Thread,
}: PriQueuePath<Thread>) {
  const { registers, slots, cores } = queueOf(devices, entries);
  const input = { name: 'priqThread', queue: 'priq', queueEntries: entries, cores };
  const actors = combineActors(registers, { priqThread: actorOf(thread, { input, ...inInterrupt }) }, slots);
  return { actors, expects: [...names('dev', devices), ...names('core', devices)] } as const satisfies Rig;
}

interface PriQueueV8Path<Thread, Flush, Name extends string> extends Required<PriQueuePath<Thread>> {
  /** Threads that flush the queue, to take a PASID away. */
  readonly flushes: readonly Name[];
  /** A version of them. */
  readonly flush?: Flush;
  /** Whose PASID that is, for versions that stop the device. */
  readonly device?: string;
  /** Where the partial requests are, for versions that walk over them. */
  readonly partials?: FlushPriqInput['partials'];
  /** Signals, at which some versions end. */
  readonly signals?: readonly { readonly type: 'SIGNAL' }[];
}

/** With a queue `q` of the driver's, as the unmerged series of 2018 to 2020 has it, which its thread shares with those who flush it. */
export function priQueueV8Path<
  Thread extends Version<PriqV8Input>,
  const Name extends string,
  Flush extends Version<FlushPriqInput> = typeof flushPriqThread,
>({
  devices,
  entries,
  thread,
  flushes,
  flush = flushPriqThread as AnyStateMachine as Flush,
  device,
  partials,
  signals = [],
}: PriQueueV8Path<Thread, Flush, Name>) {
  const { registers, slots, cores } = queueOf(devices, entries);
  const driver = {
    q: actor(smmuQueue, { input: { name: 'q', hardware: 'priq', entries } }),
    priqThread: actorOf(thread, {
      input: { name: 'priqThread', queue: 'q', queueEntries: entries, cores, waiters: flushes },
      ...inInterrupt,
    }),
  };
  const flushOf = (name: Name) =>
    actorOf(flush, {
      input: {
        name,
        queue: 'q',
        cores: Object.values(cores),
        ...(device && { device }),
        ...(partials && { partials }),
      },
      choices: [{ type: 'UNBIND' }, { type: 'RUN' }, ...signals],
      rest: ['idle'],
    });
  const flushing = Object.fromEntries(flushes.map((name) => [name, flushOf(name)])) as Record<Name, Actor<Flush>>;
  return {
    actors: combineActors(registers, slots, driver, flushing),
    expects: [...names('dev', devices), ...names('core', devices)],
    blocking: ['LOCK'],
  } as const satisfies Rig;
}

const inInterrupt = { choices: [{ type: 'RUN' }], rest: ['asleep'] } as const;

/** The registers and the slots, and which core each device has. */
function queueOf(devices: number, entries: number) {
  const slots = names('slot', entries);
  return {
    registers: { priq: actor(priQueue, { input: { name: 'priq', slots, irqThread: 'priqThread' } }) },
    slots: family('slot', entries, () => actor(priQueueSlot)),
    cores: pairs(names('dev', devices), names('core', devices)),
  };
}

/** SMMUv3 8.1: while it is so, nothing is stored. */
export function overflowIsActive(view: SystemView): boolean {
  const { prod, cons } = view.get('priq').context;
  return isOverflowActive(prod, cons);
}
