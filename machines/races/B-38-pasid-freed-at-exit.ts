/**
 * B-38: a process exits with a device's queue open. Its address space goes first, with the last user of the mm; the file is closed after
 * that, and only then the driver stops the queue and unbinds. In v5.18-rc1 (701fac40384f) the PASID went with the address space: another
 * process gets the same number while the device still has it, and unbind, which asks the mm for its PASID, finds none and leaves the
 * context descriptor as it is, with the page table of an mm that is freed. On SMMUv3 the new process finds the descriptor valid, so that
 * its own page table is not written: what it submits is aborted.
 *
 * 2667ed10d9f0 (v5.18) frees the PASID with the mm structure, to which each bond has a reference. To v5.17 it went with the last bond
 * (`freed-at-unbind`), which is right as well; it was given up for ENQCMD, where a PASID stays in a register of the CPU.
 *
 * Simplifications: one number, which the next process gets at once; one device.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svaProcess } from '../kernel/iommu-sva/device-user.ts';
import { svaProcessV512 } from '../kernel/iommu-sva/device-user-v5.12.ts';
import { svaMm } from '../kernel/iommu-sva/mm.ts';
import { svaMmV512 } from '../kernel/iommu-sva/mm-v5.12.ts';
import { svaMmV518Rc1 } from '../kernel/iommu-sva/mm-v5.18-rc1.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { NO_FREED_TABLE, svaProcesses } from '../rigs/sva-processes.ts';

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
  systems: ['host-sva'],
  parameters: z.object({
    processes: howMany('processes that bind and exit, one after the other or not', { min: 2, max: 4, default: 3 }),
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
    const rig = assemble(svaProcesses({ processes, process, mm }));
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});
