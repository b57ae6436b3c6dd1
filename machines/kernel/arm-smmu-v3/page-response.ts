/**
 * arm-smmu-v3.c arm_smmu_page_response(): the driver's operation that the iopf core calls to answer a stalled
 * transaction. Success becomes a retry, Invalid and Failure end the transaction with an abort. It only puts CMD_RESUME in
 * the command queue; there is no CMD_SYNC.
 */
import { setup } from 'xstate';
import type { PageResponse } from '../../hardware/pcie/page-request.ts';
import { from, send } from '../../parts/call.ts';

export type SmmuPageResponseEvent = { type: 'PRG_RESPONSE' } & PageResponse;

export const smmuPageResponse = setup({
  types: {
    input: {} as { commandQueue: string },
    context: {} as { commandQueue: string },
    events: {} as SmmuPageResponseEvent,
  },
  actions: {
    issueResume: send(
      'commandQueue',
      from('PRG_RESPONSE', ({ event }) => ({ type: 'RESUME', stag: event.index, retry: event.code === 'success' })),
    ),
  },
}).createMachine({
  id: 'smmuPageResponse',
  context: ({ input }) => ({ commandQueue: input.commandQueue }),
  on: {
    PRG_RESPONSE: { actions: 'issueResume' },
  },
});
