/**
 * What shows that the interesting things of a race of page requests occur, so that none of the properties of `page-requests.ts` holds
 * because nothing happens.
 */
import { happens, type Property } from '../../src/system/property.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import type { IopfGroup } from '../kernel/io-pgfault/group.ts';

export const indexIsUsedAgain = happens('an index is used again', {
  type: 'POST',
  where: ({ generation }) => (generation as number) > 0,
});

export const partIsReported = happens('a request that is not the last is reported', {
  type: 'REPORT',
  where: ({ request }) => !(request as PageRequest).last,
});

export const groupOfTwoIsQueued = happens('a group with two members is completed', {
  type: 'QUEUE_WORK',
  where: ({ group }) => (group as IopfGroup).requests.length === 2,
});

/** So software has done its work. */
export const pageIsFound = happens('a DMA finds its page present', {
  type: 'TRANSLATED',
  where: ({ present }) => present === true,
});

export function groupIsRefused(device: string): Property {
  return happens('a group is answered Invalid', {
    to: device,
    type: 'PRG_RESPONSE',
    where: ({ code }) => code === 'invalid',
  });
}
