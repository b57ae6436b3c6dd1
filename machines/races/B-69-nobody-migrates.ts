/**
 * B-69: CPUs touch a page that is in a device's memory, and each fault wants to migrate it to RAM. Each took a reference first, so that
 * the page does not go; but a page with references that the migration does not know of is not migrated. Where two threads fault, each has
 * the reference that stops the other one. Both give up, fault again, and take it again, for ever.
 *
 * 1afaeb8293c9 (v6.15) takes the page's lock first, and whoever does not get it takes no reference and tries again. That was the next bug
 * (`spins`): the owner of the lock may wait for a work item on the CPU on which the other one spins (lru_add_drain_all()), and nobody runs it.
 * Since 2026 the other one sleeps until the page is unlocked.
 *
 * Simplifications: each thread has a CPU and a process of its own, which share the page; the kernel does not preempt; the page stays in
 * RAM when it is there.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { deviceFaultThread } from '../kernel/mm/device-fault.ts';
import { deviceFaultThreadV614 } from '../kernel/mm/device-fault-v6.14.ts';
import { deviceFaultThreadV615 } from '../kernel/mm/device-fault-v6.15.ts';
import { devicePrivatePage } from '../kernel/mm/device-private-page.ts';
import { lruAddDrain } from '../kernel/mm/lru-add-drain.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';

const ends = (cpu: string) => `an access of ${cpu} ends`;

const versions = { fixed: deviceFaultThread, 'reference-first': deviceFaultThreadV614, spins: deviceFaultThreadV615 };

export const nobodyMigrates = defineScenario({
  name: 'nobody-migrates',
  title: 'Each fault on a page in device memory takes the reference that stops the others from migrating it',
  sources: ['B-69', '1afaeb8293c9', 'mm/memory.c do_swap_page()', 'mm/migrate_device.c migrate_vma_check_page()'],
  group: 'mm',
  systems: ['mmu-notifiers'],
  parameters: z.object({
    cpus: z.number().int().min(2).max(4).default(2).describe('threads that touch the page, each on a CPU of its own'),
  }),
  variants: {
    fixed: {
      title: 'locks the page before it takes a reference, and sleeps while somebody else has the lock (2026)',
      expected: { verdict: 'holds', counts: [36, 64] },
    },
    'reference-first': {
      title: 'takes a reference, and then tries to lock the page and to migrate it (to v6.14)',
      expected: { verdict: 'violated', property: ends('cpu0') },
    },
    spins: {
      title: 'locks the page before it takes a reference, and tries again at once (1afaeb8293c9, v6.15)',
      expected: { verdict: 'violated', property: ends('cpu0') },
    },
  },
  build({ cpus }, variant) {
    const cpuNames = names('cpu', cpus);
    return defineSystem({
      actors: combineActors(
        family('cpu', cpus, (index) =>
          actor(versions[variant], {
            input: { name: `cpu${index}`, page: 'page', drain: 'drain' },
            choices: [{ type: 'ACCESS' }, { type: 'RUN' }],
            rest: ['idle'],
          }),
        ),
        {
          page: actor(devicePrivatePage),
          drain: actor(lruAddDrain, {
            input: { cpus: cpuNames },
            choices: cpuNames.map((cpu) => ({ type: 'RUN' as const, cpu })),
            rest: ['idle'],
          }),
        },
      ),
      blocking: ['AWAIT_UNLOCK', 'WORK'],
      unsent: 'ignore',
      // A fault that returns to user space lets what is queued on its CPU run.
      fairness: { drain: { RUN: 'strong' } },
      properties: ({ leadsTo, happens }) => [
        ...cpuNames.map((cpu) =>
          leadsTo(
            ends(cpu),
            (view) => !view.get(cpu).matches('idle'),
            (view) => view.get(cpu).matches('idle'),
          ),
        ),
        happens('the page is migrated', { type: 'MIGRATED' }),
        ...when(variant !== 'reference-first', happens('somebody finds the page locked', { type: 'BUSY' })),
        ...when(
          variant === 'reference-first',
          happens('the page is put back, as somebody else has a reference', { type: 'RESTORED' }),
        ),
      ],
    });
  },
});
