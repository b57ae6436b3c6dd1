/** What a stress run is asked to do: which system, how many units of it, and how it is run. */
import { availableParallelism } from 'node:os';
import { MIXES, type Mix, PLACEMENTS, type Placement, THREADS_MAX } from '../stress/run-shape.ts';
import { describeParameters, type ParameterValues, validated } from '../system/parameters.ts';
import type { Scenario, StressDefinition } from '../system/scenario.ts';
import type { System } from '../system/system.ts';
import type { Catalogue } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { parseSettings } from './parameters.ts';
import { buildSystem, findTarget, type Subject, subjectFrom } from './target.ts';
import { parseCount, parseSeconds, parseSeed, thousands } from './text.ts';

export interface SizeOptions {
  readonly variant?: string;
  readonly beside?: string;
  readonly set?: readonly string[];
  readonly devices?: string;
  readonly pages?: string;
  readonly queueEntries?: string;
  readonly threads?: string;
  readonly seconds?: string;
  readonly steps?: string;
  readonly seed?: string;
  readonly mix?: string;
  readonly placement?: string;
  readonly episode?: string;
  readonly engine?: string;
}

export const ENGINES = ['tables', 'xstate'] as const;
export type Engine = (typeof ENGINES)[number];

export interface StressRequest {
  /** The system that a unit is; the things of its population are a template. */
  readonly subject: Subject;
  readonly system: System;
  /** The system that `check` would search: with the scenario's defaults, and what is asked for. */
  readonly small: Subject;
  readonly scenario: Scenario;
  readonly definition: StressDefinition;
  readonly units: number;
  /** Of all units together. */
  readonly devices: number;
  /** Things of the population of each unit; null where there is none. */
  readonly pagesOfUnit: number | null;
  readonly threads: number;
  /** One of these is null. */
  readonly seconds: number | null;
  readonly steps: number | null;
  readonly seed: number;
  readonly mix: Mix;
  readonly placement: Placement;
  /** Left out: as long as the engine finds good. */
  readonly episode?: number;
  readonly engine: Engine;
  /** Half of the units are of another variant: what is asked of these. */
  readonly beside: StressRequest | null;
}

export const DEVICES_DEFAULT = 64;
export const PAGES_OF_UNIT_DEFAULT = 64;
export const SECONDS_DEFAULT = 10;
const SEED_DEFAULT = 1;
/** Shorter ones leave too little for the end, in which all that is in flight comes to rest. */
const EPISODE_MIN = 1024;

/** @throws UsageError, ModelError as a target's module does */
export async function stressRequest(spec: string, options: SizeOptions, catalogue: Catalogue): Promise<StressRequest> {
  const target = await findTarget(spec, catalogue);
  const scenario = 'scenario' in target ? target.scenario : undefined;
  const definition = scenario?.stress;
  if (!scenario || !definition) throw notScalable(spec, scenario !== undefined, await catalogue());
  const { asked, parsed } = parametersOf(scenario, definition, options);
  const parameters = validated(scenario, { ...definition.parameters, ...asked });
  const subject = subjectFrom(target, options.variant ?? null, parameters);
  const run = runOf(options);
  const { units, devices } = unitsOf(definition, subject.parameters, options.devices);
  const system = buildSystem(subject);
  const request: StressRequest = {
    ...{ subject, system, small: { ...subject, parameters: parsed }, scenario, definition, units, devices },
    pagesOfUnit: pagesOf(system, definition, units, scenario, options),
    ...run,
    beside: null,
  };
  return options.beside === undefined ? request : withBeside(request, options.beside);
}

/** Gives half of the units another variant. */
function withBeside(request: StressRequest, variant: string): StressRequest {
  const { subject, small, units, definition, engine } = request;
  if (engine === 'xstate') throw new UsageError('--beside and --engine xstate do not go together', 'leave one out');
  if (units < 2) {
    throw new UsageError(
      `--beside ${variant}: got one ${definition.unit}, expected at least two, for two variants`,
      'ask for more devices',
    );
  }
  const other = subjectFrom(subject.target, variant, subject.parameters);
  const half = Math.floor(units / 2);
  const beside = {
    subject: other,
    small: { ...small, variant: other.variant },
    system: buildSystem(other),
    units: half,
  };
  return { ...request, units: units - half, beside: { ...request, ...beside } };
}

function notScalable(spec: string, isScenario: boolean, catalogue: readonly Scenario[]): UsageError {
  const others = catalogue.filter(({ stress }) => stress !== undefined).map(({ name }) => name);
  const where = isScenario ? 'add to its defineScenario()' : 'make it a scenario by defineScenario(), and add there';
  return new UsageError(
    `${isScenario ? `scenario "${spec}"` : `${spec}, a plain system,`} cannot be stressed: it does not say how it scales`,
    [
      `${where}, with its own names; all but \`unit\` may be left out (docs/stress.md):`,
      STRESS_EXAMPLE,
      ...(others.length === 0 ? [] : [`as ${others.join(', ')} do`]),
    ].join('\n'),
  );
}

/** What a scenario is to say, to be copied. */
const STRESS_EXAMPLE = `
  stress: {
    unit: 'device', // what the system is one of: a run has many
    devices: 'devices', // the parameter that says how many devices a unit has
    pages: 'pages', // the parameter that says how many things its \`population\` has
    pressure: ['RECLAIM'], // choices that take something away, which some runs make more often
    counters: { requests: { type: 'PAGE_REQUEST' }, answers: { type: 'PRG_RESPONSE' } },
    balances: [{ name: 'each request is answered', left: ['requests'], right: ['answers'] }],
    gauges: { 'requests under way': (view) => view.channel('requests').length },
    latencies: { fault: { actors: 'dev', states: ['waiting'] } },
  },`.slice(1);

