/**
 * The thread of `unmap-notifies.ts` that must not sleep: the OOM reaper (mm/oom_kill.c __oom_reap_task_mm(), mm/mmu_notifier.c
 * mn_hlist_invalidate_range_start()). Start is called on every notifier of the mm, and one of them, which would have to sleep, may say -EAGAIN; then nothing is
 * unmapped, and those that did not refuse hear the end of it (c2655835fd8c, v5.12).
 *
 *   begun -RUN-> (start) started -RUN-> as in `unmap-notifies.ts`
 *                                -EAGAIN-> refused -RUN-> (end) idle
 *
 * `unmap-notifies-unpaired.ts` is what was before.
 *
 * Simplification: the notifier that refuses is nowhere but in that event.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { unmapNotifiesConfig, unmapNotifiesParts, unmapNotifiesStates } from './unmap-notifies.ts';

export const unmapNotifiesNonblock = unmapNotifiesParts.createMachine({
  id: 'unmapNotifiesNonblock',
  ...unmapNotifiesConfig,
  states: {
    ...unmapNotifiesStates,
    started: unmapNotifiesParts.createStateConfig({ on: { ...unmapNotifiesStates.started.on, EAGAIN: 'refused' } }),
    ...straightLine({ refused: 'end' }, 'idle'),
  },
});
