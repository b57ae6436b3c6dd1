/** A log in names: what each step is, as traces and log files have it. */
import type { EventObject } from 'xstate';
import { CHOICE, DELIVERY, DUPLICATION } from './outcomes.ts';
import type { Plan } from './plan.ts';
import type { LoggedStep } from './records.ts';

/** What identifies a step, whatever state it is taken from. */
export interface NamedStep {
  readonly kind: 'choice' | 'timer' | 'deliver' | 'duplicate' | 'lose';
  readonly actor: string;
  readonly event: EventObject;
  /** For a timer: its id. */
  readonly timer?: string;
  /** For a delivery: the channel. */
  readonly channel?: string;
}

export function namedSteps({ tables }: Plan, steps: readonly LoggedStep[]): NamedStep[] {
  return steps.map(({ how, kind, message, things }) => {
    const { to, event, timer } = tables.describe(message, things);
    if (how === CHOICE) {
      return {
        kind: timer === undefined ? 'choice' : 'timer',
        actor: to,
        event,
        ...(timer !== undefined && { timer }),
      };
    }
    const leaves = how === DELIVERY ? 'deliver' : how === DUPLICATION ? 'duplicate' : 'lose';
    return { kind: leaves, actor: to, event, channel: tables.nameOf(kind) };
  });
}
