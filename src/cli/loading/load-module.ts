/** The system, the scenario or the study that a user's module exports. */
import { isStudy, type Study } from '../../simulate/study.ts';
import { isScenario, type Scenario } from '../../system/scenario.ts';
import { isSystem, type System } from '../../system/system.ts';
import { possibleNames, UsageError } from '../errors.ts';
import { callBuilder, isBuilder } from './builders.ts';
import { importModule } from './import-module.ts';
import type { ModuleSpec } from './module-spec.ts';

/**
 * @throws UsageError when the file cannot be read, or exports no system under that name
 * @throws ModelError when the module itself fails
 */
export async function loadModule(spec: ModuleSpec): Promise<System | Scenario> {
  const { made, what } = await loadExport(spec);
  if (isSystem(made) || isScenario(made)) return made;
  if (isStudy(made))
    throw new UsageError(`${what} is a study, expected a system or a scenario`, 'faultline simulate runs it');
  throw new UsageError(`${what} is no system and no scenario: got ${kindOf(made)}`, HOW_TO_EXPORT);
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

/** @returns the export, or what it returns, and how errors name it */
async function loadExport(spec: ModuleSpec): Promise<{ made: unknown; what: string }> {
  const exported = await importModule(spec.path);
  const [name, value] = choose(spec, exported);
  if (typeof value !== 'function') return { made: value, what: `export ${name} of ${spec.path}` };
  const made = await callBuilder(value as () => unknown, { path: spec.path, name });
  return { made, what: `what ${name}() of ${spec.path} returns` };
}

const HOW_TO_EXPORT = 'export what defineSystem() or defineScenario() returns, or a function that returns a system';

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
  const candidates = distinct.length > 0 ? distinct : functions.includes('default') ? ['default'] : functions;
  if (candidates.length === 1) return [candidates[0]!, exported[candidates[0]!]];
  if (candidates.length === 0) {
    const all = names.length === 0 ? 'nothing' : names.join(', ');
    const named = names.filter((candidate) => typeof exported[candidate] === 'function');
    const hint = `; if a function builds it, name that: ${named.map((candidate) => `${path}#${candidate}`).join(', ')}`;
    throw new UsageError(
      `the module ${path} exports no system and no scenario: it exports ${all}`,
      named.length === 0 ? HOW_TO_EXPORT : HOW_TO_EXPORT + hint,
    );
  }
  const choices = candidates.map((candidate) => `${path}#${candidate}`).join(', ');
  const several = distinct.length > 0 ? 'several systems' : 'no system, but several functions that may build one';
  throw new UsageError(`the module ${path} exports ${several}`, `choose one: ${choices}`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
