/** Modules: small systems that are right, one part of each of which is replaced by something that does not belong there. */
import type { Random } from './random.ts';

/** JavaScript, as text or in parts. */
type Code = string | Call | readonly Code[] | { readonly [key: string]: Code };

interface Call {
  readonly call: string;
  readonly with: readonly Code[];
}

const HEAD = `import { actor, combineActors, defineScenario, defineSystem, extendSystem, family } from 'faultline';
import * as xstate from 'xstate';
import { and, assign, cancel, createMachine, emit, enqueueActions, fromPromise, log, not, or, raise, sendParent, sendTo, setup, spawnChild, stateIn, stopChild } from 'xstate';
import { z } from 'zod';
const traps = { get() { throw new Error('trapped') }, has() { throw new Error('trapped') }, ownKeys() { throw new Error('trapped') },
  getPrototypeOf() { throw new Error('trapped') }, getOwnPropertyDescriptor() { throw new Error('trapped') }, apply() { throw new Error('trapped') } };
const deep = (n, inner = 0) => { let value = inner; for (let i = 0; i < n; i++) value = { d: value }; return value; };
const many = (n, make) => Object.fromEntries(Array.from({ length: n }, (_, i) => ['s' + i, make(i)]));
const sharing = (machine, build) => build(machine);
const cycle = () => { const one = {}; one.one = one; return one; };
`;

const call = (name: string, ...args: Code[]): Call => ({ call: name, with: args });

const LIGHT = call('createMachine', {
  id: "'light'",
  context: { n: '0', who: "'x'" },
  initial: "'red'",
  states: {
    red: {
      on: {
        GO: {
          target: "'green'",
          guard: '({ context }) => context.n < 3',
          actions: call('assign', { n: '({ context }) => context.n + 1' }),
        },
      },
    },
    green: {
      tags: ["'lit'"],
      on: { STOP: "'red'", GO: {} },
      after: { '10': "'red'" },
      entry: [call('raise', { type: "'LOOK'" })],
    },
  },
  on: { LOOK: { actions: [] } },
});
const SENDER = call('createMachine', {
  initial: "'idle'",
  context: {},
  states: {
    idle: {
      on: {
        GO: {
          target: "'busy'",
          actions: call('sendTo', "({ system }) => system.get('b')", { type: "'WORK'", size: '1' }),
        },
      },
    },
    busy: { on: { DONE: "'idle'" } },
  },
});
const RECEIVER = call('createMachine', {
  context: '({ input }) => ({ limit: input.limit })',
  initial: "'ready'",
  states: {
    ready: {
      on: {
        WORK: { target: "'ready'", actions: call('sendTo', "({ system }) => system.get('a')", { type: "'DONE'" }) },
      },
    },
  },
});
const WATCH = call('createMachine', {
  initial: "'calm'",
  states: {
    calm: { on: { WORK: "'hot'" } },
    hot: { tags: ["'hot'"], on: { DONE: "'calm'" } },
    bad: { tags: ["'violation'"] },
  },
});
const HOLDS = { verdict: "'holds'" };

