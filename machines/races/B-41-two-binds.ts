/**
 * B-41: two threads bind the same device to the same mm, and share one handle. The first publishes it, drops `iommu_sva_lock`, and then sets
 * the handle's device. The second finds the handle in between, and unbinds: it reads the device, which is not set, and waits for the lock.
 * Meanwhile the first sets the device and unbinds as well, so the second drops the last reference, and detaches the PASID from a device
 * that is NULL. Fix: the device is set before the lock is dropped.
 *
 * The handle was found by its device in a list before (v6.8 to v6.10, `handle-list`): then the second thread does not find it, and is
 * refused, or finds it when the device is set and the domain is not, and follows that (`null-domain`). That these two are the same mistake is
 * our reading of the source; the report is about the device.
 *
 * Read: iommu-sva.c of 7.0 (kangharison/linux-study of July 2026) and of stable v6.6. We have not seen the text of CVE-2026-89451 or its fix.
 *
 * Simplifications: one device, one mm, one place in memory for the handle.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { svaBond } from '../kernel/iommu-sva/bond.ts';
import { svaBondV68 } from '../kernel/iommu-sva/bond-v6.8.ts';
import { svaBondV611 } from '../kernel/iommu-sva/bond-v6.11.ts';
import { svaHandle } from '../kernel/iommu-sva/sva-handle.ts';
import { alike, interchangeable, names } from '../parts/names.ts';
import { actorOf } from '../rigs/version.ts';

const NO_NULL = 'no thread follows a pointer of the handle that is not set';
const NOT_REFUSED = 'no bind is refused because there is one already';

const threads = { fixed: svaBond, 'after-unlock': svaBondV611, 'handle-list': svaBondV68, 'null-domain': svaBondV68 };

export const twoBinds = defineScenario({
  name: 'two-binds',
  title: 'A handle is found by a second bind before its device has been set',
  sources: [
    'B-41',
    'CVE-2026-89451',
    '3e7f57d1ef3f',
    '65d4418c5002',
    'drivers/iommu/iommu-sva.c iommu_sva_bind_device()',
  ],
  group: 'iopf',
  systems: ['host-sva'],
  parameters: z.object({
    threads: z.number().int().min(2).max(4).default(2).describe('threads that bind the same device and mm'),
  }),
  variants: {
    fixed: {
      title: 'the device is set before the lock is dropped',
      expected: { verdict: 'holds', counts: [16, 32], reduced: [10, 20] },
    },
    'after-unlock': {
      title: 'the device is set when the lock has been dropped (3e7f57d1ef3f, v6.11)',
      expected: { verdict: 'violated', property: NO_NULL, length: 9 },
    },
    'handle-list': {
      title: 'the same, and the handle is found by its device (65d4418c5002, v6.8, to v6.10)',
      expected: { verdict: 'violated', property: NOT_REFUSED, length: 2 },
    },
    'null-domain': {
      title: 'the same, and only the pointers are looked at',
      expected: { verdict: 'violated', property: NO_NULL, length: 4 },
    },
  },
  build({ threads: count }, variant) {
    const all = names('thread', count);
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        { handle: actor(svaHandle) },
        family('thread', count, (index) =>
          actorOf(threads[variant], {
            input: { name: `thread${index}`, handle: 'handle' },
            choices: [{ type: 'BIND' }, { type: 'UNBIND' }, { type: 'RUN' }],
            rest: ['idle', 'bound'],
          }),
        ),
      ),
      symmetry: interchangeable(alike(count, 'thread')),
      properties: ({ always, reachable }) => [
        always(NO_NULL, (view) => all.every((name) => view.get(name).value !== 'oops')),
        ...(variant === 'null-domain'
          ? []
          : [always(NOT_REFUSED, (view) => all.every((name) => view.get(name).value !== 'refused'))]),
        reachable('two threads share the handle', (view) => view.get('handle').context.users > 1),
        reachable('a thread waits for the lock to drop the last reference, and another has dropped its own', (view) => {
          return view.get('handle').context.users === 1 && view.get('thread0').value === 'read';
        }),
      ],
    });
  },
});
