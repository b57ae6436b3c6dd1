/**
 * A device that joins a container which has I/O page faults enabled, and gets a domain of its own: vfio_iommu_type1_attach_group() of
 * the series (v3), and from then on the device's DMA, for which it stands.
 *
 *   lock; the domain is put into the list, and nothing is mapped in it (the series skips vfio_iommu_replay()); unlock
 *
 * The bitmap is one for all domains of a dma, so bits of pages that were mapped before say of the new domain what is not true.
 * `attach-replay.ts` maps in the new domain what is mapped in the first.
 *
 * List 'DMA' as `blocking`: a device that is not attached does none.
 *
 * Simplifications: one page; the first domain stays.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type AttachEvent =
  /** The user attaches the device. */
  | { type: 'ATTACH_GROUP' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'PHYS'; frame: string | null }
  /** The guest's driver rings the doorbell of the device. */
  | { type: 'DMA'; page: string; write: boolean };

export interface AttachInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  readonly device: string;
  /** The page's entries in the domain that was there before, and in the device's own. */
  readonly firstEntry: string;
  readonly entry: string;
}

/** What versions of it are made of. */
export const attachParts = setup({
  types: {
    input: {} as AttachInput,
    context: {} as AttachInput & { readonly frame: string | null },
    events: {} as AttachEvent,
  },
  guards: {
    isMapped: ({ event }) => event.type === 'PHYS' && event.frame !== null,
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    putIntoList: send('entry', 'ATTACH'),
    lookUpFirst: call('firstEntry', 'IOVA_TO_PHYS'),
    keepFrame: assign(from('PHYS', ({ event }) => ({ frame: event.frame }))),
    map: send('entry', ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true })),
    forgetFrame: assign({ frame: null }),
    forwardDma: send(
      'device',
      from('DMA', ({ event }) => ({ type: 'DMA', page: event.page, write: event.write })),
    ),
  },
});

export const attachConfig = {
  context: ({ input }: { input: AttachInput }) => ({ ...input, frame: null }),
  initial: 'detached',
} as const;

export const attachStates = {
  detached: attachParts.createStateConfig({
    on: { ATTACH_GROUP: 'attaching' },
  }),
  // list_add(&domain->next, &iommu->domain_list), and no vfio_iommu_replay()
  attaching: attachParts.createStateConfig({
    on: { RUN: { target: 'attached', actions: ['lock', 'putIntoList', 'unlock'] } },
  }),
  attached: attachParts.createStateConfig({
    on: { DMA: { actions: 'forwardDma' }, ATTACH_GROUP: {}, RUN: {}, PHYS: {} },
  }),
};

export const attachV3 = attachParts.createMachine({ id: 'attachV3', ...attachConfig, states: attachStates });
