/**
 * A thread of the process on a CPU, as far as page faults are concerned: it writes to a page, and where the page table entry
 * does not allow that, it handles the fault.
 *
 * Simplifications: one page; a write that does not fault is not modelled, nobody else sees it.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export const cpuThread = setup({
  types: {
    input: {} as { name: string; page: string },
    context: {} as { name: string; page: string },
    events: {} as /** The thread writes, and faults. */ { type: 'STORE' } | { type: 'FAULT_HANDLED'; ok: boolean },
  },
  actions: {
    handleFault: call('page', { type: 'HANDLE_FAULT', write: true }),
  },
}).createMachine({
  id: 'cpuThread',
  context: ({ input }) => input,
  initial: 'running',
  states: {
    running: { on: { STORE: { target: 'faulting', actions: 'handleFault' } } },
    faulting: { on: { FAULT_HANDLED: 'running' } },
  },
});
