/**
 * B-14: the PRI queue overflows, and the acknowledgement never reaches the hardware. The driver sets OVACKFLG in its copy of
 * CONS and does not write the register; the copy would go out with the next entry, but while an overflow is active there is
 * no next entry. From then on the SMMU answers every page request by itself with Success, the device translates again,
 * misses again, asks again, is answered again. Everybody works, and no page is ever mapped again.
 *
 * The queue overflows as the OS gave more credits than it has entries (B-09 says more of that).
 *
 * Pages are not reclaimed here: under reclaim not even a right driver can promise that each DMA ends.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { priqDrainThread } from '../kernel/arm-smmu-v3/priq-drain.ts';
import { priqDrainThreadAcknowledgesInShadow } from '../kernel/arm-smmu-v3/priq-drain-acknowledges-in-shadow.ts';
import { pageIsFound } from '../monitors/page-request-witnesses.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { iopfCores } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { persistentFunctions } from '../rigs/pri-functions.ts';
import { overflowIsActive, priQueuePath } from '../rigs/pri-queue.ts';
import { keptPages } from '../rigs/sva-pages.ts';

/** What a device cannot see and its driver waits for. */
const ends = (dma: string) => `a DMA of ${dma} that was started ends`;

export const unacknowledgedOverflow = defineScenario({
  name: 'unacknowledged-overflow',
  title: 'The overflow of the PRI queue is acknowledged in the driver, but not in the hardware',
  sources: ['B-14', 'B-36', '0d535967ac65', 'SMMUv3 3.5.1', 'SMMUv3 8.1', 'SMMUv3 8.2'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({
    devices: howMany('PCIe functions with PRI, with one DMA at a time each', { min: 2, max: 4, default: 2 }),
    queueEntries: howMany('entries of the PRI queue; with as many as devices it never overflows', {
      max: 3,
      default: 1,
    }),
    workers: howMany('workers of the iopf work queue', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'writes CONS with OVACKFLG when the queue is empty (since 0d535967ac65, v4.19)',
      expected: { verdict: 'holds', counts: [261, 608] },
    },
    'in-shadow': {
      title: "sets OVACKFLG in the driver's copy of CONS only (to v4.18)",
      expected: { verdict: 'violated', property: ends('dma0') },
    },
  },
  build({ devices, queueEntries, workers }, variant) {
    const thread = variant === 'fixed' ? priqDrainThread : priqDrainThreadAcknowledgesInShadow;
    const rig = assemble(
      persistentFunctions({ devices, credits: 1, generations: 1 }),
      priQueuePath({ devices, entries: queueEntries, thread }),
      iopfCores({ devices, workers }),
      keptPages(devices),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ leadsTo, reachable, happens }) => [
        ...names('dma', devices).map((dma) =>
          leadsTo(
            ends(dma),
            (view) => !view.get(dma).matches('idle'),
            (view) => view.get(dma).matches('idle'),
          ),
        ),
        leadsTo('an overflow is acknowledged', overflowIsActive, (view) => !overflowIsActive(view)),
        reachable('an overflow is active', overflowIsActive),
        happens('the SMMU answers by itself', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'priq' }),
        reachable('a device tries again in vain', (view) => {
          return view.get('dma0').matches('retrying') && view.get('page0').matches('notPresent');
        }),
        pageIsFound,
      ],
    });
  },
});