const LIGHTS: Code = call('sharing', LIGHT, [
  '(light) => ',
  call('defineSystem', {
    actors: {
      north: call('actor', 'light', { choices: [{ type: "'GO'" }, { type: "'STOP'" }], rest: ["'red'", "'green'"] }),
      east: call('actor', 'light', { choices: [{ type: "'GO'" }, { type: "'STOP'" }], rest: ["'red'", "'green'"] }),
    },
    deadlock: "'ignore'",
    unsent: "'ignore'",
    symmetry: [["'north'", "'east'"]],
    fairness: { north: { GO: "'weak'", STOP: "'strong'" }, east: { GO: "'weak'", STOP: "'strong'" } },
    properties: `({ always, reachable }) => [always('not both', (view) => !(view.get('north').matches('green') && view.get('east').matches('green'))), reachable('lit', (view) => view.get('north').hasTag('lit') || view.get('east').hasTag('lit'))]`,
  }),
]);
const WORKERS: Code = call('defineSystem', {
  actors: {
    a: call('actor', SENDER, { choices: [{ type: "'GO'" }], rest: '() => true' }),
    b: call('actor', RECEIVER, { input: { limit: '3' } }),
  },
  channels: {
    there: {
      from: ["'a'"],
      to: ["'b'"],
      types: ["'WORK'"],
      order: "'fifo'",
      capacity: '2',
      whenFull: "'block'",
      lossy: 'true',
      duplicating: 'false',
    },
  },
  blocking: ["'DONE'"],
  properties: [
    '({ happens, monitor, eventually, leadsTo, infinitelyOften }) => ',
    [
      call('happens', "'work'", { type: "'WORK'", to: "'b'", where: '(event) => event.size === 1' }),
      call('monitor', "'answers'", WATCH),
      call('leadsTo', "'p'", "(view) => view.get('a').matches('busy')", "(view) => view.get('a').matches('idle')"),
      call('eventually', "'some day'", "(view) => view.channel('there').length === 0"),
    ],
  ],
});
const SCENARIO: Code = call('defineScenario', {
  name: "'own'",
  title: "'Own'",
  group: "'textbook'",
  sources: ["'B-01'"],
  parameters: call('z.object', { size: "z.int().min(1).max(3).default(1).describe('size')" }),
  variants: {
    fixed: { title: "'fixed'", expected: HOLDS },
    other: { title: "'other'", expected: { verdict: "'violated'", property: "'not both'" } },
  },
  observed: {
    go: { type: "'GO'", to: "'north'", when: "'taken'", fields: { device: { path: "'device'", thing: "'dev'" } } },
  },
  stress: { unit: "'light'", counters: { gone: { type: "'GO'" } } },
  build: ['({ size }) => ', LIGHTS],
});
const EXTENDED: Code = call('extendSystem', LIGHTS, {
  actors: { third: call('actor', LIGHT, { choices: [{ type: "'GO'" }] }) },
  properties: "({ always }) => [always('more', () => true)]",
});

const SYSTEMS: readonly Code[] = [LIGHTS, LIGHTS, WORKERS, WORKERS, SCENARIO, EXTENDED];

