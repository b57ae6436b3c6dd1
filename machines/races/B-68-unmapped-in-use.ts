/**
 * B-68: driver and device disagree about a buffer. ath12k deletes the receive queue of a TID: the device is to forget the address of its
 * descriptor, but there is no room for the command, and the driver unmaps and frees the descriptor all the same. The device goes on writing
 * to it when frames arrive. With a strict IOMMU that is an I/O page fault; with deferred invalidation, which most distributions have, the
 * device at first still reaches the memory, which is somebody else's by now, and the fault comes milliseconds later, when the flush queue
 * is emptied. 3bf2e57e7d6c keeps the buffer until the device has taken the command, and tries again when there is room.
 *
 * Of the report of July 2025 in the list of races (recovery of a network card) we found no text; this one is of the same shape, and has
 * both sides: linux-wireless, August 2025, "wifi: ath12k: Fix Issues in REO RX Queue Updates".
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { rxTid } from '../kernel/ath12k/rx-tid.ts';
import { rxTidNeverRetries } from '../kernel/ath12k/rx-tid-never-retries.ts';
import { rxTidV63 } from '../kernel/ath12k/rx-tid-v6.3.ts';
import { iova } from '../kernel/dma/iova.ts';
import { iovaDeferred } from '../kernel/dma/iova-deferred.ts';
import { assemble } from '../rigs/assemble.ts';
import { ath12kReceive, GIVEN_BACK, NO_DMA_TO_FREED_MEMORY, NO_IO_PAGE_FAULT } from '../rigs/ath12k-receive.ts';

const versions = {
  fixed: { tid: rxTid, address: iovaDeferred },
  'fixed-strict': { tid: rxTid, address: iova },
  'never-retries': { tid: rxTidNeverRetries, address: iovaDeferred },
  'unmaps-anyway': { tid: rxTidV63, address: iovaDeferred },
  'unmaps-anyway-strict': { tid: rxTidV63, address: iova },
};

export const unmappedInUse = defineScenario({
  name: 'unmapped-in-use',
  title: 'A driver unmaps and frees a buffer that its device has not been told to forget',
  sources: [
    'B-68',
    '3bf2e57e7d6c',
    'drivers/net/wireless/ath/ath12k/dp_rx.c',
    'drivers/iommu/dma-iommu.c queue_iova()',
  ],
  group: 'dma',
  systems: ['dma-drivers'],
  parameters: z.object({
    // Of three, one could be passed for ever by two, which the kernel's list, in order, does not allow.
    tids: z.number().int().min(1).max(2).default(2).describe('receive queues that are set up and deleted'),
    entries: z.number().int().min(1).max(3).default(1).describe("entries of the device's command ring"),
  }),
  variants: {
    fixed: {
      title: 'keeps the buffer until the device has forgotten it (3bf2e57e7d6c, v6.18)',
      expected: { verdict: 'holds', counts: [26, 72] },
    },
    'fixed-strict': {
      title: 'the same, and what is unmapped is invalidated at once',
      expected: { verdict: 'holds', counts: [17, 50] },
    },
    'never-retries': {
      title: 'keeps the buffer, and does not try the command again',
      expected: { verdict: 'violated', property: GIVEN_BACK },
    },
    'unmaps-anyway': {
      title: 'unmaps and frees it when the command finds no room (v6.3 to v6.17)',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_MEMORY, length: 6 },
    },
    'unmaps-anyway-strict': {
      title: 'the same, and what is unmapped is invalidated at once',
      expected: { verdict: 'violated', property: NO_IO_PAGE_FAULT, length: 6 },
    },
  },
  build({ tids, entries }, variant) {
    const { tid, address } = versions[variant];
    const rig = assemble(ath12kReceive({ tids, entries, tid, address }));
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});
