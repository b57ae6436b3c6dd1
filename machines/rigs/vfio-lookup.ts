/**
 * The way of a fault from a device to its container, in VFIO's series for I/O page faults: the list of groups in which the handler looks,
 * and what it maps when it has found the container, one page that is always in memory.
 */
import { actor } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { frame } from '../kernel/mm/frame.ts';
import { iopfGroupList } from '../kernel/vfio-type1/iopf-group-list.ts';
import { iopfLookupV3 } from '../kernel/vfio-type1/iopf-lookup-v3.ts';
import { inThread, type Rig } from './assemble.ts';

/** The handler of the stall path, whose `tlbs` are `{ page0: 'tlb0' }`. */
export const vfioLookup = {
  actors: {
    tlb0: actor(tlb, { input: { name: 'tlb0', entry: 'iopte0' } }),
    iopte0: actor(iommuPageTableEntry),
    // Whose it is does not matter here.
    frame0: actor(frame, { input: { name: 'frame0', freeList: 'none' } }),
    handler: inThread(iopfLookupV3)({
      name: 'handler',
      list: 'groupList',
      lock: 'containerLock',
      entries: { page0: 'iopte0' },
      frames: { page0: 'frame0' },
    }),
    groupList: actor(iopfGroupList),
    containerLock: actor(mutex, { rest: ['free'] }),
  },
  blocking: ['ACQUIRE'],
} as const satisfies Rig;
