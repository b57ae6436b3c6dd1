/** The notifier of `mmu-notifier.ts` without the counter of what is in progress. No kernel has it. */
import { kvmNotifierConfig, kvmNotifierParts, kvmNotifierStates } from './mmu-notifier.ts';

export const kvmNotifierSequenceOnly = kvmNotifierParts.createMachine({
  id: 'kvmNotifierSequenceOnly',
  ...kvmNotifierConfig,
  on: { ...kvmNotifierStates, READ_RETRY: [{ guard: 'isUnchanged', actions: 'goOn' }, { actions: 'retry' }] },
});
