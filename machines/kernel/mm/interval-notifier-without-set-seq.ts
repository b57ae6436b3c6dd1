/** The notifier of `interval-notifier.ts` of a driver whose callback takes its entries away and does not call mmu_interval_set_seq(). */
import { intervalConfig, intervalParts, intervalStates } from './interval-notifier.ts';

export const intervalNotifierWithoutSetSeq = intervalParts.createMachine({
  id: 'intervalNotifierWithoutSetSeq',
  ...intervalConfig,
  on: { ...intervalStates, INVALIDATE_RANGE_START: { actions: ['begin', 'zap'] } },
});
