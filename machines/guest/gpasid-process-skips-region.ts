/** The process of `gpasid-process.ts` whose unbind waits for the host's queue and for the guest's, each by its driver, and for nothing between them. In no release. */
import { without } from '../parts/states.ts';
import { straightLine } from '../parts/straight-line.ts';
import { gpasidProcessConfig, gpasidProcessParts, gpasidProcessStates } from './gpasid-process.ts';

export const gpasidProcessSkipsRegion = gpasidProcessParts.createMachine({
  id: 'gpasidProcessSkipsRegion',
  ...gpasidProcessConfig,
  states: {
    ...without(gpasidProcessStates, 'queueDrained'),
    ...straightLine({ stopped: 'awaitQueue' }, 'regionFlushed'),
  },
});
