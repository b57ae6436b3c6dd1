/**
 * The thread of `enable-prq-clears-first.ts` in a crash kernel that takes the tables of the kernel that died (intel/iommu.c
 * copy_translation_tables()): they let in what they let in before. In no release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { enableConfig, enableParts, enableStates } from './enable-prq-v7.0.ts';

/** Nothing is cleared. */
export const tablesAreCopied = enableParts.createStateConfig({ on: { TAKE_OVER: 'blocked' } });

export const enableThreadClearsFirstInCrashKernel = enableParts.createMachine({
  id: 'enableThreadClearsFirstInCrashKernel',
  ...enableConfig,
  states: {
    ...enableStates,
    foreign: tablesAreCopied,
    ...straightLine({ blocked: 'clearPpr', cleared: 'writeQueueAddress' }, 'queued'),
  },
});