/** The parameters that are asked for, alone and over the scenario's defaults. */
function parametersOf(
  scenario: Scenario,
  definition: StressDefinition,
  options: SizeOptions,
): { readonly asked: ParameterValues; readonly parsed: ParameterValues } {
  const settings = [...(options.set ?? [])];
  if (options.queueEntries !== undefined) {
    if (definition.queueEntries === undefined) {
      throw new UsageError(`--queue-entries: scenario "${scenario.name}" has no queue whose size can be chosen`);
    }
    settings.push(`${definition.queueEntries}=${parseCount('--queue-entries', options.queueEntries)}`);
  }
  const parsed = parseSettings(scenario, settings);
  const given = settings.map((setting) => setting.slice(0, setting.indexOf('=')));
  return { parsed, asked: Object.fromEntries(given.map((name) => [name, parsed[name]])) };
}

function unitsOf(
  { unit, devices: parameter }: StressDefinition,
  parameters: ParameterValues,
  asked: string | undefined,
): Pick<StressRequest, 'units' | 'devices'> {
  const each = parameter === undefined ? 1 : Number(parameters[parameter]);
  const devices = asked === undefined ? Math.ceil(DEVICES_DEFAULT / each) * each : parseCount('--devices', asked);
  if (devices % each === 0) return { units: devices / each, devices };
  const below = Math.floor(devices / each) * each;
  const nearest = below === 0 ? `the nearest is ${each}` : `the nearest are ${below} and ${below + each}`;
  throw new UsageError(
    `--devices ${asked}: got ${thousands(devices)}, expected a multiple of ${each}: so many devices has each ${unit}`,
    `${nearest}; --set ${parameter}=N gives each ${unit} another number`,
  );
}

function pagesOf(
  system: System,
  { unit, pages: parameter }: StressDefinition,
  units: number,
  scenario: Scenario,
  options: SizeOptions,
): number | null {
  const { pages: asked } = options;
  if (system.population.length === 0) {
    if (asked === undefined) return null;
    throw new UsageError(
      `--pages ${asked}: scenario "${scenario.name}" has no pages of which there can be any number`,
      'leave it out',
    );
  }
  const set = options.set?.find((setting) => setting.startsWith(`${parameter}=`));
  if (set !== undefined) {
    throw new UsageError(
      `--set ${set} is for small systems: a stress run has any number of pages`,
      'say how many by --pages',
    );
  }
  if (asked === undefined) return PAGES_OF_UNIT_DEFAULT;
  const pages = parseCount('--pages', asked);
  const least = describeParameters(scenario).find(({ name }) => name === parameter)?.minimum ?? 1;
  if (pages < units * least) {
    throw new UsageError(
      `--pages ${asked}: got ${thousands(pages)}, expected at least ${thousands(units * least)}: ${least} for each ${unit}, of which there are ${thousands(units)}`,
      'ask for more pages, or for fewer devices',
    );
  }
  return Math.ceil(pages / units);
}

type RunOptions = Pick<
  StressRequest,
  'threads' | 'seconds' | 'steps' | 'seed' | 'mix' | 'placement' | 'episode' | 'engine'
>;

function runOf(options: SizeOptions): RunOptions {
  const { seconds, steps, seed, episode } = options;
  if (seconds !== undefined && steps !== undefined) {
    throw new UsageError('--seconds and --steps do not go together: each says when the run is over', 'leave one out');
  }
  const asked = episode === undefined ? undefined : parseCount('--episode', episode);
  if (asked !== undefined && asked < EPISODE_MIN) {
    throw new UsageError(`--episode ${episode}: got ${asked}, expected at least ${thousands(EPISODE_MIN)} steps`);
  }
  const engine = ENGINES.find((name) => name === (options.engine ?? 'tables'));
  if (!engine) {
    throw new UsageError(
      `--engine ${options.engine}: there is no such engine`,
      possibleNames(options.engine!, ENGINES),
    );
  }
  return {
    threads: threadsOf(options, engine),
    seconds: steps !== undefined ? null : seconds === undefined ? SECONDS_DEFAULT : parseSeconds('--seconds', seconds),
    steps: steps === undefined ? null : parseCount('--steps', steps),
    seed: seed === undefined ? SEED_DEFAULT : parseSeed('--seed', seed),
    mix: wordOf('--mix', options.mix ?? 'all', MIXES),
    placement: wordOf('--placement', options.placement ?? 'mixed', PLACEMENTS),
    ...(asked !== undefined && { episode: asked }),
    engine,
  };
}

function threadsOf({ threads }: SizeOptions, engine: Engine): number {
  if (threads === undefined) return engine === 'xstate' ? 1 : Math.min(availableParallelism(), THREADS_MAX);
  const count = parseCount('--threads', threads);
  if (count > THREADS_MAX) {
    throw new UsageError(`--threads ${threads}: got ${thousands(count)}, expected at most ${THREADS_MAX}`);
  }
  if (engine === 'xstate' && count > 1) {
    throw new UsageError(
      `--engine xstate runs in one thread, got --threads ${threads}`,
      'live actors cannot be shared by threads',
    );
  }
  return count;
}

function wordOf<Word extends string>(option: string, name: string, words: Readonly<Record<Word, string>>): Word {
  if (Object.hasOwn(words, name)) return name as Word;
  const what = option.slice('--'.length);
  throw new UsageError(`${option} ${name}: there is no such ${what}`, possibleNames(name, Object.keys(words)));
}
