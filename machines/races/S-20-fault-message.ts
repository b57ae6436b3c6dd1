/**
 * System 20, D-27: one message for the faults of all vendors, from the hardware's record to user space and back to the command that answers.
 * The records are those of an SMMUv3 stall and PRIQ, VT-d's queue and AMD's PPR log, each with the values at the ends of its fields; the
 * faults of all of them go to one fault queue of iommufd, and user space says a cookie and a code.
 *
 * What an answer needs and user space is not told stays in the kernel, in the group that the cookie finds. What the message itself lacks
 * is nowhere: the stream of a stall (so masters with several are refused), private data since March 2024 (VT-d 4.0 has none), and whether
 * a function wants the PASID back, which VT-d asks of it beforehand. Each is a variant without that precaution.
 *
 * `vtd-private-data`: to v6.8 the record was found again by PASID and index. Requests with private data of one group have the same. Since v6.9
 * the driver gets the fault of the group that is answered (`private-data-v6.9`).
 *
 * `fixed` is 7.0 with what the `-v7.0` variants lack, which is in no kernel that we have read. PRI on SMMUv3 is in no release: `pri`.
 *
 * Simplifications: in the machines. There is no interleaving in it but the order of the answers.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { pprMessages } from '../kernel/amd/ppr-messages.ts';
import { pprMessagesV70 } from '../kernel/amd/ppr-messages-v7.0.ts';
import { pprMessagesWholeTag } from '../kernel/amd/ppr-messages-whole-tag.ts';
import { priMessagesRawCode } from '../kernel/arm-smmu-v3/pri-messages-raw-code.ts';
import { prqMessages } from '../kernel/intel/prq-messages.ts';
import { prqMessagesV512 } from '../kernel/intel/prq-messages-v5.12.ts';
import { prqMessagesV70 } from '../kernel/intel/prq-messages-v7.0.ts';
import { assemble } from '../rigs/assemble.ts';
import {
  type FaultMessages,
  faultMessages,
  NO_RESERVED,
  privateDataMessages,
  RIGHT_CODE,
  RIGHT_REQUEST,
  TOLD,
} from '../rigs/fault-messages.ts';
import { howMany, whether } from '../rigs/parameters.ts';

const reserved = { verdict: 'violated', property: NO_RESERVED, length: 1 } as const;
const astray = { verdict: 'violated', property: RIGHT_REQUEST } as const;

const all = {
  hardware: ['evtq', 'prq', 'ppr'],
  streams: [1],
  prqRequired: true,
  prq: prqMessages,
  ppr: pprMessages,
  pprPosts: () => true,
} as const;
const amdV70 = { ...all, hardware: ['ppr'], ppr: pprMessagesV70 } as const;

const versions = {
  fixed: all,
  stall: { ...all, hardware: ['evtq'] },
  pri: { ...all, hardware: ['priq'] },
  'pri-raw-code': { ...all, hardware: ['priq'], pri: priMessagesRawCode },
  vtd: { ...all, hardware: ['prq'] },
  amd: { ...all, hardware: ['ppr'] },
  'stall-two-streams': { ...all, streams: [1, 2] },
  'vtd-v7.0': { ...all, prq: prqMessagesV70 },
  'vtd-any-function': { ...all, prqRequired: false },
  'amd-v7.0': { ...amdV70, pprPosts: ({ pasid }) => pasid !== null },
  'amd-v7.0-no-pasid': { ...amdV70, pprPosts: ({ pasid, last }) => pasid === null && last },
  'amd-whole-tag': { ...all, ppr: pprMessagesWholeTag },
  'amd-v7.0-part': { ...amdV70, pprRequired: false, pprPosts: ({ pasid }) => pasid === null },
} as const satisfies Record<
  string,
  Omit<FaultMessages, 'groups' | 'priqRequired' | 'pprRequired'> & Partial<FaultMessages>
>;

export const faultMessage = defineScenario({
  name: 'fault-message',
  title: 'The records of four kinds of hardware become one message, and its answer their commands',
  sources: [
    'D-27',
    'include/uapi/linux/iommufd.h struct iommu_hwpt_pgfault',
    'drivers/iommu/io-pgfault.c',
    'arm-smmu-v3.c arm_smmu_handle_event()',
    'drivers/iommu/intel/prq.c intel_prq_report()',
    'drivers/iommu/amd/ppr.c',
    'PCIe 10.5.2.3',
  ],
  group: 'iopf',
  systems: ['fault-message', 'iommufd', 'smmu-stall', 'smmu-pri', 'vtd-prq', 'amd-ppr'],
  parameters: z.object({
    groups: howMany('groups that wait for user space, of all hardware together', { max: 3, default: 1 }),
    plain: whether('the functions behind the PRIQ and the PPR log have no PRG Response PASID Required'),
  }),
  variants: {
    fixed: {
      title: 'SMMUv3 stalls, VT-d and AMD, with one fault queue',
      expected: { verdict: 'holds', counts: [3_257, 29_046] },
    },
    stall: {
      title: 'SMMUv3 stalls of a device with one stream (7.0)',
      expected: { verdict: 'holds', counts: [5, 16] },
    },
    pri: { title: 'PRI on SMMUv3, as posted from 2018 to 2020', expected: { verdict: 'holds', counts: [53, 148] } },
    vtd: { title: 'VT-d without private data, Failure as 0xf', expected: { verdict: 'holds', counts: [53, 148] } },
    amd: {
      title: 'AMD with Failure as 0xf, and GN by request and function',
      expected: { verdict: 'holds', counts: [33, 114] },
    },
    'stall-two-streams': { title: 'a device that stalls has two streams', expected: { ...astray, length: 1 } },
    'vtd-v7.0': { title: 'VT-d writes the number that the kernel has for Failure (7.0)', expected: reserved },
    'vtd-any-function': {
      title: 'VT-d enables PRI for a function without PRG Response PASID Required',
      expected: { ...astray, length: 1 },
    },
    'vtd-private-data': {
      title: 'VT-d with private data, found by PASID and index (v5.12 to v6.8)',
      expected: { ...astray, length: 3 },
    },
    'private-data-v6.9': {
      title: 'the same with the core of v6.9',
      expected: { verdict: 'holds', counts: [9, 30] },
    },
    'one-private-request': {
      title: 'that of v5.12 with one such request at a time',
      expected: { verdict: 'holds', counts: [3, 7] },
    },
    'pri-raw-code': {
      title: 'PRI on SMMUv3 with the number that the kernel has for the code',
      expected: { verdict: 'violated', property: RIGHT_CODE, length: 1 },
    },
    'amd-whole-tag': {
      title: 'AMD with all 10 bits of the tag as the group',
      expected: { verdict: 'violated', property: TOLD, length: 1 },
    },
    'amd-v7.0': { title: 'AMD writes the number that the kernel has for Failure (7.0)', expected: reserved },
    'amd-v7.0-no-pasid': {
      title: 'a request without PASID of a function that has PASIDs in its answers (7.0)',
      expected: { ...astray, length: 1 },
    },
    'amd-v7.0-part': {
      title: 'a refused request that is not the last of its group (7.0)',
      expected: { ...astray, length: 1 },
    },
  },
  build({ groups, plain }, variant) {
    if (variant === 'vtd-private-data' || variant === 'one-private-request' || variant === 'private-data-v6.9') {
      const core = variant === 'private-data-v6.9' ? 'v6.9' : 'v5.12';
      const privateData = variant === 'one-private-request' ? [1] : [1, 2];
      const rig = assemble(privateDataMessages({ prq: prqMessagesV512, privateData, core }));
      return defineSystem({
        ...rig.parts,
        properties: ({ happens }) => [...rig.always, happens('a request is answered', { type: 'PAGE_RESPONSE' })],
      });
    }
    const rig = assemble(faultMessages({ groups, priqRequired: !plain, pprRequired: !plain, ...versions[variant] }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        happens('an answer is Failure', {
          type: 'PAGE_RESPONSE',
          where: ({ msg }) => (msg as { code: number }).code === 2,
        }),
      ],
    });
  },
});
