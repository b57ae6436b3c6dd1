/** What a module exports that can be drawn: machines, plain configurations of them, systems, and what builds one. */
import { readFileSync } from 'node:fs';
import type { AnyStateMachine } from 'xstate';
import { isScenario, type Scenario } from '../../system/scenario.ts';
import { isSystem, type System } from '../../system/system.ts';
import { isMachine } from '../../system/xstate.ts';
import { possibleNames, UsageError } from '../errors.ts';
import { callBuilder, isBuilder, needsValues } from './builders.ts';
import { type ImportOptions, importModule } from './import-module.ts';
import { isMachineConfig, machineOfConfig } from './machine-config.ts';
import type { ModuleSpec } from './module-spec.ts';
import { machinesInSource, type SourceMachine } from './source-machines.ts';

export interface FoundMachine {
  readonly kind: 'machine';
  readonly machine: AnyStateMachine;
  /** What it is called: by its id, else by its export. */
  readonly name: string;
  readonly exportName: string;
  /** The export is a plain configuration. */
  readonly isConfig: boolean;
  /** The export is a function, which returned it. */
  readonly isCalled: boolean;
}

export type Found =
  | FoundMachine
  | { readonly kind: 'system'; readonly system: System; readonly exportName: string }
  | { readonly kind: 'scenario'; readonly scenario: Scenario; readonly exportName: string };

/**
 * The export that is named, else the only system, else the only machine, else what the only function builds.
 *
 * @throws UsageError when there is none, or are several; ModelError when the module fails
 */
export async function findMachine({ path, name: asked }: ModuleSpec, options: ImportOptions): Promise<Found> {
  const exported = withItems(await importModule(path, options));
  const names = Object.keys(exported);
  const name = asked ?? onlyExport(path, exported);
  if (!names.includes(name)) {
    const hidden = hiddenIn(path).filter((machine) => machine.name === name);
    if (hidden.length > 0) throw notExported(path, hidden);
    throw new UsageError(
      `the module ${path} has no export "${name}"`,
      `${possibleNames(name, names)}; for an actor of its system: --actor ${name}`,
    );
  }
  const found = await madeOf(path, name, exported[name], options);
  if (found) return found;
  throw new UsageError(
    `${name} of ${path} is no machine, no system and no scenario`,
    `${HOW_TO_EXPORT}, or a function that returns it`,
  );
}

const HOW_TO_EXPORT = 'export what createMachine(), defineSystem() or defineScenario() returns';

async function madeOf(path: string, name: string, value: unknown, options: ImportOptions): Promise<Found | undefined> {
  const isFunction = typeof value === 'function';
  const made = isFunction
    ? await callBuilder(value as () => unknown, { path, name, stubMissing: options.stubMissing })
    : value;
  if (isScenario(made)) return { kind: 'scenario', scenario: made, exportName: name };
  if (isSystem(made)) return { kind: 'system', system: made, exportName: name };
  return machineIn(path, name, made, isFunction);
}

/** The machine that a value is, or is the configuration of; undefined when it is none. */
export function machineIn(path: string, name: string, value: unknown, isCalled: boolean): FoundMachine | undefined {
  const isConfig = isMachineConfig(value);
  const machine = isConfig ? machineOfConfig(value, `${name} of ${path}`) : value;
  if (!isMachine(machine)) return undefined;
  const own = machine.id === '(machine)' ? nameOfExport(path, name) : machine.id;
  return { kind: 'machine', machine, name: own, exportName: name, isConfig, isCalled };
}

/** The exports of a module, where a list of machines is one for each of them: `machines[0]`. */
export function withItems(exported: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(exported).flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value) && value.length > 0 && value.every(isDrawable)
      ? value.map((item, index) => [`${name}[${index}]`, item])
      : [[name, value]],
  );
  return Object.fromEntries(entries);
}

function nameOfExport(path: string, name: string): string {
  return /^default\b/.test(name) ? path.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '') : name;
}

/** Everything in a module that can be drawn, and in one sentence each what cannot. */
export interface Drawables {
  readonly found: readonly Found[];
  readonly passedOver: readonly string[];
}

/**
 * All machines of a module. Functions are called only where it has nothing else.
 *
 * @param seen machines and systems that are passed over: a module may export another's
 * @throws UsageError, ModelError as `findMachine` does
 */
