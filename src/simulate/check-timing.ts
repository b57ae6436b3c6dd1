/** What a `timing` section looks like, and whether what it names exists. What is misspelt in it would cost nothing, and say nothing. */
import type { StateValue } from 'xstate';
import { checkMessageType, checkName } from '../system/check-names.ts';
import { distributionOf } from '../system/durations.ts';
import { didYouMean } from '../system/errors.ts';
import { descriptorsOf, raisedTypes } from '../system/message-types.ts';
import {
  bad,
  checkShape,
  FUNCTION,
  fields,
  isFunction,
  isObject,
  listOf,
  mapOf,
  NAME,
  oneOf,
  optional,
  type Shape,
  shape,
} from '../system/shapes.ts';
import { checkStateValue } from '../system/state-names.ts';
import type { Actor, System } from '../system/system.ts';
import { type StepTiming, type Timing, UNITS } from '../system/timing.ts';

const DURATION: Shape = {
  expected: 'a duration',
  check(value, place) {
    distributionOf(value, place);
  },
};

/** A function is asked when there is something to ask about. */
const TAKES: Shape = {
  expected: 'a duration, or a function that gives one',
  check(value, place) {
    if (!isFunction(value)) DURATION.check(value, place);
  },
};

const STATE = shape("a state: 'a', 'a.b' or { a: 'b' }", (value) => typeof value === 'string' || isObject(value));
const STATES: Shape = {
  expected: 'a state, or a list of states',
  check(value, place) {
    if (Array.isArray(value)) listOf(STATES.expected, STATE).check(value, place);
    else STATE.check(value, place);
  },
};

const isAbove0 = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0;
const PROBABILITY = shape(
  'a probability, from 0 to 1',
  (value) => typeof value === 'number' && value >= 0 && value <= 1,
);

const DRAWS = fields('what is drawn', {
  order: oneOf('uniform', 'in turn', 'zipf'),
  from: optional(shape('a whole number from 0', (value) => Number.isInteger(value) && (value as number) >= 0)),
  count: optional(shape('a whole number of at least 1', (value) => Number.isInteger(value) && (value as number) >= 1)),
  exponent: optional(shape('a number above 0', isAbove0)),
});

const STEP = fields('a timing of steps', {
  in: optional(STATES),
  takes: optional(TAKES),
  uses: optional(NAME),
  effect: optional(oneOf('start', 'end')),
  weight: optional(shape('a number from 0', (value) => value === 0 || isAbove0(value))),
  delay: optional(TAKES),
  draws: optional(DRAWS),
});

const STEPS: Shape = {
  expected: 'a duration, a timing, or a list of timings',
  check(value, place) {
    if (Array.isArray(value)) listOf(STEPS.expected, STEP).check(value, place);
    else if (isObject(value) && !('kind' in value)) STEP.check(value, place);
    else DURATION.check(value, place);
  },
};

const KEEPS: Shape = {
  expected: "true, false, or states by actor, as { 'worker*': 'active' }",
  check(value, place) {
    if (isObject(value)) mapOf(KEEPS.expected, STATES).check(value, place);
    else shape(KEEPS.expected, () => typeof value === 'boolean').check(value, place);
  },
};

const RESOURCE = fields('a resource', {
  units: shape('a whole number of at least 1', (value) => Number.isInteger(value) && (value as number) >= 1),
  wakeUp: optional(DURATION),
  keeps: optional(KEEPS),
});

const CHANNEL = fields('the timing of a channel', {
  latency: optional(TAKES),
  bandwidth: optional(shape('a number above 0', isAbove0)),
  size: optional(
    shape('a number above 0, or a function that gives one', (value) => isFunction(value) || isAbove0(value)),
  ),
  loses: optional(PROBABILITY),
  duplicates: optional(PROBABILITY),
});

const TIMING = fields('a timing section', {
  unit: optional(oneOf(...Object.keys(UNITS))),
  resources: optional(mapOf('resources by name', RESOURCE)),
  actors: optional(mapOf('timings by actor', mapOf('timings by type of message', STEPS))),
  channels: optional(mapOf('timings by channel', CHANNEL)),
});

/** The timings of one type of message of an actor, as a list. */
export function timingsOf(value: unknown): readonly StepTiming[] {
  if (Array.isArray(value)) return value as readonly StepTiming[];
  return isObject(value) && !('kind' in value) ? [value as StepTiming] : [{ takes: value } as StepTiming];
}

/** One state, or several. */
export function statesOf(states: StateValue | readonly StateValue[]): readonly StateValue[] {
  return Array.isArray(states) ? (states as readonly StateValue[]) : [states as StateValue];
}

