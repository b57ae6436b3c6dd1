/**
 * B-85: VT-d counts the attached domains that take faults, so as to keep the device in its iopf queue as long as there is
 * one. An attach of another domain counts that one, and does not discount the one that it takes the place of
 * (intel/iommu.c intel_iommu_attach_device(), which has been given the old domain and does not look at it;
 * identity_domain_attach_dev() does neither). The count grows with each replacement, and after the last detach the device
 * is in its iopf queue still, until its release warns of it.
 *
 * Fix: replace as one operation, as the paths for PASIDs do (iopf_for_domain_replace()): count the new one, then discount
 * the old one. The other way round takes the device out of its queue where both take faults: what is pending is answered
 * Invalid, and a drain meanwhile finds the count at 0 and returns at once.
 *
 * A candidate, by our own analysis of intel/iommu.c, intel/iommu.h and intel/prq.c of 7.0 (kangharison/linux-study of July
 * 2026). It was never run on a kernel.
 *
 * Simplifications: no PASIDs; faults are left out, only the count is here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import {
  attachDeviceConfig,
  attachDeviceParts,
  attachDeviceStates,
  attachDeviceThreadV70,
} from '../kernel/intel/attach-device-v7.0.ts';
import { deviceInfoV70 } from '../kernel/intel/device-info-v7.0.ts';
import { names } from '../parts/names.ts';

const LEAK = 'iopf_refcount is the number of attached domains that take faults';
const STAYS = 'a domain that takes faults replaces another, and the device stays in its iopf queue';

const replaces = attachDeviceParts.createMachine({
  id: 'attachDeviceThreadReplaces',
  ...attachDeviceConfig,
  states: {
    ...attachDeviceStates,
    blocked: attachDeviceParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['setNext', 'removeOld', 'attachNext'] } },
    }),
  },
});

const removesFirst = attachDeviceParts.createMachine({
  id: 'attachDeviceThreadRemovesFirst',
  ...attachDeviceConfig,
  states: {
    ...attachDeviceStates,
    idle: attachDeviceParts.createStateConfig({
      on: {
        ...attachDeviceStates.idle.on,
        ATTACH: { guard: 'isOther', target: 'blocked', actions: ['block', 'removeOld', 'noteNext'] },
      },
    }),
  },
});

const threads = { fixed: replaces, 'sets-only': attachDeviceThreadV70, 'removes-first': removesFirst };

export const growingCount = defineScenario({
  name: 'growing-count',
  title: 'A domain that takes faults is replaced, and still counted',
  sources: ['B-85', 'drivers/iommu/intel/iommu.c intel_iommu_attach_device()', 'drivers/iommu/intel/iommu.h'],
  group: 'iopf',
  parameters: z.object({
    domains: z.number().int().min(2).max(4).default(2).describe('domains that take faults'),
  }),
  variants: {
    fixed: {
      title: 'an attach counts the new domain, and then discounts the old one',
      expected: { verdict: 'holds', counts: [13, 21] },
    },
    'sets-only': {
      title: 'an attach counts the new domain (7.0)',
      expected: { verdict: 'violated', property: LEAK, length: 4 },
    },
    'removes-first': {
      title: 'an attach discounts the old domain, and then counts the new one',
      expected: { verdict: 'violated', property: STAYS, length: 3 },
    },
  },
  build({ domains }, variant) {
    const faulting = names('domain', domains);
    return defineSystem({
      actors: {
        info: actor(deviceInfoV70),
        ioctl: actor(threads[variant], {
          input: { info: 'info' },
          choices: [
            ...[...faulting, 'plain'].map((domain) => ({ type: 'ATTACH' as const, domain })),
            { type: 'DETACH' },
            { type: 'RUN' },
          ],
          rest: ['idle'],
        }),
      },
      properties: ({ always, reachable, happens }) => [
        always(LEAK, (view) => {
          const { domain } = view.get('ioctl').context;
          const attached = faulting.some((name) => name === domain) ? 1 : 0;
          return !view.get('ioctl').matches('idle') || view.get('info').context.iopfRefcount === attached;
        }),
        always(STAYS, (view) => {
          const { old, next } = view.get('ioctl').context;
          const bothFault = [old, next].every((domain) => faulting.some((name) => name === domain));
          return !bothFault || view.get('info').matches('inIopfQueue');
        }),
        reachable('a domain that takes faults replaces another', (view) => {
          const { old, next } = view.get('ioctl').context;
          return [old, next].every((domain) => faulting.some((name) => name === domain));
        }),
        reachable('a domain that takes none replaces one that does', (view) => {
          const { old, next } = view.get('ioctl').context;
          return next === 'plain' && faulting.some((name) => name === old);
        }),
        happens('a domain that takes faults is discounted', {
          type: 'IOPF_REMOVE',
          where: ({ domain }) => domain !== 'plain',
        }),
      ],
    });
  },
});
