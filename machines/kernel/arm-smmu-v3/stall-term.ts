/**
 * A thread that makes good what a lost record has left, as SMMUv3 H.a 4.7.2 and 7.2.2 ask for it, in no release: the STE of the stream says abort, what is
 * stalled is terminated, the records that there are get their answers, which end nothing, and then the stream may go on.
 *
 *   `stall-term-undrained.ts`      the stream goes on with records still unanswered
 *   `stall-term-without-ste.ts`    the stream is not stopped first
 *   `gerror-prints.ts`             nothing is terminated: arm_smmu_gerror_handler()
 *
 * Simplification: one stream, where the driver would have to do this to each that can stall, as a lost record does not say whose it was.
 */
import { setup } from 'xstate';
import { send, sendEach } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type StallTermEvent =
  /** The interrupt, EVENTQ_ABT_ERR. */
  | { type: 'GERROR' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface StallTermInput {
  /** The transactions that the stream may have. */
  readonly stags: readonly string[];
  readonly eventQueue: string;
  readonly thread: string;
}

/** What versions are made of. */
export const stallTermParts = setup({
  types: { input: {} as StallTermInput, context: {} as StallTermInput, events: {} as StallTermEvent },
  actions: {
    abortStream: sendEach(({ context }) => context.stags, { type: 'WRITE_STE', abort: true }),
    terminate: sendEach(({ context }) => context.stags, 'STALL_TERM'),
    acknowledge: send('eventQueue', 'ACK_GERROR'),
    awaitEmpty: send('eventQueue', 'EMPTY'),
    awaitThread: send('thread', 'SYNCHRONIZE_IRQ'),
    restartStream: sendEach(({ context }) => context.stags, { type: 'WRITE_STE', abort: false }),
  },
});

export const stallTermConfig = {
  context: ({ input }: { input: StallTermInput }) => input,
  initial: 'idle',
} as const;

export const stallTermThread = stallTermParts.createMachine({
  id: 'stallTermThread',
  ...stallTermConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    ...straightLine(
      {
        active: 'abortStream',
        aborting: 'terminate',
        terminated: ['awaitEmpty', 'awaitThread'],
        drained: ['acknowledge', 'restartStream'],
      },
      'idle',
    ),
  },
});
