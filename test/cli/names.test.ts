/** A definition with a name that does not exist, or a word that there is not, is one model error that says what was meant. */
import { afterAll, describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { z } from 'zod';
import { defineScenario, defineSystem, extendSystem, type System } from '../../src/index.ts';
import { actor } from '../../src/system/system.ts';
import { folderWith, ModuleProcess, run } from './harness.ts';

/** What the definitions, which TypeScript would refuse, have at hand. */
const SCOPE = {
  actor,
  createMachine,
  defineScenario,
  defineSystem,
  extendSystem,
  z,
  go: createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } }),
  still: createMachine({ on: { GO: {} } }),
  listener: (type: string) => createMachine({ initial: 'a', states: { a: { on: { [type]: 'b' } }, b: {} } }),
  a: actor(createMachine({ on: { GO: {} } }), { choices: [{ type: 'GO' }] }),
};

function evaluate(code: string): unknown {
  return new Function(...Object.keys(SCOPE), `return ${code};`)(...Object.values(SCOPE));
}

/** Checks what a definition gives, as a scenario of the catalogue. */
function checked(build: () => unknown) {
  const scenario = defineScenario({
    name: 'tried',
    title: 'a definition',
    sources: [],
    group: 'textbook',
    parameters: z.object({}),
    variants: { fixed: { title: 'as it is', expected: { verdict: 'holds' } } },
    build: build as () => System,
  });
  return run(['check', 'tried'], { catalogue: [scenario] });
}

