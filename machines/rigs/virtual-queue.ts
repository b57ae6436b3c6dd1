/**
 * The way of a page request into a guest and back: the queue of the physical IOMMU, `prq`, with its thread; how the host hands requests over
 * to the VMM, `vmm`; the queue that this emulates, `guestPrq`, and behind it the guest's own kernel, the same code as the host's.
 */
import type { AnyStateMachine } from 'xstate';
import { actor, combineActors } from '../../src/system/system.ts';
import { type OverflowingQueueInput, overflowingQueue } from '../hardware/vtd/overflowing-queue.ts';
import { type PrqRecoveringThreadInput, prqRecoveringThread } from '../kernel/intel/prq-event-thread-recovers.ts';
import { iopfCore738e6f32e61d } from '../kernel/io-pgfault/738e6f32e61d.ts';
import { type ForwardsRequestsInput, forwardsRequests } from '../kernel/iommu/forwards-requests.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { faultFd } from '../kernel/iommufd/fault-fd.ts';
import { type DmaFaultRegionInput, dmaFaultRegion } from '../kernel/vfio-pci/dma-fault-region.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { emulatedPrq } from '../vmm/emulated-prq.ts';
import { type VmmInput, vmmGroups } from '../vmm/vmm-groups.ts';
import { vmmRequests } from '../vmm/vmm-requests.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const inThread = { choices: [{ type: 'RUN' }], rest: ['idle'] } as const;
const inInterrupt = { choices: [{ type: 'RUN' }], rest: ['asleep'] } as const;

/** The physical queue, of `entries`, and the thread that reports to `core`. */
export function hostQueue(entries: number) {
  const actors = {
    prq: actor(overflowingQueue, { input: { name: 'prq', entries, thread: 'irq' } }),
    irq: actor(prqRecoveringThread, { input: { name: 'irq', queue: 'prq', cores: { dev0: 'core' } }, ...inInterrupt }),
  };
  return { actors, expects: ['dev0', 'core'] } as const satisfies Rig;
}

interface WholeGroups<V> {
  readonly vmm?: V;
}

/** The host's core gathers, and iommufd hands over whole groups, as it does since v6.11. */
export function wholeGroups<V extends Version<VmmInput> = typeof vmmGroups>({
  vmm = vmmGroups as AnyStateMachine as V,
}: WholeGroups<V> = {}) {
  const actors = {
    core: actor(iopfCore738e6f32e61d, { input: { name: 'core', device: 'dev0', workQueue: 'faults' } }),
    faults: actor(faultFd, { input: { core: 'core' } }),
    vmm: actorOf(vmm, { input: { name: 'vmm', faults: 'faults', core: 'core', prq: 'guestPrq' }, ...inThread }),
  };
  return { actors, expects: ['dev0', 'guestPrq'], blocking: ['READ'] } as const satisfies Rig;
}

interface SingleRequests<Core, Region> {
  /** Entries of the ring. */
  readonly records: number;
  readonly core?: Core;
  readonly region?: Region;
}

/** The host's core hands each request over as it comes, as that of the nested-stage series did. */
export function singleRequests<
  Core extends Version<ForwardsRequestsInput> = typeof forwardsRequests,
  Region extends Version<DmaFaultRegionInput> = typeof dmaFaultRegion,
>({
  records,
  core = forwardsRequests as AnyStateMachine as Core,
  region = dmaFaultRegion as AnyStateMachine as Region,
}: SingleRequests<Core, Region>) {
  const actors = {
    core: actorOf(core, { input: { name: 'core', device: 'dev0', region: 'faults' } }),
    faults: actorOf(region, { input: { capacity: records, vmm: 'vmm' } }),
    vmm: actor(vmmRequests, { input: { name: 'vmm', faults: 'faults', core: 'core', prq: 'guestPrq' }, ...inThread }),
  };
  return { actors, expects: ['dev0', 'guestPrq'], blocking: ['READ'] } as const satisfies Rig;
}

interface GuestQueue<Q, T> {
  /** Entries of the emulated queue. */
  readonly entries: number;
  readonly queue?: Q;
  readonly thread?: T;
}

/** The guest, with SVA: its thread, core, work queue and worker. Its function is the VMM. */
export function guestQueue<
  Q extends Version<OverflowingQueueInput> = typeof emulatedPrq,
  T extends Version<PrqRecoveringThreadInput> = typeof prqRecoveringThread,
>({
  entries,
  queue = emulatedPrq as AnyStateMachine as Q,
  thread = prqRecoveringThread as AnyStateMachine as T,
}: GuestQueue<Q, T>) {
  const actors = combineActors(
    { guestPrq: actorOf(queue, { input: { name: 'guestPrq', entries, thread: 'guestIrq' } }) },
    {
      guestIrq: actorOf(thread, {
        input: { name: 'guestIrq', queue: 'guestPrq', cores: { vmm: 'guestCore' } },
        ...inInterrupt,
      }),
    },
    {
      guestCore: actor(iopfCore738e6f32e61d, {
        input: { name: 'guestCore', device: 'vmm', workQueue: 'guestWorkQueue' },
      }),
      guestWorkQueue: actor(workQueue),
      guestWorker: actor(iopfWorker, {
        input: { name: 'guestWorker', workQueue: 'guestWorkQueue', cores: { vmm: 'guestCore' } },
        ...inThread,
      }),
    },
  );
  return { actors, expects: ['vmm'], blocking: ['TAKE'] } as const satisfies Rig;
}