const ODD: readonly string[] = [
  'null',
  'undefined',
  'true',
  'false',
  '0',
  '-1',
  '-0',
  '0.5',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e309',
  '2 ** 53',
  "''",
  "' '",
  "'x'",
  "'GO'",
  "'red'",
  "'a.b'",
  "'#light'",
  "'*'",
  "'__proto__'",
  "'constructor'",
  "'toString'",
  "'\\u0000\\u001b[31m'",
  "'\\ud800'",
  "'\\u202e'",
  "'x'.repeat(100_000)",
  '10n',
  "Symbol('s')",
  'Symbol.iterator',
  '[]',
  '[null]',
  '[undefined]',
  '[[]]',
  'new Array(3)',
  '[,1]',
  "[['GO']]",
  "['GO', 'GO']",
  '{}',
  '{ a: 1 }',
  '{ type: null }',
  "{ type: '' }",
  "{ type: '__proto__' }",
  "{ type: 'xstate.init' }",
  'Object.create(null)',
  `JSON.parse('{"__proto__": {"x": 1}}')`,
  'Object.freeze({ a: 1 })',
  'Object.create(Object.freeze({ type: 1 }))',
  'cycle()',
  'deep(100)',
  'deep(20_000)',
  '() => {}',
  '() => undefined',
  '() => null',
  '() => 1',
  "() => 'yes'",
  '() => []',
  '() => ({})',
  '() => NaN',
  "() => Symbol('s')",
  '() => 1n',
  '() => cycle()',
  "() => { throw new Error('thrown') }",
  '() => { throw undefined }',
  '() => { throw null }',
  "() => { throw 'a text' }",
  '() => { throw Object.create(null) }',
  "() => { throw { toString() { throw new Error('no text') } } }",
  '() => { throw Symbol("thrown") }',
  '() => { throw new Proxy({}, traps) }',
  "() => { throw Object.assign(new Error('x'), { stack: 5 }) }",
  "() => { throw Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('message') } }) }",
  "() => { throw new RangeError('\\u001b[31mred\\nlines') }",
  'async () => true',
  'function* () { yield 1 }',
  'async function* () {}',
  'class X {}',
  'new (class X { y = 1 })()',
  'new Date(0)',
  '/x/g',
  'new Map([[1, 2]])',
  'new Set([1])',
  'new WeakMap()',
  'new Uint8Array(3)',
  'new ArrayBuffer(8)',
  "new Error('e')",
  'new String("s")',
  'new Boolean(false)',
  'Promise.resolve(1)',
  'new Proxy({}, traps)',
  'new Proxy([], traps)',
  'new Proxy(() => {}, traps)',
  '{ get a() { throw new Error("got") } }',
  '{ then() { throw new Error("then") } }',
  '{ then(done) { done(1) } }',
  '{ toJSON() { throw new Error("json") } }',
  '{ [Symbol.iterator]: 5 }',
  '{ length: 5 }',
  '{ valueOf() { throw new Error("value") } }',
  'createMachine({})',
  "createMachine({ initial: 'a', states: { a: {} } })",
  "createMachine({ type: 'parallel', states: { p: {}, q: {} } })",
  "createMachine({ type: 'final' })",
  'fromPromise(async () => 1)',
  'setup({})',
  'xstate',
  'actor(createMachine({}))',
  'assign({ n: 1 })',
  'assign({ n: () => { throw null } })',
  'assign(() => 5)',
  'assign({ n: () => 1n })',
  'assign({ n: () => new Date(0) })',
  'assign({ n: ({ context }) => [context] })',
  'assign({ n: () => deep(3000) })',
  'assign({ n: () => NaN })',
  'assign({ n: () => -0 })',
  'assign({ n: () => Math.random() })',
  "sendTo('b', { type: 'GO' })",
  "sendTo(({ system }) => system.get('nobody'), { type: 'GO' })",
  "sendTo(({ system }) => system.get('north'), { type: 'GO' })",
  "sendTo(() => null, { type: 'GO' })",
  'sendTo(({ system }) => system.get("a"), null)',
  "sendTo(({ self }) => self, { type: 'GO' })",
  "sendParent({ type: 'GO' })",
  "raise({ type: 'GO' })",
  "raise({ type: 'GO' }, { delay: 10 })",
  "raise({ type: 'LOOK' })",
  'raise(5)',
  "emit({ type: 'x' })",
  "log('hi')",
  "cancel('x')",
  "stopChild('x')",
  'spawnChild(createMachine({}))',
  'enqueueActions(({ enqueue }) => { enqueue.assign({ n: 1 }); throw undefined; })',
  "enqueueActions(({ enqueue }) => { enqueue('nothing') })",
  "'nameless'",
  "{ type: 'nameless', params: 5 }",
  'and([])',
  "not('nothing')",
  "stateIn('nowhere')",
  "many(2000, (i) => ({ on: { GO: 's' + (i + 1) % 2000 } }))",
  'many(300, () => createMachine({}))',
  'many(1000, () => actor(createMachine({})))',
  "{ ['__proto__']: {} }",
  "{ ['constructor']: {} }",
  "{ ['toString']: { on: { ['__proto__']: 'x' } } }",
  "{ ['']: {} }",
  "{ ['a.b']: {} }",
  "{ ['xstate.init']: 'x' }",
  "{ ['*']: 'red' }",
  "{ ['GO.*']: 'red' }",
  '{ invoke: { src: fromPromise(async () => 1) } }',
  "{ always: [{ target: 'x' }] }",
  "{ always: 'red' }",
  "{ type: 'history' }",
  "{ type: 'parallel', states: {} }",
  "{ type: 'final', output: 5 }",
  '{ [Symbol("k")]: 1 }',
];
const ODD_KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  'always',
  'invoke',
  'after',
  'exit',
  'output',
  'type',
  'GO',
  'choices',
  'actorss',
  'dead lock',
  '\u0000',
  '\u001b[2J',
  'a.b',
  '#',
  '*',
  'then',
  'length',
  'x'.repeat(3000),
];