/** By what is wrong: the definition, the error, and the hint. */
const MISTAKES: Readonly<Record<string, readonly [definition: string, message: string, hint: string]>> = {
  'misspelt properties': [
    `defineSystem({ actors: { a: actor(go, { choices: [{ type: 'GO' }], rest: ['b'] }) },
      propertys: ({ always }) => [always('never b', (v) => !v.get('a').matches('b'))] })`,
    'the system has the unknown key "propertys"',
    'did you mean "properties"?',
  ],
  'an id that is no text': [
    "defineSystem({ actors: { a: actor(createMachine({ id: new Set(['light']), on: { GO: {} } })) } })",
    'the machine of actor "a" has an id that is no text: got a value of type object',
    'give it a name',
  ],
  'unknown keys': [
    'defineSystem({ actors: { a: actor(still) }, chanels: {}, propertys: () => [] })',
    'the system has the unknown keys "chanels", "propertys"',
    'did you mean "channels", "properties"?',
  ],
  'a blocking type': [
    "defineSystem({ actors: { a }, blocking: ['GOO'], deadlock: 'ignore' })",
    'blocking names the message type GOO, which no machine of the system has a transition for',
    'did you mean "GO"?',
  ],
  'a word for deadlock': [
    "defineSystem({ actors: { a }, deadlock: 'ignored' })",
    'the system: deadlock is "ignored", expected "violation" or "ignore"',
    'did you mean "ignore"?',
  ],
  'interchangeable things that are nowhere': [
    "defineSystem({ actors: { a }, symmetry: [['zz', 'yy']], deadlock: 'ignore' })",
    'symmetry names "zz", which no actor, channel, input, choice or context has',
    '',
  ],
  'a population that is nowhere': [
    "defineSystem({ actors: { a, page0: a }, population: ['page0', 'pege1'] })",
    'population names "pege1", which no actor, channel, input, choice or context has',
    'did you mean "page0"?',
  ],
  'the order of a channel': [
    "defineSystem({ actors: { a: actor(createMachine({})) }, channels: { c: { to: ['a'], order: 'lifo', capacity: 1 } } })",
    'channel "c": order is "lifo", expected "fifo" or "unordered"',
    'did you mean "fifo"?',
  ],
  'what a full channel does': [
    "defineSystem({ actors: { a }, channels: { c: { to: ['a'], order: 'fifo', capacity: 1, whenFull: 'wait' } } })",
    'channel "c": whenFull is "wait", expected "block" or "drop"',
    '',
  ],
  'the capacity as text': [
    "defineSystem({ actors: { a }, channels: { c: { to: ['a'], order: 'fifo', capacity: '3' } } })",
    'channel "c": capacity is "3", expected a whole number of at least 1, or Infinity',
    '',
  ],
  'yes for true': [
    "defineSystem({ actors: { a }, channels: { c: { to: ['a'], order: 'fifo', capacity: 1, lossy: 'yes' } } })",
    'channel "c": lossy is "yes", expected true, false or "anywhere"',
    '',
  ],
  'a channel without receivers': [
    "defineSystem({ actors: { a }, channels: { c: { from: ['a'], order: 'fifo', capacity: 1 } } })",
    'channel "c": to is missing, expected a list of names',
    '',
  ],
  'a key of a channel': [
    "defineSystem({ actors: { a }, channels: { c: { to: ['a'], order: 'fifo', capacity: 1, duplicate: true } } })",
    'channel "c" has the unknown key "duplicate"',
    'did you mean "duplicating"?',
  ],
  'a receiver': [
    "defineSystem({ actors: { reader: a }, channels: { c: { to: ['raeder'], order: 'fifo', capacity: 1 } } })",
    'channel "c" names the actor "raeder", which does not exist',
    'did you mean "reader"?',
  ],
  'a type in a channel': [
    "defineSystem({ actors: { a }, channels: { c: { to: ['a'], types: ['GOO'], order: 'fifo', capacity: 1 } } })",
    'channel "c": types names the message type GOO, which no receiver of it has a transition for',
    'did you mean "GO"?',
  ],
  'a kind of property': [
    "defineSystem({ actors: { a }, deadlock: 'ignore', properties: () => [{ kind: 'never', name: 'p' }] })",
    'property "p": kind is "never", expected "always" or',
    '',
  ],
  'a property without a name': [
    "defineSystem({ actors: { a }, properties: () => [{ kind: 'always', holds: () => true }] })",
    '`properties` returns[0]: name is missing, expected a string that is not empty',
    '',
  ],
  'a property without a predicate': [
    "defineSystem({ actors: { a }, properties: ({ always }) => [always('p', true)] })",
    'property "p": holds is true, expected a function',
    '',
  ],
  'properties that are promised': [
    'defineSystem({ actors: { a }, properties: async () => [] })',
    'what `properties` returns is a Promise, expected a list of properties',
    '',
  ],
  'a message that happens': [
    "defineSystem({ actors: { a }, properties: ({ happens }) => [happens('p', { type: 'GOO' })] })",
    'property "p" names the message type GOO, which no machine of the system has a transition for',
    'did you mean "GO"?',
  ],
  'whom a message happens to': [
    "defineSystem({ actors: { reader: a }, properties: ({ happens }) => [happens('p', { to: 'raeder', type: 'GO' })] })",
    'property "p" names the actor "raeder", which does not exist',
    'did you mean "reader"?',
  ],
  'what a monitor listens to': [
    "defineSystem({ actors: { a }, properties: ({ monitor }) => [monitor('p', listener('GOO'))] })",
    'monitor "p" names the message type GOO, which no machine of the system has a transition for',
    'did you mean "GO"?',
  ],
  'an actor in the input of a monitor': [
    "defineSystem({ actors: { a }, properties: ({ monitor }) => [monitor('p', listener('GO'), {}, { actors: ['b'] })] })",
    'monitor "p" names the actor "b", which does not exist',
    'did you mean "a"?',
  ],
  'a message in the input of a monitor': [
    "defineSystem({ actors: { a }, properties: ({ monitor }) => [monitor('p', listener('GO'), {}, { messages: ['GOO'] })] })",
    'monitor "p" names the message type GOO, which no machine of the system has a transition for',
    'did you mean "GO"?',
  ],
  'what a monitor sees sent': [
    "defineSystem({ actors: { a }, properties: ({ monitor }) => [monitor('p', listener('sent.GOO'))] })",
    'monitor "p": sent names the message type GOO, which no machine of the system has a transition for',
    'did you mean "GO"?',
  ],
  'whether receivers compete': [
    "defineSystem({ actors: { a }, channels: { c: { to: ['a'], order: 'fifo', capacity: 1, competing: 'yes' } } })",
    'channel "c": competing is "yes", expected true or false',
    '',
  ],
  'fairness of nobody': [
    "defineSystem({ actors: { reader: a }, fairness: { raeder: 'weak' } })",
    'fairness names the actor or channel "raeder", which does not exist',
    'did you mean "reader"?',
  ],
  'a word for fairness': [
    "defineSystem({ actors: { a }, fairness: { a: { GO: 'string' } } })",
    'fairness of "a".GO is "string", expected "none" or "weak" or "strong"',
    'did you mean "strong"?',
  ],
  'a choice that the machine never takes': [
    "defineSystem({ actors: { x: actor(listener('BREAK'), { choices: [{ type: 'BRAEK' }], rest: () => true }) } })",
    'actor "x" has the choice BRAEK, which its machine has no transition for in any state',
    'did you mean "BREAK"?',
  ],
  'rest that is a number': [
    "defineSystem({ actors: { a: actor(go, { choices: [{ type: 'GO' }], rest: 5 }) } })",
    'rest is 5, expected a list of states, or a predicate',
    '',
  ],
  'a state of rest': [
    "defineSystem({ actors: { a: actor(listener('GO'), { choices: [{ type: 'GO' }], rest: ['bb'] }) } })",
    'rest of actor "a" names the state "bb", which its machine does not have',
    'did you mean "b"?',
  ],
  'choices that are no list': [
    "defineSystem({ actors: { a: actor(go, { choices: { type: 'GO' } }) } })",
    'choices is an object, expected a list of messages',
    '',
  ],
  'an option of an actor': [
    "defineSystem({ actors: { a: actor(go, { choises: [{ type: 'GO' }] }) } })",
    'has the unknown key "choises"',
    'did you mean "choices"?',
  ],
  'an actor that is a machine': ['defineSystem({ actors: { a: go } })', 'actor "a"', ''],
  'properties of a system that is spread': [
    'defineSystem({ ...defineSystem({ actors: { a } }), actors: { a, b: a } })',
    'the system: properties is a list, expected a function',
    'to add to a system, use extendSystem(system, {...})',
  ],
  'an actor that the base has': [
    'extendSystem(defineSystem({ actors: { a } }), { actors: { a } })',
    'the extension declares actor "a", which the base has',
    'give it a name of its own',
  ],
  'a key of an extension': [
    'extendSystem(defineSystem({ actors: { a } }), { actor: { b: a } })',
    'the extension has the unknown key "actor"',
    'did you mean "actors"?',
  ],
};

