/**
 * The thread of `enable-prq-v7.0.ts` in a crash kernel with copied tables (`enable-prq-clears-first-in-crash-kernel.ts`), which wakes the
 * interrupt thread once when the queue is enabled: that one clears PPR and looks. In no release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { tablesAreCopied } from './enable-prq-clears-first-in-crash-kernel.ts';
import { enableConfig, enableParts, enableStates } from './enable-prq-v7.0.ts';

export const enableThreadLooksInCrashKernel = enableParts.createMachine({
  id: 'enableThreadLooksInCrashKernel',
  ...enableConfig,
  states: {
    ...enableStates,
    foreign: tablesAreCopied,
    ...straightLine({ blocked: ['writeQueueAddress', 'wakeThread'] }, 'queued'),
  },
});
