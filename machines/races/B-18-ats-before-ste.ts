/**
 * B-18, the order of two switches: v5.3 switches ATS on at the function before the stream table entry allows it, and off after the entry has
 * stopped allowing it. A function may ask for translations ahead of any DMA. In these windows its request is refused with UR, and it has to
 * go on without ATS, if it goes on.
 *
 * Fix: bfff88ec1afe (v5.4). On at the SMMU first, off at the function first. Each half of it alone leaves the window of the other.
 *
 * B-17 has what an ATC keeps over a detach, and `unseen-ats-master` the other part of B-18.
 *
 * Simplification: a translation request is at the SMMU in the step that sends it, so none is under way when the entry changes.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { atsFunction } from '../hardware/pcie/ats-function.ts';
import { atsAttachThread } from '../kernel/arm-smmu-v3/ats-attach.ts';
import { atsAttachThreadDisablesLast } from '../kernel/arm-smmu-v3/ats-attach-disables-last.ts';
import { atsAttachThreadEnablesFirst } from '../kernel/arm-smmu-v3/ats-attach-enables-first.ts';
import { atsAttachThreadV53 } from '../kernel/arm-smmu-v3/ats-attach-v5.3.ts';
import { atsAttachThreadV54 } from '../kernel/arm-smmu-v3/ats-attach-v5.4.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { atsDomain, nothingIsUnsupported } from '../rigs/ats-domain.ts';
import { howMany } from '../rigs/parameters.ts';

const violated = { verdict: 'violated', property: nothingIsUnsupported(1)[0]!.name } as const;

const threads = {
  fixed: atsAttachThreadV54,
  'v6.11': atsAttachThread,
  'endpoint-first': atsAttachThreadV53,
  'enables-first': atsAttachThreadEnablesFirst,
  'disables-last': atsAttachThreadDisablesLast,
};

export const atsBeforeSte = defineScenario({
  name: 'ats-before-ste',
  title: 'ATS is on at a function whose stream table entry does not allow it',
  sources: ['B-18', 'bfff88ec1afe', '7497f4211f4f', 'arm-smmu-v3.c arm_smmu_attach_dev()', 'SMMUv3 3.9.1'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({ devices: howMany('functions with ATS, in one domain', { max: 2, default: 1 }) }),
  variants: {
    fixed: {
      title: 'STE, then ATS on; ATS off, then STE (bfff88ec1afe, v5.4)',
      expected: { verdict: 'holds', counts: [442, 1_088] },
    },
    'v6.11': {
      title: 'the same, with what B-17 needs (7497f4211f4f)',
      expected: { verdict: 'holds', counts: [462, 1_140] },
    },
    'endpoint-first': {
      title: 'ATS on, then STE; STE, then ATS off (v5.3)',
      expected: { ...violated, length: 4 },
    },
    'enables-first': { title: 'only the half for detach is repaired', expected: { ...violated, length: 4 } },
    'disables-last': { title: 'only the half for attach is repaired', expected: { ...violated, length: 6 } },
  },
  build({ devices }, variant) {
    const rig = assemble(atsDomain({ devices, fn: atsFunction, attach: threads[variant] }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ happens, reachable }) => [
        ...nothingIsUnsupported(devices),
        ...rig.always,
        ...rig.shows,
        happens('a function asks ahead', { type: 'TRANSLATION_REQUEST', to: 'ste0' }),
        reachable('ATS is switched off while a translation is under way', (view) =>
          view.get('fn0').matches('turnedOff'),
        ),
      ],
    });
  },
});
