/**
 * Devices with ATS that come to a domain of an SMMUv3 and leave it, while somebody maps and unmaps a page in it: for each device its function
 * `fn0`, its stream table entry `ste0` and the thread `attach0` that attaches it; the domain with its table entry, TLB, frame, and `unmap`.
 *
 *   fn0 -TRANSLATION_REQUEST-> ste0 -> tlb0;   ste0, tlb0, cmdq -completion, INVALIDATE_REQUEST-> fn0, in any order
 *   fn0 -ACCESS, INVALIDATE_COMPLETION-> frame0, cmdq, in order
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor, type Channel, combineActors, family } from '../../src/system/system.ts';
import { storeBuffer } from '../hardware/cpu/store-buffer.ts';
import type { AtsFunctionInput } from '../hardware/pcie/ats-function.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { plainStream } from '../hardware/smmu/plain-stream.ts';
import { streamTableEntry } from '../hardware/smmu/stream-table-entry.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import type { AtsAttachInput } from '../kernel/arm-smmu-v3/ats-attach.ts';
import { type SmmuDomainInput, smmuDomain } from '../kernel/arm-smmu-v3/domain.ts';
import type { UnmapInput } from '../kernel/arm-smmu-v3/unmap.ts';
import { unmapThreadAsksDomain } from '../kernel/arm-smmu-v3/unmap-asks-domain.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { noDmaToFreedFrame } from '../monitors/stale-translation.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface AtsDomain<F, A, D, U> {
  readonly devices: number;
  /** Versions of the functions, and of the threads that attach them. */
  readonly fn: F;
  readonly attach: A;
  /** Of the domain, and of the thread that unmaps. */
  readonly domain?: D;
  readonly unmap?: U;
}

export function atsDomain<
  F extends Version<AtsFunctionInput>,
  A extends Version<AtsAttachInput>,
  D extends Version<SmmuDomainInput> = typeof smmuDomain,
  U extends Version<UnmapInput> = typeof unmapThreadAsksDomain,
>({ devices, fn, attach, ...versions }: AtsDomain<F, A, D, U>) {
  const { domain = smmuDomain, unmap = unmapThreadAsksDomain } = versions;
  const fns = names('fn', devices);
  const functions = family('fn', devices, (i) =>
    actorOf(fn, {
      input: { name: `fn${i}`, page: 'page0', iommu: `ste${i}` },
      choices: [{ type: 'TRANSLATE_AHEAD' }, { type: 'DMA', page: 'page0' }],
      rest: () => true,
    }),
  );
  const threads = family('attach', devices, (i) =>
    actorOf(attach, {
      input: {
        name: `attach${i}`,
        device: `fn${i}`,
        fn: `fn${i}`,
        page: 'page0',
        domain: 'domain',
        tlb: 'tlb0',
        ste: `ste${i}`,
        commandQueue: 'cmdq',
        storeBuffer: `buffer${i}`,
      },
      choices: [{ type: 'ATTACH' }, { type: 'DETACH' }, { type: 'RUN' }],
      rest: ['detached', 'attached'],
    }),
  );
  const smmu = {
    tlb0: actor(tlb, { input: { name: 'tlb0', entry: 'iopte0' } }),
    cmdq: actor(commandQueue, {
      input: {
        name: 'cmdq',
        tlbs: { page0: 'tlb0' },
        atcs: Object.fromEntries(fns.map((name) => [name, { page0: name }])),
      },
    }),
  };
  const host = {
    domain: actorOf(domain, { input: { commandQueue: 'cmdq' } }),
    iopte0: actor(iommuPageTableEntry),
    unmap: actorOf(unmap, {
      input: {
        name: 'unmap',
        page: 'page0',
        entry: 'iopte0',
        freeList: 'freeList',
        commandQueue: 'cmdq',
        devices: [],
        domain: 'domain',
      },
      choices: [{ type: 'MAP_BUFFER' }, { type: 'UNMAP_BUFFER' }, { type: 'RUN' }],
      rest: ['unmapped', 'mapped'],
    }),
    frame0: actor(frame, { input: { name: 'frame0', freeList: 'freeList' } }),
    freeList: actor(freeList, { input: { frames: ['frame0'] } }),
  };
  // PCIe 2.4.1, as in `ats-invalidation.ts`.
  const down = (name: string): Channel => ({
    to: [name],
    types: ['TRANSLATION_COMPLETION', 'UNSUPPORTED_REQUEST', 'INVALIDATE_REQUEST'],
    order: 'unordered',
    // Those who unmap, and those who detach, may each have an invalidation under way.
    capacity: 3,
  });
  const up = (name: string): Channel => ({
    from: [name],
    to: ['frame0', 'cmdq'],
    types: ['ACCESS', 'INVALIDATE_COMPLETION'],
    order: 'fifo',
    capacity: 2,
  });
  return {
    actors: combineActors(
      functions,
      family('ste', devices, () => actor(streamTableEntry)),
      threads,
      smmu,
      host,
    ),
    channels: {
      commands: {
        to: ['cmdq'],
        types: ['TLBI', 'ATC_INV', 'SYNC'],
        order: 'fifo',
        // Of whoever unmaps, and of each thread that detaches.
        capacity: 3 * devices + 1,
      },
      ...Object.fromEntries(fns.map((name) => [`${name}-down`, down(name)])),
      ...Object.fromEntries(fns.map((name) => [`${name}-up`, up(name)])),
    },
    blocking: ['DMA', 'ENABLE_ATS', 'SYNC'],
    always: [noDmaToFreedFrame()],
    shows: [
      happens('a DMA is done', { type: 'ACCESS' }),
      happens('a frame is freed', { type: 'FREED' }),
      reachable('a page is unmapped while a device that has it in its ATC leaves', (view) => {
        const isLeaving = !view.get('attach0').matches('attached') && !view.get('attach0').matches('detached');
        return isLeaving && view.get('fn0').context.frame !== null && view.get('unmap').matches('firstDone');
      }),
    ],
    things: { devices: { count: devices, prefixes: ['fn', 'ste', 'attach'] } },
  } as const satisfies Rig;
}

/** CPUs with a store buffer each, for the threads that attach; and a device of the domain without ATS, which brings the page into the TLB. */
export function atsCpus(devices: number) {
  return {
    actors: combineActors(
      family('buffer', devices, () => actor(storeBuffer, { choices: [{ type: 'DRAIN' }], rest: () => true })),
      {
        plain: actor(plainStream, {
          input: { name: 'plain', page: 'page0', iommu: 'tlb0' },
          choices: [{ type: 'DMA' }],
        }),
      },
    ),
    expects: ['tlb0'],
    things: { devices: { count: devices, prefixes: ['buffer'] } },
  } as const satisfies Rig;
}

/** The function asks for nothing that its stream table entry refuses. */
export function nothingIsUnsupported(devices: number) {
  return names('fn', devices).map((name) =>
    always(`no translation request of ${name} is refused with UR`, (view) => !view.get(name).matches('unsupported')),
  );
}
