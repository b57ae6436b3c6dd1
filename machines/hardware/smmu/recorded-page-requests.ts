/**
 * Page requests in the PRIQ of an SMMUv3, and CMD_PRI_RESP (SMMUv3 4.7.1, 8.1): a stream, a group index of 9 bits, a substream if SSV is set,
 * and Resp: 0b00 Failure, 0b01 Invalid, 0b10 Success. What it is told the SMMU sends to the function, with the substream as its PASID.
 *
 * Simplifications: `../recorded-requests.ts`.
 */
import type { ResponseCode } from '../pcie/page-request.ts';
import { isInGroup, mayRequest, type RequestOfGroup } from '../pcie/page-response-rules.ts';
import { recordedRequests } from '../recorded-requests.ts';

export interface PriqRecord extends RequestOfGroup {
  readonly sid: number;
}

export interface CmdPriResp {
  readonly opcode: 'CMD_PRI_RESP';
  readonly sid: number;
  /** null: SSV is 0 */
  readonly ssid: number | null;
  readonly grpid: number;
  readonly resp: number;
}

const RESP: readonly ResponseCode[] = ['failure', 'invalid', 'success'];

export const recordedPriRequests = recordedRequests<'recordedPriRequests', PriqRecord, CmdPriResp>(
  'recordedPriRequests',
  {
    mayPost: mayRequest,
    isAnswered: (record, { sid, ssid, grpid }) =>
      record.sid === sid && isInGroup(record, { index: grpid, pasid: ssid }),
    completes: ({ last }) => last,
    codeOf: ({ resp }) => RESP[resp] ?? null,
  },
);
