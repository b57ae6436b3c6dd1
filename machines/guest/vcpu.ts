/**
 * The CPUs of the guest, as far as guest memory is concerned: they touch pages, and where the host has taken one away, the host
 * handles the fault. Most pages are touched by a CPU before a device is given them, so they are present and not mapped in the IOMMU
 * when their first I/O page fault comes.
 *
 * It never has to do anything. List 'FAULT' as `blocking`: a page that is present causes none.
 */
import { setup } from 'xstate';
import { from, send } from '../parts/call.ts';

export type VcpuEvent = { type: 'TOUCH'; page: string };

export const vcpu = setup({
  types: { context: {}, events: {} as VcpuEvent },
  actions: {
    handleFault: send(
      from('TOUCH', ({ event }) => event.page),
      'FAULT',
    ),
  },
}).createMachine({
  id: 'vcpu',
  context: {},
  on: { TOUCH: { actions: 'handleFault' } },
});
