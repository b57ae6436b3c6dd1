/** What the tests of stress runs have in common. */
import { catalogue } from '../../machines/races/index.ts';
import { namedSteps } from '../../src/stress/log-steps.ts';
import { Plan, type PlanOptions } from '../../src/stress/plan.ts';
import type { LoggedStep } from '../../src/stress/records.ts';
import type { StepObserver } from '../../src/stress/runtime.ts';
import { type StressFinding, type StressOptions, StressRun } from '../../src/stress/stress.ts';
import { unitState } from '../../src/stress/unit-state.ts';
import type { Scenario, StressDefinition } from '../../src/system/scenario.ts';
import type { System } from '../../src/system/system.ts';
import { compareStates } from '../../src/trace/agreement.ts';
import { LiveSystem } from '../../src/trace/live.ts';
import type { SystemSpec } from '../random-systems.ts';

/** The scenarios about safety that are stressed. */
export const SAFETY = [
  'pri-overflow',
  'partial-fallthrough',
  'racing-unmap',
  'atc-before-tlb',
  'flush-deadlock',
  'group-owners',
  'slow-reader',
];

export const PLAIN: StressDefinition = { unit: 'system' };

export function scenarioOf(name: string): Scenario {
  return catalogue.find((candidate) => candidate.name === name)!;
}

/** A variant as it is stressed, with so many pages in each unit, and the same system with just so many, which must be few. */
export function scaled(scenario: Scenario, variant: string, pages: number, set: object = {}) {
  const definition = scenario.stress ?? PLAIN;
  const build = (more: object) =>
    scenario.build(scenario.parameters.parse({ ...definition.parameters, ...set, ...more }), variant);
  const template = build({});
  const hasPopulation = template.population.length > 0;
  return {
    definition,
    template,
    small: (count = pages) => (hasPopulation ? build({ [definition.pages!]: count }) : template),
    population: hasPopulation ? pages : 0,
  };
}

export function planOf(system: System, options: Partial<PlanOptions> = {}, definition = PLAIN): Plan {
  return new Plan(system, definition, { units: 1, population: system.population.length, room: 1 / 16, ...options });
}

export function runOf(plan: Plan, options: Partial<StressOptions> = {}): StressRun {
  return new StressRun(plan, { threads: 1, seed: 1, mix: 'all', steps: 1000, ...options });
}

/** Runs in this thread. */
export function runInTurns(
  run: StressRun,
  how: (run: StressRun) => Promise<StressFinding | undefined> = (it) => it.runInTurns(),
): Promise<StressFinding | undefined> {
  return how(run);
}

/**
 * Takes the steps of a unit's log on live actors, each of which must be possible, and compares what the unit and the actors are
 * in the end.
 *
 * @returns the outcome of the last step
 */
export function followLive(plan: Plan, unit: number, log: readonly LoggedStep[], system: System) {
  const live = new LiveSystem(system);
  const start = live.state();
  let outcome: ReturnType<LiveSystem['step']>['outcome'] = 'done';
  for (const [at, step] of namedSteps(plan, log).entries()) {
    if (outcome !== 'done') throw new Error(`step ${at} of ${log.length} of the log is not possible: ${outcome}`);
    outcome = live.step(step).outcome;
  }
  if (outcome === 'done') {
    compareStates(`after ${log.length} steps`, system.channels, unitState(plan, unit, start), live.state());
  }
  return outcome;
}

/** Hears of each step and each end of an episode. */
export function listener(heard: Partial<StepObserver>): StepObserver {
  return { stepped: () => {}, ending: () => {}, ...heard };
}

/** A random system without what every stress run refuses. */
export function stressed(spec: SystemSpec): SystemSpec {
  const channels = spec.channels.map((channel) => ({
    ...channel,
    competing: false,
    order: channel.order === 'fifo' ? ('fifo' as const) : ('unordered' as const),
    lossy: channel.lossy !== false,
    duplicating: channel.duplicating !== false,
  }));
  return { ...spec, channels, starts: [] };
}
