/**
 * The thread of `device-fault.ts` to v6.14: it takes a reference while the entry says that the page is there, and no lock; the migration tries
 * to take that. Where the page has a reference more than the migration knows of, it is put back, and the thread faults again.
 */
import { without } from '../../parts/states.ts';
import { deviceFaultThreadConfig, deviceFaultThreadParts, deviceFaultThreadStates } from './device-fault.ts';

export const deviceFaultThreadV614 = deviceFaultThreadParts.createMachine({
  id: 'deviceFaultThreadV614',
  ...deviceFaultThreadConfig,
  states: {
    ...without(deviceFaultThreadStates, 'asleep', 'locking', 'locked'),
    looking: deviceFaultThreadParts.createStateConfig({
      on: { DEVICE_ENTRY: { target: 'held', actions: 'get' }, PRESENT: 'idle' },
    }),
    held: deviceFaultThreadParts.createStateConfig({
      on: { RUN: { target: 'collecting', actions: 'collect' } },
    }),
    collecting: deviceFaultThreadParts.createStateConfig({
      // Somebody has the page's lock, or has migrated it: nothing to do.
      on: { COLLECTED: 'collected', NOTHING: { target: 'faulting', actions: 'put' } },
    }),
    migrating: deviceFaultThreadParts.createStateConfig({
      on: {
        MIGRATED: { target: 'faulting', actions: ['unlock', 'put'] },
        RESTORED: { target: 'faulting', actions: ['unlock', 'put'] },
      },
    }),
  },
});
