/**
 * amd/ppr.c iommu_call_iopf_notifier() and amd/iommu.c amd_iommu_complete_ppr(), as far as fields go: as they are in 7.0 but for three
 * things, and so in no release that we have read. `ppr-messages-v7.0.ts` is 7.0.
 *
 *   Failure is written as 0xf
 *   GN of the command says that the request had a PASID and its function wants it back (`dev_data->pri_tlp`); in 7.0 only the latter
 *   a request that is refused is answered if it is the last of its group; in 7.0 always
 *
 * Requests without a PASID are refused (ppr_is_valid()), with Failure.
 */
import { assertEvent, enqueueActions, setup } from 'xstate';
import {
  type CompletePpr,
  PPR_TAG_INDEX,
  PPR_TAG_LAST,
  type PprRecord,
} from '../../hardware/amd/recorded-page-requests.ts';
import type { Meant } from '../../hardware/recorded-requests.ts';
import { from, send, tell } from '../../parts/call.ts';
import {
  type FaultMessage,
  type MessageDriverInput,
  meantFor,
  PAGE_RESP,
  type PageRespCode,
  type PageResponseEvent,
  type RecordEvent,
} from '../io-pgfault/fault-message.ts';

export type PprMessagesEvent = RecordEvent<PprRecord> | PageResponseEvent;
export interface PprMessagesInput extends MessageDriverInput {
  readonly devid: number;
  /** pci_prg_resp_pasid_required() */
  readonly priTlp: boolean;
}

const PPR_FAILURE = 0xf;

export const pprMessagesParts = setup({
  types: { input: {} as PprMessagesInput, context: {} as PprMessagesInput, events: {} as PprMessagesEvent },
  guards: {
    isRefused: from('RECORD', ({ event }) => !event.record.gn),
    isRefusedLast: from('RECORD', ({ event: { record } }) => !record.gn && (record.tag & PPR_TAG_LAST) !== 0),
  },
  actions: {
    report: send(
      'core',
      from('RECORD', ({ event: { record, token, memory } }) => {
        return { type: 'REPORT', fault: messageOf(record, token, record.tag & PPR_TAG_INDEX), memory };
      }),
    ),
    reportWholeTag: send(
      'core',
      from('RECORD', ({ event: { record, token, memory } }) => {
        return { type: 'REPORT', fault: messageOf(record, token, record.tag), memory };
      }),
    ),
    complete: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context, event: { evt, msg, meant } }) =>
        completePpr(context, context.priTlp && evt.pasidValid, msg.pasid, msg.grpid, codeOf(msg.code), meant),
      ),
    ),
    completeAsInV70: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context, event: { msg, meant } }) =>
        completePpr(context, context.priTlp, msg.pasid, msg.grpid, msg.code, meant),
      ),
    ),
    // "Nobody cared, abort"
    abort: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RECORD');
      const { record, token } = event;
      const answer = completePpr(context, false, 0, record.tag, PPR_FAILURE, meantFor(token, PAGE_RESP.failure));
      tell(enqueue, context.hardware, answer);
    }),
    abortAsInV70: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RECORD');
      const { record, token } = event;
      const { failure: code } = PAGE_RESP;
      const answer = completePpr(context, context.priTlp, record.pasid, record.tag, code, meantFor(token, code));
      tell(enqueue, context.hardware, answer);
    }),
  },
});

export const pprMessages = pprMessagesParts.createMachine({
  id: 'pprMessages',
  context: ({ input }) => input,
  on: {
    RECORD: [
      { guard: 'isRefusedLast', actions: 'abort' },
      // Its last request will be refused, too.
      { guard: 'isRefused' },
      { actions: 'report' },
    ],
    PAGE_RESPONSE: { actions: 'complete' },
  },
});

function messageOf({ tag, pasid }: PprRecord, token: number, grpid: number): FaultMessage {
  const last = (tag & PPR_TAG_LAST) !== 0;
  return { pasidValid: true, last, needsPasid: true, pasid, grpid, privateData: 0, token };
}

function completePpr(
  { devid }: PprMessagesInput,
  gn: boolean,
  pasid: number,
  tag: number,
  status: number,
  meant: Meant,
) {
  const command: CompletePpr = {
    opcode: 'COMPLETE_PPR',
    devid,
    gn,
    pasid: gn ? pasid : 0,
    tag: tag & PPR_TAG_INDEX,
    status,
  };
  return { type: 'ANSWER', command, meant };
}

function codeOf(code: PageRespCode): number {
  return code === PAGE_RESP.failure ? PPR_FAILURE : code;
}
