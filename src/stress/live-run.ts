/**
 * The same run on live XState actors: each step that is drawn from the tables is also taken by `createActor` actors, a set of them
 * for each unit, which must do the same. Slow; it shows that nothing was lost on the way from machines to words of memory.
 *
 * After each step the messages must be the same and in the same order, and at the end of each episode, and of the run, the state of
 * every actor, monitor and channel. A difference is a bug of Faultline, not of the model, and stops with an `Error`.
 */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { compare, compareMessages, compareStates } from '../trace/agreement.ts';
import { LiveSystem } from '../trace/live.ts';
import type { SystemState, TraceMessage } from '../trace/trace.ts';
import { namedSteps } from './log-steps.ts';
import { NOBODY_TAKES, STEP_WITHOUT_END } from './outcomes.ts';
import type { Plan } from './plan.ts';
import type { LoggedStep } from './records.ts';
import type { Happening, StepObserver } from './runtime.ts';
import type { StressFinding, StressRun } from './stress.ts';
import { unitState } from './unit-state.ts';

/** Live actors of one unit; each takes some kilobytes, and some microseconds to look at. */
const ACTORS_MAX = 500;

/**
 * @param run with one thread
 * @param system the system of the run, with as many things of the population as each of its units has
 * @throws ModelError what the run throws; `too-large` when a unit has too many actors for that
 * @throws Error when the tables and live actors disagree
 */
export async function runLive(run: StressRun, system: System): Promise<StressFinding | undefined> {
  const { plan } = run;
  const count = Object.keys(system.actors).length;
  if (count > ACTORS_MAX) {
    throw new ModelError(
      'too-large',
      `a unit has ${count} actors, and at most ${ACTORS_MAX} are run live`,
      'ask for fewer pages or fewer devices in a unit',
    );
  }
  if (system.population.length !== plan.layout.population) {
    throw new Error(`${plan.layout.population} things in a unit, and ${system.population.length} in the live system`);
  }
  const units = Array.from({ length: plan.units }, (_, unit) => new LiveUnit(plan, unit, system));
  const observer: StepObserver = {
    stepped: (unit, step, happenings, finding) => units[unit]!.step(step, happenings, finding),
    ending: (unit) => {
      units[unit]!.compareStates();
      units[unit]!.restart();
    },
  };
  const finding = await run.runInTurns(observer);
  for (const unit of units) unit.compareStates();
  return finding;
}

/** A unit, and the actors that do the same. */
class LiveUnit {
  readonly #plan: Plan;
  readonly #unit: number;
  readonly #system: System;
  readonly #start: SystemState;
  #live: LiveSystem;
  #steps = 0;
  /** The last step broke off; in the middle of it the actors are what nobody asks for. */
  #isBroken = false;

  constructor(plan: Plan, unit: number, system: System) {
    this.#plan = plan;
    this.#unit = unit;
    this.#system = system;
    this.#live = new LiveSystem(system);
    this.#start = this.#live.state();
    this.compareStates();
  }

  step(step: LoggedStep, happenings: readonly Happening[], finding: number): void {
    this.#steps++;
    const [named] = namedSteps(this.#plan, [step]);
    const where = `in step ${this.#steps} of unit ${this.#unit}, ${named!.actor}.${named!.event.type}`;
    const { messages, outcome } = this.#live.step(named!);
    const expected =
      finding === NOBODY_TAKES ? 'unhandled-message' : finding === STEP_WITHOUT_END ? 'endless-loop' : 'done';
    compare(where, 'the outcome', expected, outcome instanceof ModelError ? outcome.code : outcome);
    this.#isBroken = expected !== 'done';
    // The tables give up an endless step a little earlier, as they count what monitors take.
    if (finding === STEP_WITHOUT_END) return;
    const tabulated = happenings.map((happening) => this.#messageOf(happening));
    const live = messages.filter(({ fate }) => fate !== 'refused' && fate !== 'ignored').map(withoutSender);
    compareMessages(where, tabulated, live);
  }

  #messageOf({ fate, message, things, channel }: Happening): TraceMessage {
    const { tables } = this.#plan;
    const { to, event } = tables.describe(message, things);
    return { fate, to, event, ...(channel >= 0 && { channel: tables.nameOf(channel) }) };
  }

  compareStates(): void {
    if (this.#isBroken) return;
    const where = `after ${this.#steps} steps of unit ${this.#unit}`;
    compareStates(where, this.#system.channels, unitState(this.#plan, this.#unit, this.#start), this.#live.state());
  }

  restart(): void {
    this.#live = new LiveSystem(this.#system);
    this.#steps = 0;
  }
}

/** The tables do not say who sent a message, nor which channel a delivered one comes from. */
function withoutSender({ fate, to, event, channel }: TraceMessage): TraceMessage {
  return { fate, to, event, ...(channel !== undefined && fate !== 'taken' && { channel }) };
}
