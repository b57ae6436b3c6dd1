/**
 * The core from v6.9 until fca5b78511e9 (v6.11-rc): io-pgfault.c report_partial_fault(), and no return. What was stored is then taken for
 * the last request of its group as well, and the reference of the report, which the partial request has dropped, passes to that group.
 *
 * Simplifications: of several half groups, each of which drops a reference too many, it is the last to be freed that frees the
 * parameter; nobody removes the device while a reference is missing.
 */
import { iopfCoreConfig, iopfCoreParts, iopfCoreStates } from './v6.9.ts';

const parts = iopfCoreParts.extend({
  guards: { isOnlyGroup: ({ context }) => context.pending.length === 1 },
});

export const iopfCoreFallsThrough = parts.createMachine({
  id: 'iopfCoreFallsThrough',
  ...iopfCoreConfig,
  states: {
    ...iopfCoreStates,
    added: parts.createStateConfig({
      on: {
        ...iopfCoreStates.added.on,
        REPORT: [
          { guard: 'isLast', actions: 'buildAndQueueGroup' },
          { target: 'referenceMissing', actions: ['storePartial', 'buildAndQueueGroup'] },
        ],
      },
    }),
    // There is one reference less than there are groups that will drop one, and the queue.
    referenceMissing: parts.createStateConfig({
      on: {
        DISCARD_PARTIAL: { actions: 'discardPartial' },
        REPORT: [
          { guard: 'isLast', actions: 'buildAndQueueGroup' },
          { actions: ['storePartial', 'buildAndQueueGroup'] },
        ],
        // iopf_group_response(), iopf_free_group()
        RESPOND: [
          { guard: 'isOnlyGroup', target: 'freed', actions: 'unlinkAndAnswer' },
          { actions: 'unlinkAndAnswer' },
        ],
      },
    }),
    // iopf_get_dev_fault_param(): refcount_inc_not_zero() fails, if the memory still says so, and the report ends there.
    freed: parts.createStateConfig({
      on: { REPORT: {}, RESPOND: {}, DISCARD_PARTIAL: {}, REMOVE_DEVICE: {}, ADD_DEVICE: {} },
    }),
  },
});
