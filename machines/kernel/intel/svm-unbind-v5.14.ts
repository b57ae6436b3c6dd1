/**
 * The unbinding thread in v5.14 (intel/svm.c intel_svm_unbind(), intel_svm_drain_prq()): it holds `pasid_mutex` over the drain and
 * the flush, and the flush holds the device lock as well. 6ef0505158f7 (v5.15) drops `pasid_mutex` around the flush.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { unbindConfig, unbindParts, unbindStates } from './svm-unbind.ts';

export const unbindThreadV514 = unbindParts.createMachine({
  id: 'unbindThreadV514',
  ...unbindConfig,
  states: {
    ...unbindStates,
    ...straightLine(
      {
        stopped: ['lockPasids', 'awaitHardwareQueue', 'lockDevice', 'startFlush'],
        flushing: ['awaitFlush', 'unlockDevice', 'unlockPasids'],
      },
      'flushed',
    ),
  },
});
