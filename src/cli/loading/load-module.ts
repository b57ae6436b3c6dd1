/** The system, the scenario, the machine or the study that a user's module exports. */
import { isStudy, type Study } from '../../simulate/study.ts';
import { isScenario, type Scenario } from '../../system/scenario.ts';
import { isSystem, type System } from '../../system/system.ts';
import { isMachine } from '../../system/xstate.ts';
import { possibleNames, UsageError } from '../errors.ts';
import { callBuilder, isBuilder } from './builders.ts';
import { importModule } from './import-module.ts';
import { isMachineConfig } from './machine-config.ts';
import { type FoundMachine, hiddenIn, machineIn, notExported, onlyExport, withItems } from './machines.ts';
import type { ModuleSpec } from './module-spec.ts';

/**
 * @throws UsageError when the file cannot be read, or exports no system under that name
 * @throws ModelError when the module itself fails
 */
export async function loadModule(spec: ModuleSpec): Promise<System | Scenario | FoundMachine> {
  const { made, what, name, isCalled } = await loadExport(spec);
  if (isSystem(made) || isScenario(made)) return made;
  const machine = machineIn(spec.path, name, made, isCalled);
  if (machine) return machine;
  if (isStudy(made))
    throw new UsageError(`${what} is a study, expected a system or a scenario`, 'faultline simulate runs it');
  throw new UsageError(`${what} is no system, no scenario and no machine: got ${kindOf(made)}`, HOW_TO_EXPORT);
}

/**
 * The same for what can be simulated.
 *
 * @throws as `loadModule` does
 */
export async function loadTimed(spec: ModuleSpec): Promise<Study | Scenario> {
  const { made, what } = await loadExport(spec);
  if (isStudy(made) || isScenario(made)) return made;
  if (isSystem(made)) {
    throw new UsageError(
      `${what} is a plain system, which has no times`,
      'make it a scenario by defineScenario(), with `timing` (docs/timing.md)',
    );
  }
  throw new UsageError(
    `${what} is no study and no scenario: got ${kindOf(made)}`,
    'export what defineStudy() or defineScenario() returns',
  );
}

interface Loaded {
  /** The export, or what it returns. */
  readonly made: unknown;
  /** How errors name it. */
  readonly what: string;
  readonly name: string;
  readonly isCalled: boolean;
}

async function loadExport(spec: ModuleSpec): Promise<Loaded> {
  const exported = withItems(await importModule(spec.path));
  const [name, value] = choose(spec, exported);
  if (typeof value !== 'function')
    return { made: value, name, isCalled: false, what: `export ${name} of ${spec.path}` };
  const made = await callBuilder(value as () => unknown, { path: spec.path, name });
  return { made, name, isCalled: true, what: `what ${name}() of ${spec.path} returns` };
}

const HOW_TO_EXPORT =
  'export what defineSystem(), defineScenario() or createMachine() returns, or a function that returns it';

function choose({ path, name }: ModuleSpec, exported: Record<string, unknown>): [name: string, value: unknown] {
  const names = Object.keys(exported);
  if (name !== undefined) {
    if (name in exported) return [name, exported[name]];
    throw new UsageError(`the module ${path} has no export "${name}"`, possibleNames(name, names));
  }
  const models = names.filter((candidate) =>
    [isSystem, isScenario, isStudy].some((isOne) => isOne(exported[candidate])),
  );
  const distinct = models.filter(
    (one, index) => models.findIndex((other) => exported[other] === exported[one]) === index,
  );
  const functions = names.filter((candidate) => isBuilder(candidate, exported[candidate]));
  const builders = functions.includes('default') ? ['default'] : functions;
  const isOfMachines = distinct.length === 0 && !builders.some((name) => definesSystem(name, exported[name]));
  if (
    isOfMachines &&
    names.some((candidate) => isMachine(exported[candidate]) || isMachineConfig(exported[candidate]))
  ) {
    const only = onlyExport(path, exported);
    return [only, exported[only]];
  }
  const candidates = distinct.length > 0 ? distinct : builders;
  if (candidates.length === 1) return [candidates[0]!, exported[candidates[0]!]];
  if (candidates.length === 0) {
    const hidden = hiddenIn(path);
    if (hidden.length > 0) throw notExported(path, hidden);
    const all = names.length === 0 ? 'nothing' : names.join(', ');
    const named = names.filter((candidate) => typeof exported[candidate] === 'function');
    const hint = `; if a function builds it, name that: ${named.map((candidate) => `${path}#${candidate}`).join(', ')}`;
    throw new UsageError(
      `the module ${path} exports no system, no scenario and no machine: it exports ${all}`,
      named.length === 0 ? HOW_TO_EXPORT : HOW_TO_EXPORT + hint,
    );
  }
  const choices = candidates.map((candidate) => `${path}#${candidate}`).join(', ');
  const several = distinct.length > 0 ? 'several systems' : 'no system, but several functions that may build one';
  throw new UsageError(`the module ${path} exports ${several}`, `choose one: ${choices}`);
}

/** A default export may build anything. */
function definesSystem(name: string, value: unknown): boolean {
  return name === 'default' || /\bdefine(System|Scenario|Study)\b/.test(String(value));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
