/**
 * The thread of `eventq-release-v6.11.ts` that reads whose context it is while the object is still counted, gives the count back, and
 * puts the file then. In no release: it is the repair that we propose.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { eventqReleaseConfig, eventqReleaseEnds, eventqReleaseParts } from './eventq-release-v6.11.ts';

export const eventqRelease = eventqReleaseParts.createMachine({
  id: 'eventqRelease',
  ...eventqReleaseConfig,
  states: {
    ...eventqReleaseEnds,
    ...straightLine({ releasing: 'readContext', known: 'decUsers', unowned: 'putContext' }, 'closed'),
  },
});
