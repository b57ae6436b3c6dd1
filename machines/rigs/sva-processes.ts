/**
 * Processes that open a queue of a device, bind it to their address space by a PASID, use it and exit, on an SMMUv3: each `process0` has its
 * mm, `mm0`, and its queue, `queue0`; there is one PASID, which `pasids` gives out, and its context descriptor is `cd0`.
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { pasidQueue } from '../hardware/pcie/pasid-queue.ts';
import { ctxDesc } from '../kernel/arm-smmu-v3/ctx-desc.ts';
import type { SvaProcessInput } from '../kernel/iommu-sva/device-user.ts';
import type { SvaMmInput } from '../kernel/iommu-sva/mm.ts';
import { pasidAllocator } from '../kernel/iommu-sva/pasid-allocator.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const NO_FREED_TABLE = 'no context descriptor has the page table of an mm that was freed';

interface SvaProcesses<P, M> {
  readonly processes: number;
  /** A version of the process, and one of its mm. */
  readonly process: P;
  readonly mm: M;
}

export function svaProcesses<P extends Version<SvaProcessInput>, M extends Version<SvaMmInput>>({
  processes,
  process,
  mm,
}: SvaProcesses<P, M>) {
  const actors = combineActors(
    family('process', processes, (index) =>
      actorOf(process, {
        input: {
          name: `process${index}`,
          mm: `mm${index}`,
          pasids: 'pasids',
          queue: `queue${index}`,
          descriptor: 'cd0',
        },
        choices: [{ type: 'BIND' }, { type: 'POST_DMA' }, { type: 'EXIT' }, { type: 'RUN' }],
        rest: ['running', 'bound', 'gone'],
      }),
    ),
    family('mm', processes, (index) =>
      actorOf(mm, { input: { name: `mm${index}`, pasids: 'pasids', notifier: 'cd0' } }),
    ),
    family('queue', processes, (index) => actor(pasidQueue, { input: { name: `queue${index}`, descriptor: 'cd0' } })),
    { pasids: actor(pasidAllocator), cd0: actor(ctxDesc) },
  );
  return {
    actors,
    blocking: ['ALLOC_PASID', 'DMA'],
    always: [
      always(NO_FREED_TABLE, (view) =>
        names('mm', processes).every((name) => !view.get(name).matches('freed') || view.get('cd0').context.mm !== name),
      ),
      ...names('process', processes).map((name, index) =>
        always(`what ${name} submits while it is bound is not aborted`, (view) => {
          return !view.get(name).matches('bound') || !view.get(`queue${index}`).matches('failed');
        }),
      ),
    ],
    shows: [
      reachable('a process has the PASID after another one has exited', (view) => {
        return view.get('process1').matches('bound') && view.get('process0').matches('gone');
      }),
      happens('a device accesses memory', { type: 'TRANSLATED' }),
      happens('a device goes on when the address space is gone', { type: 'ABORTED' }),
      reachable('an address space is gone and the queue is still open', (view) =>
        view.get('process0').matches('exiting'),
      ),
    ],
  } as const satisfies Rig;
}
