/**
 * io-pgfault.c iommu_report_device_fault() and iopf_group_response() since v6.9, as far as the fields of the message go: requests are
 * gathered by `grpid`, the group goes to the handler of the domain, iommufd's here, and comes back with a code. What the driver gets for
 * the answer is the last fault of the group, all of it (`ops->page_response(dev, &group->last_fault, &resp)`), whatever user space was told.
 *
 * Without memory for the group it is answered Failure at once (err_abort).
 *
 * Simplifications: there is a handle always; PASIDs are not compared, as in 7.0 (B-08), and here they do not differ within an index.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, send, tell } from '../../parts/call.ts';
import { type FaultMessage, meantFor, PAGE_RESP, type PageRespCode, type ResponseMessage } from './fault-message.ts';

export type MessageCoreEvent =
  | { type: 'REPORT'; fault: FaultMessage; memory: boolean }
  /** `iopf_group_response()`; who asks for it has the group. */
  | { type: 'GROUP_RESPONSE'; faults: readonly FaultMessage[]; code: PageRespCode };

export interface MessageCoreInput {
  readonly name: string;
  readonly driver: string;
  readonly handler: string;
}

export const messageCore = setup({
  types: {
    input: {} as MessageCoreInput,
    context: {} as MessageCoreInput & { readonly partial: readonly FaultMessage[] },
    events: {} as MessageCoreEvent,
  },
  guards: {
    isPartial: from('REPORT', ({ event }) => !event.fault.last),
    hasMemory: from('REPORT', ({ event }) => event.memory),
  },
  actions: {
    keep: assign({ partial: from('REPORT', ({ context, event }) => [...context.partial, event.fault]) }),
    callHandler: send(
      'handler',
      from('REPORT', ({ context: { name, partial }, event: { fault } }) => {
        const faults = [...partial.filter(({ grpid }) => grpid === fault.grpid), fault];
        return { type: 'IOPF_HANDLER', core: name, faults };
      }),
    ),
    abort: send(
      'driver',
      from('REPORT', ({ event: { fault } }) => answerTo(fault, PAGE_RESP.failure)),
    ),
    forgetPartial: assign({
      partial: from('REPORT', ({ context, event: { fault } }) =>
        context.partial.filter(({ grpid }) => grpid !== fault.grpid),
      ),
    }),
    respond: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'GROUP_RESPONSE');
      tell(enqueue, context.driver, answerTo(event.faults.at(-1)!, event.code));
    }),
  },
}).createMachine({
  id: 'messageCore',
  context: ({ input }) => ({ ...input, partial: [] }),
  on: {
    REPORT: [
      { guard: 'isPartial', actions: 'keep' },
      { guard: 'hasMemory', actions: ['callHandler', 'forgetPartial'] },
      { actions: ['abort', 'forgetPartial'] },
    ],
    GROUP_RESPONSE: { actions: 'respond' },
  },
});

/** `ops->page_response(dev, evt, msg)` with what is in the fault itself. */
function answerTo(evt: FaultMessage, code: PageRespCode) {
  const { pasid, grpid, token } = evt;
  const msg: ResponseMessage = { pasid, grpid, code };
  return { type: 'PAGE_RESPONSE', evt, msg, meant: meantFor(token, code) };
}
