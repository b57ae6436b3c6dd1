/** The thread of `mirror-fault.ts` that begins to read when it has looked the page up (B-42, KVM on arm64 to 13ec9308a857). */
import { without } from '../../parts/states.ts';
import { mirrorConfig, mirrorParts, mirrorStates } from './mirror-fault.ts';

export const mirrorFaultSamplesLate = mirrorParts.createMachine({
  id: 'mirrorFaultSamplesLate',
  ...mirrorConfig,
  states: {
    ...without(mirrorStates, 'reading'),
    begun: { on: { RUN: { actions: 'lookUp' }, PFN: 'found', ABSENT: 'idle' } },
    found: { on: { RUN: { target: 'sampling', actions: 'readBegin' } } },
    sampling: { on: { SEQUENCE: { target: 'looking', actions: 'keepSequence' } } },
  },
});
