/**
 * B-28: a function that gives a PASID up may tell the IOMMU so by a Stop Marker. It looks like a page request, last of its group, that
 * wants neither to read nor to write, and nobody waits for an answer to it. From v5.12 to v5.17 VT-d reported it like any request: the core
 * built a group of it, the handler made its page present, and the function got an answer that it does not know. If the marker's index is
 * that of a group on its way (of another PASID, or of the one that was cut off), it completes that group, too early, or takes its first
 * requests away.
 *
 * Dropping it is safe, because it only tells when the PASID is free, and the driver waits for that by itself (draining the queue).
 *
 * Simplifications: the requests are of one PASID, the markers of others of the same function; each of these is stopped once.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { pasidStop } from '../hardware/pcie/pasid-stop.ts';
import { prqEventThread } from '../kernel/intel/prq-event-thread.ts';
import { prqEventThreadV512 } from '../kernel/intel/prq-event-thread-v5.12.ts';
import { exactlyOneAnswer, noMergedGroup, noUnexpectedAnswer } from '../monitors/page-requests.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { iopfCores } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { inOneOrder, priFunctions } from '../rigs/pri-functions.ts';
import { svaPages } from '../rigs/sva-pages.ts';
import { vtdDescriptors } from '../rigs/vtd-descriptors.ts';

export const stopMarker = defineScenario({
  name: 'stop-marker',
  title: 'A PASID Stop Marker is taken for a page request',
  sources: ['B-28', 'da8669ff41fa', 'd5b9e4bfe0d8', 'drivers/iommu/intel/prq.c prq_event_thread()', 'VT-d 7.4.1.1'],
  group: 'iopf',
  systems: ['vtd-prq'],
  parameters: z.object({
    entries: howMany('entries of the page request queue', { min: 2, max: 8, default: 3 }),
    pasids: howMany('PASIDs of the function that are stopped', { max: 3, default: 2 }),
    generations: howMany('uses of an index that the monitors can tell apart', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'the thread drops Stop Markers (da8669ff41fa, v5.18)',
      expected: { verdict: 'holds', counts: [5_150, 13_315], reduced: [3_937, 9_902] },
    },
    reported: {
      title: 'the thread reports them as requests (d5b9e4bfe0d8, v5.12, to v5.17)',
      expected: { verdict: 'violated', property: noUnexpectedAnswer([]).name, length: 7 },
    },
  },
  build({ entries, pasids, generations }, variant) {
    const stops = family('pasid', pasids, () =>
      actor(pasidStop, { input: { pri: 'dev0' }, choices: [{ type: 'STOP_PASID' }], rest: () => true }),
    );
    const thread = variant === 'fixed' ? prqEventThread : prqEventThreadV512;
    const rig = assemble(
      priFunctions({ devices: 1, descriptors: inOneOrder(2), generations, queue: 'prq' }),
      vtdDescriptors({ entries, thread, devices: { dev0: 'core0' } as const }),
      iopfCores({ devices: 1, workers: 1 }),
      { actors: stops },
      svaPages(2),
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(alike(pasids, 'pasid')),
      properties: ({ happens, reachable }) => [
        noUnexpectedAnswer(['dev0']),
        exactlyOneAnswer(),
        noMergedGroup(),
        happens('a group is answered', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
        happens('the thread reads a Stop Marker', {
          type: 'DESCRIPTOR',
          where: ({ descriptor }) => !(descriptor as { access: boolean }).access,
        }),
        reachable('a Stop Marker waits behind a group with its index that is not complete', (view) => {
          const { descriptors } = view.get('prq').context;
          return descriptors.some(({ last }, at) => !last && descriptors[at + 1]?.access === false);
        }),
      ],
    });
  },
});
