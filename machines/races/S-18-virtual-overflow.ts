/**
 * System 18, D-21: a guest handles the faults of its device behind a page request queue that its VMM emulates, with a physical queue below.
 * Only whole groups go up, as Jean-Philippe Brucker and Shenming Lu proposed in February 2021. So the overflow of the physical queue is the
 * host's business. But the emulated queue may overflow itself, in the middle of a group, and then the VMM has to do what the IOMMU does:
 * answer the last request, or nobody does, and tell the guest by PRO, or it keeps the first half of the group for the next one.
 *
 * `unanswered` is QEMU as "intel_iommu: Enable PRQ support for passthrough device" had it at first (2026): vtd_prq_report_fault() does not look
 * at the -ENOSPC of vtd_pri_request_page(). The emulated queue is that of 10.2, made for emulated functions, which hear of -ENOSPC themselves. A
 * later version of the series answers, Success, with a reference to VT-d 7.4.1.
 *
 * Where the VMM puts a group in only if there is room for all of it, neither PRO nor the guest's discard is needed.
 *
 * Simplifications: one function, no PASIDs, and queues of fewer entries than it has credits. Linux grants each function of VT-d as many as the
 * host's queue has entries (PRQ_DEPTH), so two functions are enough for an overflow there; how large its own queue is, the guest chooses.
 */
import { z } from 'zod';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { prqThreadNeverDiscards } from '../kernel/intel/prq-event-thread-never-discards.ts';
import type { IopfGroup } from '../kernel/io-pgfault/group.ts';
import { indexIsUsedAgain, pageIsFound } from '../monitors/page-request-witnesses.ts';
import { exactlyOneAnswer, noMergedGroup, noUnexpectedAnswer } from '../monitors/page-requests.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { inOneOrder, priFunctions } from '../rigs/pri-functions.ts';
import { svaPages } from '../rigs/sva-pages.ts';
import { guestQueue, hostQueue, wholeGroups } from '../rigs/virtual-queue.ts';
import { emulatedPrqWholeGroups } from '../vmm/emulated-prq-whole-groups.ts';
import { emulatedPrqWithoutPro } from '../vmm/emulated-prq-without-pro.ts';
import { vmmGroupsIgnoresEnospc } from '../vmm/vmm-groups-ignores-enospc.ts';
import { vmmWholeGroups } from '../vmm/vmm-whole-groups.ts';

const merged = { verdict: 'violated', property: noMergedGroup().name } as const;
const ANSWERED = exactlyOneAnswer({ device: 'dev0', index: 'prg0' }).name;

/** Requests of a group. What never has room would be answered and asked for again for ever. */
const LARGEST = 2;

const guests = {
  fixed: (entries: number) => [wholeGroups(), guestQueue({ entries })] as const,
  'whole-groups': (entries: number) =>
    [
      wholeGroups({ vmm: vmmWholeGroups }),
      guestQueue({
        entries: Math.max(entries, LARGEST),
        queue: emulatedPrqWholeGroups,
        thread: prqThreadNeverDiscards,
      }),
    ] as const,
  unanswered: (entries: number) => [wholeGroups({ vmm: vmmGroupsIgnoresEnospc }), guestQueue({ entries })] as const,
  'without-pro': (entries: number) => [wholeGroups(), guestQueue({ entries, queue: emulatedPrqWithoutPro })] as const,
  'guest-keeps': (entries: number) => [wholeGroups(), guestQueue({ entries, thread: prqThreadNeverDiscards })] as const,
};

export const virtualOverflow = defineScenario({
  name: 'virtual-overflow',
  title: 'The page request queue that a VMM emulates overflows in the middle of a group',
  sources: ['D-21', 'seed:002', 'VT-d 7.4.1', 'QEMU hw/i386/intel_iommu_accel.c vtd_prq_report_fault()'],
  group: 'iopf',
  systems: ['virtual-queue', 'partial-recall'],
  parameters: z.object({
    entries: howMany('entries of the physical queue', { max: 4, default: 1 }),
    guestEntries: howMany('entries of the queue that the guest sees', { max: 4, default: 1 }),
    indexes: howMany('page request group indexes of the function', { max: 2, default: 1 }),
    generations: howMany('uses of an index that the monitors can tell apart', { min: 2, max: 4, default: 3 }),
  }),
  variants: {
    fixed: {
      title: 'the VMM does as VT-d does: a last request without room is answered Success, and PRO keeps others out',
      expected: { verdict: 'holds', counts: [94_122, 281_994] },
    },
    'whole-groups': {
      title: 'the VMM puts a group in only if all of it has room, and the guest never discards',
      expected: { verdict: 'holds', counts: [16_461, 48_261] },
    },
    unanswered: {
      title: 'the VMM does not look whether a request found room (QEMU, first versions of the series)',
      expected: { verdict: 'violated', properties: [DEADLOCK_PROPERTY, ANSWERED], length: 20 },
    },
    'without-pro': { title: 'the VMM answers, but does not set PRO', expected: { ...merged, length: 29 } },
    'guest-keeps': { title: 'the guest clears PRO and discards nothing', expected: { ...merged, length: 30 } },
  },
  build({ entries, guestEntries, indexes, generations }, variant) {
    const [host, guest] = guests[variant](guestEntries);
    const rig = assemble(
      priFunctions({ devices: 1, indexes, descriptors: inOneOrder(LARGEST), generations, queue: 'prq' }),
      hostQueue(entries),
      host,
      guest,
      svaPages(LARGEST),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        noMergedGroup(),
        noUnexpectedAnswer(['dev0']),
        ...names('prg', indexes).map((index) => exactlyOneAnswer({ device: 'dev0', index })),
        happens('the IOMMU answers a last request by itself', {
          to: 'dev0',
          type: 'PRG_RESPONSE',
          where: ({ by }) => by === 'prq',
        }),
        happens('the VMM finds no room in the guest', { to: 'vmm', type: 'ENOSPC' }),
        // In a smaller queue it never has room, whenever it comes.
        ...when(
          guestEntries >= LARGEST || variant === 'whole-groups',
          happens('the guest handles a group of two', {
            to: 'guestWorkQueue',
            type: 'QUEUE_WORK',
            where: ({ group }) => (group as IopfGroup).requests.length === LARGEST,
          }),
        ),
        ...when(
          variant === 'fixed',
          reachable('the guest has a part of a group that the VMM has answered', (view) => {
            return view.get('guestPrq').context.pro && view.get('guestCore').context.partial.length > 0;
          }),
        ),
        indexIsUsedAgain,
        pageIsFound,
      ],
    });
  },
});
