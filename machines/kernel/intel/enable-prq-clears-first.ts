/** The thread of `enable-prq-v7.0.ts` that clears PPR before it enables the queue. In no release. */
import { straightLine } from '../../parts/straight-line.ts';
import { enableConfig, enableParts, enableStates } from './enable-prq-v7.0.ts';

export const enableThreadClearsFirst = enableParts.createMachine({
  id: 'enableThreadClearsFirst',
  ...enableConfig,
  states: { ...enableStates, ...straightLine({ blocked: 'clearPpr', cleared: 'writeQueueAddress' }, 'queued') },
});