/** Exports that are no systems, and files that are no modules. Nothing forges the mark of what `defineSystem` has checked. */
const WHOLE: readonly string[] = [
  '',
  '\u0000',
  'export {',
  'export const s = ;',
  'export default',
  'return 1',
  '{"json": true}',
  '<html>',
  '#!/usr/bin/env node\n',
  "'use strict'; with (x) {}",
  'import "./nowhere.ts"',
  'import "nobody-has-this-package"',
  "import { nothing } from 'faultline'",
  "import * as x from 'faultline/src/cli/main'",
  "import './system.ts'; import './self'",
  "throw new Error('thrown')",
  'throw null',
  'throw undefined',
  "throw 'a text'",
  'throw { get message() { throw 1 } }',
  'throw new Proxy({}, { get() { throw 1 } })',
  'export default null',
  'export default 5',
  'export default class X { constructor() { throw new Error("made") } }',
  'export default class X {}',
  'export default async () => {}',
  'export default () => { throw null }',
  'export default async () => { throw undefined }',
  'export default (a, b) => a.b',
  'export default function* () {}',
  'export default Symbol("s")',
  "export default new Proxy({}, { has() { throw new Error('has') }, get() { throw new Error('got') } })",
  'export default { then(done) { done(5) } }',
  'export const then = 5',
  'export const then = (done) => done({})',
  'export const a = () => 1; export const b = () => 2',
  'module.exports = 5',
  'exports.x = () => 1',
  "require('node:fs')",
  'await 1; export default () => 1',
  'export default deepest(); function deepest() { return deepest() }',
  'const x: number = 1; export default x',
  'enum E { A } export default E',
  '@decorated class X {} function decorated() { throw 1 } export default X',
  'export * from "xstate"',
  'export * from "faultline"',
  'export default () => new Array(2 ** 32)',
  "export default () => 'x'.repeat(2 ** 30)",
  'export default () => { const e = new Error("x"); e.stack = null; throw e }',
  'export let a; export default () => a.b.c',
  'export default () => import("./nowhere.mjs")',
  'export default new Error("as an export")',
  'export default () => new Error("as a result")',
];

/** For processes of their own: they end the process, or occupy it. */
export const HEAVY_MODULES: readonly string[] = [
  ...['globalThis', 'Math', 'process', 'Array.prototype'].map(
    (value) =>
      `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ context: { value: ${value} }, on: { GO: {} } }), { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' })`,
  ),
  'process.exit(0)',
  'process.exit(77)',
  'process.abort()',
  'process.kill(process.pid, "SIGTERM"); await new Promise((r) => setTimeout(r, 60_000))',
  'for (;;);',
  'export default () => { for (;;); }',
  'export default () => new Promise(() => {})',
  'await new Promise(() => {})',
  'setTimeout(() => { throw new Error("late") }, 20); export default () => new Promise((r) => setTimeout(r, 30_000))',
  'Promise.reject(new Error("unheard")); export default 1',
  'setInterval(() => {}, 10); export default 5',
  'process.on("exit", () => { throw 1 }); export default 5',
  'process.stdout.write("x".repeat(1e6)); console.log("{}"); export default 5',
  'process.stdout.destroy?.(); process.stdout.end?.(); export default 5',
  'globalThis.setTimeout = null; export default 5',
  'JSON.stringify = () => { throw new Error("no JSON") }; export default 5',
  'Array.prototype.map = null; export default 5',
  'delete globalThis.process; export default 5',
  'process.exitCode = 9; export default 5',
  'process.env = null; export default 5',
  'Object.freeze(Object.prototype); export default 1',
  'Object.freeze(Array.prototype); export default 1',
  'process.chdir("/"); export default 5',
  'import { closeSync } from "node:fs"; closeSync(1); export default 5',
  `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ on: { GO: { guard: () => { for (;;); } } } }), { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' })`,
  `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ on: { GO: {} } }), { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore', properties: ({ always }) => [always('p', () => { for (;;); })] })`,
  `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ context: { n: 0 }, on: { GO: { actions: assign({ n: ({ context }) => context.n + 1 }) } } }), { choices: [{ type: 'GO' }] }) } })`,
  `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ initial: 'x', states: { x: { always: 'y' }, y: { always: 'x' } } }), { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' })`,
  `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ on: { GO: { actions: () => { process.exit(3) } } } }), { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' })`,
  `${HEAD}export default defineSystem({ actors: { a: actor(createMachine({ on: { GO: { actions: () => { setTimeout(() => { throw new Error('late') }) } } } }), { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' })`,
];