const SCENARIO = `{ name: 's', title: 't', sources: [], group: 'textbook', parameters: z.object({ devices: z.number().default(2) }),
  variants: { fixed: { title: 'x', expected: { verdict: 'holds' } } }, build: () => defineSystem({ actors: { dev0: a } })`;
const STRESS: typeof MISTAKES = {
  'a key of a scenario': [
    `${SCENARIO}, stres: {} }`,
    'scenario "s" has the unknown key "stres"',
    'did you mean "stress"?',
  ],
  'a group of two lines': [
    `${SCENARIO}, group: 'a\\nb' }`,
    'scenario "s": group is "a\\nb", expected a text that is not empty, without control characters',
    '',
  ],
  'an empty group': [`${SCENARIO}, group: ' ' }`, 'scenario "s": group is " ", expected a text that is not empty', ''],
  'an expected violation of nothing': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'violated' } } } }`,
    'variant "fixed": expected: property is missing, expected a string that is not empty',
    '',
  ],
  'expected violations that are none': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'violated', properties: [] } } } }`,
    'variant "fixed": expected: properties is empty, expected a list of properties, each once',
    'what has to be violated?',
  ],
  'an expected violation that is named twice': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'violated', properties: ['p', 'p'] } } } }`,
    'expected: properties names "p" twice',
    'expected a list of properties, each once',
  ],
  'pinned counts that are none': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'holds', counts: [12] } } } }`,
    'expected: counts is a list, expected two whole numbers, [states, steps]',
    '',
  ],
  'a length of what holds': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'holds', length: 3 } } } }`,
    'variant "fixed": expected has the unknown key "length"',
    '',
  ],
  'both forms of an expected violation': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'violated', property: 'p', properties: ['p'] } } } }`,
    'variant "fixed": expected has the unknown key "property"',
    '',
  ],
  'a property that is expected to be violated': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'violated', property: 'no dedlock' } } } }`,
    'scenario "s", variant "fixed": a violation of "no dedlock" is expected, and the system has no such property',
    'did you mean "no deadlock"?',
  ],
  'one of several such properties': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'violated', properties: ['no deadlock', 'p'] } } } }`,
    'scenario "s", variant "fixed": a violation of "p" is expected, and the system has no such property',
    'there are: no deadlock',
  ],
  'an expected verdict': [
    `${SCENARIO}, variants: { fixed: { title: 'x', expected: { verdict: 'hold' } } } }`,
    'variant "fixed": expected: verdict is "hold", expected "holds" or "violated"',
    'did you mean "holds"?',
  ],
  'a parameter of stress': [
    `${SCENARIO}, stress: { unit: 'u', devices: 'device' } }`,
    'scenario "s", stress: devices names the parameter "device", which does not exist',
    'did you mean "devices"?',
  ],
  'a counter of a balance': [
    `${SCENARIO}, stress: { unit: 'u', counters: { goes: { type: 'GO' } }, balances: [{ name: 'b', left: ['goes'], right: ['gos'] }] } }`,
    'stress: balance "b" names the counter "gos", which does not exist',
    'did you mean "goes"?',
  ],
  'what a counter counts': [
    `${SCENARIO}, stress: { unit: 'u', counters: { goes: { type: 'GOO' } } } }`,
    'stress: counter "goes" names the message type GOO',
    'did you mean "GO"?',
  ],
  pressure: [
    `${SCENARIO}, stress: { unit: 'u', pressure: ['GOO'] } }`,
    'stress: pressure names the choice GOO, which no actor has',
    'did you mean "GO"?',
  ],
  'whose latency is measured': [
    `${SCENARIO}, stress: { unit: 'u', latencies: { l: { actors: 'dve', states: ['a'] } } } }`,
    'stress: latency "l" is of actors whose names begin with "dve", and there are none',
    'did you mean "dev0"?',
  ],
  'an observed message': [
    `${SCENARIO}, observed: { e: { type: 'GOO' } } }`,
    'observed: event "e" names the message type GOO',
    'did you mean "GO"?',
  ],
  'who takes an observed message': [
    `${SCENARIO}, observed: { e: { type: 'GO', to: 'dve0' } } }`,
    'observed: event "e" names the actor "dve0", which does not exist',
    'did you mean "dev0"?',
  ],
};

