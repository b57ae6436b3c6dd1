/** The unbinding thread from v5.15 to v6.8: iopf_queue_flush_dev() holds the device lock while it waits. */
import { straightLine } from '../../parts/straight-line.ts';
import { unbindConfig, unbindParts, unbindStates } from './svm-unbind.ts';

export const unbindThreadV515 = unbindParts.createMachine({
  id: 'unbindThreadV515',
  ...unbindConfig,
  states: {
    ...unbindStates,
    ...straightLine(
      { stopped: ['awaitHardwareQueue', 'lockDevice', 'startFlush'], flushing: ['awaitFlush', 'unlockDevice'] },
      'flushed',
    ),
  },
});
