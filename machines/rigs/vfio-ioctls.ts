/** A container of VFIO type1 with I/O page faults whose one range, of `page0`, comes and goes by the ioctls of the thread `user`. */
import { always } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import type { VfioIoctlsInput } from '../kernel/vfio-type1/ioctls-v3.ts';
import type { VfioIopfInput } from '../kernel/vfio-type1/iopf-v3.ts';
import { vfioMmuNotifierStartEnd } from '../kernel/vfio-type1/mmu-notifier-start-end.ts';
import { vfioDma } from '../kernel/vfio-type1/vfio-dma.ts';
import { inThread, type Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';
import { sequence } from './vfio-container.ts';

export const DMA_LIFETIME = 'nobody writes to a dma after it was freed';

interface VfioIoctls<H, I> {
  /** A version of the fault handler, and one of the thread. */
  readonly handler: H;
  readonly ioctls: I;
  /** Whether that enables faults late. */
  readonly enables: boolean;
}

export function vfioIoctls<H extends Version<VfioIopfInput>, I extends Version<VfioIoctlsInput>>({
  handler,
  ioctls,
  enables,
}: VfioIoctls<H, I>) {
  const shared = { lock: 'containerLock', mapped: { page0: 'dma0' }, entries: { page0: 'iopte0' } };
  return {
    actors: {
      handler: actorOf(handler, {
        input: { ...shared, ...sequence, name: 'handler' },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
      notifier: inThread(vfioMmuNotifierStartEnd, sequence)({ ...shared, name: 'notifier', commandQueue: 'cmdq' }),
      user: actorOf(ioctls, {
        input: {
          name: 'user',
          page: 'page0',
          lock: 'containerLock',
          dma: 'dma0',
          entry: 'iopte0',
          commandQueue: 'cmdq',
        },
        choices: [
          { type: 'MAP_DMA' },
          { type: 'UNMAP_DMA' },
          { type: 'RUN' },
          ...(enables ? [{ type: 'ENABLE_IOPF' }] : []),
        ],
        rest: [...(enables ? ['off', 'pinned'] : []), 'unmapped', 'mapped'],
      }),
      containerLock: actor(mutex, { rest: ['free'] }),
      dma0: actor(vfioDma),
      iopte0: actor(iommuPageTableEntry),
      tlb0: actor(tlb, { input: { name: 'tlb0', entry: 'iopte0' } }),
    },
    expects: ['cmdq', 'page0', 'sequence'],
    blocking: ['ACQUIRE'],
    always: [always(DMA_LIFETIME, (view) => !view.get('dma0').matches('usedAfterFree'))],
  } as const satisfies Rig;
}
