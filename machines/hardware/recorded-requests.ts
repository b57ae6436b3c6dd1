/**
 * What the queues of page requests and stalls have in common, as far as their records and the commands that answer them go: the hardware
 * has recorded requests that wait, and finds by the fields of a command which of them it answers. Each vendor's rules are in
 * `smmu/recorded-stalls.ts`, `smmu/recorded-page-requests.ts`, `vtd/recorded-page-requests.ts` and `amd/recorded-page-requests.ts`.
 *
 * What is wrong with an answer stays in `wrong`:
 *
 *   astray      it answers no request, or others than it was given for, or a group that is not complete
 *   reserved    its code is one that the specification does not define
 *   misread     the hardware takes another code from it than was meant
 *
 * Simplifications: a record is reported within the step in which it is posted; whether there is memory for the group is said with it.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../parts/call.ts';
import type { ResponseCode } from './pcie/page-request.ts';

/** For observers only, with an answer: the record that it was given for, and what was meant. */
export interface Meant {
  readonly token: number;
  readonly code: ResponseCode;
}

export interface RecordRules<R, C> {
  /** May this be posted while those wait? */
  readonly mayPost: (record: R, waiting: readonly R[]) => boolean;
  /** Is this one of the requests that the command answers? */
  readonly isAnswered: (record: R, command: C) => boolean;
  /** Is it the one that completes what is answered? */
  readonly completes: (record: R) => boolean;
  /** What the hardware takes from the code of a command; null for a reserved one. */
  readonly codeOf: (command: C) => ResponseCode | null;
}

export type RecordedRequestsEvent<R, C> =
  | { type: 'POST'; record: R; memory: boolean }
  | { type: 'ANSWER'; command: C; meant: Meant };

export interface RecordedRequestsInput {
  readonly driver: string;
  /** How many may wait. */
  readonly room: number;
}

export interface RecordedRequestsContext<R> extends RecordedRequestsInput {
  /** By token. */
  readonly records: Readonly<Record<number, R>>;
  readonly wrong: 'astray' | 'reserved' | 'misread' | null;
}

/** The machine of one vendor's records. */
export function recordedRequests<Id extends string, R extends object, C extends object>(
  id: Id,
  { mayPost, isAnswered, completes, codeOf }: RecordRules<R, C>,
) {
  return setup({
    types: {
      input: {} as RecordedRequestsInput,
      context: {} as RecordedRequestsContext<R>,
      events: {} as RecordedRequestsEvent<R, C>,
    },
    guards: {
      mayPost: from('POST', ({ context: { records, room }, event }) => {
        const waiting = Object.values(records);
        return waiting.length < room && mayPost(event.record, waiting);
      }),
    },
    actions: {
      post: enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'POST');
        const { record, memory } = event;
        const token = lowestFree(context.records);
        enqueue.assign({ records: { ...context.records, [token]: record } });
        const message = { type: 'RECORD', record, token, memory };
        tell(enqueue, context.driver, message);
      }),
      takeAnswer: assign(({ context: { records, wrong }, event }) => {
        assertEvent(event, 'ANSWER');
        const { command, meant } = event;
        const all = Object.entries(records);
        const answered = all.filter(([, record]) => isAnswered(record, command));
        const isFound = answered.some(([token]) => Number(token) === meant.token);
        const isOneGroup = answered.filter(([, record]) => completes(record)).length === 1;
        const code = codeOf(command);
        const fault = !isFound || !isOneGroup ? 'astray' : code === null ? 'reserved' : 'misread';
        const isRight = isFound && isOneGroup && code === meant.code;
        return {
          records: Object.fromEntries(all.filter((entry) => !answered.includes(entry))) as Readonly<Record<number, R>>,
          wrong: isRight ? wrong : (fault as 'astray' | 'reserved' | 'misread'),
        };
      }),
    },
  }).createMachine({
    id,
    context: ({ input }) => ({ ...input, records: {}, wrong: null }),
    on: {
      POST: { guard: 'mayPost', actions: 'post' },
      ANSWER: { actions: 'takeAnswer' },
    },
  });
}

function lowestFree(records: Readonly<Record<number, unknown>>): number {
  let token = 1;
  while (token in records) token++;
  return token;
}
