/**
 * Stalled transactions that have a record in the event queue, and CMD_RESUME (SMMUv3 3.12.2, 4.6.1, 7.3): the command names a stream and a
 * STAG of 16 bits, which belongs to one stalled transaction of that stream. A stream of another number may have the same STAG.
 *
 * Simplifications: `../recorded-requests.ts`. An abort ends the transaction; there is no third code, so Invalid and Failure are one.
 */
import { recordedRequests } from '../recorded-requests.ts';

/** F_TRANSLATION with STALL = 1; `ssid` is null where SSV is 0. */
export interface EvtqRecord {
  readonly sid: number;
  readonly stag: number;
  readonly ssid: number | null;
}

export interface CmdResume {
  readonly opcode: 'CMD_RESUME';
  readonly sid: number;
  readonly stag: number;
  readonly resp: 'retry' | 'abort';
}

export const recordedStalls = recordedRequests<'recordedStalls', EvtqRecord, CmdResume>('recordedStalls', {
  mayPost: ({ sid, stag }, waiting) => !waiting.some((other) => other.sid === sid && other.stag === stag),
  isAnswered: (record, command) => record.sid === command.sid && record.stag === command.stag,
  completes: () => true,
  codeOf: ({ resp }) => (resp === 'retry' ? 'success' : 'invalid'),
});