/** Whether a name of the section, which may end in `*`, is that of an actor. */
export function isNamedBy(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** @throws ModelError `bad-definition` for what is negative, missing, unknown, or no timing */
export function checkTiming(timing: Timing, system: System, population = system.population.length): void {
  checkShape(timing, TIMING, 'timing');
  for (const [pattern, byType] of Object.entries(timing.actors ?? {})) {
    const named = namedBy(pattern, system, 'timing');
    for (const [type, value] of Object.entries(byType)) {
      const where = `timing of "${pattern}"`;
      if (type !== '*')
        checkMessageType(type, typesOf(named.map((name) => system.actors[name]!)), where, 'no such actor has');
      for (const entry of timingsOf(value)) {
        checkStep(entry, timing, system.actors[named[0]!]!, `${where}: ${type}`);
        checkDraws(entry, population, `${where}: ${type}`);
      }
    }
  }
  for (const name of Object.keys(timing.resources ?? {})) checkKeeps(name, timing, system);
  for (const name of Object.keys(timing.channels ?? {})) checkChannel(name, timing, system);
  for (const [name, { duplicating }] of Object.entries(system.channels)) {
    if (duplicating !== 'always') continue;
    throw bad(
      `channel "${name}" keeps all messages, so that each could be delivered again and again, expected one that empties`,
      'simulate a variant with `duplicating: true`, and say how often: channels: { … { duplicates: 0.1 } }',
    );
  }
}

function typesOf(actors: readonly Actor[]): string[] {
  const types = actors.flatMap(({ machine }) => [
    ...descriptorsOf(machine),
    ...(machine.events as string[]),
    ...(raisedTypes(machine) ?? ['*']),
  ]);
  return [...new Set(types)];
}

function checkStep({ in: states, uses }: StepTiming, timing: Timing, { machine }: Actor, where: string): void {
  if (uses !== undefined) {
    checkName(uses, new Set(Object.keys(timing.resources ?? {})), `${where}: uses`, 'resource');
  }
  if (states === undefined) return;
  for (const state of statesOf(states)) checkStateValue(machine.root, state, `${where}: in`);
}

/** What would keep nothing is misspelt, or has been forgotten. */
function checkKeeps(resource: string, timing: Timing, system: System): void {
  const { keeps } = timing.resources![resource]!;
  if (typeof keeps !== 'object') return;
  for (const [pattern, states] of Object.entries(keeps)) {
    const where = `timing of resource "${resource}": keeps`;
    const named = namedBy(pattern, system, where);
    for (const machine of new Set(named.map((name) => system.actors[name]!.machine))) {
      for (const state of statesOf(states)) checkStateValue(machine.root, state, `${where} of "${pattern}"`);
    }
    const isUsed = Object.entries(timing.actors ?? {}).some(
      ([users, byType]) =>
        named.some((name) => isNamedBy(users, name)) &&
        Object.values(byType).some((value) => timingsOf(value).some(({ uses }) => uses === resource)),
    );
    if (isUsed) continue;
    throw bad(
      `${where} names the actors "${pattern}", none of which uses the resource, expected an entry of theirs with uses: '${resource}'`,
      'a unit is kept by who has taken one: say which step takes it, or leave them out',
    );
  }
}

/** @throws ModelError `bad-definition` where no actor has such a name */
function namedBy(pattern: string, system: System, where: string): readonly string[] {
  const actors = Object.keys(system.actors);
  const named = actors.filter((name) => isNamedBy(pattern, name));
  if (named.length > 0) return named;
  if (!pattern.endsWith('*')) checkName(pattern, new Set(actors), where);
  throw bad(`${where} names the actors "${pattern}", and no name begins so`, didYouMean(pattern, actors));
}

function checkDraws({ draws }: StepTiming, population: number, where: string): void {
  if (draws === undefined) return;
  const { order, from = 0, count = 1, exponent } = draws;
  if (from + count > population) {
    throw bad(
      `${where}: draws things ${from} to ${from + count - 1}, and the population has ${population}`,
      population === 0 ? 'declare the `population` of the system' : 'ask for more things, or draw from fewer',
    );
  }
  if (exponent === undefined || order === 'zipf') return;
  throw bad(`${where}: draws has an exponent, and only the order 'zipf' has one`, 'leave it out');
}

function checkChannel(name: string, timing: Timing, system: System): void {
  checkName(name, new Set(Object.keys(system.channels)), 'timing', 'channel');
  const where = `timing of channel "${name}"`;
  const { bandwidth, size, loses, duplicates } = timing.channels![name]!;
  const { lossy, duplicating } = system.channels[name]!;
  if ((bandwidth === undefined) !== (size === undefined)) {
    const [has, lacks] = bandwidth === undefined ? ['size', 'bandwidth'] : ['bandwidth', 'size'];
    throw bad(`${where} has a ${has} and no ${lacks}`, 'a message is on its way for its size by the bandwidth');
  }
  if (loses !== undefined && !lossy) {
    throw bad(`${where} loses messages, which the channel does not`, 'declare the channel as `lossy: true`');
  }
  if (duplicates !== undefined && !duplicating) {
    throw bad(`${where} duplicates messages, which the channel does not`, 'declare it as `duplicating: true`');
  }
}

const SEEN = fields("a pattern of messages, as { type: 'DONE' }", {
  to: optional(NAME),
  type: NAME,
  where: optional(FUNCTION),
  fate: optional(oneOf('taken', 'queued', 'dropped', 'lost')),
});

/** What actors show, or what a channel holds. */
const GAUGE: Shape = {
  expected: "a gauge, as { channel: 'link' } or { actors: 'q*', value: ({ context }) => context.waiting }",
  check(value, place) {
    if (!isObject(value)) shape(GAUGE.expected, () => false).check(value, place);
    const parts = 'channel' in (value as object) ? { channel: NAME } : { actors: NAME, value: FUNCTION };
    fields('a gauge', parts).check(value, place);
  },
};

const MEASURES = fields('what is measured', {
  gauges: optional(mapOf('gauges by name', GAUGE)),
  counters: optional(mapOf('patterns of messages by name', SEEN)),
  times: optional(
    mapOf(
      'times by name',
      fields('a time, as { from: { type: … }, to: { type: … } }', {
        from: SEEN,
        to: SEEN,
        unless: optional(SEEN),
        key: optional(FUNCTION),
      }),
    ),
  ),
});

/** @throws ModelError `bad-definition` for what is no measure; whether its names exist is another question */
export function checkMeasures(measures: unknown): void {
  checkShape(measures, MEASURES, 'measures');
}
