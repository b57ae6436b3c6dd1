/**
 * The parameters of a scenario: what they are, and which values they can have.
 *
 * The scenario's Zod object knows all of it. What it says is read back from its JSON Schema, so that a message and the list of
 * scenarios cannot drift from what is checked.
 */
import { z } from 'zod';
import { possibleNames, UsageError } from './errors.ts';
import { described, isObject } from './shapes.ts';

/** Parameters are whole numbers, booleans and enumerations, each with a default, bounds and a description. */
export type Parameters = z.ZodObject<Record<string, z.ZodType>>;
export type ParameterValues = Record<string, unknown>;

/** What has parameters, as errors name it. */
export interface Parameterised {
  readonly name: string;
  /** What it is; a scenario when it is left out. */
  readonly kind?: 'scenario' | 'study';
  readonly parameters: Parameters;
}

export interface ParameterDescription {
  name: string;
  description: string;
  type: 'integer' | 'number' | 'boolean' | 'enum' | 'string';
  default: unknown;
  minimum?: number;
  maximum?: number;
  values?: string[];
}

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

/** `scenario "pri-overflow"` */
export function kindAndName({ kind = 'scenario', name }: Parameterised): string {
  return `${kind} "${name}"`;
}

export function describeParameters({ parameters }: Pick<Parameterised, 'parameters'>): ParameterDescription[] {
  const schema = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' });
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
export function rangeOf({ type, minimum, maximum, values }: ParameterDescription): string {
  if (values) return values.join(', ');
  if (type === 'boolean') return 'true or false';
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? type : `at most ${maximum}`;
}

/**
 * Checks values, and fills in the defaults.
 *
 * @throws UsageError for a parameter that there is not, and a value that it cannot have
 */
export function validated(scenario: Parameterised, given: ParameterValues): ParameterValues {
  const what = kindAndName(scenario);
  if (!isObject(given)) {
    throw new UsageError(
      `${what}: its parameters are ${described(given)}`,
      'expected an object, as {} for the defaults',
    );
  }
  const names = Object.keys(scenario.parameters.shape);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${what} has no parameter "${unknown}"`, possibleNames(unknown, names));
  }
  const parsed = scenario.parameters.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const parameter = describeParameters(scenario).find(({ name }) => name === issue.path[0]);
  if (!parameter) throw new UsageError(`${what} refuses these parameters: ${issue.message}`);
  throw refused(parameter, String(given[parameter.name]), issue.code === 'custom' ? issue.message : undefined);
}

export function refused(parameter: ParameterDescription, got: string, why?: string): UsageError {
  const { name, type, description } = parameter;
  const whole = type === 'integer' ? 'a whole number ' : type === 'enum' ? 'one of ' : '';
  const expected = why ?? `expected ${whole}${rangeOf(parameter)}`;
  return new UsageError(
    `parameter ${name}: got ${JSON.stringify(got)}, ${expected}`,
    description && `${name}: ${description}`,
  );
}

function typeOf(type: string | undefined): ParameterDescription['type'] {
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : 'string';
}

/** Zod gives every integer the bounds of what a double holds exactly; nobody wants to read those. */
function bound(inclusive: number | undefined, exclusive: number | undefined, inwards: number): number | undefined {
  const value = inclusive ?? (exclusive === undefined ? undefined : exclusive + inwards);
  return value !== undefined && Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value;
}
