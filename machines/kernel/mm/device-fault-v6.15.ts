/**
 * The thread of `device-fault.ts` from 1afaeb8293c9 (v6.15) to 2026: where somebody has the page's lock, it tries again at once. In
 * hmm_range_fault() that is a loop inside the kernel, and where that is not preemptible (or voluntarily only) nothing else runs on its CPU.
 */
import { without } from '../../parts/states.ts';
import { deviceFaultThreadConfig, deviceFaultThreadParts, deviceFaultThreadStates } from './device-fault.ts';

export const deviceFaultThreadV615 = deviceFaultThreadParts.createMachine({
  id: 'deviceFaultThreadV615',
  ...deviceFaultThreadConfig,
  states: {
    ...without(deviceFaultThreadStates, 'asleep'),
    locking: deviceFaultThreadParts.createStateConfig({
      on: { LOCKED: { target: 'locked', actions: 'get' }, BUSY: 'spinning' },
    }),
    spinning: deviceFaultThreadParts.createStateConfig({
      on: { RUN: { target: 'looking', actions: 'look' } },
    }),
  },
});
