/** The process of `gpasid-process.ts` whose unbind waits for the host's queue only, as intel_svm_unbind_gpasid() does (v5.8 to v5.17). */
import { without } from '../parts/states.ts';
import { straightLine } from '../parts/straight-line.ts';
import { gpasidProcessConfig, gpasidProcessParts, gpasidProcessStates } from './gpasid-process.ts';

export const gpasidProcessDrainsQueue = gpasidProcessParts.createMachine({
  id: 'gpasidProcessDrainsQueue',
  ...gpasidProcessConfig,
  states: {
    ...without(gpasidProcessStates, 'queueDrained', 'regionFlushed'),
    ...straightLine({ stopped: 'awaitQueue' }, 'flushed'),
  },
});
