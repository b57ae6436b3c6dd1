/** The thread of `detach-device-v7.0.ts` that turns PRI off before it flushes, and drains nothing. No kernel has it. */
import { straightLine } from '../../parts/straight-line.ts';
import { detachDeviceConfig, detachDeviceParts } from './detach-device-v7.0.ts';

export const amdDetachDeviceDisablesFirst = detachDeviceParts.createMachine({
  id: 'amdDetachDeviceDisablesFirst',
  ...detachDeviceConfig,
  states: {
    bound: { on: { RESET: 'detaching' } },
    ...straightLine(
      {
        detaching: 'disablePri',
        stopped: 'startFlush',
        flushing: 'awaitFlush',
        flushed: 'removeDevice',
        blocked: ['addDevice', 'enablePri'],
      },
      'bound',
    ),
  },
});
