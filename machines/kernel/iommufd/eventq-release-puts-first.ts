/**
 * The thread of `eventq-release-v6.11.ts` as it was posted first (v6 of the series, June 2024): the file of the context is put before
 * the count on the object is given back. The review turned it round: the context may be released in between, and finds the object
 * counted.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { eventqReleaseConfig, eventqReleaseEnds, eventqReleaseParts } from './eventq-release-v6.11.ts';

export const eventqReleasePutsFirst = eventqReleaseParts.createMachine({
  id: 'eventqReleasePutsFirst',
  ...eventqReleaseConfig,
  states: {
    ...eventqReleaseEnds,
    ...straightLine({ releasing: ['readContext', 'putContext'], put: 'decUsers' }, 'closed'),
  },
});
