/**
 * B-80: iommufd gives a group that is read the lowest cookie that is free, and a cookie is free again as soon as its group has its
 * answer, whoever gave it. A detach answers the groups that a user has in hand. When the device is attached again, the next group
 * gets the same cookie, and the response to the old one, if it comes late, is taken for a response to the new one; the response
 * to that is then refused. A user that detaches knows which of its groups were answered for it only if it stops its readers first.
 *
 * `fixed` is our proposal: a cookie that the user was given stays reserved until the user has written it. (A number that is not used
 * again so soon, xa_alloc_cyclic(), makes it unlikely, not impossible.) Our analysis of the source, no reported bug.
 *
 * Simplification: a user that never writes what it has read would keep its cookies; here every reader writes in the end.
 */
import { assertEvent, assign, enqueueActions } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { detachThread } from '../kernel/iommufd/detach.ts';
import { faultQueue, faultQueueConfig, faultQueueParts } from '../kernel/iommufd/eventq.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { cookieOwner } from '../monitors/cookie-owner.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { from, tell } from '../parts/call.ts';
import { alike, interchangeable, names, pairs } from '../parts/names.ts';
import { userPage } from '../user/page.ts';
import { userReader } from '../user/reader.ts';

const RUN = { type: 'RUN' } as const;
const OWN_GROUP = 'a response answers the group that its cookie was given for';

/** `XA_ZERO_ENTRY`: the cookie is not free, and no group is found by it. */
const RESERVED = { group: '', handle: '' };

const reservingParts = faultQueueParts.extend({
  guards: {
    isReserved: ({ context, event }) => event.type === 'WRITE' && context.response[event.cookie]?.group === '',
  },
  actions: {
    releaseCookie: assign({
      response: from('WRITE', ({ context, event }) => {
        const { [event.cookie]: _, ...others } = context.response;
        return others;
      }),
    }),
    respondAndReserve: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'AUTO_RESPONSE');
      const { deliver, response } = context;
      const isOf = ({ handle }: { handle: string }) => handle === event.handle;
      for (const { group } of [...deliver, ...Object.values(response)].filter(isOf)) {
        const answer = { type: 'GROUP_RESPONSE', code: 'invalid' };
        tell(enqueue, group, answer);
        tell(enqueue, group, { type: 'FREE' });
      }
      const kept = Object.entries(response).map(([cookie, queued]) => [cookie, isOf(queued) ? RESERVED : queued]);
      enqueue.assign({ deliver: deliver.filter((queued) => !isOf(queued)), response: Object.fromEntries(kept) });
    }),
  },
});

/** An automatic response leaves the cookies of what user space has in hand reserved; a write releases them. */
const faultQueueReserves = reservingParts.createMachine({
  id: 'faultQueueReserves',
  ...faultQueueConfig,
  on: {
    ...faultQueueConfig.on,
    WRITE: [
      { guard: 'isReserved', actions: ['releaseCookie', 'refuse'] },
      { guard: 'isKnownCookie', actions: 'eraseAndRespond' },
      { actions: 'refuse' },
    ],
    AUTO_RESPONSE: { actions: 'respondAndReserve' },
  },
});

export const reusedCookie = defineScenario({
  name: 'reused-cookie',
  title: 'A late response carries the cookie of another group by now',
  sources: ['B-80', 'drivers/iommu/iommufd/eventq.c iommufd_fault_fops_write(), iommufd_auto_response_faults()'],
  group: 'iopf',
  parameters: z.object({
    groups: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
    readers: z.number().int().min(2).max(3).default(2).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'a cookie stays reserved until the user that has it has written it',
      expected: { verdict: 'holds', counts: [343, 808], reduced: [179, 419] },
    },
    'lowest-free': {
      title:
        'a cookie is free when its group has its answer, and the lowest free one is given next (xa_alloc(), since v6.11)',
      expected: { verdict: 'violated', property: OWN_GROUP, length: 17 },
    },
  },
  build({ groups, readers }, variant) {
    const indexes = names('prg', groups);
    const groupNames = names('group', groups);
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          guest: actor(guestDriver, {
            input: {},
            choices: indexes.map((index) => ({ type: 'POST_FAULTING_DMA' as const, device: 'dev0', index })),
            rest: () => true,
          }),
          dev0: actor(faultingFunction, {
            input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
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
              handler: 'fault',
              handle: 'handle0',
            },
          }),
          fault: actor(variant === 'fixed' ? faultQueueReserves : faultQueue, { input: { mutex: 'mutex' } }),
          mutex: actor(mutex),
          detach0: actor(detachThread, {
            input: {
              name: 'detach0',
              device: 'dev0',
              param: 'param0',
              handle: 'handle0',
              queue: 'prq',
              faultQueue: 'fault',
              mutex: 'mutex',
            },
            choices: [{ type: 'DETACH' }, RUN],
            rest: ['attached'],
          }),
          // Always there: a copy takes a step, but does not fault.
          buffer: actor(userPage, { input: { pager: 'none' } }),
        },
        family('group', groups, (index) =>
          actor(iopfGroupMemory, { input: { name: `group${index}`, index: `prg${index}`, param: 'param0' } }),
        ),
        family('reader', readers, (index) =>
          actor(userReader, {
            input: { name: `reader${index}`, faultQueue: 'fault', mutex: 'mutex', buffer: 'buffer' },
            choices: [RUN],
            rest: ['idle'],
          }),
        ),
      ),
      blocking: ['REQUEST', 'ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'DRAIN', 'FETCH'],
      symmetry: interchangeable(alike(readers, 'reader')),
      properties: ({ always, reachable, happens, monitor }) => [
        monitor(OWN_GROUP, cookieOwner),
        monitor('nobody touches a freed group, and no group is freed twice', objectLifetime, {
          objects: groupNames,
          alloc: 'ALLOC',
          free: 'FREE',
        }),
        always('the device gets exactly one answer to each group', (view) => {
          return !view.get('dev0').matches('unexpectedIndex');
        }),
        happens('the user answers a group', { type: 'WRITTEN' }),
        happens('a late response is refused', { type: 'EINVAL' }),
        reachable('two readers have a group in hand, of which one was answered for its reader', (view) => {
          const isHandling = (reader: 'reader0' | 'reader1') => view.get(reader).matches('handling');
          return (
            isHandling('reader0') && isHandling('reader1') && Object.keys(view.get('dev0').context.posted).length === 1
          );
        }),
      ],
    });
  },
});
