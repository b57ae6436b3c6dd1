/**
 * A process of a guest that binds its address space to a PASID of the guest, and by that to one of the host, uses the device, and unbinds again.
 *
 *   unbound -BIND-> bound -POST_DMA-> bound
 *                         -UNBIND-> stopped -RUN-> queueDrained -RUN-> regionFlushed -RUN-> flushed -RUN-> unbound
 *
 * At unbind it follows the way of a request: the host's queue, then the region between host and VMM, then the guest's queue. Only after that
 * are both numbers given back. Versions: `gpasid-process-drains-queue.ts`, `gpasid-process-skips-region.ts`, `gpasid-process-backwards.ts`.
 *
 * List 'BIND_GPASID', 'POST', 'DRAIN', 'FLUSH_REGION' and 'FLUSH_GUEST' as `blocking`.
 *
 * Simplification: what guest, VMM and host each do at unbind is one thread, as the guest's command traps down to the host.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../parts/call.ts';
import { straightLine } from '../parts/straight-line.ts';
import type { InjectedRequest } from './gpasid-queue.ts';

export type GpasidProcessEvent =
  /** The guest and the host choose numbers that are free. */
  | { type: 'BIND'; hpasid: string; gpasid: string }
  /** The process lets the device access memory, which misses. */
  | { type: 'POST_DMA'; index: string }
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** A fault is handled in its address space. */
  | { type: 'HANDLE_FAULT'; request: InjectedRequest };

export interface GpasidProcessInput {
  readonly name: string;
  readonly device: string;
  /** A `../kernel/iommu/gpasid-binds.ts`; the page request registers, the region, and the guest's queue. */
  readonly binds: string;
  readonly registers: string;
  readonly region: string;
  readonly guest: string;
}

/** What versions are made of. */
export const gpasidProcessParts = setup({
  types: {
    input: {} as GpasidProcessInput,
    context: {} as GpasidProcessInput & { readonly hpasid: string; readonly gpasid: string },
    events: {} as GpasidProcessEvent,
  },
  actions: {
    keepPasids: assign(from('BIND', ({ event: { hpasid, gpasid } }) => ({ hpasid, gpasid }))),
    forgetPasids: assign({ hpasid: '', gpasid: '' }),
    bind: send('binds', ({ context: { name, hpasid, gpasid } }) => {
      return { type: 'BIND_GPASID', hpasid, gpasid, process: name };
    }),
    unbind: send('binds', ({ context: { hpasid } }) => ({ type: 'UNBIND_GPASID', hpasid })),
    startPasid: send('device', ({ context: { hpasid } }) => ({ type: 'START_PASID', pasid: hpasid })),
    stopPasid: send('device', ({ context: { hpasid } }) => ({ type: 'STOP_PASID', pasid: hpasid })),
    postDma: send(
      'device',
      from('POST_DMA', ({ context, event: { index } }) => {
        return { type: 'POST', index, pasid: context.hpasid, last: true, process: context.name };
      }),
    ),
    awaitQueue: send('registers', ({ context: { hpasid } }) => ({ type: 'DRAIN', pasid: hpasid })),
    awaitRegion: send('region', ({ context: { hpasid } }) => ({ type: 'FLUSH_REGION', hpasid })),
    awaitGuest: send('guest', ({ context: { gpasid } }) => ({ type: 'FLUSH_GUEST', gpasid })),
  },
});

export const gpasidProcessConfig = {
  context: ({ input }: { input: GpasidProcessInput }) => ({ ...input, hpasid: '', gpasid: '' }),
  initial: 'unbound',
  on: { HANDLE_FAULT: {} },
} as const;

/** Another version replaces states. */
export const gpasidProcessStates = {
  unbound: gpasidProcessParts.createStateConfig({
    on: { BIND: { target: 'bound', actions: ['keepPasids', 'bind', 'startPasid'] } },
  }),
  bound: gpasidProcessParts.createStateConfig({
    on: { POST_DMA: { actions: 'postDma' }, UNBIND: { target: 'stopped', actions: 'stopPasid' } },
  }),
  ...straightLine(
    {
      stopped: 'awaitQueue',
      queueDrained: 'awaitRegion',
      regionFlushed: 'awaitGuest',
      flushed: ['unbind', 'forgetPasids'],
    },
    'unbound',
  ),
};

export const gpasidProcess = gpasidProcessParts.createMachine({
  id: 'gpasidProcess',
  ...gpasidProcessConfig,
  states: gpasidProcessStates,
});
