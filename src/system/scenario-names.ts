/**
 * Whether what a scenario says of its systems is there: the parameters, message types, actors and states that `stress` and
 * `observed` name. A message that only some variants have is no mistake.
 */
import type { z } from 'zod';
import { checkName, checkPattern } from './check-names.ts';
import { didYouMean, ModelError } from './errors.ts';
import type { Parameters } from './parameters.ts';
import type { ScenarioDefinition } from './scenario.ts';
import { bad } from './shapes.ts';
import { checkStateValue } from './state-names.ts';
import { propertyNames, type System } from './system.ts';

/** @throws ModelError `bad-definition` for names of parameters and counters that there are not */
export function checkParameterNames<P extends Parameters, V extends string>({
  name,
  parameters,
  stress,
}: ScenarioDefinition<P, V>): void {
  if (!stress) return;
  const where = `scenario "${name}", stress`;
  const known = new Set(Object.keys(parameters.shape));
  for (const key of ['devices', 'queueEntries', 'pages'] as const) {
    const parameter = stress[key];
    if (parameter !== undefined) checkName(parameter, known, `${where}: ${key}`, 'parameter');
  }
  for (const parameter of Object.keys(stress.parameters ?? {})) {
    checkName(parameter, known, `${where}: parameters`, 'parameter');
  }
  const counters = new Set(Object.keys(stress.counters ?? {}));
  for (const balance of stress.balances ?? []) {
    for (const counter of [...balance.left, ...balance.right]) {
      checkName(counter, counters, `${where}: balance "${balance.name}"`, 'counter');
    }
  }
}

/** @throws ModelError `bad-definition` for an expected property that the system of a variant does not have */
export function checkExpectation<P extends Parameters, V extends string>(
  { name, variants }: ScenarioDefinition<P, V>,
  variant: V,
  system: System,
): void {
  const { expected } = variants[variant];
  const wanted = 'properties' in expected ? expected.properties : 'property' in expected ? [expected.property] : [];
  const known = propertyNames(system);
  const unknown = wanted.find((property) => !known.includes(property));
  if (unknown === undefined) return;
  throw bad(
    `scenario "${name}", variant "${variant}": a violation of "${unknown}" is expected, and the system has no such property`,
    didYouMean(unknown, known),
  );
}

/**
 * Asks the systems of all variants, at their default sizes and as they are stressed.
 *
 * @throws ModelError `bad-definition` for what is in none of them
 */
export function checkScenarioNames<P extends Parameters, V extends string>(definition: ScenarioDefinition<P, V>): void {
  const { name, stress, observed } = definition;
  const systems = stress || observed ? systemsOf(definition) : [];
  if (systems.length === 0) return;
  const inSome = (check: (system: System) => void) => checkInSome(systems, check);
  const where = `scenario "${name}"`;
  const choices = [...new Set(systems.flatMap(choicesOf))];
  for (const type of stress?.pressure ?? []) {
    if (choices.includes(type)) continue;
    throw bad(`${where}, stress: pressure names the choice ${type}, which no actor has`, didYouMean(type, choices));
  }
  for (const [counter, pattern] of Object.entries(stress?.counters ?? {})) {
    inSome((system) => checkPattern(pattern, system, `${where}, stress: counter "${counter}"`));
  }
  for (const [latency, { actors, states }] of Object.entries(stress?.latencies ?? {})) {
    for (const state of states) {
      inSome((system) => checkLatency(system, actors, state, `${where}, stress: latency "${latency}"`));
    }
  }
  for (const [event, { type, to, from, when }] of Object.entries(observed ?? {})) {
    const what = `${where}, observed: event "${event}"`;
    const exact = (actor: string | undefined) => (actor?.includes('*') ? undefined : actor);
    const receiver = exact(to);
    inSome((system) => {
      const isShared = when === 'sent' && receiver !== undefined && system.channels[receiver]?.competing;
      checkPattern({ type, ...(receiver !== undefined && !isShared && { to: receiver }) }, system, what);
    });
    const sender = exact(from);
    if (sender !== undefined) inSome((system) => checkName(sender, new Set(Object.keys(system.actors)), what));
  }
}

/** None when one cannot be built: whoever builds it will hear why. */
function systemsOf<P extends Parameters, V extends string>(definition: ScenarioDefinition<P, V>): System[] {
  const { parameters, stress, variants } = definition;
  try {
    return Object.keys(variants).flatMap((variant) =>
      [{}, ...(stress?.parameters ? [stress.parameters] : [])].map((values) =>
        definition.build(parameters.parse(values) as z.output<P>, variant as V),
      ),
    );
  } catch {
    return [];
  }
}

function choicesOf({ actors }: System): string[] {
  return Object.values(actors).flatMap(({ choices }) => choices.map(({ type }) => type));
}

/** A state that one of these actors has: a prefix may be that of several families. */
function checkLatency({ actors }: System, prefix: string, state: unknown, where: string): void {
  const measured = Object.keys(actors).filter((name) => name.startsWith(prefix));
  if (measured.length === 0) {
    throw bad(
      `${where} is of actors whose names begin with "${prefix}", and there are none`,
      didYouMean(prefix, Object.keys(actors)),
    );
  }
  checkInSome(measured, (name) => checkStateValue(actors[name]!.machine.root, state, `${where}, of "${name}",`));
}

/** @throws ModelError that the first of them gives, if all give one */
function checkInSome<T>(candidates: readonly T[], check: (candidate: T) => void): void {
  let first: ModelError | undefined;
  for (const candidate of candidates) {
    try {
      check(candidate);
      return;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      first ??= error;
    }
  }
  if (first) throw first;
}
