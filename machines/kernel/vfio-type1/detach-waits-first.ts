/**
 * Detaching as in `detach-frees-group.ts`, but the handler is unregistered before the container's lock is taken, and the group unlinked
 * and freed after that. Nobody posted it.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { detachGroupInMemoryParts, forEachDevice } from './detach-frees-group.ts';
import { detachGroupConfig } from './detach-v3.ts';

export const detachGroupWaitsFirst = detachGroupInMemoryParts.createMachine({
  id: 'detachGroupWaitsFirst',
  ...detachGroupConfig,
  states: {
    attached: { on: { DETACH_GROUP: 'unregistering' } },
    unregistering: forEachDevice('locking'),
    ...straightLine({ locking: 'lock', locked: 'unlink', unlinked: ['free', 'unlock'] }, 'detached'),
    detached: {},
  },
});
