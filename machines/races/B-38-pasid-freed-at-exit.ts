/**
 * B-38: a process exits with a device's queue open. Its address space goes first, with the last user of the mm; the file is closed
 * after that, and only then the driver stops the queue and unbinds. In v5.18-rc1 (701fac40384f) the PASID went with the address
 * space: another process gets the same number while the device still has it, and unbind, which asks the mm for its PASID, finds none
 * and leaves the context descriptor as it is, with the page table of an mm that is freed. On SMMUv3 the new process finds the
 * descriptor valid, so that its own page table is not written: what it submits is aborted.
 *
 * 2667ed10d9f0 (v5.18) frees the PASID with the mm structure, to which each bond has a reference. To v5.17 it went with the last
 * bond (`freed-at-unbind`), which is right as well; it was given up for ENQCMD, where a PASID stays in a register of the CPU.
 *
 * Simplifications: one number, which the next process gets at once; one device.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { pasidQueue } from '../hardware/pcie/pasid-queue.ts';
import { ctxDesc } from '../kernel/arm-smmu-v3/ctx-desc.ts';
import { svaProcess, svaProcessConfig, svaProcessParts, svaProcessStates } from '../kernel/iommu-sva/device-user.ts';
import { svaMm } from '../kernel/iommu-sva/mm.ts';
import { svaMmV512 } from '../kernel/iommu-sva/mm-v5.12.ts';
import { svaMmV518Rc1 } from '../kernel/iommu-sva/mm-v5.18-rc1.ts';
import { pasidAllocator } from '../kernel/iommu-sva/pasid-allocator.ts';
import { names } from '../parts/names.ts';

const NO_FREED_TABLE = 'no context descriptor has the page table of an mm that was freed';
const NOT_ABORTED = 'what a bound process submits is not aborted';

/** v5.12 to v5.17: unbind drops the bond's reference to the PASID. */
const svaProcessV512 = svaProcessParts.createMachine({
  id: 'svaProcessV512',
  ...svaProcessConfig,
  states: {
    ...svaProcessStates,
    unbinding: svaProcessParts.createStateConfig({
      on: { PASID: { target: 'gone', actions: ['clearDescriptor', 'freePasid', 'dropMm'] } },
    }),
  },
});

const versions = {
  fixed: { mm: svaMm, process: svaProcess },
  'freed-at-unbind': { mm: svaMmV512, process: svaProcessV512 },
  'freed-at-exit': { mm: svaMmV518Rc1, process: svaProcess },
};

export const pasidFreedAtExit = defineScenario({
  name: 'pasid-freed-at-exit',
  title: 'A PASID is given to another process while a device still uses it',
  sources: ['B-38', '2667ed10d9f0', '701fac40384f', 'kernel/fork.c __mmput()', 'iommu-sva.c mm_pasid_drop()'],
  group: 'iopf',
  parameters: z.object({
    processes: z
      .number()
      .int()
      .min(2)
      .max(4)
      .default(3)
      .describe('processes that bind and exit, one after the other or not'),
  }),
  variants: {
    fixed: {
      title: 'the PASID goes with the mm structure (2667ed10d9f0, v5.18)',
      expected: { verdict: 'holds', counts: [44, 72] },
    },
    'freed-at-unbind': {
      title: 'the PASID goes with the last bond (v5.12 to v5.17)',
      expected: { verdict: 'holds', counts: [44, 72] },
    },
    'freed-at-exit': {
      title: 'the PASID goes with the address space (701fac40384f, v5.18-rc1)',
      expected: { verdict: 'violated', property: NO_FREED_TABLE, length: 3 },
    },
  },
  build({ processes }, variant) {
    const { mm, process } = versions[variant];
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('process', processes, (index) =>
          actor(process, {
            input: {
              name: `process${index}`,
              mm: `mm${index}`,
              pasids: 'pasids',
              queue: `queue${index}`,
              descriptor: 'cd0',
            },
            choices: [{ type: 'BIND' }, { type: 'POST_DMA' }, { type: 'EXIT' }, { type: 'RUN' }],
            rest: ['running', 'bound', 'gone'],
          }),
        ),
        family('mm', processes, (index) =>
          actor(mm, { input: { name: `mm${index}`, pasids: 'pasids', notifier: 'cd0' } }),
        ),
        family('queue', processes, (index) =>
          actor(pasidQueue, { input: { name: `queue${index}`, descriptor: 'cd0' } }),
        ),
        { pasids: actor(pasidAllocator), cd0: actor(ctxDesc) },
      ),
      blocking: ['ALLOC_PASID', 'DMA'],
      properties: ({ always, happens, reachable }) => [
        always(NO_FREED_TABLE, (view) =>
          names('mm', processes).every(
            (name) => !view.get(name).matches('freed') || view.get('cd0').context.mm !== name,
          ),
        ),
        ...Array.from({ length: processes }, (_, index) =>
          always(index === 0 ? NOT_ABORTED : `${NOT_ABORTED} (process${index})`, (view) => {
            return !view.get(`process${index}`).matches('bound') || !view.get(`queue${index}`).matches('failed');
          }),
        ),
        reachable('a process has the PASID after another one has exited', (view) => {
          return view.get('process1').matches('bound') && view.get('process0').matches('gone');
        }),
        happens('a device accesses memory', { type: 'TRANSLATED' }),
        happens('a device goes on when the address space is gone', { type: 'ABORTED' }),
        reachable('an address space is gone and the queue is still open', (view) =>
          view.get('process0').matches('exiting'),
        ),
      ],
    });
  },
});
