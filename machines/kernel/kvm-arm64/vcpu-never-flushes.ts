/**
 * The vCPU of `vcpu.ts` that takes it that an entry by which an access faults is not kept in the TLB, and invalidates nothing. So it is on x86, where a
 * fault flushes the entry; arm64 never had it.
 */
import { kvmVcpuConfig, kvmVcpuParts, kvmVcpuStates } from './vcpu.ts';

export const kvmVcpuNeverFlushes = kvmVcpuParts.createMachine({
  id: 'kvmVcpuNeverFlushes',
  ...kvmVcpuConfig,
  states: {
    ...kvmVcpuStates,
    setting: kvmVcpuParts.createStateConfig({
      on: {
        SET: { target: 'returning', actions: ['unlock', 'forget'] },
        EAGAIN: { target: 'returning', actions: ['unlock', 'forget'] },
      },
    }),
  },
});
