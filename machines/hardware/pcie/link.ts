/**
 * The link to one PCIe function, and what is left of the function when it is pulled out (PCIe 6.7, hot-plug): requests that it
 * posted are in the IOMMU and stay there, but what is sent to it from then on reaches nobody, and what asks it for a completion
 * gets none. A read of its configuration gives all ones, by which software can tell (pci.c pci_device_is_present()).
 *
 * Its name is that by which the function is known on the bus: who answers `request.device` answers the link.
 *
 *   up -QUIESCE-> quiet (software has turned bus mastering and PRI off)      up, quiet -UNPLUG-> down
 *
 * Simplifications: it never comes back; the function's ATC is nothing but the completion of its invalidations (`atc-entry.ts`).
 */
import { setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import type { PageResponse } from './page-request.ts';

export type LinkEvent =
  | ({ type: 'PRG_RESPONSE' } & PageResponse)
  /** ATS Invalidate Request; answered by INVALIDATE_COMPLETION to `by`. */
  | { type: 'INVALIDATE_REQUEST'; by: string }
  /** Software stops the function. */
  | { type: 'QUIESCE' }
  /** Somebody pulls the function out: the slot tells its driver. */
  | { type: 'UNPLUG' };

export interface LinkInput {
  /** A `faulting-function.ts`. */
  readonly function: string;
  /** Who hears of a change of the slot: PRESENCE_CHANGED. */
  readonly slot: string;
}

export const link = setup({
  types: {
    input: {} as LinkInput,
    context: {} as LinkInput,
    events: {} as LinkEvent,
  },
  actions: {
    passResponse: send(
      'function',
      from('PRG_RESPONSE', ({ event }) => event),
    ),
    completeInvalidation: reply('INVALIDATE_COMPLETION'),
    stopFunction: send('function', 'STOP'),
    tellSlot: send('slot', 'PRESENCE_CHANGED'),
  },
}).createMachine({
  id: 'link',
  context: ({ input }) => input,
  initial: 'up',
  states: {
    up: {
      on: {
        PRG_RESPONSE: { actions: 'passResponse' },
        QUIESCE: { target: 'quiet', actions: 'stopFunction' },
        UNPLUG: { target: 'down', actions: ['stopFunction', 'tellSlot'] },
      },
    },
    quiet: {
      on: {
        PRG_RESPONSE: { actions: 'passResponse' },
        INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
        UNPLUG: { target: 'down', actions: 'tellSlot' },
      },
    },
    // Unsupported Request for whatever comes.
    down: {
      on: { PRG_RESPONSE: {}, INVALIDATE_REQUEST: {}, QUIESCE: {} },
    },
  },
});
