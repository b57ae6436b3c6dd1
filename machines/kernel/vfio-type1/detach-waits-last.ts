/**
 * Detaching as in `detach-frees-group.ts`, but the handler is unregistered when the container's lock has been dropped: without the deadlock
 * of B-78, and too late. Nobody posted it.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { detachGroupInMemoryParts, forEachDevice } from './detach-frees-group.ts';
import { detachGroupConfig } from './detach-v3.ts';

export const detachGroupWaitsLast = detachGroupInMemoryParts.createMachine({
  id: 'detachGroupWaitsLast',
  ...detachGroupConfig,
  states: {
    attached: { on: { DETACH_GROUP: 'locking' } },
    ...straightLine({ locking: 'lock', locked: 'unlink', unlinked: ['free', 'unlock'] }, 'unregistering'),
    unregistering: forEachDevice('detached'),
    detached: {},
  },
});