const all = [
  ...Object.entries(MISTAKES),
  ...Object.entries(STRESS).map(
    ([what, [code, ...rest]]) => [what, [`defineScenario(${code}).build({}, 'fixed')`, ...rest]] as const,
  ),
];

describe('a definition is refused for', () => {
  test.each(all.map(([what, [code, message, hint]]) => [what, code, message, hint] as const))(
    '%s',
    async (_, code, message, hint) => {
      const { status, stdout, stderr } = await checked(() => evaluate(code));
      const text = stderr.replaceAll(/\s+/g, ' ');
      expect(text).toContain(message);
      expect(text).toContain(hint);
      expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    },
  );
});

describe('a definition is not refused for', () => {
  test.each([
    [
      'wildcards of a monitor',
      "defineSystem({ actors: { a }, properties: ({ monitor }) => [monitor('p', listener('*')), monitor('q', listener('x.*'))] })",
    ],
    ['a type that a wildcard takes', "defineSystem({ actors: { a, b: actor(listener('*')) }, blocking: ['ANY'] })"],
    [
      'a type below a partial wildcard',
      "defineSystem({ actors: { a, b: actor(listener('x.*')) }, blocking: ['x.y'] })",
    ],
    ['a choice that its machine forbids', 'defineSystem({ actors: { a } })'],
    [
      'a state deep down',
      "defineSystem({ actors: { a: actor(createMachine({ initial: 'x', states: { x: { initial: 'y', states: { y: {} } } } }), { rest: ['x.y', { x: 'y' }] }) } })",
    ],
    [
      'interchangeable words of an input',
      "defineSystem({ actors: { a: actor(SCOPED, { input: { left: 'red', right: 'blue' } }) }, symmetry: [['red', 'blue']] })".replace(
        'SCOPED',
        'still',
      ),
    ],
    [
      'interchangeable words of a context',
      "defineSystem({ actors: { a: actor(createMachine({ context: () => ({ red: 1, blue: 1 }) })) }, symmetry: [['red', 'blue']] })",
    ],
    [
      'parts that are left out',
      'defineSystem({ actors: { a }, channels: undefined, symmetry: undefined, fairness: undefined })',
    ],
    [
      'fairness of a timer',
      "defineSystem({ actors: { a: actor(createMachine({ id: 'm', initial: 'x', states: { x: { after: { 5: 'y' } }, y: {} } })) }, fairness: { a: { 'xstate.after.5.m.x': 'strong' } } })",
    ],
    [
      'a stress section that only one variant has',
      `defineScenario(${SCENARIO}, stress: { unit: 'u', latencies: { l: { actors: 'dev', states: [] } }, pressure: ['GO'] }, observed: { e: { type: 'GO', to: 'dev*' } } }).build({}, 'fixed')`,
    ],
  ])('%s', (_, code) => {
    expect(() => evaluate(code)).not.toThrow();
  });
});

