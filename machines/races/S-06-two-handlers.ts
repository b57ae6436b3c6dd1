/**
 * System 6, nested I/O page faults, with stalls: a device of a guest behind an SMMUv3 that translates in two stages. A transaction may stall at stage 1,
 * whose table is the guest's, and when that is repaired, at stage 2, whose table is VFIO's. Each device has one fault handler, and two want it
 * (D-22): vfio_pci, for the guest ("SMMUv3 Nested Stage Setup"), and VFIO type1, for itself (RFC v1 to v3 of its I/O page faults).
 *
 * Who comes second gets -EBUSY, and the faults of its stage are aborted (`refuses-l2`, `refuses-l1`). RFC v3 has one handler, which hands faults on by their
 * stage, and a flag for each stage (`fixed`). As posted, a fault that no flag asks for leaves the device's lock taken (`as-posted`): the thread of
 * the event queue waits for itself at the device's next fault, and all devices of the SMMU wait for it. And iommu_update_device_fault_handler()
 * fails whenever there is a handler, while a second registration fails as well, so that both flags could never be set.
 *
 * An answer names a fault by its index, which for a stall is its STAG, and the guest's answers go to the same iommu_page_response() as VFIO's. A guest
 * that answers what it was not asked can answer a fault that VFIO is at work on (`by-index`). That is its own loss, but the host's fault is its own no
 * longer; cookies, as in iommufd, or the stage tell them apart (`by-stage`). The list did not see this; it is our reading of the series.
 *
 * Simplifications: the guest takes no page back, so that it can be asked whether a DMA ends.
 */
import { z } from 'zod';
import { happens } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { nestedDeviceFault } from '../kernel/iommu/v5.12-nested.ts';
import { nestedDeviceFaultByIndex } from '../kernel/iommu/v5.12-nested-index.ts';
import { nestedDeviceFaultV3 } from '../kernel/iommu/v5.12-nested-v3.ts';
import { eachDmaEnds, noDmaIsAborted } from '../monitors/dma-progress.ts';
import { isLeft } from '../monitors/progress.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { HOST_FAULT_IS_ITS_OWN, hostFaultIsItsOwn, nestedGuest, vfioNested } from '../rigs/nested-guest.ts';
import { nestedStalls } from '../rigs/nested-stalls.ts';
import { howMany } from '../rigs/parameters.ts';

const RETURNS = 'the thread of the event queue gets on with a record';
const both = { hasL1: true, hasL2: true };
const versions = {
  fixed: { fault: nestedDeviceFault, ...both },
  'by-stage': { fault: nestedDeviceFault, ...both },
  'by-index': { fault: nestedDeviceFaultByIndex, ...both },
  'refuses-l1': { fault: nestedDeviceFault, hasL1: false, hasL2: true },
  'refuses-l2': { fault: nestedDeviceFault, hasL1: true, hasL2: false },
  'as-posted': { fault: nestedDeviceFaultV3, hasL1: false, hasL2: true },
};

export const twoHandlers = defineScenario({
  name: 'two-handlers',
  title: 'A device with two stages of translation has one fault handler, and guest and host both want it',
  sources: [
    'D-22',
    'RFC PATCH v3 1/8 "iommu: Evolve the device fault reporting framework"',
    'RFC PATCH v3 8/8 "vfio: Add nested IOPF support"',
    '"vfio/pci: Inject page response upon response region fill" (v15)',
    'SMMUv3 3.12',
  ],
  group: 'iopf',
  systems: ['nested'],
  parameters: z.object({ pages: howMany('pages of the guest that the device uses', { max: 3, default: 2 }) }),
  variants: {
    fixed: {
      title: 'one handler for both stages, by flags',
      expected: { verdict: 'holds', counts: [129, 220] },
    },
    'by-stage': {
      title: 'the same, with a guest that answers unasked: it reaches faults of stage 1 only',
      expected: { verdict: 'holds', counts: [1_294, 3_253] },
    },
    'by-index': {
      title: 'the same, and answers go by the index alone (v5.12)',
      expected: { verdict: 'violated', property: HOST_FAULT_IS_ITS_OWN, length: 5 },
    },
    'refuses-l1': {
      title: 'VFIO type1 registered its handler first, and vfio_pci got -EBUSY',
      expected: { verdict: 'violated', property: noDmaIsAborted().name, length: 4 },
    },
    'refuses-l2': {
      title: 'vfio_pci registered its handler first, and VFIO type1 got -EBUSY',
      expected: { verdict: 'violated', property: noDmaIsAborted().name, length: 5 },
    },
    'as-posted': {
      title: 'a fault that no flag asks for returns with the lock (RFC v3 1/8)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 8 },
    },
  },
  build({ pages }, variant) {
    const { fault, ...flags } = versions[variant];
    const isHostile = variant === 'by-stage' || variant === 'by-index';
    const unasked = when(isHostile, { type: 'ANSWER_UNASKED', index: 'dev0', code: 'success' } as const);
    const rig = assemble(
      nestedStalls({ pages, fault, ...flags }),
      vfioNested({ faults: 1, unasked }),
      nestedGuest({ pages, answers: 'vmm' }),
    );
    return defineSystem({
      ...rig.parts,
      properties: () => [
        isLeft('handling', 'evtqThread', RETURNS),
        // An answer that comes too early lets the transaction fault again, while the guest has not read the first fault: no room.
        ...when(!isHostile && variant !== 'as-posted', noDmaIsAborted()),
        ...when(variant === 'fixed', ...eachDmaEnds(['dev0'])),
        hostFaultIsItsOwn,
        ...when(
          variant === 'fixed' || isHostile,
          ...names('page', pages).map((page) =>
            happens(`${page} is mapped at stage 2`, { to: page, type: 'MAP_STAGE2' }),
          ),
          happens('the guest handles a fault of stage 1', { type: 'HANDLE_FAULT' }),
        ),
      ],
    });
  },
});
