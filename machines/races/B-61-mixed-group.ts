/**
 * B-61: a device with nested translation asks for two pages as one group, and one of them has no entry at stage 1, which is the guest's, the
 * other none at stage 2, which is the host's. The group has one index and gets one answer, and two want to give it (D-22).
 *
 * RFC v3 of VFIO's series (April 2021) has one handler for a device, which hands on each fault by its stage, one by one. Stalls are groups of one,
 * so there it is enough; with PRI, which the series left for later, the guest gets the requests of a group that are its own, with or without the
 * last one. Where the last is of stage 2 VFIO answers the group, and the guest keeps a part whose rest never comes. It takes it for the beginning of
 * the group that uses the index next (`by-request`): B-09 in the guest, without an overflow. Where each side answers when it has done what
 * is its own, the group is answered twice (`each-answers`).
 *
 * Fix: whole groups, as the core gathers them since v6.9, with one owner, who splits the group and answers it once. The part for
 * the guest is a group of its own, with a last request of its own. The owner may join two parts that are handled at one time (`fixed`) or handle its own
 * first, and let the guest's answer be the group's (`serial`), which needs nothing to join.
 *
 * Nobody has reported this: VT-d's drivers take all requests for stage 1, and pin stage 2. A page request does not say whose it is, so who splits
 * has to walk the guest's table.
 */
import { z } from 'zod';
import { happens, reachable } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { nestedHandlerEachAnswers } from '../kernel/vfio-type1/nested-each-answers.ts';
import { nestedHandlerJoins } from '../kernel/vfio-type1/nested-joins.ts';
import { nestedHandlerSerial } from '../kernel/vfio-type1/nested-serial.ts';
import { indexIsUsedAgain, pageIsFound } from '../monitors/page-request-witnesses.ts';
import { exactlyOneAnswer, noMergedGroup, noUnexpectedAnswer } from '../monitors/page-requests.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { nestedGroups, nestedRequests } from '../rigs/nested-groups.ts';
import { nestedGuest, vfioNested } from '../rigs/nested-guest.ts';
import { howMany } from '../rigs/parameters.ts';
import { inOneOrder, priFunctions } from '../rigs/pri-functions.ts';

const handlers = {
  fixed: nestedHandlerJoins,
  serial: nestedHandlerSerial,
  'each-answers': nestedHandlerEachAnswers,
};
const ONE_ANSWER = exactlyOneAnswer({ device: 'dev0', index: 'prg0' });

export const mixedGroup = defineScenario({
  name: 'mixed-group',
  title: 'A group of page requests has members of stage 1, for the guest, and of stage 2, for the host',
  sources: ['B-61', 'D-22', 'RFC PATCH v3 8/8 "vfio: Add nested IOPF support"', 'PCIe 10.4.1'],
  group: 'iopf',
  systems: ['nested'],
  parameters: z.object({
    pages: howMany('pages; each group asks for two of them', { min: 2, max: 3, default: 2 }),
    indexes: howMany('page request group indexes of the device', { max: 2, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'one owner splits the group, both parts are handled at one time, and the last to end answers',
      expected: { verdict: 'holds', counts: [3_112, 11_824] },
    },
    serial: {
      title: 'one owner handles its part, sends the rest to the guest, and the guest answers the group',
      expected: { verdict: 'holds', counts: [2_088, 7_216] },
    },
    'each-answers': {
      title: 'the host answers when its part is done, and the guest when its own is',
      expected: { verdict: 'violated', property: ONE_ANSWER.name, length: 13 },
    },
    'by-request': {
      title: 'each request goes to the handler of its stage as it comes (RFC v3, over PRI)',
      expected: { verdict: 'violated', property: noMergedGroup().name, length: 14 },
    },
  },
  build({ pages, indexes }, variant) {
    const devices = priFunctions({ devices: 1, indexes, descriptors: inOneOrder(pages), generations: 2, queue: 'prq' });
    const properties = [
      ...names('prg', indexes).map((index) => exactlyOneAnswer({ device: 'dev0', index })),
      noUnexpectedAnswer(['dev0']),
      noMergedGroup(),
      indexIsUsedAgain,
      pageIsFound,
      happens('the guest handles a fault of stage 1', { type: 'HANDLE_FAULT' }),
      happens('the host handles a fault of stage 2', { type: 'MAP_STAGE2' }),
    ];
    if (variant === 'by-request') {
      const guest = nestedGuest({ pages, answers: 'vmm', unmaps: true });
      const rig = assemble(devices, nestedRequests(), vfioNested({ faults: 2 * indexes }), guest);
      return defineSystem({ ...rig.parts, properties: () => properties });
    }
    const guest = nestedGuest({ pages, answers: 'handler', unmaps: true });
    const rig = assemble(devices, nestedGroups(handlers[variant]), guest);
    return defineSystem({ ...rig.parts, properties: () => [...properties, groupIsMixed] });
  },
});

const groupIsMixed = reachable('a group has members of both stages', (view) => {
  const { stages } = view.get('handler').context as { stages: readonly number[] };
  return stages.includes(1) && stages.includes(2);
});
