/**
 * H-13: on VT-d an attach of a domain to a device itself blocks translation first, and asks then whether the domain fits, whether its
 * faults can be taken, and whether there is memory (intel/iommu.c intel_iommu_attach_device()). When one of that fails in a replacement,
 * the core leaves the device that failed as it is (iommu.c __iommu_group_set_domain_internal() reverts those before it), so for the
 * group, and for iommufd, the old domain is attached still, and the device translates by nothing. The user is told that nothing was
 * changed.
 *
 * What is more, a detach after that looks at `info->domain`, which is NULL, and does not discount the old domain: the device stays in
 * its iopf queue (`--property "after a detach ..."`), until its release warns of it.
 *
 * Fix (ours): ask before translation is blocked, and keep what the old domain needs until the new one is in place. Asking first alone is
 * half: memory can be short later.
 *
 * A candidate, by our own analysis of intel/iommu.c and iommu.c of 7.0 (kangharison/linux-study, July 2026), never run on a kernel.
 * -EINVAL needs no shortage: a page table that was allocated for a device behind another IOMMU is enough.
 *
 * Simplifications: B-85 is repaired here, so as to see this alone; one device in the group; no PASIDs; faults are left out.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { attachDeviceAsksFirst } from '../kernel/intel/attach-device-asks-first.ts';
import { attachDeviceFailsV70 } from '../kernel/intel/attach-device-fails-v7.0.ts';
import { attachDeviceTakesBack } from '../kernel/intel/attach-device-takes-back.ts';
import { deviceInfoV70 } from '../kernel/intel/device-info-v7.0.ts';
import { names } from '../parts/names.ts';
import { actorOf } from '../rigs/version.ts';

const TRANSLATES = 'a device translates by the domain that its group is attached to';
const versions = {
  fixed: attachDeviceTakesBack,
  'blocks-first': attachDeviceFailsV70,
  'asks-first': attachDeviceAsksFirst,
};

export const failedReplace = defineScenario({
  name: 'failed-replace',
  title: 'A domain is to be replaced, the attach of the new one fails, and the old one is gone',
  sources: [
    'H-13',
    'B-85',
    'drivers/iommu/intel/iommu.c intel_iommu_attach_device(), blocking_domain_attach_dev()',
    'drivers/iommu/iommu.c __iommu_group_set_domain_internal()',
  ],
  group: 'iopf',
  systems: ['vtd-prq', 'iommufd'],
  parameters: z.object({
    domains: z.number().int().min(2).max(4).default(2).describe('domains that take faults'),
  }),
  variants: {
    fixed: {
      title: 'asks before translation is blocked, and attaches the old domain again when memory is short',
      expected: { verdict: 'holds', counts: [22, 48] },
    },
    'blocks-first': {
      title: 'blocks translation, and then asks (7.0)',
      expected: { verdict: 'violated', property: TRANSLATES, length: 4 },
    },
    'asks-first': {
      title: 'asks whether the domain fits before translation is blocked, and gives up when memory is short',
      expected: { verdict: 'violated', property: TRANSLATES, length: 6 },
    },
  },
  build({ domains }, variant) {
    const faulting = names('domain', domains);
    const choices = [
      ...[...faulting, 'plain'].map((domain) => ({ type: 'ATTACH', domain })),
      ...['DETACH', 'RUN', 'UNFIT', 'NO_MEMORY'].map((type) => ({ type })),
    ];
    return defineSystem({
      actors: {
        info: actor(deviceInfoV70),
        ioctl: actorOf(versions[variant], { input: { info: 'info' }, choices, rest: ['idle'] }),
      },
      properties: ({ always, happens, reachable }) => [
        always(TRANSLATES, (view) => {
          const { domain, attached } = view.get('ioctl').context as { domain: string; attached: string };
          return !view.get('ioctl').matches('idle') || domain === attached;
        }),
        always('after a detach the device is not in its iopf queue', (view) => {
          const { attached, next } = view.get('ioctl').context as { attached: string; next: string };
          return attached !== 'none' || next !== 'none' || view.get('info').matches('outside');
        }),
        reachable('a domain that takes faults is to be replaced', (view) => {
          const { attached, next } = view.get('ioctl').context as { attached: string; next: string };
          return faulting.some((name) => name === attached) && next !== 'none';
        }),
        happens('a domain that takes faults is discounted', {
          type: 'IOPF_REMOVE',
          where: ({ domain }) => domain !== 'plain',
        }),
      ],
    });
  },
});
