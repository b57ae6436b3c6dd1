/** What the parts of a definition look like. Whether the names in it exist is another question: `check-names.ts`. */
import type { Property } from './property.ts';
import {
  ANYTHING,
  bad,
  checkShape,
  either,
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
  TEXT,
} from './shapes.ts';
import { isMachine, xstateOf } from './xstate.ts';

export const MACHINE: Shape = {
  expected: 'an XState v5 machine',
  check(value, place) {
    if (isMachine(value)) xstateOf(value, place);
    else shape('an XState v5 machine, of setup({...}).createMachine({...})', () => false).check(value, place);
  },
};

/** A message: besides its type it has what the modeller wants. */
const MESSAGE: Shape = {
  expected: "a message, as { type: 'RUN' }",
  check(value, place) {
    if (!isObject(value)) shape(MESSAGE.expected, () => false).check(value, place);
    NAME.check((value as { type?: unknown }).type, `${place}: type`);
  },
};

const STATE_VALUE = shape("a state: 'a', 'a.b' or { a: 'b' }", (value) => typeof value === 'string' || isObject(value));
const REST = 'a list of states, or a predicate';

const OPTIONS: Readonly<Record<string, Shape>> = {
  input: ANYTHING,
  choices: optional(listOf('a list of messages', MESSAGE)),
  rest: optional(either(REST, isFunction, FUNCTION, listOf(REST, STATE_VALUE))),
  unhandled: optional(oneOf('error', 'ignore')),
  constraint: optional(FUNCTION),
};

/** Of `actor()`. */
export const ACTOR_OPTIONS = fields('options', OPTIONS);

/** Of `systemOf()`. */
export const MACHINE_OPTIONS = fields('options', {
  name: optional(NAME),
  events: optional(listOf('a list of messages', MESSAGE)),
  input: ANYTHING,
  constraint: optional(FUNCTION),
});

/** An actor may be made without `actor()`. */
const ACTOR: Shape = {
  expected: 'an actor',
  check(value, place) {
    if (!isObject(value)) shape('an actor, of actor(machine)', () => false).check(value, place);
    fields('an actor', { ...OPTIONS, machine: MACHINE }).check(value, place);
  },
};

const NAMES = listOf('a list of names', NAME);
const TYPES = listOf('a list of message types', NAME);

const CHANNEL = fields('a channel', {
  from: optional(NAMES),
  to: NAMES,
  types: optional(TYPES),
  order: oneOf('fifo', 'unordered', 'set'),
  capacity: shape(
    'a whole number of at least 1, or Infinity',
    (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 1),
  ),
  whenFull: optional(oneOf('block', 'drop')),
  lossy: optional(shape('true, false or "anywhere"', (value) => typeof value === 'boolean' || value === 'anywhere')),
  duplicating: optional(shape('true, false or "always"', (value) => typeof value === 'boolean' || value === 'always')),
  competing: optional(shape('true or false', (value) => typeof value === 'boolean')),
});

const STARTS: Shape = {
  expected: 'a list of ways to start, each with the inputs of some actors',
  check(value, place) {
    listOf(STARTS.expected, mapOf('inputs by actor', ANYTHING)).check(value, place);
    if ((value as readonly unknown[]).length === 0)
      throw bad(`${place} is empty`, 'leave it out where there is one way');
  },
};

const FAIRNESS_WORD = oneOf('none', 'weak', 'strong');
const FAIRNESS: Shape = {
  ...either(
    '"none", "weak" or "strong", or these by message type',
    isObject,
    mapOf('fairness', FAIRNESS_WORD),
    FAIRNESS_WORD,
  ),
  isOptional: true,
};

const THINGS = listOf(
  'a list of things',
  either('a name, or the list of all names of one thing', Array.isArray, NAMES, NAME),
);

/** Errors speak of `channel "link"`, not of a path. */
function named(what: string, part: Shape): Shape {
  return {
    expected: `${what}s by name`,
    check(value, place) {
      if (!isObject(value)) shape(`${what}s by name`, () => false).check(value, place);
      for (const [name, inner] of Object.entries(value as object)) {
        if (inner !== undefined || !part.isOptional) part.check(inner, `${what} "${name}"`);
      }
    },
  };
}

const PARTS: Readonly<Record<string, Shape>> = {
  channels: optional(named('channel', CHANNEL)),
  starts: optional(STARTS),
  blocking: optional(TYPES),
  properties: optional({
    expected: 'a function',
    check(value, place) {
      if (Array.isArray(value)) {
        throw bad(`${place} is a list, expected a function`, 'to add to a system, use extendSystem(system, {...})');
      }
      FUNCTION.check(value, place);
    },
  }),
  deadlock: optional(oneOf('violation', 'ignore')),
  unhandled: optional(oneOf('error', 'ignore')),
  unsent: optional(oneOf('tell', 'ignore')),
  symmetry: optional(listOf('a list of lists of things', THINGS)),
  population: optional(THINGS),
  fairness: optional(named('fairness of', FAIRNESS)),
};

const ACTORS = named('actor', ACTOR);

export const SYSTEM_DEFINITION = fields('a definition', { actors: ACTORS, ...PARTS });
export const EXTENSION = fields('a definition', { actors: optional(ACTORS), ...PARTS });

export const MESSAGE_PATTERN = fields("a pattern of messages, as { type: 'DONE' }", {
  to: optional(NAME),
  type: NAME,
  where: optional(FUNCTION),
});

