/**
 * iommufd/eventq.c in 7.0, as far as the fields of the message go: iommufd_compose_fault_message() writes what user space reads, with a
 * cookie; the response of user space is the cookie and a code, Success or Invalid, and all else is in the group that the cookie finds.
 *
 * `message` is what user space has been told of the last fault of a group. Nobody in the kernel reads it again.
 *
 * Simplifications: a group is read within the step in which it is delivered, and every cookie that is written has been read.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import type { FaultMessage, HwptPgfault, PageRespCode } from '../io-pgfault/fault-message.ts';

export type MessageQueueEvent =
  | { type: 'IOPF_HANDLER'; core: string; faults: readonly FaultMessage[] }
  /** User space writes `struct iommu_hwpt_page_response`. */
  | { type: 'WRITE'; cookie: number; code: Exclude<PageRespCode, 2> };

/** A group in `fault->response`. */
export interface ReadGroup {
  readonly core: string;
  readonly faults: readonly FaultMessage[];
  readonly message: HwptPgfault;
}

export const messageQueue = setup({
  types: {
    input: {} as { room: number },
    context: {} as {
      /** How many groups may wait, of all devices. */
      readonly room: number;
      /** By cookie. */
      readonly response: Readonly<Record<number, ReadGroup>>;
    },
    events: {} as MessageQueueEvent,
  },
  guards: {
    hasRoom: ({ context }) => Object.keys(context.response).length < context.room,
    isKnownCookie: from('WRITE', ({ context, event }) => event.cookie in context.response),
  },
  actions: {
    deliver: assign({
      response: from('IOPF_HANDLER', ({ context: { response }, event: { core, faults } }) => ({
        ...response,
        [lowestFree(response)]: { core, faults, message: composed(faults.at(-1)!) },
      })),
    }),
    respond: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'WRITE');
      const { [event.cookie]: group, ...others } = context.response;
      enqueue.assign({ response: others });
      const answer = { type: 'GROUP_RESPONSE', faults: group!.faults, code: event.code };
      tell(enqueue, group!.core, answer);
    }),
  },
}).createMachine({
  id: 'messageQueue',
  context: ({ input }) => ({ ...input, response: {} }),
  on: {
    IOPF_HANDLER: { guard: 'hasRoom', actions: 'deliver' },
    WRITE: { guard: 'isKnownCookie', actions: 'respond' },
  },
});

/** iommufd_compose_fault_message(): `fault->prm.flags` are copied as they are, NEEDS_PASID with them, which no header of user space has. */
function composed({ pasidValid, last, needsPasid, pasid, grpid }: FaultMessage): HwptPgfault {
  return { flags: (pasidValid ? 1 : 0) + (last ? 2 : 0) + (needsPasid ? 4 : 0), pasid, grpid };
}

/** `xa_alloc()` with XA_FLAGS_ALLOC1 */
function lowestFree(response: Readonly<Record<number, unknown>>): number {
  let cookie = 1;
  while (cookie in response) cookie++;
  return cookie;
}
