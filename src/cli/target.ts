/** What `check` and `replay` are about: a scenario of the catalogue, or a scenario or system of a user's module. */
import { existsSync } from 'node:fs';
import { judging } from '../explore/judging.ts';
import { type MachineSystem, systemOf } from '../machine/system-of.ts';
import { type ParameterValues, validated } from '../system/parameters.ts';
import { checkVariant, isScenario, type Scenario } from '../system/scenario.ts';
import { isSystem, type System } from '../system/system.ts';
import type { Catalogue } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { loadModule } from './loading/load-module.ts';
import type { FoundMachine } from './loading/machines.ts';
import { type ModuleSpec, parseMachineSpec } from './loading/module-spec.ts';
import { compile, flagsOf, type Given, givenOf, type MachineFlags, NOTHING_GIVEN } from './machine-flags.ts';
import { tellPhase } from './news.ts';
import { parseSettings, settingsOf } from './parameters.ts';
import { quoted } from './shell-words.ts';

/** `spec` is what was typed: a scenario's name, or a module with or without an export. */
export type Target =
  | { readonly spec: string; readonly scenario: Scenario }
  | { readonly spec: string; readonly system: System; readonly bare?: BareTarget };

/** A machine without a system around it, of which one was made. */
export interface BareTarget {
  readonly made: MachineSystem;
  /** What the command line, or a trace file, says of it. */
  readonly given: Given;
  readonly module: {
    readonly path: string;
    /** Of the export. */
    readonly name: string;
    readonly isConfig: boolean;
    readonly isCalled: boolean;
  };
}

/** One system to build, and what the command line calls it. */
export interface Subject {
  readonly target: Target;
  readonly variant: string | null;
  readonly parameters: ParameterValues;
  /** The properties that are judged, as they were named; left out, all. */
  readonly judged?: readonly string[] | undefined;
}

/**
 * @param given goes with a machine only
 * @throws UsageError when there is no such scenario or module, ModelError when the module fails
 */
export async function findTarget(spec: string, catalogue: Catalogue, given: Given = NOTHING_GIVEN): Promise<Target> {
  const found = await lookUp(spec, catalogue, given);
  const [flag] = flagsOf(given);
  if (flag !== undefined && !('bare' in found)) {
    const what = 'scenario' in found ? 'scenario' : 'system';
    throw new UsageError(
      `${flag} is for a machine, and ${spec} is a ${what}`,
      `a ${what} says itself which events come, by the choices of its actors`,
    );
  }
  tellPhase(`working on ${spec}`);
  return found;
}

async function lookUp(spec: string, catalogue: Catalogue, given: Given): Promise<Target> {
  const module = parseMachineSpec(spec);
  if (module) {
    const loaded = await loadModule(module);
    if (isScenario(loaded)) return { spec, scenario: loaded };
    if (isSystem(loaded)) return { spec, system: loaded };
    return bareTarget(spec, module, loaded, given);
  }
  const known = await catalogue(spec);
  const scenario = known.find(({ name }) => name === spec);
  if (scenario) return { spec, scenario };
  const names = known.map(({ name }) => name);
  const file = existsSync(spec) ? `; for the file of that name, write ./${spec}` : '';
  if (/^\w+=/.test(spec)) {
    throw new UsageError(`got "${spec}", expected a scenario or a module`, `a parameter is set by --set ${spec}`);
  }
  throw new UsageError(`there is no scenario "${spec}"`, `${possibleNames(spec, names)}${file}`);
}

function bareTarget(spec: string, { path }: ModuleSpec, found: FoundMachine, given: Given): Target {
  const { machine, name, exportName, isConfig, isCalled } = found;
  const { events, input, constraint } = given;
  const made = systemOf(machine, {
    ...{ name, events },
    ...(input !== undefined && { input }),
    ...(constraint !== undefined && { constraint: compile(constraint) }),
  });
  return { spec, system: made.system, bare: { made, given, module: { path, name: exportName, isConfig, isCalled } } };
}

