/**
 * The thread of `drain-prq-v7.0.ts` with a lock around the scan and the wait, one for each IOMMU, so that only one drain uses the
 * completion at a time. In no release: it is the repair that we propose. List 'ACQUIRE' as `blocking` as well.
 */
import { drainPrqConfig, drainPrqParts, drainPrqStates } from './drain-prq-v7.0.ts';

/** Another version replaces states. */
export const drainPrqOneAtATimeStates = {
  ...drainPrqStates,
  stopped: drainPrqParts.createStateConfig({
    on: { RUN: { target: 'scanning', actions: ['lock', 'reinit', 'scan'] } },
  }),
  scanning: drainPrqParts.createStateConfig({
    on: { IN_QUEUE: 'waiting', NOT_IN_QUEUE: { target: 'drained', actions: 'unlock' } },
  }),
  waiting: drainPrqParts.createStateConfig({ on: { RUN: { target: 'rescanning', actions: 'awaitPass' } } }),
  // With the lock still held.
  rescanning: drainPrqParts.createStateConfig({ on: { RUN: { target: 'scanning', actions: ['reinit', 'scan'] } } }),
};

export const drainPrqOneAtATime = drainPrqParts.createMachine({
  id: 'drainPrqOneAtATime',
  ...drainPrqConfig,
  states: drainPrqOneAtATimeStates,
});
