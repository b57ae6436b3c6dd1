/**
 * H-01: a process dies while its address space is bound to a device, and then its file is closed, which unbinds. The MMU notifier tears the PASID-table
 * entry down and cannot drain, since it holds a spinlock. It leaves FPD set instead, by which the tear-down at unbind knows that a drain is due.
 *
 * Since "Clear Present bit before tearing down PASID entry" (January 2026; stable 821807c167b7), P is cleared first, and FPD is set later only where
 * P is set, so never. The unbind finds an empty entry and returns: its requests are still in the queue, or on the work queue, when handle
 * and domain are freed. Fix: FPD in the section that clears P, or a drain that does not ask (`fixed`). To set it later is not enough: an unbind in
 * between finds neither bit (`fpd-late`).
 *
 * A candidate, by our own analysis of intel/pasid.c, intel/svm.c and intel/iommu.c of 7.0 (kangharison/linux-study of July 2026). It was never run
 * on a kernel. A device whose PASID stop waits for all answers is not affected.
 *
 * Simplifications: `sva-unbind-v7.0.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { groupsOfOne, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestRegisters } from '../hardware/vtd/page-request-registers.ts';
import { pasidTableEntry } from '../hardware/vtd/pasid-table-entry.ts';
import { dmarDomain } from '../kernel/intel/dmar-domain.ts';
import { mmReleaseSetsFpdLate } from '../kernel/intel/mm-release-sets-fpd-late.ts';
import { mmReleaseV618 } from '../kernel/intel/mm-release-v6.18.ts';
import { mmReleaseV70 } from '../kernel/intel/mm-release-v7.0.ts';
import { prqThreadV70 } from '../kernel/intel/prq-v7.0.ts';
import { svaUnbindAlwaysDrains } from '../kernel/intel/sva-unbind-always-drains.ts';
import { svaUnbindV70 } from '../kernel/intel/sva-unbind-v7.0.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import { actorOf } from '../rigs/version.ts';

const violated = { verdict: 'violated', property: noFreedHandleIsUsed(['handle0']).name } as const;
const RUN = { type: 'RUN' } as const;

const versions = {
  fixed: { exit: mmReleaseV70, unbind: svaUnbindAlwaysDrains },
  'v6.18': { exit: mmReleaseV618, unbind: svaUnbindV70 },
  'v7.0': { exit: mmReleaseV70, unbind: svaUnbindV70 },
  'fpd-late': { exit: mmReleaseSetsFpdLate, unbind: svaUnbindV70 },
};

export const exitBeforeUnbind = defineScenario({
  name: 'exit-before-unbind',
  title: 'A process dies and its device is unbound after that, while page requests of the PASID are on their way',
  sources: [
    'H-01',
    '821807c167b7',
    'drivers/iommu/intel/pasid.c intel_pasid_tear_down_entry()',
    'drivers/iommu/intel/svm.c intel_mm_release()',
  ],
  group: 'iopf',
  systems: ['host-sva', 'vtd-prq'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'an unbind drains, whatever the entry says',
      expected: { verdict: 'holds', counts: [5_334, 15_532] },
    },
    'v6.18': {
      title: 'the entry is cleared, and FPD set, in one section (to v6.18)',
      expected: { verdict: 'holds', counts: [5_334, 15_532] },
    },
    'v7.0': { title: 'P is cleared first, and FPD is never set (7.0)', expected: { ...violated, length: 13 } },
    'fpd-late': {
      title: 'P is cleared first, and FPD set after the invalidations',
      expected: { ...violated, length: 13 },
    },
  },
  build({ indexes, entries }, variant) {
    const { exit, unbind } = versions[variant];
    const own = { pasid: 'pasid1', domain: 'domain', entry: 'entry', device: 'dev0', registers: 'registers' };
    const input = { ...own, groups: 'worker', array: 'array', handle: 'handle0' };
    return defineSystem({
      unsent: 'ignore',
      actors: {
        dev0: actor(pasidFunction, {
          input: { name: 'dev0', iommu: 'entry' },
          choices: groupsOfOne(indexes, 'pasid1'),
          rest: ({ context }) => Object.keys(context.groups).length === 0,
        }),
        entry: actor(pasidTableEntry, { input: { name: 'entry', queue: 'registers' } }),
        registers: actor(pageRequestRegisters, { input: { entries, thread: 'irq' } }),
        irq: actor(prqThreadV70, {
          input: { name: 'irq', registers: 'registers', core: 'core' },
          choices: [RUN],
          rest: ['asleep'],
        }),
        core: actor(iopfCoreV70, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
        array: actor(pasidArray, { input: { handles: { pasid1: 'handle0' } } }),
        handle0: actor(attachHandle, { input: { handler: 'worker', isAttached: true } }),
        worker: actor(heldGroups, {
          input: { core: 'core' },
          choices: [RUN],
          rest: ({ context }) => context.held.length === 0,
        }),
        domain: actor(dmarDomain),
        exit: actorOf(exit, {
          input: { ...input, name: 'exit' },
          choices: [{ type: 'EXIT' }, RUN],
          rest: ['running', 'exited'],
        }),
        unbind: actorOf(unbind, {
          input: { ...input, name: 'unbind' },
          choices: [{ type: 'UNBIND' }, RUN],
          rest: ['bound', 'unbound'],
        }),
      },
      blocking: ['PAGE_REQUEST', 'DRAIN', 'FLUSHED', 'LOCK'],
      properties: ({ happens, reachable }) => [
        noFreedHandleIsUsed(['handle0']),
        happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
        reachable('the process is dead, and work of it is queued, when the unbind begins', (view) => {
          const { held } = view.get('worker').context;
          return view.get('exit').matches('exited') && view.get('unbind').matches('stopped') && held.length > 0;
        }),
        reachable('the unbind comes while the notifier waits for the invalidations', (view) => {
          return view.get('exit').matches('invalidating') && view.get('unbind').matches('stopped');
        }),
        reachable('the handle is freed', (view) => view.get('handle0').matches('freed')),
      ],
    });
  },
});
