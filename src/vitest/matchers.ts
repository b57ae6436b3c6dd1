/**
 * What the matchers of `faultline/vitest` do; they know nothing of vitest but the shape of a matcher.
 *
 * What is not known is never a pass: a search that a bound or a signal stopped lets the test fail, negated or not.
 */
import { type CheckOptions, type CheckResult, check } from '../explore/check.ts';
import { possibleNames, UsageError } from '../system/errors.ts';
import type { Property, SystemView } from '../system/property.ts';
import { extendSystem, propertyNames, type System } from '../system/system.ts';
import { chartOf, count, failing, judgeWithin, type Outcome, resultText, systemOf } from './subject.ts';

/** As `check` has them, without those that choose what is judged. */
export type MatcherOptions = Omit<CheckOptions, 'properties' | 'allViolations'>;

export interface WithinOptions extends MatcherOptions {
  /** The most steps that the shortest trace may have. Default: any number. */
  readonly within?: number;
}

/** Whether the state is the one that is looked for. */
export type StatePredicate = (view: SystemView) => boolean;

export async function toHold(isNot: boolean, received: unknown, options: CheckOptions = {}): Promise<Outcome> {
  if (isNot) {
    throw new UsageError(
      'expect(system).not.toHold() says nothing of what is wrong: any violation would do',
      "name the property: expect(system).toViolate('name', { within: 12 })",
    );
  }
  const result = await check(systemOf(received, 'toHold'), options);
  return {
    pass: result.verdict === 'holds',
    message: () => `expected the system to hold\n\n${resultText(result)}`,
  };
}

export async function toViolate(
  isNot: boolean,
  received: unknown,
  property: string,
  { within, ...options }: WithinOptions = {},
): Promise<Outcome> {
  const system = systemOf(received, 'toViolate');
  judgeWithin(within, 'toViolate');
  const result = await check(system, { ...options, properties: [property] });
  const wanted = `expected the system${isNot ? ' not' : ''} to violate "${property}"${withinText(within)}`;
  if (result.verdict === 'holds') {
    const instead = isNot ? '' : `\n\n${await foundInstead(system, property, options)}`;
    return { pass: false, message: () => `${wanted}\n\n${resultText(result)}${instead}` };
  }
  if (result.verdict !== 'violated') return failing(isNot, `${wanted}\n\n${resultText(result)}`);
  if (within !== undefined && !result.trace) {
    return failing(
      isNot,
      `${wanted}\n\n${resultText(result)}, so there is no trace to be counted: leave out \`within\``,
    );
  }
  return judgeLength(isNot, result, within, `${wanted}\n\n${resultText(result)}`);
}

export async function toReach(
  isNot: boolean,
  received: unknown,
  goal: string | StatePredicate,
  { within, ...options }: WithinOptions = {},
): Promise<Outcome> {
  const system = systemOf(received, 'toReach');
  judgeWithin(within, 'toReach');
  const what = typeof goal === 'string' ? `"${goal}"` : 'a state that the predicate is true of';
  const wanted = `expected the system${isNot ? ' not' : ''} to reach ${what}${withinText(within)}`;
  const witness = typeof goal === 'string' ? witnessOf(system, goal) : goal;
  if (!witness) return await toHappen(isNot, system, goal as string, within, options, wanted);
  // A shortest trace to a witness is one that violates that there is none.
  const asked = extendSystem(system, {
    properties: ({ always }) => [always(NEVER, (view) => !witness(view as SystemView))],
  });
  const result = await check(asked, { ...options, properties: [NEVER] });
  if (result.verdict === 'holds') {
    const all = `no state is one: the whole space was searched, ${count(result.states, 'state')}`;
    return { pass: false, message: () => `${wanted}\n\n${all}` };
  }
  if (result.verdict !== 'violated' || !result.trace) return failing(isNot, `${wanted}\n\n${resultText(result)}`);
  const reached = `reached in ${count(result.trace.steps.length, 'step')}\n\n${chartOf(result.trace)}`;
  return judgeLength(isNot, result, within, `${wanted}\n\n${reached}`);
}

/** Of the property that is added; no modeller writes such a name. */
const NEVER = 'faultline/vitest: never reached';

/** A message is no state: whether it happens is known, but not how soon. */
async function toHappen(
  isNot: boolean,
  system: System,
  name: string,
  within: number | undefined,
  options: MatcherOptions,
  wanted: string,
): Promise<Outcome> {
  if (within !== undefined) {
    throw new UsageError(
      `toReach: "${name}" is a \`happens\` property, of which no shortest trace is kept, got within: ${within}`,
      'leave out `within`, or give a predicate over states',
    );
  }
  const result = await check(system, { ...options, properties: [name] });
  const isWitnessed = result.properties.some((one) => one.name === name && one.status === 'witnessed');
  if (isWitnessed && result.verdict !== 'model-error') return { pass: true, message: () => `${wanted}\n\nit happens` };
  if (result.verdict === 'violated') return { pass: false, message: () => `${wanted}\n\n${resultText(result)}` };
  return failing(isNot, `${wanted}\n\n${resultText(result)}`);
}

/** The predicate of a `reachable` property; undefined for a `happens`. @throws UsageError for others */
function witnessOf(system: System, name: string): StatePredicate | undefined {
  const property: Property | undefined = system.properties.find((one) => one.name === name);
  if (property?.kind === 'reachable') return (view) => property.witness(view as never);
  if (property?.kind === 'happens') return undefined;
  if (property) {
    throw new UsageError(
      `toReach: "${name}" is ${property.kind}, expected a \`reachable\` or \`happens\` property, or a predicate`,
      `expect(system).toViolate('${name}') asks whether it is violated`,
    );
  }
  throw new UsageError(`there is no property "${name}"`, possibleNames(name, propertyNames(system)));
}

/** Whether a trace is short enough. Only the length of a shortest one says that there is no shorter. */
function judgeLength(isNot: boolean, result: CheckResult, within: number | undefined, text: string): Outcome {
  const length = result.trace?.steps.length ?? 0;
  if (within === undefined || length <= within) return { pass: true, message: () => text };
  if (result.search === 'breadth-first') return { pass: false, message: () => text };
  return failing(isNot, `${text}\n\nthere may be a shorter one: only search: 'breadth-first' finds the shortest`);
}

/** What else is wrong with a system that does not violate what it should. */
async function foundInstead(system: System, property: string, options: MatcherOptions): Promise<string> {
  const others = propertyNames(system).filter((name) => name !== property);
  if (others.length === 0) return 'there is no other property';
  const result = await check(system, { ...options, properties: others });
  return result.verdict === 'holds' ? 'all other properties hold, too' : `instead:\n${resultText(result)}`;
}

function withinText(within: number | undefined): string {
  return within === undefined ? '' : ` within ${count(within, 'step')}`;
}
