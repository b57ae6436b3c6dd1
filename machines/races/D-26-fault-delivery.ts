/**
 * D-26: a thread puts a group on iommufd's deliver list, and then wakes whoever waits; somebody looks at the list, and then sleeps. By which ways of
 * waiting can a group stay on the list with everybody asleep? It is said of each: poll and read, a read that blocks, an eventfd and reads, K
 * reads posted to io_uring before, a multishot poll of io_uring.
 *
 * None has it that is in its list of waiters before it looks, and looks again after it was woken (`poll_wait()` first, then the list; the
 * counter of an eventfd is set to 0 before the list is read, and then the list is read to its end). Each way has a variant that does not.
 *
 * Of today's fd two things are no missed wake-up: a read that finds nothing returns 0, whether the fd blocks or not, and a user that takes that
 * for the end reads no more (`read-returns-0`); with K reads one group wakes all of them, and others than the first may complete with 0, so
 * that of K reads one is left (`posted-reads-end-at-0`), which is never disappointed.
 *
 * `fixed` is 7.0 with poll and read.
 *
 * Simplifications: in the machines; groups are handled in no time, and who handles them does not matter.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { assemble } from '../rigs/assemble.ts';
import { ALL_POSTED, faultDelivery, NO_MISSED_WAKEUP } from '../rigs/fault-delivery.ts';
import { howMany } from '../rigs/parameters.ts';
import { blockingReader } from '../user/blocking-reader.ts';
import { blockingReaderReturns0 } from '../user/blocking-reader-returns-0.ts';
import { eventfdReader } from '../user/eventfd-reader.ts';
import { eventfdReaderDrainsFirst } from '../user/eventfd-reader-drains-first.ts';
import { eventfdReaderOneGroup } from '../user/eventfd-reader-one-group.ts';
import { pollReader } from '../user/poll-reader.ts';
import { pollReaderChecksFirst } from '../user/poll-reader-checks-first.ts';
import { postedRead } from '../user/posted-read.ts';
import { postedReadEndsAt0 } from '../user/posted-read-ends-at-0.ts';

const missed = { verdict: 'violated', property: NO_MISSED_WAKEUP } as const;

const ways = {
  fixed: { by: 'queue', reader: pollReader },
  'poll-checks-first': { by: 'queue', reader: pollReaderChecksFirst },
  'blocking-read': { by: 'queue', reader: blockingReader },
  'read-returns-0': { by: 'queue', reader: blockingReaderReturns0 },
  eventfd: { by: 'eventfd', reader: eventfdReader },
  'eventfd-drains-first': { by: 'eventfd', reader: eventfdReaderDrainsFirst },
  'eventfd-one-group': { by: 'eventfd', reader: eventfdReaderOneGroup },
  'posted-reads': { by: 'queue', reader: postedRead, isPosted: true },
  'posted-reads-end-at-0': { by: 'queue', reader: postedReadEndsAt0, isPosted: true },
  multishot: { by: 'multishot', reader: eventfdReader },
  'multishot-one-group': { by: 'multishot', reader: eventfdReaderOneGroup },
} as const;

export const faultDeliveryWays = defineScenario({
  name: 'fault-delivery',
  title: 'Ways to wait for a fault in user space, and which of them miss one',
  sources: [
    'D-26',
    'drivers/iommu/iommufd/eventq.c iommufd_eventq_fops_poll()',
    'io_uring/poll.c io_poll_check_events()',
    'io_uring/rw.c io_read()',
    'fs/eventfd.c',
    'fs/select.c',
  ],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: howMany('groups that the device may have in flight', { max: 3, default: 2 }),
    readers: howMany('threads that wait, or reads that are posted; with an eventfd or a multishot poll there is one', {
      max: 3,
      default: 2,
    }),
  }),
  variants: {
    fixed: { title: 'poll(), then one read (7.0)', expected: { verdict: 'holds', counts: [271, 735] } },
    'poll-checks-first': {
      title: 'the poll operation looks at the list, then adds its entry',
      expected: { ...missed, length: 6 },
    },
    'blocking-read': {
      title: 'a read that blocks, by wait_event_interruptible()',
      expected: { verdict: 'holds', counts: [181, 483] },
    },
    'read-returns-0': {
      title: 'a read that does not, and a user that takes 0 for the end (7.0)',
      expected: { ...missed, length: 4 },
    },
    eventfd: {
      title: 'an eventfd: its counter is read, then the list to its end',
      expected: { verdict: 'holds', counts: [50, 90] },
    },
    'eventfd-drains-first': {
      title: 'the list is read to its end, then the counter',
      expected: { ...missed, length: 9 },
    },
    'eventfd-one-group': { title: 'for each read of the counter one group', expected: { ...missed, length: 7 } },
    'posted-reads': {
      title: 'reads that wait in io_uring, and are posted again',
      expected: { verdict: 'holds', counts: [650, 1_808] },
    },
    'posted-reads-end-at-0': {
      title: 'those that complete with 0 are not posted again',
      expected: { verdict: 'violated', property: ALL_POSTED, length: 5 },
    },
    multishot: {
      title: 'a multishot poll, and for each completion the list to its end',
      expected: { verdict: 'holds', counts: [180, 406] },
    },
    'multishot-one-group': { title: 'for each completion one group', expected: { ...missed, length: 9 } },
  },
  build({ groups, readers }, variant) {
    const way = ways[variant];
    const rig = assemble(faultDelivery({ groups, readers: way.by === 'queue' ? readers : 1, ...way }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        happens('a group is answered', { type: 'WRITE_RESPONSE' }),
      ],
    });
  },
});
