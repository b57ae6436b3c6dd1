/**
 * A process that binds its address space to a device once, and unbinds, by itself or by the close of its files when it exits, which comes
 * after its last mmput() (iommu-sva.c iommu_sva_bind_device() and iommu_sva_unbind_device(), since 06e14c36e20b): the mm leaves
 * `iommu_sva_mms` before the domain is freed, and with it perhaps the mm.
 *
 *   unbound -BIND-> bound -UNBIND-> leaving -RUN-> locked -RUN-> delisted -RUN-> over
 *                         -EXIT-> leaving: intel_mm_release() has cleared the PASID-table entry, and only the domain has the mm
 *
 * Versions: `owner-e37d5a2d60a3.ts` frees the domain first, `owner-v6.18.ts` has no list.
 *
 * List 'ACQUIRE' as `blocking`.
 *
 * Simplification: one device, so the domain goes with the first unbind.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type SvaOwnerEvent =
  | { type: 'BIND' }
  | { type: 'UNBIND' }
  | { type: 'EXIT' }
  /** The scheduler lets the process run. */
  | { type: 'RUN' };

export interface SvaOwnerInput {
  readonly name: string;
  /** `iommu_sva_lock`, and a `mm-list.ts`. */
  readonly lock: string;
  readonly list: string;
  /** Its `mm-data.ts`, and what the IOMMU has cached of its page table. */
  readonly mm: string;
  readonly cache: string;
}

/** What versions are made of. */
export const svaOwnerParts = setup({
  types: {
    input: {} as SvaOwnerInput,
    context: {} as SvaOwnerInput,
    events: {} as SvaOwnerEvent,
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    allocDomain: send('mm', 'MMGRAB'),
    attach: send('cache', 'ATTACH'),
    detach: send('cache', 'DETACH'),
    addToList: send('list', ({ context }) => ({ type: 'LIST_ADD', mm: context.mm })),
    readDomains: send('mm', 'READ_DOMAINS'),
    removeFromList: send('list', ({ context }) => ({ type: 'LIST_DEL', mm: context.mm })),
    freeDomain: send('mm', 'MMDROP'),
    // The last mmput(): exit_mmap() with the notifiers' release, then the users' reference.
    exitMm: send('mm', 'MMDROP'),
  },
});

export const svaOwnerConfig = {
  context: ({ input }: { input: SvaOwnerInput }) => input,
  initial: 'unbound',
} as const;

/** Another version replaces states. */
export const svaOwnerStates = {
  unbound: svaOwnerParts.createStateConfig({
    on: { BIND: { target: 'bound', actions: ['lock', 'allocDomain', 'attach', 'addToList', 'unlock'] } },
  }),
  bound: svaOwnerParts.createStateConfig({
    on: { UNBIND: 'leaving', EXIT: { target: 'leaving', actions: ['detach', 'exitMm'] } },
  }),
  ...straightLine(
    {
      // iommu_detach_device_pasid()
      leaving: ['lock', 'detach'],
      locked: ['readDomains', 'removeFromList'],
      // iommu_domain_free()
      delisted: ['freeDomain', 'unlock'],
    },
    'over',
  ),
  over: svaOwnerParts.createStateConfig({ type: 'final' }),
};

export const svaOwner = svaOwnerParts.createMachine({ id: 'svaOwner', ...svaOwnerConfig, states: svaOwnerStates });
