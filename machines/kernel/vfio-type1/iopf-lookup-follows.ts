/**
 * The handler of `iopf-lookup-v3.ts` with the steps in which it follows the group that it has found: once for the container, whose
 * lock it then takes (patch 2), and once more with the lock, for the ranges that are pinned (patch 7).
 *
 *   idle -DEVICE_FAULT-> looking -RUN-> found -RUN-> waiting -RUN-> locked -RUN-> mapping -RUN-> idle
 */
import { call, send } from '../../parts/call.ts';
import { iopfLookupConfig, iopfLookupParts, iopfLookupStates } from './iopf-lookup-v3.ts';

const parts = iopfLookupParts.extend({
  actions: {
    followToContainer: call(({ context }) => context.group!, 'READ_IOMMU'),
    followToRanges: send(({ context }) => context.group!, 'READ_RANGES'),
  },
});

export const iopfLookupFollows = parts.createMachine({
  id: 'iopfLookupFollows',
  ...iopfLookupConfig,
  states: {
    idle: iopfLookupStates.idle,
    looking: parts.createStateConfig({
      on: { RUN: { actions: 'find' }, IOPF_GROUP: 'found', NO_IOPF_GROUP: 'notFound' },
    }),
    notFound: iopfLookupStates.notFound,
    found: parts.createStateConfig({ on: { RUN: { actions: 'followToContainer' }, CONTAINER: 'waiting' } }),
    waiting: parts.createStateConfig({ on: { RUN: { target: 'locked', actions: 'lock' } } }),
    locked: parts.createStateConfig({ on: { RUN: { target: 'mapping', actions: 'followToRanges' } } }),
    mapping: iopfLookupStates.mapping,
  },
});
