/**
 * Detaching as in `detach-frees-group.ts`, but the handler is unregistered before the group is unlinked, as the review of v3 asked: still under
 * the container's lock.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { detachGroupInMemoryParts, forEachDevice } from './detach-frees-group.ts';
import { detachGroupConfig } from './detach-v3.ts';

export const detachGroupUnregistersFirst = detachGroupInMemoryParts.createMachine({
  id: 'detachGroupUnregistersFirst',
  ...detachGroupConfig,
  states: {
    attached: { on: { DETACH_GROUP: 'locking' } },
    ...straightLine({ locking: 'lock' }, 'unregistering'),
    unregistering: forEachDevice('unregistered'),
    ...straightLine({ unregistered: 'unlink', unlinked: ['free', 'unlock'] }, 'detached'),
    detached: {},
  },
});
