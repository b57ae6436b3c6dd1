/**
 * The detaching thread of what is attached to the device itself, in the order that iopf_queue_remove_device() asks its callers for: no
 * driver has it since v6.16 (`detach-vtd-rid.ts`, `detach-smmu-v3.ts`), it is the fix that we propose for both.
 *
 *   attached -DETACH-> blocking -RUN-> drained -RUN-> blocked -RUN-> erased -RUN-> answered -RUN-> detached
 *
 * Translation is blocked, the hardware queue drained, which waits for the interrupt thread as well, and then the device is removed.
 * List 'ACQUIRE' and 'DRAIN' as `blocking`.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { detachConfig, detachParts } from './detach.ts';
import { handleGoes } from './detach-vtd-rid.ts';

export const detachInOrder = detachParts.createMachine({
  id: 'detachInOrder',
  ...detachConfig,
  states: {
    attached: { on: { DETACH: { target: 'blocking', actions: 'stopDevice' } } },
    ...straightLine({ blocking: 'awaitHardwareQueue', drained: 'removeDevice' }, 'blocked'),
    ...handleGoes,
  },
});
