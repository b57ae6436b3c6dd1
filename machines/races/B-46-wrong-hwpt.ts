/**
 * B-46: the page table of a device is replaced while page requests of the old one wait for user space. iommufd answers them for
 * the user, so that the old attach handle can be freed; but since fb21b1568ada it looks for them in the fault queue of the new
 * page table. They stay in the queue of the old one, under a handle that is freed: the next read follows it to find the device,
 * and a user who has left that queue never answers them. ba5c0f28a26e looks in the old one again.
 *
 * It takes two fault queues: with one for both page tables (`one-queue`) the mistake cannot be seen.
 *
 * Simplification: a handler is called with the handle that is stored then. In the kernel the look-up is earlier, and a replace
 * between the two leaves a group under a freed handle with this fix, too (B-84).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { attachHandleSlot } from '../kernel/iommu/attach-handle-slot.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { replaceThread } from '../kernel/iommufd/replace.ts';
import { replaceThreadFb21b1568ada } from '../kernel/iommufd/replace-fb21b1568ada.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names, pairs } from '../parts/names.ts';
import { userPage } from '../user/page.ts';
import { userReader } from '../user/reader.ts';

const LIVE = 'no group waits for user space under an attach handle that was freed';
const RUN = { type: 'RUN' } as const;

export const wrongHwpt = defineScenario({
  name: 'wrong-hwpt',
  title: 'The page table of a device is replaced, and its page requests are looked for in the wrong fault queue',
  sources: ['B-46', 'ba5c0f28a26e', 'fb21b1568ada', 'drivers/iommu/iommufd/device.c iommufd_hwpt_replace_device()'],
  group: 'iopf',
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: "answers in the old page table's fault queue (ba5c0f28a26e)",
      expected: { verdict: 'holds', counts: [3_936, 13_986] },
    },
    'new-hwpt': {
      title: "answers in the new page table's fault queue (fb21b1568ada)",
      expected: { verdict: 'violated', property: LIVE, length: 7 },
    },
    'one-queue': {
      title: 'the same, but both page tables have one fault queue',
      expected: { verdict: 'holds', counts: [1_248, 3_594] },
    },
  },
  build({ groups }, variant) {
    const indexes = names('prg', groups);
    const groupNames = names('group', groups);
    const queues = names('fault', variant === 'one-queue' ? 1 : 2);
    const hwpt = (index: number) => ({
      handle: `handle${index}`,
      fault: `fault${index % queues.length}`,
      mutex: `mutex${index % queues.length}`,
    });

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          dev0: actor(faultingFunction, {
            input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
            choices: indexes.map((index) => ({ type: 'REQUEST' as const, index })),
            rest: ({ context }) => Object.keys(context.posted).length === 0,
          }),
          prq: actor(pageRequestQueue, { input: { entries: groups } }),
          irq: actor(prqThread, {
            input: { name: 'irq', queue: 'prq', cores: { dev0: 'param0' } },
            choices: [RUN],
            rest: ['idle'],
          }),
          param0: actor(faultParam, {
            input: {
              name: 'param0',
              device: 'dev0',
              groups: pairs(indexes, groupNames),
              handler: 'slot',
              handle: '',
            },
          }),
          slot: actor(attachHandleSlot, { input: { handle: 'handle0', handler: 'fault0' } }),
          replacer: actor(variant === 'fixed' ? replaceThread : replaceThreadFb21b1568ada, {
            input: { name: 'replacer', slot: 'slot', hwpt: hwpt(0), other: hwpt(1) },
            choices: [{ type: 'REPLACE' }, RUN],
            rest: ['attached'],
          }),
          // Always there: a copy takes a step, but does not fault.
          buffer: actor(userPage, { input: { pager: 'none' } }),
        },
        family('group', groups, (index) =>
          actor(iopfGroupMemory, { input: { name: `group${index}`, index: `prg${index}`, param: 'param0' } }),
        ),
        family('fault', queues.length, (index) =>
          actor(faultQueue, {
            input: { mutex: `mutex${index}` },
          }),
        ),
        family('mutex', queues.length, () => actor(mutex)),
        family('reader', queues.length, (index) =>
          actor(userReader, {
            input: { name: `reader${index}`, faultQueue: `fault${index}`, mutex: `mutex${index}`, buffer: 'buffer' },
            choices: [RUN],
            rest: ['idle'],
          }),
        ),
      ),
      blocking: ['ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'FETCH'],
      properties: ({ always, reachable, happens }) => [
        always(LIVE, (view) => {
          const { live } = view.get('replacer').context;
          return queues.every((queue) => {
            const { deliver, response } = view.get(queue).context;
            return [...deliver, ...Object.values(response)].every(({ handle }) => live.includes(handle));
          });
        }),
        reachable('a group of the old page table waits to be read when it is replaced', (view) => {
          return view.get('replacer').matches('replaced') && view.get('fault0').context.deliver.length > 0;
        }),
        reachable('a group of the old page table waits for its answer when it is replaced', (view) => {
          return view.get('replacer').matches('replaced') && 1 in view.get('fault0').context.response;
        }),
        happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' }),
        ...(variant === 'new-hwpt'
          ? []
          : [
              happens('the user answers a group that a replace has answered already', {
                to: 'reader0',
                type: 'EINVAL',
              }),
            ]),
      ],
    });
  },
});
