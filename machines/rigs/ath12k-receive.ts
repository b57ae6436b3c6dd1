/**
 * The receive queues of a network card (ath12k): for each TID `tid0` the driver's side, the memory of its descriptor, `memory0`, and the
 * address that the device has for it, `iova0`; and the device's side, `reo`, with its ring of commands.
 */
import { always, happens, leadsTo, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { reo } from '../hardware/ath12k/reo.ts';
import type { RxTidInput } from '../kernel/ath12k/rx-tid.ts';
import { allocation } from '../kernel/mm/allocation.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const NO_IO_PAGE_FAULT = 'no DMA to an address that is not mapped';
export const GIVEN_BACK = 'a buffer whose queue is deleted is given back';
export const NO_DMA_TO_FREED_MEMORY = 'no DMA reaches memory that was freed';

interface Ath12kReceive<T, A> {
  readonly tids: number;
  /** Entries of the ring of commands. */
  readonly entries: number;
  /** A version of the driver's side, and one of an address. */
  readonly tid: T;
  readonly address: A;
}

export function ath12kReceive<T extends Version<RxTidInput>, A extends Version<object>>({
  tids,
  entries,
  tid,
  address,
}: Ath12kReceive<T, A>) {
  const tidNames = names('tid', tids);
  const actors = combineActors(
    family('tid', tids, (index) =>
      actorOf(tid, {
        input: {
          name: `tid${index}`,
          reo: 'reo',
          memory: `memory${index}`,
          iova: `iova${index}`,
          others: tidNames.filter((other) => other !== `tid${index}`),
        },
        choices: [{ type: 'SETUP_TID' }, { type: 'DELETE_TID' }, { type: 'RUN' }],
        rest: ['inactive', 'active'],
      }),
    ),
    family('memory', tids, () => actor(allocation)),
    family('iova', tids, () => actorOf(address, { input: {}, choices: [{ type: 'FLUSH' }], rest: () => true })),
    {
      reo: actor(reo, {
        input: { name: 'reo', entries },
        choices: [{ type: 'RUN' }, ...tidNames.map((name) => ({ type: 'RECEIVE' as const, tid: name }))],
        rest: ({ context }) => context.commands.length === 0,
      }),
    },
  );
  return {
    actors,
    blocking: ['DMA_MAP'],
    always: [
      always(NO_IO_PAGE_FAULT, (view) => names('iova', tids).every((name) => !view.get(name).matches('faulted'))),
      noUseAfterFree(NO_DMA_TO_FREED_MEMORY, {
        objects: names('memory', tids),
        alloc: 'KMALLOC',
        free: 'KFREE',
      }),
      leadsTo(
        GIVEN_BACK,
        (view) => !view.get('tid0').matches('active') && view.get('memory0').matches('allocated'),
        (view) => view.get('memory0').matches('free'),
      ),
    ],
    shows: [
      happens('a frame arrives in a queue', { type: 'ACCESS' }),
      reachable('a TID is deleted, and the device still has its address', (view) => {
        return !view.get('tid0').matches('active') && 'tid0' in view.get('reo').context.queues;
      }),
      ...(tids > entries ? [happens('the command ring is full', { type: 'RING_FULL' })] : []),
      happens('a buffer is freed', { type: 'KFREE' }),
    ],
  } as const satisfies Rig;
}
