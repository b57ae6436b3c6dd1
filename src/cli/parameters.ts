/**
 * A scenario's parameters as the command line sees them: described for `list`, read from `--set name=value`, and written
 * back into the line that replays a trace.
 */
import { z } from 'zod';
import type { ParameterValues, Scenario } from '../system/scenario.ts';
import type { ParameterDocument } from './documents.ts';
import { possibleNames, UsageError } from './errors.ts';

/** What Zod says about a parameter, in the words of JSON Schema. */
interface Described {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

export function describeParameters(scenario: Scenario): ParameterDocument[] {
  const schema = z.toJSONSchema(scenario.parameters, {
    io: 'input',
    unrepresentable: 'any',
  });
  return Object.entries((schema.properties ?? {}) as Record<string, Described>).map(([name, described]) => {
    const minimum = bound(described.minimum, described.exclusiveMinimum, 1);
    const maximum = bound(described.maximum, described.exclusiveMaximum, -1);
    return {
      name,
      description: described.description ?? '',
      type: described.enum ? 'enum' : typeOf(described.type),
      default: described.default,
      ...(minimum !== undefined && { minimum }),
      ...(maximum !== undefined && { maximum }),
      ...(described.enum && { values: described.enum }),
    };
  });
}

/** `from 2 to 16`, `true or false`, `fifo, unordered`: the values that a parameter can have. */
export function rangeOf({ type, minimum, maximum, values }: ParameterDocument): string {
  if (values) return values.join(', ');
  if (type === 'boolean') return 'true or false';
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? type : `at most ${maximum}`;
}

/** Gathers the repeatable option `--set`. */
export function collectSettings(setting: string, settings: readonly string[] = []): string[] {
  return [...settings, setting];
}

/**
 * The parameters' values after `--set name=value` has been applied to the defaults.
 *
 * @throws UsageError for an unknown parameter, a value of the wrong type or out of its bounds
 */
export function parseSettings(scenario: Scenario, settings: readonly string[]): ParameterValues {
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
      throw new UsageError(`scenario "${scenario.name}" has no parameter "${name}"`, possibleNames(name, names));
    }
    if (name in given) throw new UsageError(`--set gives ${name} twice: ${String(given[name])} and ${value}`);
    given[name] = read(parameter, value);
  }
  return validated(scenario, given);
}

/** Checks values that are already typed: those of a trace file. */
export function validated(scenario: Scenario, given: ParameterValues): ParameterValues {
  const known = describeParameters(scenario);
  const unknown = Object.keys(given).find((name) => !known.some((parameter) => parameter.name === name));
  if (unknown !== undefined) {
    const names = known.map(({ name }) => name);
    throw new UsageError(`scenario "${scenario.name}" has no parameter "${unknown}"`, possibleNames(unknown, names));
  }
  const parsed = scenario.parameters.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const parameter = known.find(({ name }) => name === issue.path[0]);
  if (!parameter) throw new UsageError(`scenario "${scenario.name}" refuses these parameters: ${issue.message}`);
  throw refused(parameter, String(given[parameter.name]), issue.code === 'custom' ? issue.message : undefined);
}

/** `name=value` for each parameter that is not at its default. */
export function settingsOf(scenario: Scenario, parameters: ParameterValues): string[] {
  return describeParameters(scenario)
    .filter((parameter) => parameters[parameter.name] !== parameter.default)
    .map(({ name }) => `${name}=${String(parameters[name])}`);
}

function read(parameter: ParameterDocument, text: string): unknown {
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

function refused(parameter: ParameterDocument, got: string, why?: string): UsageError {
  const { name, type, description } = parameter;
  const whole = type === 'integer' ? 'a whole number ' : type === 'enum' ? 'one of ' : '';
  const expected = why ?? `expected ${whole}${rangeOf(parameter)}`;
  return new UsageError(
    `parameter ${name}: got ${JSON.stringify(got)}, ${expected}`,
    description && `${name}: ${description}`,
  );
}

function parametersHint(scenario: Scenario, known: readonly ParameterDocument[]): string {
  if (known.length === 0) return `scenario "${scenario.name}" has no parameters`;
  return `it has: ${known.map((parameter) => `${parameter.name} (${rangeOf(parameter)})`).join(', ')}`;
}

function typeOf(type: string | undefined): ParameterDocument['type'] {
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : 'string';
}

/** Zod gives every integer the bounds of what a double holds exactly; nobody wants to read those. */
function bound(inclusive: number | undefined, exclusive: number | undefined, inwards: number): number | undefined {
  const value = inclusive ?? (exclusive === undefined ? undefined : exclusive + inwards);
  return value !== undefined && Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value;
}
