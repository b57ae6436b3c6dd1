/**
 * A page of a shared file mapping, `page`, with the frame that holds it, a CPU that writes to it, and writeback that takes the right to write
 * away. Its TLB entry `tlb` and the command queue `cmdq` of an SMMUv3 are of another rig, as `sva-streams.ts`.
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import type { SharedMappingInput } from '../kernel/iommu-sva/shared-mapping.ts';
import { cpuThread } from '../kernel/mm/cpu-thread.ts';
import { frame } from '../kernel/mm/frame.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const TLB_NO_MORE_RIGHTS = 'the TLB has no more rights than the page table, unless a flush is under way';

/** @param mapping a version of what is done when its rights change */
export function sharedMappingOf<M extends Version<SharedMappingInput>>(mapping: M) {
  const actors = {
    page: actorOf(mapping, {
      input: { name: 'page', frame: 'frame', tlb: 'tlb', commandQueue: 'cmdq' },
      choices: [{ type: 'CLEAN' }],
      rest: ['notPresent', 'readOnly', 'writable'],
    }),
    // It belongs to the file, and is neither allocated nor freed here.
    frame: actor(frame, { input: { name: 'frame', freeList: 'none' } }),
    cpu: actor(cpuThread, { input: { name: 'cpu', page: 'page' }, choices: [{ type: 'STORE' }], rest: ['running'] }),
  };
  return {
    actors,
    expects: ['tlb', 'cmdq'],
    blocking: ['HANDLE_FAULT'],
    always: [
      always(TLB_NO_MORE_RIGHTS, (view) => {
        return !view.get('tlb').context.writable || !view.get('page').matches('readOnly');
      }),
    ],
    shows: [
      happens('writeback takes the right to write away', { type: 'CLEAN' }),
      happens('a CPU faults on the page', { type: 'HANDLE_FAULT', where: (event) => event.by === 'cpu' }),
    ],
  } as const satisfies Rig;
}

/** Where every change of rights is told. */
export const tlbHasNoFewerRights = always(
  'the TLB has no fewer rights than the page table, unless a flush is under way',
  (view) => {
    const { frame, writable } = view.get('tlb').context;
    return frame === null || Boolean(writable) || !view.get('page').matches('writable');
  },
);

/** Where more rights are told later than they are there. */
export const tlbIsBehind = reachable('the TLB holds a read-only entry of a page that is writable by now', (view) => {
  const { frame, writable } = view.get('tlb').context;
  return frame !== null && !writable && ['upgrading', 'writable'].includes(view.get('page').value as string);
});
