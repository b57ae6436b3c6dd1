/**
 * The variants of the catalogue that a test of an engine goes through. Each race that is added would make the tests of every engine longer, so
 * `npm test` takes those below, which differ in what an engine meets, and `npm run test:sweep` all of them. CI runs both.
 */
import { catalogue } from '../machines/races/index.ts';
import type { Expectation, Scenario } from '../src/system/scenario.ts';

interface Swept {
  readonly scenario: Scenario;
  readonly variant: string;
  readonly expected: Expectation;
}

/** What each has that others have not. */
const SAMPLE: Readonly<Record<string, string>> = {
  'pri-overflow no-discard': 'monitors, symmetry, a population',
  'pri-overflow one-pass': 'a dead end behind many steps',
  'pri-overflow drain': 'a large space that holds',
  'racing-unmap fixed': 'locks, notifiers, three rigs',
  'racing-unmap lock-over-gup': 'a deadlock of three',
  'racing-unmap no-lock-over-gup': 'a race whose window others have to fill',
  'atc-before-tlb no-sync': 'channels in both directions, one of them unordered',
  'stale-readonly-entry no-flush': 'a cycle that strong fairness does not exclude',
  'iopf-timeout no-timeout': 'timers, and a run that stops while somebody waits',
  'iopf-timeout host-timer': 'a timer that races with an answer',
  'read-loop inner-loop': 'a cycle of `leadsTo`',
  'growing-count removes-first': 'a short trace',
  'undrained-pasid empty-log': 'nested states and work that is queued',
  'alternating-bit fixed': 'several ways to start, a queue that loses any message',
  'alternating-bit reordered': 'the same, without order',
  'bounded-fifo drop': 'a channel with room for a few',
  'bounded-fifo fixed': 'the same, which holds',
  'deli called-twice': 'receivers that compete',
  'dining-philosophers left-right': 'a deadlock',
  'lock-free-set no-recheck': 'memory that all threads share',
  'message-set-commit hasty': 'a set of messages that stay',
  'optimistic-commit silent-gap': 'long traces of several threads',
  'peterson turn-first': 'a small space',
  'ping-pong lossy': 'messages that are lost or come twice',
  'single-copy-register two-copies': 'a monitor that sees what is sent',
  'two-phase-commit no-abort': 'a deadlock among interchangeable actors',
};

const everything: readonly Swept[] = catalogue.flatMap((scenario) =>
  Object.entries(scenario.variants).map(([variant, { expected }]) => ({ scenario, variant, expected })),
);
const sample = Object.keys(SAMPLE).map((name) => {
  const found = everything.find(({ scenario, variant }) => `${scenario.name} ${variant}` === name);
  if (!found) throw new Error(`test/sweep.ts: the catalogue has no "${name}"`);
  return found;
});

export const isWholeSweep = process.env.FAULTLINE_SWEEP === 'all';
export const swept: readonly Swept[] = isWholeSweep ? everything : sample;
export const sweptFaults = swept.filter(({ expected }) => expected.verdict === 'violated');
