/** A process that opens devices with SVA, and exits: exit_mm() drops the users' reference to its mm, whoever still has one. */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type ExitingProcessEvent =
  | { type: 'EXIT' }
  /** It opens a device, which binds it: list it as `blocking`. */
  | { type: 'OPEN' };

interface Input {
  readonly mm: string;
}

export const exitingProcess = setup({
  types: { input: {} as Input, context: {} as Input, events: {} as ExitingProcessEvent },
  actions: { dropMm: send('mm', 'MMDROP') },
}).createMachine({
  id: 'exitingProcess',
  context: ({ input }) => input,
  initial: 'running',
  states: {
    running: { on: { OPEN: {}, EXIT: { target: 'gone', actions: 'dropMm' } } },
    gone: { type: 'final' },
  },
});
