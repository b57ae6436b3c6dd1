/**
 * intel/prq.c intel_prq_report() and intel_iommu_page_response() in 7.0, as far as fields go, with one change: Failure is written as the
 * 0xf that VT-d has for it. `prq-messages-v7.0.ts` writes the kernel's own number.
 *
 * The answer has a PASID where the request had one. That is right for functions with PRG Response PASID Required only, so
 * iommu_enable_pci_pri() does not enable PRI for others with PASIDs; here it is up to the system whether there are.
 *
 * `prq-messages-v5.12.ts` is for requests with private data.
 */
import { setup } from 'xstate';
import type { PageGroupResponse, PrqRecord } from '../../hardware/vtd/recorded-page-requests.ts';
import { from, send } from '../../parts/call.ts';
import {
  type FaultMessage,
  type MessageDriverInput,
  PAGE_RESP,
  type PageResponseEvent,
  type RecordEvent,
} from '../io-pgfault/fault-message.ts';

export type PrqMessagesEvent = RecordEvent<PrqRecord> | PageResponseEvent;
export interface PrqMessagesInput extends MessageDriverInput {
  /** PCI_DEVID(info->bus, info->devfn) */
  readonly rid: number;
}

/** QI_RESP_FAILURE */
const QI_RESP_FAILURE = 0xf;

export const prqMessagesParts = setup({
  types: { input: {} as PrqMessagesInput, context: {} as PrqMessagesInput, events: {} as PrqMessagesEvent },
  actions: {
    report: send(
      'core',
      from('RECORD', ({ event: { record, token, memory } }) => ({
        type: 'REPORT',
        fault: messageOf(record, token),
        memory,
      })),
    ),
    // "Set last page in group bit if private data is present": the core answers groups only.
    reportWithPrivateData: send(
      'core',
      from('RECORD', ({ event: { record, token, memory } }) => {
        const { privateData } = record;
        const message = messageOf(record, token);
        return { type: 'REPORT', fault: { ...message, last: message.last || privateData !== 0, privateData }, memory };
      }),
    ),
    submitResponse: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context, event }) => answerTo(context, event, codeOf(event))),
    ),
    submitRawCode: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context, event }) => answerTo(context, event, event.msg.code)),
    ),
  },
});

export const prqMessages = prqMessagesParts.createMachine({
  id: 'prqMessages',
  context: ({ input }) => input,
  on: { RECORD: { actions: 'report' }, PAGE_RESPONSE: { actions: 'submitResponse' } },
});

function messageOf({ index, pasid, last }: PrqRecord, token: number): FaultMessage {
  const has = pasid !== null;
  return { pasidValid: has, last, needsPasid: has, pasid: pasid ?? 0, grpid: index, privateData: 0, token };
}

function codeOf({ msg }: PageResponseEvent): number {
  return msg.code === PAGE_RESP.failure ? QI_RESP_FAILURE : msg.code;
}

function answerTo({ rid }: PrqMessagesInput, { evt, meant }: PageResponseEvent, code: number) {
  const { pasidValid, pasid, grpid, privateData } = evt;
  const command: PageGroupResponse = {
    opcode: 'PGRP_RESP',
    rid,
    pasid: pasidValid ? pasid : null,
    index: grpid,
    privateData,
    code,
  };
  return { type: 'ANSWER', command, meant };
}
