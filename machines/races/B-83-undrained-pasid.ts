/**
 * B-83: on AMD a PASID is taken away, and handle and domain are freed, while requests of it are in the log, in the hands
 * of the interrupt thread, or on the work queue (amd/iommu.c blocked_domain_set_dev_pasid()). The worker follows the
 * group's attach handle to the domain and its mm; the thread calls the handler through it.
 *
 * Fix: wait until the log is empty, then until its thread sleeps, then for the work queue. A flush alone is not enough,
 * since the thread may queue more; nor is it to wait for an empty log before, since the thread moves the head before it
 * handles the entry.
 *
 * A candidate, by our own analysis of amd/iommu.c, amd/ppr.c, amd/pasid.c and iommu-sva.c of 7.0 (kangharison/linux-study
 * of July 2026). It was never run on a kernel. The AMD specification was not read for it.
 *
 * Simplifications: groups of one request; the domain, which is freed just before, goes with the handle.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem } from '../../src/system/system.ts';
import { pprLog } from '../hardware/amd/ppr-log.ts';
import { pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pasidThreadConfig, pasidThreadParts, pasidThreadStates, pasidThreadV70 } from '../kernel/amd/pasid-v7.0.ts';
import { pprThreadV70 } from '../kernel/amd/ppr-v7.0.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { names } from '../parts/names.ts';
import { straightLine } from '../parts/straight-line.ts';

const LIFETIME = 'the attach handle is not used after it was freed';
const violated = { verdict: 'violated', property: LIFETIME } as const;

const threadOf = <const Lines extends Record<string, Waiting>>(id: string, lines: Lines) =>
  pasidThreadParts.createMachine({
    id,
    ...pasidThreadConfig,
    states: { ...pasidThreadStates, ...straightLine({ ...lines, waited: 'eraseHandle' }, 'erased') },
  });
type Waiting = 'awaitEmptyLog' | 'awaitThread' | 'awaitWork';

const threads = {
  fixed: threadOf('pasidThreadDrains', { stopped: 'awaitEmptyLog', emptied: 'awaitThread', drained: 'awaitWork' }),
  undrained: pasidThreadV70,
  'flush-only': threadOf('pasidThreadFlushes', { stopped: 'awaitWork' }),
  'empty-log': threadOf('pasidThreadEmptiesLog', { stopped: 'awaitEmptyLog', emptied: 'awaitWork' }),
};

export const undrainedPasid = defineScenario({
  name: 'undrained-pasid',
  title: 'A PASID is taken away while its page requests are in the log, in hand, or queued as work',
  sources: ['B-83', 'B-31', 'drivers/iommu/amd/iommu.c blocked_domain_set_dev_pasid()', 'drivers/iommu/amd/ppr.c'],
  group: 'iopf',
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request log'),
  }),
  variants: {
    fixed: {
      title: 'waits for an empty log, then for the thread, then for the work queue',
      expected: { verdict: 'holds', counts: [679, 1_417] },
    },
    undrained: { title: 'waits for nothing (7.0)', expected: { ...violated, length: 8 } },
    'flush-only': { title: 'waits for the work queue', expected: { ...violated, length: 9 } },
    'empty-log': {
      title: 'waits for an empty log, and then for the work queue',
      expected: { ...violated, length: 10 },
    },
  },
  build({ indexes, entries }, variant) {
    const RUN = { type: 'RUN' } as const;
    const actors = combineActors({
      dev0: actor(pasidFunction, {
        input: { name: 'dev0', iommu: 'log' },
        choices: names('prg', indexes).map((index) => ({ type: 'POST' as const, index, pasid: 'pasid1', last: true })),
        rest: ({ context }) => Object.keys(context.groups).length === 0,
      }),
      log: actor(pprLog, { input: { entries, thread: 'irq' } }),
      irq: actor(pprThreadV70, { input: { name: 'irq', log: 'log', core: 'core' }, choices: [RUN], rest: ['asleep'] }),
      core: actor(iopfCoreV70, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
      array: actor(pasidArray, { input: { handles: { pasid1: 'handle0' } } }),
      handle0: actor(attachHandle, { input: { handler: 'worker', isAttached: true } }),
      worker: actor(heldGroups, {
        input: { core: 'core' },
        choices: [RUN],
        rest: ({ context }) => context.held.length === 0,
      }),
      driver: actor(threads[variant], {
        input: {
          pasid: 'pasid1',
          device: 'dev0',
          log: 'log',
          thread: 'irq',
          array: 'array',
          groups: 'worker',
          handle: 'handle0',
        },
        choices: [{ type: 'UNBIND' }, RUN],
        rest: ['bound'],
      }),
    });

    return defineSystem({
      unsent: 'ignore',
      actors,
      blocking: ['PAGE_REQUEST', 'EMPTY', 'SYNCHRONIZE', 'FLUSHED'],
      properties: ({ always, reachable, happens }) => [
        always(LIFETIME, (view) => !view.get('handle0').matches('usedAfterFree')),
        reachable('the log is empty while the thread has an entry in hand', (view) => {
          return view.get('log').context.requests.length === 0 && view.get('irq').matches('taken');
        }),
        reachable('the PASID is stopped while a group is queued as work', (view) => {
          return view.get('driver').matches('stopped') && view.get('worker').context.held.length > 0;
        }),
        reachable('the handle is freed', (view) => view.get('handle0').matches('freed')),
        happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
      ],
    });
  },
});
