/**
 * The vCPU of `vcpu.ts` to v6.6: kvm_pgtable_stage2_relax_perms() invalidates only where it has changed the entry itself, or found it as it should
 * be. user_mem_abort() takes -EAGAIN for done.
 */
import { kvmVcpuConfig, kvmVcpuParts, kvmVcpuStates } from './vcpu.ts';

export const kvmVcpuV66 = kvmVcpuParts.createMachine({
  id: 'kvmVcpuV66',
  ...kvmVcpuConfig,
  states: {
    ...kvmVcpuStates,
    setting: kvmVcpuParts.createStateConfig({
      on: {
        SET: { target: 'returning', actions: ['flushOwn', 'unlock', 'forget'] },
        EAGAIN: { target: 'returning', actions: ['unlock', 'forget'] },
      },
    }),
  },
});
