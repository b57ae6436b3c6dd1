/**
 * B-43: several vCPUs write to a page of which dirty logging has taken the right to write away, and handle their permission faults at the same
 * time. One makes the entry writable, and invalidates the TLB of its own CPU (since a12ab1378a88 no other). The others find the entry
 * changed, return -EAGAIN, and invalidate nothing. They go back to the guest, which meets the read-only entry in the TLB of its CPU once more.
 *
 * Fix: whoever handles a permission fault invalidates, whoever has changed the entry (be097997a273, v6.7).
 *
 * It is no livelock: the next fault finds the entry as it should be, and invalidates. A loser pays one fault more each time. So what is asked
 * is that nobody goes back to the guest with an entry in its TLB that the page table has left behind; that a store ends, unless dirty logging
 * goes on for ever, is so with either of these, and not where nobody invalidates (`nobody`).
 *
 * By pgtable.c of an oupton/linux tree that is like v6.6 there (kernelorg-mirror 00d7d8d937b0), and the patch of July 2026 that mends what the fix
 * overlooked (it may give the hardware a level that was never set); stage2_attr_walker() is from memory.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { cpuTlb } from '../hardware/arm/cpu-tlb.ts';
import { dirtyLog } from '../kernel/kvm-arm64/dirty-log.ts';
import { stage2Entry } from '../kernel/kvm-arm64/stage2-entry.ts';
import { kvmVcpu } from '../kernel/kvm-arm64/vcpu.ts';
import { kvmVcpuNeverFlushes } from '../kernel/kvm-arm64/vcpu-never-flushes.ts';
import { kvmVcpuV66 } from '../kernel/kvm-arm64/vcpu-v6.6.ts';
import { names } from '../parts/names.ts';
import { howMany } from '../rigs/parameters.ts';

const FRESH = 'nobody goes back to the guest with an entry in its TLB that forbids what the page table allows';

const vcpuOf = { fixed: kvmVcpu, 'winner-only': kvmVcpuV66, nobody: kvmVcpuNeverFlushes };

export const loserKeepsEntry = defineScenario({
  name: 'loser-keeps-entry',
  title: 'Of two vCPUs that make a page writable, one keeps the read-only entry in its TLB',
  sources: ['B-43', 'be097997a273', 'a12ab1378a88', 'arch/arm64/kvm/hyp/pgtable.c kvm_pgtable_stage2_relax_perms()'],
  group: 'mm',
  systems: ['mmu-notifiers'],
  parameters: z.object({
    vcpus: howMany('vCPUs that write to the page', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'each vCPU invalidates the TLB of its CPU (be097997a273, v6.7)',
      expected: { verdict: 'holds', counts: [136, 372] },
    },
    'winner-only': {
      title: 'only the vCPU that has changed the entry does (a12ab1378a88, to v6.6)',
      expected: { verdict: 'violated', property: FRESH, length: 6 },
    },
    nobody: {
      title: 'no vCPU does, as if an entry that has faulted were not kept: its store faults for ever',
      expected: { verdict: 'violated', property: FRESH, length: 3 },
    },
  },
  build({ vcpus }, variant) {
    const vcpu = vcpuOf[variant];
    const tlbs = names('tlb', vcpus);
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('vcpu', vcpus, (at) =>
          actor(vcpu, {
            input: { name: `vcpu${at}`, tlb: `tlb${at}`, entry: 'entry' },
            choices: [{ type: 'STORE' }, { type: 'RUN' }],
            rest: ['running'],
          }),
        ),
        family('tlb', vcpus, (at) => actor(cpuTlb, { input: { name: `tlb${at}`, entry: 'entry', cpu: `vcpu${at}` } })),
        {
          entry: actor(stage2Entry, { input: { tlbs } }),
          dirtyLog: actor(dirtyLog, {
            input: { entry: 'entry' },
            choices: [{ type: 'CLEAR_DIRTY' }, { type: 'RUN' }],
            rest: ['idle'],
          }),
        },
      ),
      blocking: ['WRITE_PROTECT'],
      properties: ({ always, happens, leadsTo, reachable }) => [
        always(FRESH, (view) =>
          tlbs.every((name, at) => {
            const isStale = view.get(name).matches('readOnly') && view.get('entry').context.writable;
            return !(isStale && view.get(`vcpu${at}`).matches('returning'));
          }),
        ),
        leadsTo(
          'a store of vcpu0 ends, unless dirty logging goes on for ever',
          (view) => !view.get('vcpu0').matches('running'),
          (view) => view.get('vcpu0').matches('running') || view.get('dirtyLog').matches('clearing'),
        ),
        happens('a vCPU finds that another one was quicker', { type: 'EAGAIN' }),
        reachable('all vCPUs are about to make the page writable', (view) => {
          return names('vcpu', vcpus).every((name) => view.get(name).matches('walking'));
        }),
      ],
    });
  },
});