/** @throws UsageError when the variant or a parameter does not exist, or a value is out of its bounds */
export function subjectOf(
  target: Target,
  variant: string | undefined,
  settings: readonly string[],
  judged?: readonly string[],
): Subject {
  if ('system' in target) {
    if (variant !== undefined) throw plainSystem(target.spec, `variants, got --variant ${variant}`);
    if (settings.length > 0) throw plainSystem(target.spec, `parameters, got --set ${settings.join(' --set ')}`);
    return { target, variant: null, parameters: {}, judged };
  }
  return {
    target,
    variant: findVariant(target.scenario, variant),
    parameters: parseSettings(target.scenario, settings),
    judged,
  };
}

/** What the flags say of a subject, as they were typed. */
export interface SubjectFlags extends MachineFlags {
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly property?: readonly string[];
}

/** What is typed after a command that takes one system. @throws as `findTarget` and `subjectOf` do */
export async function findSubject(spec: string, flags: SubjectFlags, catalogue: Catalogue): Promise<Subject> {
  const { variant, set = [], property } = flags;
  return subjectOf(await findTarget(spec, catalogue, givenOf(flags)), variant, set, property);
}

/** The same, from the values of a trace file. */
export function subjectFrom(
  target: Target,
  variant: string | null,
  parameters: ParameterValues,
  judged?: readonly string[],
): Subject {
  if ('system' in target) {
    const [name] = Object.keys(parameters);
    if (name !== undefined)
      throw plainSystem(target.spec, `parameters, got ${name}=${JSON.stringify(parameters[name])}`);
    return subjectOf(target, variant ?? undefined, [], judged);
  }
  return {
    target,
    variant: findVariant(target.scenario, variant ?? undefined),
    parameters: validated(target.scenario, parameters),
    judged,
  };
}

/**
 * With no more to be judged than the subject says.
 *
 * @throws UsageError for a property that the system does not have, ModelError as `buildWhole`
 */
export function buildSystem(subject: Subject): System {
  const system = buildWhole(subject);
  return subject.judged ? judging(system, subject.judged) : system;
}

/** @throws ModelError when the system's definition is wrong; a builder that throws anything else is wrong as well */
export function buildWhole({ target, variant, parameters }: Subject): System {
  if ('system' in target) return target.system;
  return target.scenario.build(parameters, variant!);
}

/** Undefined unless it is a machine on its own. */
export function bareOf({ target }: Pick<Subject, 'target'>): BareTarget | undefined {
  return 'bare' in target ? target.bare : undefined;
}

export function scenarioNameOf(target: Target): string {
  return 'scenario' in target ? target.scenario.name : target.spec;
}

/** What to type after `check` or `replay` to get this subject again. */
export function argumentsOf({ target, variant, parameters, judged = [] }: Subject): string {
  const settings = 'scenario' in target ? settingsOf(target.scenario, parameters) : [];
  const bare = bareOf({ target });
  const flags = bare ? flagsOf(bare.given) : [];
  return [
    quoted(target.spec),
    ...flags,
    ...(variant === null ? [] : [`--variant ${quoted(variant)}`]),
    ...settings.map((setting) => `--set ${quoted(setting)}`),
    ...judged.map((name) => `--property ${quoted(name)}`),
  ].join(' ');
}

/** The one that is asked for, or the only one. @throws UsageError */
export function findVariant(scenario: Scenario, variant: string | undefined): string {
  if (variant !== undefined) return checkVariant(scenario, variant);
  const names = Object.keys(scenario.variants);
  if (names.length === 1) return names[0]!;
  throw new UsageError(
    `scenario "${scenario.name}" has several variants`,
    `choose one by --variant: ${names.join(', ')}`,
  );
}

function plainSystem(spec: string, what: string): UsageError {
  return new UsageError(`${spec} is a plain system, without ${what}`, 'export a scenario (defineScenario) for those');
}
