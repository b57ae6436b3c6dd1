/**
 * System 14, the protocols of MMU notifiers: a table of one's own is filled from an mm's page table, which others change. What was looked up without a
 * lock is a number; the page may be gone when it is written down. The interval notifier and KVM ask a sequence, under the lock that
 * the callback takes; both are right. Each of their parts is needed: the question under that lock (`checks-unlocked`), the sequence sampled
 * before the look-up (`samples-late`, B-42), the sequence written by the callback (`no-set-seq`), and KVM's counter of what is in progress
 * (`sequence-only`). A callback for secondary TLBs is no protocol for such a table at all (`secondary-tlb`, VFIO IOPF v2 and v3, which got
 * away with it because they held one lock over all of it).
 *
 * Each start has to have its end. The OOM reaper may not sleep, and gives up where one notifier would have to; until c2655835fd8c the others, who
 * had their start, heard no end of it (`unpaired`): KVM's counter stays up, and a vCPU faults for ever. The commit calls that benign as things
 * stood, since the guest is the victim of the OOM killer.
 *
 * Read: mm/mmu_notifier.c, virt/kvm/kvm_main.c and kvm_host.h of 7.0 (kangharison/linux-study of July 2026).
 *
 * Simplifications: one page; `interval-notifier.ts`, `mmu-notifier.ts` of kvm, `notified-page.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { kvmNotifier } from '../kernel/kvm/mmu-notifier.ts';
import { kvmNotifierSequenceOnly } from '../kernel/kvm/mmu-notifier-sequence-only.ts';
import { intervalNotifier } from '../kernel/mm/interval-notifier.ts';
import { intervalNotifierWithoutSetSeq } from '../kernel/mm/interval-notifier-without-set-seq.ts';
import { mirrorEntry } from '../kernel/mm/mirror-entry.ts';
import { mirrorFault } from '../kernel/mm/mirror-fault.ts';
import { mirrorFaultChecksUnlocked } from '../kernel/mm/mirror-fault-checks-unlocked.ts';
import { mirrorFaultSamplesLate } from '../kernel/mm/mirror-fault-samples-late.ts';
import { notifiedPage } from '../kernel/mm/notified-page.ts';
import { secondaryTlbCallback } from '../kernel/mm/secondary-tlb-callback.ts';
import { unmapNotifies } from '../kernel/mm/unmap-notifies.ts';
import { unmapNotifiesNonblock } from '../kernel/mm/unmap-notifies-nonblock.ts';
import { unmapNotifiesUnpaired } from '../kernel/mm/unmap-notifies-unpaired.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const ENDS = 'a fault ends';
const FRESH = 'no entry of the mirror leads to a frame that was freed';
const violated = { verdict: 'violated', property: FRESH } as const;

const versions = {
  fixed: { subscription: intervalNotifier, fault: mirrorFault },
  nonblock: { subscription: kvmNotifier, fault: mirrorFault, unmap: unmapNotifiesNonblock },
  unpaired: { subscription: kvmNotifier, fault: mirrorFault, unmap: unmapNotifiesUnpaired },
  kvm: { subscription: kvmNotifier, fault: mirrorFault },
  'checks-unlocked': { subscription: intervalNotifier, fault: mirrorFaultChecksUnlocked },
  'samples-late': { subscription: kvmNotifier, fault: mirrorFaultSamplesLate },
  'no-set-seq': { subscription: intervalNotifierWithoutSetSeq, fault: mirrorFault },
  'sequence-only': { subscription: kvmNotifierSequenceOnly, fault: mirrorFault },
  'secondary-tlb': { subscription: secondaryTlbCallback, fault: mirrorFault },
};

export const mmuNotifiers = defineScenario({
  name: 'mmu-notifiers',
  title: 'A table that mirrors a page table is filled while the page is unmapped',
  sources: [
    'S-14',
    'B-42',
    'c2655835fd8c',
    'mm/mmu_notifier.c',
    'virt/kvm/kvm_main.c',
    'include/linux/kvm_host.h mmu_invalidate_retry_gfn()',
  ],
  group: 'iopf',
  systems: ['mmu-notifiers'],
  parameters: z.object({
    unmappers: howMany('threads that unmap the page', { max: 3, default: 2 }),
    faulters: howMany('threads that fill the mirror', { max: 2, default: 1 }),
    times: howMany('times that each unmaps it', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'an interval notifier, asked under the lock of the callback',
      expected: { verdict: 'holds', counts: [427, 1_017] },
    },
    kvm: {
      title: 'a counter and a sequence, asked under mmu_lock (KVM since 13ec9308a857)',
      expected: { verdict: 'holds', counts: [311, 788] },
    },
    'checks-unlocked': {
      title: 'the interval notifier is asked before the lock is taken',
      expected: { ...violated, length: 10 },
    },
    'samples-late': { title: 'the sequence is sampled after the look-up', expected: { ...violated, length: 9 } },
    'no-set-seq': { title: 'the callback does not write the sequence', expected: { ...violated, length: 9 } },
    'sequence-only': { title: 'a sequence without the counter', expected: { ...violated, length: 9 } },
    'secondary-tlb': { title: 'the callback for secondary TLBs alone', expected: { ...violated, length: 9 } },
    nonblock: {
      title:
        'as kvm, and who unmaps must not sleep: where another notifier refuses, KVM hears the end (c2655835fd8c, v5.12)',
      expected: { verdict: 'holds', counts: [379, 1_052] },
    },
    unpaired: {
      title: 'the same, and KVM hears no end (93065ac753e4, v4.19, to v5.11)',
      expected: { verdict: 'violated', property: ENDS },
    },
  },
  build({ unmappers, faulters, times }, variant) {
    const { subscription, fault, unmap } = { unmap: unmapNotifies, ...versions[variant] };
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          page: actor(notifiedPage, { choices: [{ type: 'TOUCH' }], rest: ['present', 'freed'] }),
          entry: actor(mirrorEntry),
          subscription: actorOf(subscription, { input: { entry: 'entry' } }),
        },
        family('unmap', unmappers, () =>
          actorOf(unmap, {
            input: { page: 'page', subscription: 'subscription', times },
            choices: [
              { type: 'UNMAP' },
              { type: 'RUN' },
              ...(unmap === unmapNotifies ? [] : [{ type: 'EAGAIN' } as const]),
            ],
            rest: ['idle'],
          }),
        ),
        family('fault', faulters, (at) =>
          actorOf(fault, {
            input: { name: `fault${at}`, subscription: 'subscription', page: 'page', entry: 'entry' },
            choices: [{ type: 'FAULT' }, { type: 'RUN' }],
            rest: ['idle'],
          }),
        ),
      ),
      blocking: ['READ_BEGIN'],
      properties: ({ always, happens, leadsTo, reachable }) => [
        always(FRESH, (view) => !(view.get('page').matches('freed') && view.get('entry').matches('mapped'))),
        leadsTo(
          ENDS,
          (view) => view.get('fault0').matches('begun'),
          (view) => view.get('fault0').matches('idle'),
        ),
        reachable('the entry is written', (view) => view.get('entry').matches('mapped')),
        reachable('the page is gone when its number is about to be written', (view) => {
          return view.get('page').matches('freed') && view.get('fault0').matches('looking');
        }),
        ...(variant === 'secondary-tlb' ? [] : [happens('a fault has to try again', { type: 'RETRY' })]),
      ],
    });
  },
});