describe('what is hollow', () => {
  const VAC = `defineSystem({
    actors: { x: actor(createMachine({ initial: 'a', states: { a: { on: { RUN: 'b' } }, b: { on: { RUN: 'a' } }, never: {}, goal: {} } }),
      { choices: [{ type: 'RUN' }] }) },
    properties: ({ always, leadsTo }) => [
      leadsTo('never leads to goal', (v) => v.get('x').matches('never'), (v) => v.get('x').matches('goal')),
      always('never implies false', (v) => !v.get('x').matches('never')),
    ],
  })`;
  const scenario = (variants: readonly string[]) =>
    defineScenario({
      name: 'vac',
      title: 'a trigger that never occurs',
      sources: [],
      group: 'textbook',
      parameters: z.object({}),
      variants: Object.fromEntries(variants.map((name) => [name, { title: name, expected: { verdict: 'holds' } }])),
      build: () => evaluate(VAC) as System,
    });
  const ran = (args: readonly string[], variants = ['fixed']) =>
    run(['check', 'vac', ...args], { catalogue: [scenario(variants)] });

  test('is said in the verdict line, and what it is below', async () => {
    const { status, stdout } = await ran([]);
    expect(stdout).toContain('holds: the whole space was searched, 2 states; 3 parts hollow, see below\n');
    expect(stdout).toContain(
      '  trigger  the trigger of "never leads to goal" never occurs: it holds for lack of an occasion\n',
    );
    expect(stdout).toContain('  state    never of x is a state that nothing leads to\n');
    expect(status).toBe(0);
  });

  test('is a line for each of several results', async () => {
    const { stdout } = await ran([], ['one', 'two']);
    for (const variant of ['one', 'two'])
      expect(stdout).toContain(`  vac --variant ${variant}: 3 parts hollow: state x: never,`);
  });

  test('is in the JSON document', async () => {
    const { stdout } = await ran(['--json']);
    const [result] = JSON.parse(stdout).results;
    expect(result.hollow).toEqual([
      { kind: 'state', subject: 'x: never', text: expect.any(String) },
      { kind: 'state', subject: 'x: goal', text: expect.any(String) },
      { kind: 'trigger', subject: 'never leads to goal', text: expect.any(String) },
    ]);
  });

  test('makes the status 1 with --strict', async () => {
    expect((await ran(['--strict'])).status).toBe(1);
    expect((await ran(['--strict', '--variant', 'fixed'])).status).toBe(1);
    expect((await run(['check', 'bounded-fifo', '--strict'])).status).toBe(0);
  });
});

/** As users have them: modules. */
const { path: folder, remove } = folderWith({
  'misspelt.ts': `import { actor, defineSystem } from 'faultline'; import { createMachine } from 'xstate';
const m = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
export const s = defineSystem({ actors: { a: actor(m, { choices: [{ type: 'GO' }], rest: ['b'] }) }, propertys: ({ always }) => [always('never b', (v) => !v.get('a').matches('b'))] });`,
  'spread.ts': `import { actor, defineSystem } from 'faultline';
import { sendTo, setup } from 'xstate';
const b = setup({ types: { events: {} as { type: 'M' } } }).createMachine({ on: { M: {} } });
const a = setup({ types: { events: {} as { type: 'GO' } }, actions: { send: sendTo(({ system }) => system.get('b'), { type: 'M' }) } })
  .createMachine({ initial: 'x', states: { x: { on: { GO: { target: 'y', actions: 'send' } } }, y: { type: 'final' } } });
const go = { choices: [{ type: 'GO' as const }] };
const base = defineSystem({ actors: { b: actor(b), a: actor(a, go) }, channels: { ch: { to: ['b'], types: ['M'], order: 'fifo', capacity: 2 } } });
export const extended = defineSystem({
  ...base, actors: { ...base.actors, c: actor(a, go) }, channels: base.channels, blocking: [...base.blocking], fairness: base.fairness,
  properties: ({ always }) => [always('at most one message waits', (v) => v.channel('ch').length < 2)],
});
export const unchecked = () => ({ ...base, actors: { ...base.actors, c: actor(a, go) } });`,
});
const modules = new ModuleProcess();
afterAll(() => {
  modules.end();
  remove();
});

describe('a module', () => {
  test('with a misspelt key is refused, with the module and the key', async () => {
    const { status, stderr } = await modules.run(['check', './misspelt.ts'], folder);
    expect(stderr).toContain('./misspelt.ts');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('the system has the unknown key "propertys"');
    expect(status).toBe(4);
  });

  test('that spreads a system into a definition has all of its channel', async () => {
    const { status, stdout } = await modules.run(['check', './spread.ts#extended', '--quiet'], folder);
    expect(stdout).toContain('violated: at most one message waits');
    expect(status).toBe(1);
  });

  test('that makes a system by a spread alone has none', async () => {
    const { status } = await modules.run(['check', './spread.ts#unchecked', '--quiet'], folder);
    expect([3, 4]).toContain(status);
  });
});
