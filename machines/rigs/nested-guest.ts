/**
 * Nested translation: pages of a process of a guest, and the guest's part of a fault of stage 1. Its io-pgfault is `guestCore0`, with its
 * work queue `guestQueue` and a worker.
 *
 *   guestCore0 <-REPORT- who brings faults to the guest
 *   guestCore0 -> guestQueue -> guestWorker0 -HANDLE_FAULT-> page0; -RESPOND-> guestCore0 -PRG_RESPONSE-> who takes its answers
 */
import { always } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { nestedPage } from '../kernel/iommu/nested-page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { dmaFaultRegion } from '../kernel/vfio-pci/dma-fault-region.ts';
import { vfioNestedHandler } from '../kernel/vfio-type1/iopf-v3-nested.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { when } from '../parts/when.ts';
import { type FaultInjectorEvent, faultInjector } from '../vmm/fault-injector.ts';
import type { Rig } from './assemble.ts';

const RUN = { type: 'RUN' } as const;

/** @param answers who takes the guest's answers */
export function nestedGuest<const Answers extends string>({
  pages,
  answers,
  unmaps = false,
}: {
  readonly pages: number;
  readonly answers: Answers;
  /** Whether the guest takes pages away, which its CPUs may touch first. */
  readonly unmaps?: boolean;
}) {
  const actors = combineActors(
    family('page', pages, (index) =>
      actor(nestedPage, {
        input: { name: `page${index}` },
        choices: [{ type: 'TOUCH' }, ...when(unmaps, { type: 'UNMAP_STAGE1' } as const)],
        rest: () => true,
      }),
    ),
    {
      guestCore0: actor(iopfCore, { input: { name: 'guestCore0', device: answers, workQueue: 'guestQueue' } }),
      guestQueue: actor(workQueue),
      guestWorker0: actor(iopfWorker, {
        input: { name: 'guestWorker0', workQueue: 'guestQueue', cores: { dev0: 'guestCore0' } },
        choices: [RUN],
        rest: ['idle'],
      }),
    },
  );
  return { actors, expects: [answers], blocking: ['TAKE'] } as const satisfies Rig;
}

/**
 * VFIO's one handler of the device `dev0`, as RFC v3 has it, with the way of faults of stage 1 to the guest: the region of vfio_pci and the
 * VMM's thread. `core0` is the device's fault data.
 */
export function vfioNested({ faults, unasked = [] }: { faults: number; unasked?: readonly FaultInjectorEvent[] }) {
  const actors = {
    handler: actor(vfioNestedHandler, {
      input: { name: 'handler', lock: 'containerLock', region: 'region' },
      choices: [RUN],
      rest: ['idle'],
    }),
    containerLock: actor(mutex, { rest: ['free'] }),
    region: actor(dmaFaultRegion, {
      input: { capacity: faults, vmm: 'vmm' },
      rest: ({ context }) => context.records.length === 0,
    }),
    vmm: actor(faultInjector, {
      input: { name: 'vmm', region: 'region', guestCore: 'guestCore0', core: 'core0' },
      choices: [RUN, ...unasked],
      rest: ['idle'],
    }),
  };
  return { actors, expects: ['core0', 'guestCore0'], blocking: ['ACQUIRE', 'READ'] } as const satisfies Rig;
}

export const HOST_FAULT_IS_ITS_OWN = 'a fault that the host is at work on waits for the answer of the host';
export const hostFaultIsItsOwn = always(HOST_FAULT_IS_ITS_OWN, (view) => {
  const { request } = view.get('handler').context as { request: PageRequest | null };
  const { faults } = view.get('core0').context as { faults: readonly PageRequest[] };
  return request === null || faults.some(({ index }) => index === request.index);
});
