/** The thread of `detach-device-v7.0.ts` in the order that the core asks for: PRI off, the log drained, the work queue flushed, the device removed. No kernel has it. */
import { straightLine } from '../../parts/straight-line.ts';
import { detachDeviceConfig, detachDeviceParts } from './detach-device-v7.0.ts';

export const amdDetachDeviceDrains = detachDeviceParts.createMachine({
  id: 'amdDetachDeviceDrains',
  ...detachDeviceConfig,
  states: {
    bound: { on: { RESET: 'detaching' } },
    ...straightLine(
      {
        detaching: 'disablePri',
        stopped: 'awaitQueue',
        drained: 'startFlush',
        flushing: 'awaitFlush',
        flushed: 'removeDevice',
        blocked: ['addDevice', 'enablePri'],
      },
      'bound',
    ),
  },
});
