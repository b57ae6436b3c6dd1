/**
 * A device whose page table is replaced by another one and back, each with its attach handle and its fault queue, and the slot in which
 * the handle is found that is stored now.
 */
import { always } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { attachHandleSlot } from '../kernel/iommu/attach-handle-slot.ts';
import type { FaultQueueLists } from '../kernel/iommufd/eventq.ts';
import type { replaceThread } from '../kernel/iommufd/replace.ts';
import type { replaceThreadFb21b1568ada } from '../kernel/iommufd/replace-fb21b1568ada.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

export const LIVE = 'no group waits for user space under an attach handle that was freed';

interface IommufdReplace {
  /** Of `iommufdFaultQueues`: with one, both page tables have the same. */
  readonly queues: number;
  readonly replace: typeof replaceThread | typeof replaceThreadFb21b1568ada;
}

/** The slot is the handler of the device. */
export function iommufdReplace({ queues, replace }: IommufdReplace) {
  const hwpt = (index: number) => ({
    handle: `handle${index}`,
    fault: `fault${index % queues}`,
    mutex: `mutex${index % queues}`,
  });
  return {
    actors: {
      slot: actor(attachHandleSlot, { input: { handle: 'handle0', handler: 'fault0' } }),
      replacer: actor(replace, {
        input: { name: 'replacer', slot: 'slot', hwpt: hwpt(0), other: hwpt(1) },
        choices: [{ type: 'REPLACE' }, { type: 'RUN' }],
        rest: ['attached'],
      }),
    },
    expects: ['fault0', 'mutex0'],
    blocking: ['ACQUIRE'],
    always: [
      always(LIVE, (view) => {
        const { live } = view.get('replacer').context as { live: readonly string[] };
        return names('fault', queues).every((fault) => {
          const { deliver, response } = view.get(fault).context as FaultQueueLists;
          return [...deliver, ...Object.values(response)].every(({ handle }) => live.includes(handle));
        });
      }),
    ],
  } as const satisfies Rig;
}
