/**
 * A scenario: a system to build, its parameters, its variants (one switch each) and what each of them should give.
 */
import { z } from 'zod';
import { SCENARIO_DEFINITION } from './definition-shapes.ts';
import { definedHere } from './definition-site.ts';
import { attempted, possibleNames, UsageError } from './errors.ts';
import { type Parameters, type ParameterValues, validated } from './parameters.ts';
import type { MessagePattern, SystemView } from './property.ts';
import { checkExpectation, checkParameterNames, checkScenarioNames } from './scenario-names.ts';
import { bad, checkShape, described, isObject } from './shapes.ts';
import { isSystem, type System } from './system.ts';
import type { ScenarioTiming } from './timing.ts';

/**
 * What a variant should give. A fault must violate its own property, so that it fails for its own reason:
 *
 * - `property`: the one that the shortest trace violates; what else is violated does not matter.
 * - `properties`: all that are violated, where all are asked for; otherwise the one that is found is among them.
 *
 * Numbers that are pinned are those at the default parameters with all properties, by a breadth-first search with the exact store; other
 * searches are not held against them. They change only when a machine or the semantics does, and then somebody should look:
 *
 * - `counts`: the states, and the steps between them, of what holds.
 * - `reduced`: the same with one state of each orbit, where the system declares what is interchangeable.
 * - `length`: the steps of the shortest trace to a violation.
 */
export type Expectation =
  | { readonly verdict: 'holds'; readonly counts?: Counts; readonly reduced?: Counts }
  | { readonly verdict: 'violated'; readonly property: string; readonly length?: number }
  | {
      readonly verdict: 'violated';
      /** Not none. */
      readonly properties: readonly string[];
      readonly length?: number;
    };

export type Counts = readonly [states: number, steps: number];

export interface Variant {
  /** What this variant does, as a sentence. */
  readonly title: string;
  readonly expected: Expectation;
}

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

/** A method's type, so that a scenario is what another one can be defined from, whatever its parameters and variants are. */
type TimingFunction<Values, V extends string> = { of(parameters: Values, variant: V): ScenarioTiming }['of'];

export interface ScenarioDefinition<P extends Parameters, V extends string> {
  name: string;
  title: string;
  /** Where it comes from: `B-09` (bugs), `seed:002`, a commit, a specification section. */
  sources: readonly string[];
  /**
   * What it belongs to, in a word of yours, as `pri` or `checkout`. Nothing depends on it but the order in which `list` and `report` tell
   * scenarios: those of a group stand together.
   */
  group: string;
  /**
   * The real systems that it tells of, in words of yours, as `smmu-pri` or `cart`: the one that it is most about first. `list` shows it
   * below that one, and finds it by each of them. Left out, it is below its group.
   */
  systems?: readonly string[];
  parameters: P;
  variants: Record<V, Variant>;
  /**
   * How `faultline stress` makes many large systems of this one: which parameters are sizes, what is counted and must balance, what is
   * measured. Left out, the scenario can be checked and not stressed.
   */
  stress?: StressDefinition;
  /**
   * For `faultline validate`: which messages a tracer of the real system sees, by its own names for them, so that a log of that system
   * can be held against the model. Left out, a log has to say it itself.
   */
  observed?: Vocabulary;
  /** For `faultline simulate`: how long steps take, and what is measured (docs/timing.md); a function where that depends on parameters. */
  timing?: ScenarioTiming | TimingFunction<z.output<NoInfer<P>>, NoInfer<V>>;
  build(parameters: z.output<P>, variant: V): System;
}

const SCENARIO = Symbol.for('faultline.scenario');

/** `P` and `V` are its parameters and its variants; left out, any scenario. */
export interface Scenario<P extends Parameters = Parameters, V extends string = string> {
  readonly [SCENARIO]: 1;
  readonly name: string;
  readonly title: string;
  readonly sources: readonly string[];
  readonly group: string;
  readonly systems?: readonly string[];
  readonly parameters: P;
  readonly variants: Readonly<Record<V, Variant>>;
  readonly stress?: StressDefinition;
  readonly observed?: Vocabulary;
  /** `timingOf` asks it. */
  readonly timing?: ScenarioTiming | TimingFunction<never, never>;
  /**
   * The system of a variant. Parameters that are left out have their defaults.
   *
   * @throws UsageError for a parameter or a variant that there is not, and for a value that a parameter cannot have
   * @throws ModelError for a wrong definition, of the system or of what `expected`, `stress` and `observed` name
   */
  build(parameters: z.input<P>, variant: V): System;
}