const KINDS: Readonly<Record<Property['kind'], Readonly<Record<string, Shape>>>> = {
  always: { holds: FUNCTION },
  reachable: { witness: FUNCTION },
  happens: { message: MESSAGE_PATTERN },
  monitor: {
    machine: MACHINE,
    input: ANYTHING,
    names: optional(fields('names in the input of a monitor', { actors: optional(NAMES), messages: optional(NAMES) })),
  },
  eventually: { goal: FUNCTION },
  leadsTo: { trigger: FUNCTION, goal: FUNCTION },
  infinitelyOften: { goal: FUNCTION },
};

const PROPERTY: Shape = {
  expected: 'a property',
  check(value, place) {
    if (!isObject(value)) shape("a property, as always('…', (system) => …)", () => false).check(value, place);
    const { kind, name } = value as Partial<Property>;
    NAME.check(name, `${place}: name`);
    oneOf(...Object.keys(KINDS)).check(kind, `property "${name}": kind`);
    checkShape(value, fields('a property', { kind: TEXT, name: NAME, ...KINDS[kind!] }), `property "${name}"`);
  },
};

/** What the function `properties` returns. */
export const PROPERTIES = listOf('a list of properties', PROPERTY);

/** What a definition becomes. */
export const SYSTEM = fields('a system', { actors: ACTORS, ...PARTS, properties: PROPERTIES });

/** It stands in lines of its own. */
const WORD = shape(
  'a text that is not empty, without control characters',
  (value) => typeof value === 'string' && value.trim() !== '' && !/\p{Cc}/u.test(value),
);

const ZOD_OBJECT = shape('a Zod object, as z.object({...})', (value) => {
  const { safeParse, shape: parameters } = (value ?? {}) as Record<string, unknown>;
  return typeof safeParse === 'function' && isObject(parameters);
});

const EXPECTATION: Shape = {
  expected:
    "{ verdict: 'holds' }, { verdict: 'violated', property: '…' }, or { verdict: 'violated', properties: ['…', '…'] }",
  check(value, place) {
    if (!isObject(value)) shape(EXPECTATION.expected, () => false).check(value, place);
    const verdict = oneOf('holds', 'violated');
    const { verdict: expected, properties } = value as { verdict?: unknown; properties?: unknown };
    const named: Readonly<Record<string, Shape>> =
      properties === undefined ? { property: NAME } : { properties: SEVERAL };
    const pinned = { counts: optional(COUNTS), reduced: optional(COUNTS) };
    const rest = expected === 'violated' ? { ...named, length: optional(COUNT) } : expected === 'holds' ? pinned : {};
    fields('an expectation', { verdict, ...rest }).check(value, place);
  },
};

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const COUNT = shape('a whole number from 0', isCount);
const COUNTS = shape(
  'two whole numbers, [states, steps]',
  (value) => Array.isArray(value) && value.length === 2 && value.every(isCount),
);

const SEVERAL: Shape = {
  expected: 'a list of properties, each once',
  check(value, place) {
    listOf(SEVERAL.expected, NAME).check(value, place);
    const names = value as readonly string[];
    if (names.length === 0) throw bad(`${place} is empty, expected ${SEVERAL.expected}`, 'what has to be violated?');
    const twice = names.find((name, at) => names.indexOf(name) < at);
    if (twice !== undefined) throw bad(`${place} names "${twice}" twice`, `expected ${SEVERAL.expected}`);
  },
};

const STRESS = fields('how it is stressed', {
  unit: NAME,
  devices: optional(NAME),
  queueEntries: optional(NAME),
  pages: optional(NAME),
  parameters: optional(mapOf('values by parameter', ANYTHING)),
  pressure: optional(TYPES),
  counters: optional(mapOf('patterns of messages by name', MESSAGE_PATTERN)),
  balances: optional(listOf('a list of balances', fields('a balance', { name: NAME, left: NAMES, right: NAMES }))),
  gauges: optional(mapOf('functions by name', FUNCTION)),
  latencies: optional(
    mapOf('latencies by name', fields('a latency', { actors: NAME, states: listOf('a list of states', STATE_VALUE) })),
  ),
});

const MEMBER = fields('a member', {
  path: NAME,
  thing: optional(NAME),
  names: optional(NAME),
  per: optional(NAME),
  values: optional(mapOf('values by what is observed', ANYTHING)),
});

const OBSERVED = fields('an observed event', {
  type: NAME,
  to: optional(NAME),
  from: optional(NAME),
  when: optional(oneOf('taken', 'sent')),
  where: optional(mapOf('values by where they stand', ANYTHING)),
  fields: optional(mapOf('members by name', either('a path, or { path, … }', isObject, MEMBER, NAME))),
});

const TIMING = 'a timing section, or a function that gives one';

export const SCENARIO_DEFINITION = fields('a scenario', {
  name: NAME,
  title: TEXT,
  sources: listOf('a list of strings', TEXT),
  group: WORD,
  systems: optional(listOf('a list of words', WORD)),
  parameters: ZOD_OBJECT,
  variants: named('variant', fields('a variant', { title: TEXT, expected: EXPECTATION })),
  stress: optional(STRESS),
  observed: optional(mapOf('observed events by name', OBSERVED)),
  // What is in it is checked when it is used.
  timing: optional(either(TIMING, isFunction, FUNCTION, shape(TIMING, isObject))),
  build: FUNCTION,
});
