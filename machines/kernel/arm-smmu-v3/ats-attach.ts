/**
 * A thread that attaches a device with ATS to a domain and detaches it again, as arm-smmu-v3.c does it since 7497f4211f4f (v6.11):
 * arm_smmu_attach_prepare(), the stream table entry, arm_smmu_attach_commit().
 *
 *   attach   on the domain's list -> STE -> ATS on
 *   detach   ATS off -> STE -> ATC_INV, SYNC -> off the list
 *
 * While the ATC may have something of the domain, the device is on its list; whoever unmaps there invalidates it.
 *
 * Versions have other orders:
 *
 *   `ats-attach-v5.2.ts`   list, ATS on, STE;   off the list, STE, ATS off
 *   `ats-attach-v5.3.ts`   the same;            off the list, STE, ATC_INV, SYNC, ATS off   (8dd8f005bdd4)
 *   `ats-attach-v5.4.ts`   STE, list, ATS on;   ATS off, ATC_INV, SYNC, off the list, STE   (bfff88ec1afe and cdb8a3c34635)
 *
 * Simplifications: the context descriptor is left out; detaching leaves an STE that says abort (with `disable_bypass`, or a blocked domain);
 * what is attached next is this domain again.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type AtsAttachThreadEvent =
  | { type: 'ATTACH' }
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** Nobody waits for it: the CMD_SYNC counts. */
  | { type: 'CONSUMED' }
  | { type: 'SYNC_COMPLETE' };

export interface AtsAttachInput {
  readonly name: string;
  /** The device as the command queue knows it, and its function. */
  readonly device: string;
  readonly fn: string;
  readonly page: string;
  /** A `domain.ts`, and its TLB. */
  readonly domain: string;
  readonly tlb: string;
  readonly ste: string;
  readonly commandQueue: string;
  /** For versions that count: the `../../hardware/cpu/store-buffer.ts` of the CPU that this thread is on. */
  readonly storeBuffer?: string;
}

/** What versions of this thread are made of. */
export const atsAttachParts = setup({
  types: { input: {} as AtsAttachInput, context: {} as AtsAttachInput, events: {} as AtsAttachThreadEvent },
  actions: {
    listAdd: send('domain', ({ context }) => ({ type: 'LIST_ADD', device: context.device })),
    listDel: send('domain', ({ context }) => ({ type: 'LIST_DEL', device: context.device })),
    installSte: send('ste', ({ context }) => ({ type: 'INSTALL_STE', tlb: context.tlb })),
    abortSte: send('ste', 'ABORT_STE'),
    enableAts: send('fn', 'ENABLE_ATS'),
    disableAts: send('fn', 'DISABLE_ATS'),
    // arm_smmu_atc_inv_master()
    issueAtcInv: call('commandQueue', ({ context }) => ({
      type: 'ATC_INV',
      device: context.device,
      page: context.page,
    })),
    issueSync: call('commandQueue', 'SYNC'),
    // atomic_inc() and atomic_dec() order nothing.
    countUp: send(
      ({ context }) => context.storeBuffer!,
      ({ context }) => ({ type: 'STORE', to: context.domain, value: 'INC_ATS' }),
    ),
    countDown: send(
      ({ context }) => context.storeBuffer!,
      ({ context }) => ({ type: 'STORE', to: context.domain, value: 'DEC_ATS' }),
    ),
    barrier: send(({ context }) => context.storeBuffer!, 'BARRIER'),
  },
});

export const atsAttachConfig = {
  context: ({ input }: { input: AtsAttachInput }) => input,
  initial: 'detached',
  on: { CONSUMED: {} },
} as const;

export const atsAttachThread = atsAttachParts.createMachine({
  id: 'atsAttachThread',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'listed', actions: 'listAdd' } } },
    ...straightLine({ listed: 'installSte', translated: 'enableAts' }, 'attached'),
    attached: { on: { DETACH: { target: 'atsOff', actions: 'disableAts' } } },
    ...straightLine({ atsOff: 'abortSte', aborted: ['issueAtcInv', 'issueSync'] }, 'invalidating'),
    invalidating: { on: { SYNC_COMPLETE: 'invalidated' } },
    ...straightLine({ invalidated: 'listDel' }, 'detached'),
  },
});