/**
 * A system with its parameters and variants, for the command line: by name where it is in the catalogue, else by its module. Only
 * `stress` and `observed` can be left out: the one is for `faultline stress`, the other for `faultline validate`.
 *
 * @throws ModelError `bad-definition` for unknown keys and words, values of the wrong kind, a parameter without a default, and
 *   when there is no variant. Names of actors and messages are checked when the first system is built.
 *
 * @example
 * ```ts
 * import { check, defineScenario } from 'faultline';
 * import { z } from 'zod';
 * import { lights } from './lights.ts';
 *
 * const crossing = defineScenario({
 *   name: 'crossing',
 *   title: 'Two lights that know nothing of each other',
 *   sources: [],
 *   group: 'mine',
 *   parameters: z.object({}),
 *   variants: { broken: { title: 'as it is', expected: { verdict: 'violated', property: 'never both green' } } },
 *   build: () => lights,
 * });
 * (await check(crossing.build({}, 'broken'))).verdict; // => 'violated'
 * ```
 */
export function defineScenario<P extends Parameters, V extends string>(
  definition: ScenarioDefinition<P, V>,
): Scenario<P, V> {
  checkShape(definition, SCENARIO_DEFINITION, scenarioOf(definition));
  const defaults = definition.parameters.safeParse({});
  if (!defaults.success) {
    throw bad(
      `scenario "${definition.name}": parameters are not all optional: ${z.prettifyError(defaults.error)}`,
      'give every parameter a default',
    );
  }
  if (Object.keys(definition.variants).length === 0) {
    throw bad(`scenario "${definition.name}" has no variant`, 'give it at least "fixed"');
  }
  checkParameterNames(definition);
  let namesAreChecked = false;
  const scenario: Scenario<P, V> = {
    [SCENARIO]: 1,
    ...definedHere(defineScenario),
    ...definition,
    build(parameters, variant) {
      checkVariant(scenario, variant);
      const values = validated(scenario, parameters);
      if (!namesAreChecked) checkScenarioNames(definition);
      namesAreChecked = true;
      const system = built(definition.name, () => definition.build(values as z.output<P>, variant));
      checkExpectation(definition, variant, system);
      return system;
    },
  };
  return scenario;
}

/**
 * How long the steps of a scenario take; undefined when it does not say. Parameters that are left out have their defaults.
 *
 * @throws as `Scenario.build`; ModelError `bad-definition` when its function gives no timing section
 */
export function timingOf<P extends Parameters, V extends string>(
  scenario: Scenario<P, V>,
  parameters: z.input<P>,
  variant: V,
): ScenarioTiming | undefined {
  checkVariant(scenario, variant);
  const values = validated(scenario, parameters) as z.output<P>;
  const { timing } = scenario;
  if (typeof timing !== 'function') return timing;
  const where = `scenario "${scenario.name}": its timing`;
  const given: unknown = attempted(`${where} threw`, () => timing(values as never, variant as never));
  if (isObject(given)) return given as ScenarioTiming;
  throw bad(`${where} is ${described(given)}`, 'return a timing section, as { actors: { device: { DMA: 2 } } }');
}

/**
 * True for what `defineScenario` returned, also when another copy of this package made it.
 *
 * @example
 * ```ts
 * import { isScenario } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * isScenario(lights); // => false
 * ```
 */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && SCENARIO in value;
}

/** @throws UsageError when a scenario has no such variant */
export function checkVariant({ name, variants }: Pick<Scenario, 'name' | 'variants'>, variant: string): string {
  if (Object.hasOwn(variants, variant)) return variant;
  const got = typeof variant === 'string' ? `"${variant}"` : described(variant);
  throw new UsageError(
    `scenario "${name}" has no variant ${got}`,
    possibleNames(String(variant), Object.keys(variants)),
  );
}

function scenarioOf({ name }: { name: unknown }): string {
  return typeof name === 'string' ? `scenario "${name}"` : 'the scenario';
}

/** @throws ModelError when a builder throws, or builds no system */
function built(name: string, build: () => unknown): System {
  const system = attempted(`scenario "${name}" threw while building`, build);
  if (isSystem(system)) return system;
  throw bad(`scenario "${name}" builds no system`, 'return what defineSystem() returns');
}
