/**
 * The thread of a device's driver that binds an mm to the device and unbinds it, as far as references to the mm go: arm-smmu-v3-sva.c
 * arm_smmu_mmu_notifier_get() and arm_smmu_mmu_notifier_put() to v6.8, under `sva_lock`.
 *
 *   bind     arm_smmu_alloc_shared_cd(), mmu_notifier_register()
 *   unbind   mmu_notifier_put(), arm_smmu_free_shared_cd()
 *
 * A process binds itself, so only while it runs: list 'OPEN' as `blocking`. It unbinds when the device's file is closed, which somebody else may
 * do who has it, before it exits or after.
 *
 * Simplifications: a domain has one bond; the descriptor table and TLBs are left out; bind is one step, as the process that calls it has
 * the mm.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type ArmSmmuBondEvent =
  | { type: 'BIND' }
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

interface Input {
  readonly process: string;
  /** A `shared-cd.ts`. */
  readonly cd: string;
  /** A `../mm/mmu-notifier-put.ts`. */
  readonly notifier: string;
}

export const armSmmuBond = setup({
  types: { input: {} as Input, context: {} as Input, events: {} as ArmSmmuBondEvent },
  actions: {
    open: send('process', 'OPEN'),
    allocCd: send('cd', 'ALLOC_SHARED_CD'),
    registerNotifier: send('notifier', 'REGISTER'),
    putNotifier: send('notifier', 'PUT'),
    freeCd: send('cd', 'FREE_SHARED_CD'),
  },
}).createMachine({
  id: 'armSmmuBond',
  context: ({ input }) => input,
  initial: 'unbound',
  states: {
    unbound: { on: { BIND: { target: 'bound', actions: ['open', 'allocCd', 'registerNotifier'] } } },
    bound: { on: { UNBIND: { target: 'notifierPut', actions: 'putNotifier' } } },
    ...straightLine({ notifierPut: 'freeCd' }, 'closed'),
    closed: { type: 'final' },
  },
});
