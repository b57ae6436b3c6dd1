/**
 * The thread of user space that hands a guest's memory to another process (live update): it takes the addresses of a range away,
 * UNMAP_DMA with FLAG_VADDR, and later gives new ones, MAP_DMA with FLAG_VADDR. Both ioctls take the container's lock.
 *
 *   valid -UPDATE-> taking -RUN-> taken -RUN-> valid
 *
 * List 'ACQUIRE' as `blocking`. At rest in `valid` and `taken`.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export const updateVaddr = setup({
  types: {
    input: {} as { readonly name: string; readonly lock: string; readonly vaddrs: string },
    context: {} as { readonly name: string; readonly lock: string; readonly vaddrs: string },
    events: {} as { type: 'UPDATE' } | { type: 'RUN' },
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    takeAddresses: send('vaddrs', 'INVALIDATE_VADDR'),
    giveAddresses: send('vaddrs', 'SET_VADDR'),
    unlock: call('lock', 'RELEASE'),
  },
}).createMachine({
  id: 'updateVaddr',
  context: ({ input }) => input,
  initial: 'valid',
  states: {
    valid: { on: { UPDATE: 'taking' } },
    taking: { on: { RUN: { target: 'taken', actions: ['lock', 'takeAddresses', 'unlock'] } } },
    taken: { on: { RUN: { target: 'valid', actions: ['lock', 'giveAddresses', 'unlock'] } } },
  },
});
