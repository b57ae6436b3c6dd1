/**
 * The thread of `priq-shutdown.ts` that writes the STE before the function has stopped: with the rest of the entry PPAR is 0 again.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { priqShutdownConfig, priqShutdownParts } from './priq-shutdown.ts';

export const priqShutdownSteFirst = priqShutdownParts.createMachine({
  id: 'priqShutdownSteFirst',
  ...priqShutdownConfig,
  states: {
    up: { on: { SHUT_DOWN: { target: 'detached', actions: 'clearSte' } } },
    ...straightLine({ detached: 'disablePri', stopping: 'awaitStopped', stopped: 'clearPriqen' }, 'down'),
    down: {},
  },
});
