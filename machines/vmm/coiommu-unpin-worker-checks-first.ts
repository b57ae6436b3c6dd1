/**
 * The thread of `coiommu-unpin-worker.ts` without the compare-exchange: it looks at the entry, unmaps, and then clears the flag. A guest that maps the
 * page in between finds the flag set and does not ask. Nobody has it so; it is the step that the exchange is there for.
 */
import { coiommuUnpinConfig, coiommuUnpinParts, coiommuUnpinStates } from './coiommu-unpin-worker.ts';

export const coiommuUnpinWorkerChecksFirst = coiommuUnpinParts.createMachine({
  id: 'coiommuUnpinWorkerChecksFirst',
  ...coiommuUnpinConfig,
  states: {
    ...coiommuUnpinStates,
    idle: coiommuUnpinParts.createStateConfig({
      on: { UNPIN: { target: 'looking', actions: ['keepPage', 'lock', 'load'] } },
    }),
    looking: coiommuUnpinParts.createStateConfig({
      on: {
        ENTRY: [
          { guard: 'isPinnedOnly', target: 'toUnmap' },
          { target: 'idle', actions: ['unlock', 'forgetPage'] },
        ],
      },
    }),
    done: coiommuUnpinParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['clearPinned', 'unlock', 'forgetPage'] } },
    }),
  },
});
