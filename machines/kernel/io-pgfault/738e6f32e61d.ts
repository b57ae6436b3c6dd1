/**
 * drivers/iommu/io-pgfault.c since 738e6f32e61d, for one device. A handler that keeps a group takes it off the pending list
 * (iopf_group_dequeue()), so the list no longer tells whether a group has its answer: iopf_group_response() answers in any case,
 * and whoever answers twice is heard twice. To give one answer is now the owner's business.
 *
 * Handlers that queue their groups, as here, do not dequeue them.
 */
import { iopfCoreConfig, iopfCoreParts, iopfCoreStates } from './v6.9.ts';

export const iopfCore738e6f32e61dStates = {
  added: iopfCoreParts.createStateConfig({
    on: {
      ...iopfCoreStates.added.on,
      // iopf_group_response()
      RESPOND: { actions: 'unlinkAndAnswer' },
    },
  }),
  removed: iopfCoreParts.createStateConfig({
    on: { ...iopfCoreStates.removed.on, RESPOND: { actions: 'unlinkAndAnswer' } },
  }),
};

export const iopfCore738e6f32e61d = iopfCoreParts.createMachine({
  id: 'iopfCore738e6f32e61d',
  ...iopfCoreConfig,
  states: iopfCore738e6f32e61dStates,
});
