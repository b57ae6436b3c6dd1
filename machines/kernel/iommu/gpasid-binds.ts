/**
 * Which guest PASID belongs to which host PASID of a device: what the guest binds, and what the host keeps of it (`struct iommu_gpasid_bind_data` with
 * IOMMU_SVA_GPASID_VAL; intel/svm.c intel_svm_bind_gpasid() and `svm->gpasid`, v5.8 to v5.17).
 *
 * List 'BIND_GPASID' as `blocking`: who would need a number that is taken waits.
 *
 * Simplification: the guest's own table, by which it finds the process of its PASID, changes in the same step as the host's.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

interface Bind {
  readonly hpasid: string;
  readonly gpasid: string;
  readonly process: string;
}

export type GpasidBindsEvent =
  | ({ type: 'BIND_GPASID' } & Bind)
  | { type: 'UNBIND_GPASID'; hpasid: string }
  /** Of a host PASID, whoever has it now; the reply is GPASID or NO_GPASID. */
  | { type: 'FIND_GPASID'; hpasid: string; by: string }
  /** The guest's look-up; the reply is PROCESS or NO_PROCESS. */
  | { type: 'FIND_PROCESS'; gpasid: string; by: string };

export const gpasidBinds = setup({
  types: { context: {} as { readonly binds: readonly Bind[] }, events: {} as GpasidBindsEvent },
  guards: {
    areFree: from('BIND_GPASID', ({ context, event }) => {
      return context.binds.every(({ hpasid, gpasid }) => hpasid !== event.hpasid && gpasid !== event.gpasid);
    }),
    hasHpasid: from('FIND_GPASID', ({ context, event }) => context.binds.some(({ hpasid }) => hpasid === event.hpasid)),
    hasGpasid: from('FIND_PROCESS', ({ context, event }) => {
      return context.binds.some(({ gpasid }) => gpasid === event.gpasid);
    }),
  },
  actions: {
    bind: assign({
      binds: from('BIND_GPASID', ({ context, event: { type: _, ...bind } }) => [...context.binds, bind]),
    }),
    unbind: assign({
      binds: from('UNBIND_GPASID', ({ context, event }) => {
        return context.binds.filter(({ hpasid }) => hpasid !== event.hpasid);
      }),
    }),
    replyGpasid: reply(
      from('FIND_GPASID', ({ context, event }) => {
        return { type: 'GPASID', gpasid: context.binds.find(({ hpasid }) => hpasid === event.hpasid)!.gpasid };
      }),
    ),
    replyNoGpasid: reply('NO_GPASID'),
    replyProcess: reply(
      from('FIND_PROCESS', ({ context, event }) => {
        return { type: 'PROCESS', process: context.binds.find(({ gpasid }) => gpasid === event.gpasid)!.process };
      }),
    ),
    replyNoProcess: reply('NO_PROCESS'),
  },
}).createMachine({
  id: 'gpasidBinds',
  context: { binds: [] },
  on: {
    BIND_GPASID: { guard: 'areFree', actions: 'bind' },
    UNBIND_GPASID: { actions: 'unbind' },
    FIND_GPASID: [{ guard: 'hasHpasid', actions: 'replyGpasid' }, { actions: 'replyNoGpasid' }],
    FIND_PROCESS: [{ guard: 'hasGpasid', actions: 'replyProcess' }, { actions: 'replyNoProcess' }],
  },
});
