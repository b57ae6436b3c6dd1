/**
 * The thread that unplugs a device with PASIDs on AMD, as far as its `struct pci_dev` goes (drivers/pci/remove.c): its driver stops the PASID, the
 * work queue is flushed, the device leaves the bus, and the bus drops its reference. Entries of it may still be in the log.
 *
 *   bound -UNPLUG-> stopped -RUN-> (no group is held) gone
 *
 * List 'FLUSHED' as `blocking`.
 *
 * Simplification: what the kernel waits for there is another question (`pasid-v7.0.ts`).
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type UnplugThreadEvent =
  /** User space writes to the device's file `remove`. */
  | { type: 'UNPLUG' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export const amdUnplugThread = setup({
  types: {
    input: {} as { device: string; pasid: string; groups: string; pdev: string },
    context: {} as { device: string; pasid: string; groups: string; pdev: string },
    events: {} as UnplugThreadEvent,
  },
  actions: {
    stopPasid: send('device', ({ context: { pasid } }) => ({ type: 'STOP_PASID', pasid })),
    awaitWork: send('groups', 'FLUSHED'),
    destroy: send('pdev', 'DESTROY'),
  },
}).createMachine({
  id: 'amdUnplugThread',
  context: ({ input }) => input,
  initial: 'bound',
  states: {
    bound: { on: { UNPLUG: { target: 'stopped', actions: 'stopPasid' } } },
    stopped: { on: { RUN: { target: 'gone', actions: ['awaitWork', 'destroy'] } } },
    gone: {},
  },
});