export function moduleText(random: Random): string {
  if (random.chance(0.15)) return random.pick(WHOLE);
  let system = random.pick(SYSTEMS);
  const times = random.pick([0, 1, 1, 1, 1, 2, 3]);
  for (let time = 0; time < times; time++) system = mutated(random, system);
  const made = written(random, system);
  const text = `${HEAD}${exported(random, made)}\n`;
  return random.chance(0.08) ? garbled(random, text) : text;
}

function exported(random: Random, made: string): string {
  switch (random.below(12)) {
    case 0:
      return `export default () => ${made};`;
    case 1:
      return `export default async () => ${made};`;
    case 2:
      return `const one = ${made};\nexport default { ...one };`;
    case 3:
      return `export const one = ${made};\nexport const two = one;\nexport default () => one;`;
    case 4:
      return `export default Object.freeze(${made});`;
    case 5:
      return `export default new Proxy(${made}, {});`;
    default:
      return `export const system = ${made};`;
  }
}

function garbled(random: Random, text: string): string {
  const at = HEAD.length + random.below(text.length - HEAD.length);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + random.below(5));
    case 1:
      return text.slice(0, at);
    default:
      return (
        text.slice(0, at) +
        random.pick(['{', ')', "'", '`', '/*', '\\', ';', ' 5 ', '\u0000', '=>', 'await ', '...']) +
        text.slice(at)
      );
  }
}

function isCall(code: Code): code is Call {
  return typeof code === 'object' && 'call' in code && 'with' in code;
}

/** Somewhere within the code one part is replaced, left out, or joined by another one. */
function mutated(random: Random, code: Code): Code {
  if (typeof code === 'string') return replaced(random, code);
  if (isCall(code)) {
    if (code.with.length === 0 || random.chance(0.06)) return replaced(random, code);
    const at = random.below(code.with.length);
    if (random.chance(0.03)) return { ...code, with: code.with.toSpliced(at, 1) };
    return { ...code, with: code.with.with(at, mutated(random, code.with[at]!)) };
  }
  if (Array.isArray(code)) {
    if (code.length === 0 || random.chance(0.15)) return replaced(random, code);
    const at = random.below(code.length);
    if (typeof code[0] === 'string' && code[0].endsWith('=> '))
      return random.chance(0.1) ? random.pick(ODD) : code.with(1, mutated(random, code[1]));
    return random.chance(0.1) ? [...code, random.pick(ODD)] : code.with(at, mutated(random, code[at]));
  }
  const parts = code as Readonly<Record<string, Code>>;
  const keys = Object.keys(parts);
  if (keys.length === 0 || random.chance(0.08)) return replaced(random, code);
  const key = random.pick(keys);
  switch (random.below(10)) {
    case 0: {
      const { [key]: _, ...rest } = parts;
      return rest;
    }
    case 1:
      return { ...parts, [`[${JSON.stringify(random.pick(ODD_KEYS))}]`]: random.pick(ODD) };
    default:
      return { ...parts, [key]: mutated(random, parts[key]!) };
  }
}

function replaced(random: Random, code: Code): Code {
  switch (random.below(10)) {
    case 0:
      return `(() => ${written(random, code)})`;
    case 1:
      return `[${written(random, code)}]`;
    case 2:
      return `new Proxy(Object(${written(random, code)}), ${random.pick(['{}', 'traps', '{ get() { throw undefined } }', '{ ownKeys() { return [] } }'])})`;
    default:
      return random.pick(ODD);
  }
}

/** Text of it, in parentheses where it could be taken for something else. */
function written(random: Random, code: Code): string {
  if (typeof code === 'string') return code;
  if (isCall(code)) return `${code.call}(${code.with.map((one) => written(random, one)).join(', ')})`;
  if (Array.isArray(code)) {
    const [first] = code;
    if (typeof first === 'string' && first.endsWith('=> ')) return `${first}(${written(random, code[1])})`;
    return `[${code.map((one) => written(random, one)).join(', ')}]`;
  }
  const members = Object.entries(code).map(([key, value]) => {
    const name = key.startsWith('[') ? key : JSON.stringify(key);
    const text = written(random, value);
    return random.chance(0.004) ? `get ${name}() { throw new Error('got') }` : `${name}: ${text}`;
  });
  return `{ ${members.join(', ')} }`;
}
