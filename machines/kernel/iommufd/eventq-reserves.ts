/**
 * `struct iommufd_fault` with a repair of B-80 that no kernel has: an automatic response leaves the cookies of what user space has in
 * hand reserved, and a write releases them. So no cookie is given again while somebody may still write it.
 */
import { assertEvent, assign, enqueueActions } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import { faultQueueConfig, faultQueueParts } from './eventq.ts';

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

export const faultQueueReserves = reservingParts.createMachine({
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
