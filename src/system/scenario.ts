/**
 * A scenario: a system to build, its parameters, its variants (one switch each) and what each of them should give.
 */
import { z } from 'zod';
import { definedHere } from './definition-site.ts';
import { ModelError } from './errors.ts';
import type { MessagePattern, SystemView } from './property.ts';
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

/** How a scenario is stressed: its system is one *unit*, of which a run has many, on real threads (`src/stress`). */
export interface StressDefinition {
  /** What a unit is, in the words of the scenario: `SMMU`, `IOMMU`, `iommufd fault queue`. */
  readonly unit: string;
  /** The parameter that says how many devices a unit has; left out: a unit is one device. */
  readonly devices?: string;
  /** The parameter that says how many entries the hardware's queue has. */
  readonly queueEntries?: string;
  /** The parameter that says how many things the system's `population` has; left out: pages are not scaled. */
  readonly pages?: string;
  /** Parameters that a stress run sets otherwise than `check` does. */
  readonly parameters?: ParameterValues;
  /** The types of the choices by which the host takes pages or devices away: waves of pressure and storms make more of them. */
  readonly pressure?: readonly string[];
  /** Messages that are counted, by what the report calls them. */
  readonly counters?: Readonly<Record<string, MessagePattern>>;
  /** Sums of counters that must be equal when a unit has come to rest. */
  readonly balances?: readonly {
    readonly name: string;
    readonly left: readonly string[];
    readonly right: readonly string[];
  }[];
  /** How deep the queues are, sampled; whole numbers from 0. */
  readonly gauges?: Readonly<Record<string, (view: SystemView) => number>>;
  /** How long actors stay in some of their states, in steps of their unit: actors whose names begin so, state values as `matches` takes them. */
  readonly latencies?: Readonly<Record<string, { readonly actors: string; readonly states: readonly string[] }>>;
}

/** A member of an observed event, and what of the message it is. */
export type ObservedField =
  /** Where it stands in the message: `request.last`, `group.requests.length`; `$to` and `$from` are its receiver and its sender. */
  | string
  | {
      readonly path: string;
      /**
       * The member is a name of the real system (an address, a number) for one of these things. What in the real system has one
       * name is one thing in the model, and different names are different things; which one is which is found out.
       */
      readonly thing?: string;
      /** How the model names the thing there, `*` standing for what tells it from others of its kind. Default: `page*` for a `page`. */
      readonly names?: string;
      /** The member of the event that it is a name within: a page request group index means nothing without its device. */
      readonly per?: string;
      /** What each value of the member is in the message; others are mistakes. */
      readonly values?: Readonly<Record<string, unknown>>;
    };

/**
 * What an event that is observed in a real system is in the model: a message. Plain data, so that a log can carry it. In names
 * `*` stands for any characters.
 */
export interface ObservedEvent {
  readonly type: string;
  /** Its receivers; left out, all. */
  readonly to?: string;
  /** Those who send it within a step; left out, all, and what starts a step as well. */
  readonly from?: string;
  /** When it is observed: when its receiver takes it (the default), or when it is sent, which is earlier where there is a channel. */
  readonly when?: 'taken' | 'sent';
  /** Only messages with these values, by where they stand. */
  readonly where?: Readonly<Record<string, unknown>>;
  /** All that an observed event has to say, by its own words for it. */
  readonly fields?: Readonly<Record<string, ObservedField>>;
}

/** Observed events by name. Messages that are none of these stay hidden. */
export type Vocabulary = Readonly<Record<string, ObservedEvent>>;

export interface ScenarioDefinition<P extends Parameters, V extends string> {
  name: string;
  title: string;
  /** Where it comes from: `B-09` (bugs), `seed:002`, a commit, a specification section. */
  sources: readonly string[];
  /** `iopf`: the subject of the project. `textbook`: a known system with known counts. */
  group: 'iopf' | 'textbook';
  parameters: P;
  variants: Record<V, Variant>;
  /** Left out, the scenario cannot be stressed. */
  stress?: StressDefinition;
  /** What `validate` makes of logs of a real system; left out, a log has to say it itself. */
  observed?: Vocabulary;
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
  readonly stress?: StressDefinition;
  readonly observed?: Vocabulary;
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
    ...definedHere(defineScenario),
    ...definition,
    build: definition.build as unknown as Scenario['build'],
  };
}

export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && SCENARIO in value;
}
