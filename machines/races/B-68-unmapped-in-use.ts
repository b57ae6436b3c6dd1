/**
 * B-68: driver and device disagree about a buffer. ath12k deletes the receive queue of a TID: the device is to forget the
 * address of its descriptor, but there is no room for the command, and the driver unmaps and frees the descriptor all the same.
 * The device goes on writing to it when frames arrive. With a strict IOMMU that is an I/O page fault; with deferred
 * invalidation, which most distributions have, the device at first still reaches the memory, which is somebody else's by now,
 * and the fault comes milliseconds later, when the flush queue is emptied. 3bf2e57e7d6c keeps the buffer until the device has
 * taken the command, and tries again when there is room.
 *
 * Of the report of July 2025 in the list of races (recovery of a network card) we found no text; this one is of the same shape,
 * and has both sides: linux-wireless, August 2025, "wifi: ath12k: Fix Issues in REO RX Queue Updates".
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { reo } from '../hardware/ath12k/reo.ts';
import { rxTid, rxTidConfig, rxTidParts, rxTidStates } from '../kernel/ath12k/rx-tid.ts';
import { rxTidV63 } from '../kernel/ath12k/rx-tid-v6.3.ts';
import { iova } from '../kernel/dma/iova.ts';
import { iovaDeferred } from '../kernel/dma/iova-deferred.ts';
import { allocation } from '../kernel/mm/allocation.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';

/** As `rx-tid.ts`, but what waits for room is forgotten. */
const rxTidNeverRetries = rxTidParts.createMachine({
  id: 'rxTidNeverRetries',
  ...rxTidConfig,
  states: { ...rxTidStates, pending: rxTidParts.createStateConfig({}) },
});

const NO_FAULT = 'no DMA to an address that is not mapped';
const GIVEN_BACK = 'a buffer whose queue is deleted is given back';
const LIFETIME = 'no DMA reaches memory that was freed';

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
  parameters: z.object({
    tids: z.number().int().min(1).max(3).default(2).describe('receive queues that are set up and deleted'),
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
      expected: { verdict: 'violated', property: LIFETIME, length: 6 },
    },
    'unmaps-anyway-strict': {
      title: 'the same, and what is unmapped is invalidated at once',
      expected: { verdict: 'violated', property: NO_FAULT, length: 6 },
    },
  },
  build({ tids, entries }, variant) {
    const tidNames = names('tid', tids);
    const { tid, address } = versions[variant];

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('tid', tids, (index) =>
          actor(tid, {
            input: {
              name: `tid${index}`,
              reo: 'reo',
              memory: `memory${index}`,
              iova: `iova${index}`,
              others: tidNames.filter((other) => other !== `tid${index}`),
            },
            choices: [{ type: 'SETUP_TID' }, { type: 'DELETE_TID' }, { type: 'RUN' }],
            rest: ['inactive', 'active'],
          }),
        ),
        family('memory', tids, () => actor(allocation)),
        family('iova', tids, () => actor(address, { choices: [{ type: 'FLUSH' }], rest: () => true })),
        {
          reo: actor(reo, {
            input: { name: 'reo', entries },
            choices: [{ type: 'RUN' }, ...tidNames.map((name) => ({ type: 'RECEIVE' as const, tid: name }))],
            rest: ({ context }) => context.commands.length === 0,
          }),
        },
      ),
      blocking: ['DMA_MAP'],
      properties: ({ always, leadsTo, monitor, happens, reachable }) => [
        always(NO_FAULT, (view) => names('iova', tids).every((name) => !view.get(name).matches('faulted'))),
        monitor(LIFETIME, objectLifetime, { objects: names('memory', tids), alloc: 'KMALLOC', free: 'KFREE' }),
        // Of three, one could be passed for ever by two: the list that the kernel keeps is in order.
        ...(tids < 3
          ? [
              leadsTo(
                GIVEN_BACK,
                (view) => !view.get('tid0').matches('active') && view.get('memory0').matches('allocated'),
                (view) => view.get('memory0').matches('free'),
              ),
            ]
          : []),
        happens('a frame arrives in a queue', { type: 'ACCESS' }),
        reachable('a TID is deleted, and the device still has its address', (view) => {
          return !view.get('tid0').matches('active') && 'tid0' in view.get('reo').context.queues;
        }),
        ...(tids > entries ? [happens('the command ring is full', { type: 'RING_FULL' })] : []),
        happens('a buffer is freed', { type: 'KFREE' }),
      ],
    });
  },
});
