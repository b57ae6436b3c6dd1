/**
 * A scenario: a system to build, its parameters, its variants (one switch each) and what each of them should give.
 */
import { z } from 'zod';
import { ModelError } from './errors.ts';
import type { System } from './system.ts';

/** What a variant should give. `property` names the property that a fault must violate, so that it fails for its own reason. */
export type Expectation = { readonly verdict: 'holds' } | { readonly verdict: 'violated'; readonly property: string };

export interface Variant {
  /** What this variant does, as a sentence. */
  readonly title: string;
  readonly expected: Expectation;
}

/** Parameters are whole numbers, booleans and enumerations, each with a default, bounds and a description. */
export type Parameters = z.ZodObject<Record<string, z.ZodType>>;
export type ParameterValues = Record<string, unknown>;

export interface ScenarioDefinition<P extends Parameters, V extends string> {
  name: string;
  title: string;
  /** Where it comes from: `B-09` (bugs), `seed:002`, a commit, a specification section. */
  sources: readonly string[];
  /** `iopf`: the subject of the project. `textbook`: a known system with known counts. */
  group: 'iopf' | 'textbook';
  parameters: P;
  variants: Record<V, Variant>;
  build(parameters: z.output<P>, variant: V): System;
}

const SCENARIO = Symbol.for('faultline.scenario');

export interface Scenario {
  readonly [SCENARIO]: 1;
  readonly name: string;
  readonly title: string;
  readonly sources: readonly string[];
  readonly group: 'iopf' | 'textbook';
  readonly parameters: Parameters;
  readonly variants: Readonly<Record<string, Variant>>;
  build(parameters: ParameterValues, variant: string): System;
}

/**
 * @throws ModelError `bad-definition` when a parameter has no default or there is no variant.
 */
export function defineScenario<P extends Parameters, V extends string>(definition: ScenarioDefinition<P, V>): Scenario {
  const defaults = definition.parameters.safeParse({});
  if (!defaults.success) {
    throw new ModelError(
      'bad-definition',
      `scenario "${definition.name}": parameters are not all optional: ${z.prettifyError(defaults.error)}`,
      'give every parameter a default',
    );
  }
  if (Object.keys(definition.variants).length === 0) {
    throw new ModelError('bad-definition', `scenario "${definition.name}" has no variant`, 'give it at least "fixed"');
  }
  return {
    [SCENARIO]: 1,
    ...definition,
    build: definition.build as unknown as Scenario['build'],
  };
}

export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && SCENARIO in value;
}
