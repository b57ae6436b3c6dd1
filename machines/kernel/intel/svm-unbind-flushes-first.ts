/**
 * The unbinding thread that flushes the work queue and then drains the hardware queue: what the drain waits for is reported after the flush.
 * In no release: iopf_queue_flush_dev() asks its caller for the other order.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { unbindConfig, unbindParts, unbindStates } from './svm-unbind.ts';

export const unbindThreadFlushesFirst = unbindParts.createMachine({
  id: 'unbindThreadFlushesFirst',
  ...unbindConfig,
  states: {
    ...unbindStates,
    ...straightLine({ stopped: 'startFlush', flushing: ['awaitFlush', 'awaitHardwareQueue'] }, 'flushed'),
  },
});
