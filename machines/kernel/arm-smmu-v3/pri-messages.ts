/**
 * How PRI on SMMUv3 would use the message: the last posted patches that have it (2018 to 2020, arm_smmu_handle_ppr() and
 * arm_smmu_page_response()) with the flags of today. In no release: arm_smmu_handle_ppr() of 7.0 refuses every request.
 *
 * That the answer has to have a PASID is a property of the function (`master->prg_resp_needs_ssid`), and travels with the message. What
 * CMD_PRI_RESP calls Resp is another number than the kernel's.
 */
import { setup } from 'xstate';
import type { CmdPriResp, PriqRecord } from '../../hardware/smmu/recorded-page-requests.ts';
import { from, send } from '../../parts/call.ts';
import {
  type FaultMessage,
  type MessageDriverInput,
  PAGE_RESP,
  type PageResponseEvent,
  type RecordEvent,
} from '../io-pgfault/fault-message.ts';

export type PriMessagesEvent = RecordEvent<PriqRecord> | PageResponseEvent;
export interface PriMessagesInput extends MessageDriverInput {
  readonly sid: number;
  readonly prgRespNeedsSsid: boolean;
}

/** CMDQ_PRI_1_RESP_SUCCESS, _INVALID, _FAILURE */
const RESP = { [PAGE_RESP.success]: 2, [PAGE_RESP.invalid]: 1, [PAGE_RESP.failure]: 0 } as const;

/** What versions are made of. */
export const priMessagesParts = setup({
  types: { input: {} as PriMessagesInput, context: {} as PriMessagesInput, events: {} as PriMessagesEvent },
  actions: {
    report: send(
      'core',
      from('RECORD', ({ context, event: { record, token, memory } }) => {
        const { index, pasid, last } = record;
        const fault: FaultMessage = {
          pasidValid: pasid !== null,
          last,
          needsPasid: pasid !== null && context.prgRespNeedsSsid,
          pasid: pasid ?? 0,
          grpid: index,
          privateData: 0,
          token,
        };
        return { type: 'REPORT', fault, memory };
      }),
    ),
    issuePriResp: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context: { sid }, event: { evt, msg, meant } }) => {
        const command: CmdPriResp = {
          opcode: 'CMD_PRI_RESP',
          sid,
          ssid: evt.needsPasid ? msg.pasid : null,
          grpid: msg.grpid,
          resp: RESP[msg.code],
        };
        return { type: 'ANSWER', command, meant };
      }),
    ),
    issueRawCode: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context: { sid }, event: { evt, msg, meant } }) => {
        const ssid = evt.needsPasid ? msg.pasid : null;
        const command: CmdPriResp = { opcode: 'CMD_PRI_RESP', sid, ssid, grpid: msg.grpid, resp: msg.code };
        return { type: 'ANSWER', command, meant };
      }),
    ),
  },
});

export const priMessages = priMessagesParts.createMachine({
  id: 'priMessages',
  context: ({ input }) => input,
  on: { RECORD: { actions: 'report' }, PAGE_RESPONSE: { actions: 'issuePriResp' } },
});