export async function allMachines(path: string, seen: Set<unknown>, options: ImportOptions): Promise<Drawables> {
  const exported = withItems(await importModule(path, options));
  const passedOver: string[] = [];
  const found: Found[] = [];
  const take = async (name: string) => {
    const value = exported[name];
    if (seen.has(value)) return;
    seen.add(value);
    const made = await madeOf(path, name, value, options);
    if (made) found.push(made);
  };
  const names = Object.keys(exported);
  const kinds = [
    names.filter((name) => isDrawable(exported[name])),
    names.filter((name) => isBuilder(name, exported[name])),
  ];
  for (const name of kinds.find(({ length }) => length > 0) ?? []) await take(name);
  for (const name of names) {
    if (needsValues(exported[name])) passedOver.push(`${name}() of ${path} needs arguments`);
  }
  // A system's own machines are its actors.
  const isOfSystem = found.some(({ kind }) => kind !== 'machine');
  const hidden = isOfSystem ? [] : hiddenIn(path).filter(({ name, inside }) => name !== undefined && !inside);
  if (hidden.length > 0) passedOver.push(notExported(path, hidden).message);
  return { found, passedOver };
}

function isDrawable(value: unknown): boolean {
  return isMachine(value) || isSystem(value) || isScenario(value) || isMachineConfig(value);
}

/** Without a name: the only system, else the only machine, else the only configuration of one, else the only function. */
export function onlyExport(path: string, exported: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(exported);
  const distinct = (is: (value: unknown, name: string) => boolean) =>
    names.filter(
      (name, index) =>
        is(exported[name], name) && names.findIndex((other) => exported[other] === exported[name]) === index,
    );
  // A file of JSON is one itself before its parts are.
  const configs = isMachineConfig(exported.default) && path.endsWith('.json') ? ['default'] : distinct(isMachineConfig);
  const kinds = [
    { what: 'systems', names: distinct((value) => isSystem(value) || isScenario(value)) },
    { what: 'machines', names: distinct(isMachine) },
    { what: 'configurations of machines', names: configs },
    { what: 'functions that may build one', names: distinct((value, name) => isBuilder(name, value)) },
  ];
  const kind = kinds.find((kind) => kind.names.length > 0);
  if (kind?.names.length === 1) return kind.names[0]!;
  if (kind) {
    const choices = kinds.slice(0, 2).flatMap((kind) => kind.names);
    const all = (choices.length > 0 ? choices : kind.names).map((name) => `${path}#${name}`).join(', ');
    throw new UsageError(`the module ${path} exports several ${kind.what}`, `choose one: ${all}`);
  }
  throw noMachine(path, exported);
}

function noMachine(path: string, exported: Readonly<Record<string, unknown>>): UsageError {
  const hidden = hiddenIn(path);
  if (hidden.length > 0) return notExported(path, hidden);
  const names = Object.keys(exported);
  const functions = names.filter((name) => typeof exported[name] === 'function');
  const called = functions.map((name) => `${path}#${name}`).join(', ');
  return new UsageError(
    `the module ${path} exports no machine, no system and no scenario: it exports ${names.length === 0 ? 'nothing' : names.join(', ')}`,
    functions.length === 0 ? HOW_TO_EXPORT : `${HOW_TO_EXPORT}; if a function builds it, name that: ${called}`,
  );
}

/** The machines in a module's source that it does not export. */
export function hiddenIn(path: string): SourceMachine[] {
  return path.endsWith('.json') ? [] : machinesInSource(readFileSync(path, 'utf8')).filter(({ exported }) => !exported);
}

/** @param hidden at least one */
export function notExported(path: string, hidden: readonly SourceMachine[]): UsageError {
  const named = hidden.filter(({ name, inside }) => name !== undefined && !inside);
  const [first] = named;
  if (first) {
    const names = named.map(({ name }) => `\`${name}\``).join(', ');
    return new UsageError(
      `the ${named.length === 1 ? 'machine' : 'machines'} ${names} of ${path} ${named.length === 1 ? 'is' : 'are'} not exported`,
      `write export before it, in line ${first.line}: export const ${first.name} = …`,
    );
  }
  const [{ name, line, inside }] = hidden as [SourceMachine];
  const which = name === undefined ? `the machine in line ${line} of ${path}` : `the machine \`${name}\` of ${path}`;
  return new UsageError(
    inside
      ? `${which} is made within a function, where nobody else reaches it`
      : `${which} has no name and is not exported`,
    `make it at the top of the module, and export it: export const ${name ?? 'machine'} = createMachine({ … })`,
  );
}
