/**
 * B-17: a device leaves a domain, and its ATC keeps the domain's translations. v5.2 relied on pci_disable_ats(). But clearing the Enable bit
 * invalidates nothing, and for a PF of which VFs have ATS on the bit was not even cleared. Nobody invalidates that ATC any more, as the device
 * is not on the domain's list, so what the old domain unmaps, and frees, the device still reaches, whichever domain it is in.
 *
 * It took three steps. 8dd8f005bdd4 (v5.3) invalidates at detach, but the device is off the list before: an unmap that comes in between tells
 * nobody (`off-the-list`). v5.4 turned that round, and put the STE behind it: a function whose bit stays set asks again for what was invalidated
 * (`ste-last`), until v5.5 clears the bit whatever the VFs do. Since 7497f4211f4f (v6.11) the STE changes first, the ATC is invalidated
 * then, and the device is listed until that is over, which does not depend on the bit.
 *
 * We found the second and the third in the model. They need an unmap that runs while a device is detached. VFIO holds its container's lock over
 * both, so it does not come to the second.
 *
 * Simplifications: the function is the PF; one page; detached means an STE that says abort.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { atsFunctionOfPf } from '../hardware/pcie/ats-function-of-pf.ts';
import { atsAttachThread } from '../kernel/arm-smmu-v3/ats-attach.ts';
import { atsAttachThreadV52 } from '../kernel/arm-smmu-v3/ats-attach-v5.2.ts';
import { atsAttachThreadV53 } from '../kernel/arm-smmu-v3/ats-attach-v5.3.ts';
import { atsAttachThreadV54 } from '../kernel/arm-smmu-v3/ats-attach-v5.4.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { atsDomain } from '../rigs/ats-domain.ts';
import { howMany } from '../rigs/parameters.ts';

const violated = { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME } as const;

const threads = {
  fixed: atsAttachThread,
  kept: atsAttachThreadV52,
  'off-the-list': atsAttachThreadV53,
  'ste-last': atsAttachThreadV54,
};

export const keptAtc = defineScenario({
  name: 'kept-atc',
  title: 'A device leaves a domain with translations of it in its ATC',
  sources: ['B-17', '8dd8f005bdd4', '7497f4211f4f', 'arm-smmu-v3.c arm_smmu_detach_dev()', 'SMMUv3 4.5.1', 'PCIe 10.5'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({ devices: howMany('PFs with ATS, in one domain', { max: 2, default: 1 }) }),
  variants: {
    fixed: {
      title: 'STE, then ATC_INV, and then the device leaves the list (7497f4211f4f, v6.11)',
      expected: { verdict: 'holds', counts: [969, 2_618] },
    },
    kept: { title: 'the ATC is not invalidated (v5.2)', expected: { ...violated, length: 14 } },
    'off-the-list': {
      title: 'the device leaves the list, and then its ATC is invalidated (8dd8f005bdd4, v5.3)',
      expected: { ...violated, length: 14 },
    },
    'ste-last': {
      title: 'the ATC is invalidated, and then the STE changes (v5.4)',
      expected: { ...violated, length: 20 },
    },
  },
  build({ devices }, variant) {
    const rig = assemble(atsDomain({ devices, fn: atsFunctionOfPf, attach: threads[variant] }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: () => [...rig.always, ...rig.shows],
    });
  },
});
