/**
 * arm-smmu-v3.c arm_smmu_handle_event() and arm_smmu_page_response() in 7.0, as far as fields go: the STAG is the group, which is always
 * complete; the answer goes to `master->streams[0]`, because the message does not say which stream it is of. So arm_smmu_enable_iopf()
 * refuses masters with several ("We're not keeping track of SIDs in fault events"); here it is up to the system whether there are.
 */
import { setup } from 'xstate';
import type { CmdResume, EvtqRecord } from '../../hardware/smmu/recorded-stalls.ts';
import { from, send } from '../../parts/call.ts';
import {
  type FaultMessage,
  type MessageDriverInput,
  PAGE_RESP,
  type PageResponseEvent,
  type RecordEvent,
} from '../io-pgfault/fault-message.ts';

export type StallMessagesEvent = RecordEvent<EvtqRecord> | PageResponseEvent;
interface Input extends MessageDriverInput {
  /** `master->streams`, in their order. */
  readonly streams: readonly number[];
}

export const stallMessages = setup({
  types: { input: {} as Input, context: {} as Input, events: {} as StallMessagesEvent },
  actions: {
    report: send(
      'core',
      from('RECORD', ({ event: { record, token, memory } }) => {
        const { stag, ssid } = record;
        const fault: FaultMessage = {
          pasidValid: ssid !== null,
          last: true,
          needsPasid: false,
          pasid: ssid ?? 0,
          grpid: stag,
          privateData: 0,
          token,
        };
        return { type: 'REPORT', fault, memory };
      }),
    ),
    issueResume: send(
      'hardware',
      from('PAGE_RESPONSE', ({ context: { streams }, event: { msg, meant } }) => {
        const resp = msg.code === PAGE_RESP.success ? 'retry' : 'abort';
        const command: CmdResume = { opcode: 'CMD_RESUME', sid: streams[0]!, stag: msg.grpid, resp };
        // To a stall both are the same.
        const code = meant.code === 'failure' ? 'invalid' : meant.code;
        return { type: 'ANSWER', command, meant: { ...meant, code } };
      }),
    ),
  },
}).createMachine({
  id: 'stallMessages',
  context: ({ input }) => input,
  on: { RECORD: { actions: 'report' }, PAGE_RESPONSE: { actions: 'issueResume' } },
});
