/**
 * The reports of `forwards-requests.ts` with what Jean-Philippe Brucker found missing (February 2021): after an overflow the consumer of the
 * faults is told to forget what is not complete. And a last request that finds no room is answered Success, so that the device tries again:
 * to refuse it is to refuse an access for want of memory.
 */
import { forwardsRequestsConfig, forwardsRequestsParts, forwardsRequestsStates } from './forwards-requests.ts';

export const forwardsRequestsRecalls = forwardsRequestsParts.createMachine({
  id: 'forwardsRequestsRecalls',
  ...forwardsRequestsConfig,
  states: {
    registered: forwardsRequestsParts.createStateConfig({
      on: { ...forwardsRequestsStates.registered.on, DISCARD_PARTIAL: { actions: 'recall' } },
    }),
    inHandler: forwardsRequestsParts.createStateConfig({
      on: {
        ...forwardsRequestsStates.inHandler.on,
        ENOSPC: [
          {
            guard: 'isLast',
            target: 'registered',
            actions: [{ type: 'answer', params: { code: 'success' } }, 'forgetRequest'],
          },
          { target: 'registered', actions: 'forgetRequest' },
        ],
      },
    }),
  },
});
