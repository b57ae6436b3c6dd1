/**
 * Processes that take turns in using one PASID of one function on VT-d, while the interrupt thread handled faults itself (to v5.13).
 *
 *   user0 -POST-> dev0 -PAGE_REQUEST-> buffer -> table -> registers -IRQ-> irq -FIND-> ioasids
 *                                                                         irq -HANDLE_FAULT-> svm0, and -PRG_RESPONSE-> dev0
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestBuffer } from '../hardware/vtd/page-request-buffer.ts';
import { pageRequestRegisters } from '../hardware/vtd/page-request-registers.ts';
import { pasidTable } from '../hardware/vtd/pasid-table.ts';
import { prqEventThreadV50 } from '../kernel/intel/prq-event-thread-v5.0.ts';
import { intelSvm } from '../kernel/intel/svm.ts';
import type { SvmBindInput } from '../kernel/intel/svm-bind-v5.8.ts';
import { ioasid } from '../kernel/iommu/ioasid.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { handledInOwnProcess } from '../monitors/own-address-space.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;

export const SVM_LIFETIME = 'no struct intel_svm is used after it was freed';

interface SvmProcesses<U> {
  readonly processes: number;
  /** A version of the process. */
  readonly user: U;
  /** Where it may stay but for being bound or not. */
  readonly ends?: readonly string[];
  /** Page request group indexes of the function, and entries of the queue. */
  readonly indexes: number;
  readonly entries: number;
  /** Whether the IOMMU has page-request draining (ECAP.PDS). */
  readonly drains: boolean;
}

export function svmProcesses<U extends Version<SvmBindInput>>(path: SvmProcesses<U>) {
  const { processes, user, ends = [], indexes, entries, drains } = path;
  const actors = combineActors(
    {
      dev0: actor(pasidFunction, {
        input: { name: 'dev0', iommu: 'buffer' },
        // Waiting for an answer is no rest.
        rest: ({ context }) => Object.keys(context.groups).length === 0,
      }),
      buffer: actor(pageRequestBuffer, {
        input: { entries: indexes, table: 'table', drains },
        choices: [RUN],
        rest: ({ context }) => context.requests.length === 0,
      }),
      table: actor(pasidTable, { input: { name: 'table', queue: 'registers', present: [] } }),
      registers: actor(pageRequestRegisters, { input: { entries, thread: 'irq' } }),
      irq: actor(prqEventThreadV50, {
        input: { name: 'irq', registers: 'registers', ioasids: 'ioasids' },
        choices: [RUN],
        rest: ['asleep'],
      }),
      ioasids: actor(ioasid),
      pasidMutex: actor(mutex),
    },
    family('svm', processes, () => actor(intelSvm)),
    family('user', processes, (index) =>
      actorOf(user, {
        input: {
          name: `user${index}`,
          pasid: 'pasid1',
          mutex: 'pasidMutex',
          ioasids: 'ioasids',
          svm: `svm${index}`,
          device: 'dev0',
          table: 'table',
          registers: 'registers',
          buffer: 'buffer',
        },
        choices: [
          { type: 'BIND' },
          ...names('prg', indexes).map((prg) => ({ type: 'POST_DMA', index: prg }) as const),
          { type: 'UNBIND' },
          RUN,
        ],
        rest: ['bound', 'unbound', ...ends],
      }),
    ),
  );
  return {
    actors,
    blocking: ['PAGE_REQUEST', 'POST', 'ACQUIRE', 'ALLOC_PASID', 'DRAIN', 'WAIT_DESCRIPTOR', 'AWAIT_PASID'],
    always: [
      noUseAfterFree(SVM_LIFETIME, { objects: names('svm', processes), alloc: 'ALLOC', free: 'FREE' }),
      handledInOwnProcess(pairs(names('svm', processes), names('user', processes))),
    ],
    things: { processes: { count: processes, prefixes: ['user', 'svm'] } },
  } as const satisfies Rig;
}

/** Where processes bind at all. */
export const svmProcessesShow = [
  happens('a page is faulted in', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
  happens('the second process has the PASID', {
    to: 'ioasids',
    type: 'ALLOC_PASID',
    where: ({ data }) => data === 'svm1',
  }),
];

/** What a drain is for. */
export const svmDrainShows = [
  reachable('a PASID is torn down while a request of it is in the queue', (view) => {
    return view.get('user0').matches('locked') && view.get('registers').context.requests.length > 0;
  }),
  happens('the IOMMU refuses a request whose PASID has been torn down', {
    type: 'PRG_RESPONSE',
    where: ({ by }) => by === 'table',
  }),
];
