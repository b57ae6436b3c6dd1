/**
 * The parameters of a scenario or a study as the command line has them: read from `--set name=value`, and written back into the line that replays
 * a trace.
 */
import {
  describeParameters,
  kindAndName,
  type ParameterDescription,
  type Parameterised,
  type ParameterValues,
  rangeOf,
  refused,
  validated,
} from '../system/parameters.ts';
import { possibleNames, UsageError } from './errors.ts';

/** Gathers a repeatable option, as `--set`. */
export function gather(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/**
 * The parameters' values after `--set name=value` has been applied to the defaults.
 *
 * @throws UsageError for an unknown parameter, a value of the wrong type or out of its bounds
 */
export function parseSettings(scenario: Parameterised, settings: readonly string[]): ParameterValues {
  const known = describeParameters(scenario);
  const given: ParameterValues = {};
  for (const setting of settings) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--set takes name=value, got "${setting}"`, parametersHint(scenario, known));
    }
    const parameter = known.find((candidate) => candidate.name === name);
    if (!parameter) {
      const names = known.map((candidate) => candidate.name);
      throw new UsageError(`${kindAndName(scenario)} has no parameter "${name}"`, possibleNames(name, names));
    }
    if (name in given) throw new UsageError(`--set gives ${name} twice: ${String(given[name])} and ${value}`);
    given[name] = read(parameter, value);
  }
  return validated(scenario, given);
}

/** `name=value` for each parameter that is not at its default. */
export function settingsOf(scenario: Parameterised, parameters: ParameterValues): string[] {
  return describeParameters(scenario)
    .filter((parameter) => parameters[parameter.name] !== parameter.default)
    .map(({ name }) => `${name}=${String(parameters[name])}`);
}

function read(parameter: ParameterDescription, text: string): unknown {
  switch (parameter.type) {
    case 'integer':
    case 'number': {
      const value = Number(text);
      const wrong = text.trim() === '' || !Number.isFinite(value) || (parameter.type === 'integer' && value % 1 !== 0);
      if (wrong) throw refused(parameter, text);
      return value;
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw refused(parameter, text);
      return text === 'true';
    case 'enum':
    case 'string':
      return text;
    default:
      return parameter.type satisfies never;
  }
}

function parametersHint(scenario: Parameterised, known: readonly ParameterDescription[]): string {
  if (known.length === 0) return `${kindAndName(scenario)} has no parameters`;
  return `it has: ${known.map((parameter) => `${parameter.name} (${rangeOf(parameter)})`).join(', ')}`;
}
