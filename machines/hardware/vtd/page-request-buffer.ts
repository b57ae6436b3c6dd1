/**
 * Page requests that have come to the root complex and that the IOMMU has not looked at yet: it takes the oldest when it likes, looks at
 * the PASID-table entry (`pasid-table.ts`), and writes it to the page request queue or refuses it.
 *
 * Software gets at them by an Invalidation Wait Descriptor with the flag Page-request Drain (VT-d 6.5.2.9, 7.10), which is not complete
 * before they have been taken. An IOMMU without page-request draining (ECAP.PDS = 0) treats the flag as reserved: there the descriptor is
 * complete at once. That PDS may be 0 is a property of the hardware, and no fault of it.
 *
 * List 'PAGE_REQUEST' and 'WAIT_DESCRIPTOR' as `blocking`.
 *
 * Simplifications: a request comes to the root complex within the step that posts it (on the way there, the completion of a device-TLB
 * invalidation pushes it, whatever PDS says); a wait descriptor waits for the requests of all functions; answers are not buffered.
 * The order of the two steps, first the look at the table and then the queue with nothing in between, is our reading of VT-d 7.4.1.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PageRequestBufferEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The IOMMU takes the oldest. */
  | { type: 'RUN' }
  /** `qi_submit_sync()` with QI_OPT_WAIT_DRAIN returns. */
  | { type: 'WAIT_DESCRIPTOR' }
  /** `ecap_pds()`; the reply is PDS or NO_PDS. */
  | { type: 'READ_ECAP'; by: string };

const ring = entriesIn('requests');

export const pageRequestBuffer = setup({
  types: {
    input: {} as { entries: number; table: string; drains: boolean },
    context: {} as {
      readonly capacity: number;
      readonly table: string;
      /** ECAP.PDS */
      readonly drains: boolean;
      readonly requests: readonly PasidRequest[];
    },
    events: {} as PageRequestBufferEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isNotEmpty: ring.isNotEmpty,
    isComplete: ({ context }) => !context.drains || context.requests.length === 0,
    drains: ({ context }) => context.drains,
  },
  actions: {
    add: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    passOldest: send('table', ({ context }) => ({ type: 'PAGE_REQUEST', ...context.requests[0]! })),
    dropOldest: assign({ requests: ({ context }) => context.requests.slice(1) }),
    replyPds: reply('PDS'),
    replyNoPds: reply('NO_PDS'),
  },
}).createMachine({
  id: 'pageRequestBuffer',
  context: ({ input: { entries, ...input } }) => ({ ...input, capacity: entries, requests: [] }),
  on: {
    PAGE_REQUEST: { guard: 'hasRoom', actions: 'add' },
    RUN: { guard: 'isNotEmpty', actions: ['passOldest', 'dropOldest'] },
    // That it is not refused is what the caller waited for.
    WAIT_DESCRIPTOR: { guard: 'isComplete' },
    READ_ECAP: [{ guard: 'drains', actions: 'replyPds' }, { actions: 'replyNoPds' }],
  },
});
