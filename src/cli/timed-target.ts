/** What `simulate` is about: a study, or a scenario that has times. */
import { existsSync } from 'node:fs';
import type { Point, Simulated, Study } from '../simulate/study.ts';
import type { ParameterValues } from '../system/parameters.ts';
import { type Scenario, timingOf } from '../system/scenario.ts';
import { UNITS } from '../system/timing.ts';
import type { Environment } from './environment.ts';
import { closest, UsageError } from './errors.ts';
import { loadTimed } from './loading/load-module.ts';
import { parseModuleSpec } from './loading/module-spec.ts';
import { parseSettings } from './parameters.ts';
import { findVariant } from './target.ts';

export type TimedTarget =
  | { readonly spec: string; readonly study: Study }
  | { readonly spec: string; readonly scenario: Scenario };

/** A scenario that is simulated, or a study. */
export type TimedSubject =
  | { readonly spec: string; readonly study: Study; readonly parameters: ParameterValues }
  | {
      readonly spec: string;
      readonly scenario: Scenario;
      readonly variant: string;
      readonly parameters: ParameterValues;
    };

/** @throws UsageError when there is nothing of this name, ModelError when a module fails */
export async function findTimed(
  spec: string,
  { catalogue, studies }: Pick<Environment, 'catalogue' | 'studies'>,
): Promise<TimedTarget> {
  const module = parseModuleSpec(spec);
  if (module) {
    const loaded = await loadTimed(module);
    return 'question' in loaded ? { spec, study: loaded } : { spec, scenario: loaded };
  }
  const known = await studies?.();
  const study = await known?.named(spec);
  if (study) return { spec, study };
  const scenarios = await catalogue(spec);
  const scenario = scenarios.find(({ name }) => name === spec);
  if (scenario) return { spec, scenario };
  const studyNames = known?.names ?? [];
  const near = closest(spec, [...studyNames, ...scenarios.map(({ name }) => name)]);
  const file = existsSync(spec) ? `; for the file of that name, write ./${spec}` : '';
  const there = `the studies: ${studyNames.join(', ')}; scenarios are told by faultline list`;
  throw new UsageError(
    `there is no study and no scenario "${spec}"`,
    `${near === undefined ? there : `did you mean "${near}"? ${there}`}${file}`,
  );
}

/** @throws UsageError when the variant or a parameter does not exist, or a value is out of its bounds */
export function timedSubject(
  target: TimedTarget,
  variant: string | undefined,
  settings: readonly string[],
): TimedSubject {
  if ('scenario' in target) {
    const { spec, scenario } = target;
    return { spec, scenario, variant: findVariant(scenario, variant), parameters: parseSettings(scenario, settings) };
  }
  if (variant !== undefined)
    throw new UsageError(`${target.spec} is a study, which has no variants, got --variant ${variant}`);
  return { ...target, parameters: parseSettings(target.study, settings) };
}

/**
 * The system of a point of a study, or of a scenario, which has one point.
 *
 * @throws UsageError when the scenario has no times; ModelError when a definition is wrong
 */
export function simulatedOf(
  subject: TimedSubject,
  point: Point,
): Omit<Simulated, 'read'> & Partial<Pick<Simulated, 'read'>> {
  if ('study' in subject) return subject.study.build(point, subject.parameters);
  const { scenario, variant, parameters } = subject;
  const given = timingOf(scenario, parameters, variant);
  if (!given) throw notTimed(scenario.name);
  const { measures, time, warmUp, population, ...timing } = given;
  return {
    system: scenario.build(parameters, variant),
    timing,
    ...(measures && { measures }),
    ...(population !== undefined && { population }),
    time: time ?? UNITS[timing.unit ?? 'us'] / UNITS.s,
    ...(warmUp !== undefined && { warmUp }),
  };
}

function notTimed(name: string): UsageError {
  return new UsageError(
    `scenario "${name}" cannot be simulated: it does not say how long its steps take`,
    [
      'add to its defineScenario(), with its own names (docs/timing.md):',
      TIMING_EXAMPLE,
      '`faultline simulate` without a name lists the studies',
    ].join('\n'),
  );
}

const TIMING_EXAMPLE = `
  timing: {
    unit: 'us',
    actors: { device: { DMA: exponential(20) }, 'worker*': { RUN: 2 } },
    measures: { times: { fault: { from: { type: 'PAGE_REQUEST' }, to: { type: 'PAGE_RESPONSE' } } } },
  },`.slice(1);
