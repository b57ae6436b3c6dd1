/**
 * The thread of a VMM that puts records of a fault region with PASIDs into its guest's queue: `fault-injector.ts` with a look-up of the guest's PASID where the
 * kernel has not translated it.
 *
 * Simplification: it reads, looks up and injects in one step, so nothing is in its hand.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../hardware/pcie/pasid-function.ts';
import type { PasidRecord } from '../kernel/vfio-pci/fault-region-of-gpasids.ts';
import { call, from, send } from '../parts/call.ts';

export type GpasidInjectorEvent =
  /** The scheduler lets the thread run. */
  { type: 'RUN' } | ({ type: 'RECORD' } & PasidRecord) | { type: 'GPASID'; gpasid: string } | { type: 'NO_GPASID' };

export interface GpasidInjectorInput {
  readonly name: string;
  readonly region: string;
  /** A `../kernel/iommu/gpasid-binds.ts`, and a `../guest/gpasid-queue.ts`. */
  readonly binds: string;
  readonly guest: string;
}

export const gpasidInjector = setup({
  types: {
    input: {} as GpasidInjectorInput,
    context: {} as GpasidInjectorInput & { readonly request: PasidRequest | null },
    events: {} as GpasidInjectorEvent,
  },
  guards: { isTranslated: from('RECORD', ({ event }) => event.gpasid !== null) },
  actions: {
    read: call('region', 'READ'),
    inject: send(
      'guest',
      from('RECORD', ({ event: { request, gpasid } }) => ({ type: 'INJECT', request, gpasid })),
    ),
    keepRequest: assign({ request: from('RECORD', ({ event }) => event.request) }),
    findGpasid: call(
      'binds',
      from('RECORD', ({ event }) => ({ type: 'FIND_GPASID', hpasid: event.request.pasid })),
    ),
    injectTranslated: send(
      'guest',
      from('GPASID', ({ context, event }) => ({ type: 'INJECT', request: context.request, gpasid: event.gpasid })),
    ),
    answerInvalid: send(
      ({ context }) => context.request!.device,
      ({ context: { name, request } }) => {
        return {
          type: 'PRG_RESPONSE',
          index: request!.index,
          code: 'invalid',
          by: name,
          generation: request!.generation,
        };
      },
    ),
    forgetRequest: assign({ request: null }),
  },
}).createMachine({
  id: 'gpasidInjector',
  context: ({ input }) => ({ ...input, request: null }),
  on: {
    RUN: { actions: 'read' },
    RECORD: [{ guard: 'isTranslated', actions: 'inject' }, { actions: ['keepRequest', 'findGpasid'] }],
    GPASID: { actions: ['injectTranslated', 'forgetRequest'] },
    NO_GPASID: { actions: ['answerInvalid', 'forgetRequest'] },
  },
});
