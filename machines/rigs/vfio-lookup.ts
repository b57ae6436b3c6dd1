/**
 * The way of a fault from a device to its container, in VFIO's series for I/O page faults: the list of groups in which the handler looks,
 * and what it maps when it has found the container, one page that is always in memory.
 */
import { actor } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { frame } from '../kernel/mm/frame.ts';
import { vfioIopfGroup } from '../kernel/vfio-type1/iopf-group.ts';
import { iopfGroupList } from '../kernel/vfio-type1/iopf-group-list.ts';
import { iopfGroupListLinked } from '../kernel/vfio-type1/iopf-group-list-linked.ts';
import { iopfLookupFollows } from '../kernel/vfio-type1/iopf-lookup-follows.ts';
import { iopfLookupV3 } from '../kernel/vfio-type1/iopf-lookup-v3.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { inThread, type Rig } from './assemble.ts';

const mapsOnePage = {
  tlb0: actor(tlb, { input: { name: 'tlb0', entry: 'iopte0' } }),
  iopte0: actor(iommuPageTableEntry),
  // Whose it is does not matter here.
  frame0: actor(frame, { input: { name: 'frame0', freeList: 'none' } }),
  containerLock: actor(mutex, { rest: ['free'] }),
};

const input = {
  name: 'handler',
  list: 'groupList',
  lock: 'containerLock',
  entries: { page0: 'iopte0' },
  frames: { page0: 'frame0' },
};

/** The handler of the stall path, whose `tlbs` are `{ page0: 'tlb0' }`. */
export const vfioLookup = {
  actors: { ...mapsOnePage, handler: inThread(iopfLookupV3)(input), groupList: actor(iopfGroupList) },
  blocking: ['ACQUIRE'],
} as const satisfies Rig;

export const IOPF_GROUP_LIFETIME = 'nobody follows an iopf group after it was freed';

/** The same for a group that is attached, and in whose memory the handler looks. */
export const vfioLookupInMemory = {
  actors: {
    ...mapsOnePage,
    handler: inThread(iopfLookupFollows, { group: 'iopfGroup' })(input),
    groupList: actor(iopfGroupListLinked),
    iopfGroup: actor(vfioIopfGroup),
  },
  blocking: ['ACQUIRE'],
  always: [noUseAfterFree(IOPF_GROUP_LIFETIME, { objects: ['iopfGroup'], free: 'FREE', allocated: ['iopfGroup'] })],
} as const satisfies Rig;
