/** The process of `gpasid-process.ts` whose unbind waits for the guest's queue first, then for the region, then for the host's queue. In no release. */
import { straightLine } from '../parts/straight-line.ts';
import { gpasidProcessConfig, gpasidProcessParts, gpasidProcessStates } from './gpasid-process.ts';

export const gpasidProcessBackwards = gpasidProcessParts.createMachine({
  id: 'gpasidProcessBackwards',
  ...gpasidProcessConfig,
  states: {
    ...gpasidProcessStates,
    ...straightLine({ stopped: 'awaitGuest', queueDrained: 'awaitRegion', regionFlushed: 'awaitQueue' }, 'flushed'),
  },
});
