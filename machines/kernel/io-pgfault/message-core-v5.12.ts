/**
 * iommu.c iommu_report_device_fault() and iommu_page_response() from v5.12 to v6.8, as far as the fields of the message go, with the work
 * items of io-pgfault.c: a request with the Last flag is copied to `faults`; the answer to a group has its PASID and its index, and goes to
 * the first of `faults` that has the same. So the driver gets its own record back, private data and all, if that is the record.
 *
 * RESPOND is a worker that has handled a group; they finish in any order (the work queue is unordered).
 *
 * Simplifications: every request is reported as the last of a group (`../intel/prq-messages-v5.12.ts`); there is memory always.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import { type FaultMessage, meantFor, type PageRespCode, type ResponseMessage } from './fault-message.ts';

export type MessageCoreV512Event =
  | { type: 'REPORT'; fault: FaultMessage }
  /** The worker of the group at this place of the work queue answers. */
  | { type: 'RESPOND'; at: number; code: PageRespCode };

export const messageCoreV512 = setup({
  types: {
    input: {} as { driver: string },
    context: {} as {
      readonly driver: string;
      /** `fault_param->faults` */
      readonly faults: readonly FaultMessage[];
      /** The last fault of each group that a worker has. */
      readonly work: readonly FaultMessage[];
    },
    events: {} as MessageCoreV512Event,
  },
  guards: {
    hasWork: from('RESPOND', ({ context, event }) => event.at < context.work.length),
  },
  actions: {
    queueWork: assign({
      faults: from('REPORT', ({ context, event }) => [...context.faults, event.fault]),
      work: from('REPORT', ({ context, event }) => [...context.work, event.fault]),
    }),
    respond: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESPOND');
      const { driver, faults, work } = context;
      const { at, code } = event;
      const { pasid, grpid, token } = work[at]!;
      const msg: ResponseMessage = { pasid, grpid, code };
      const evt = faults.find((fault) => fault.grpid === grpid && (!fault.needsPasid || fault.pasid === pasid))!;
      enqueue.assign({
        faults: faults.filter((fault) => fault !== evt),
        work: work.filter((_, other) => other !== at),
      });
      const answer = { type: 'PAGE_RESPONSE', evt, msg, meant: meantFor(token, code) };
      tell(enqueue, driver, answer);
    }),
  },
}).createMachine({
  id: 'messageCoreV512',
  context: ({ input }) => ({ ...input, faults: [], work: [] }),
  on: {
    REPORT: { actions: 'queueWork' },
    RESPOND: { guard: 'hasWork', actions: 'respond' },
  },
});
