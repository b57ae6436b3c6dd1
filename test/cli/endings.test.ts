/** That every run ends, and says how, whatever the user's module does. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, inShell, LIGHTS, type Ran, shellCommand, spawned, start } from './harness.ts';

const HEAD = `
import { actor, defineSystem } from 'faultline';
import { assign, createMachine } from 'xstate';
`;
const oneActor = (machine: string, rest = '') => `${HEAD}
const m = createMachine(${machine});
export const s = defineSystem({ actors: { a: actor(m, { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' ${rest} });
`;
/** What a loop without an end does meanwhile, where it need not be at the cost of the other tests. */
const NAP = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)';
/** Loops in its twentieth step. */
const LATE_LOOP = `{ context: { n: 0 }, on: { GO: {
  guard: ({ context }) => { while (context.n === 20) ${NAP}; return true; },
  actions: assign({ n: ({ context }) => context.n + 1 }),
} } }`;

const { path: folder, remove } = folderWith({
  'lights.ts': LIGHTS,
  'process-exit.mjs': 'process.exit(0)',
  'closes-streams.ts': `import { closeSync } from 'node:fs'; closeSync(1); closeSync(0); ${LIGHTS}`,
  'exit-later.mjs': `${oneActor('{ on: { GO: {} } }')}
setTimeout(() => process.exit(0), 10); await new Promise((resolve) => setTimeout(resolve, 60_000));`,
  'rejects-unheard.mjs': `Promise.reject(new Error('unheard')); ${oneActor('{ on: { GO: {} } }')}`,
  'rejects-in-guard.mjs': oneActor(
    "{ on: { GO: { guard: () => { Promise.reject(new Error('in a guard')); return true; } } } }",
  ),
  'throws-at-once.mjs': `setTimeout(() => { throw new Error('at once'); }, 0); ${oneActor('{ on: { GO: {} } }')}`,
  'talks-to-parent.mjs': `import { parentPort } from 'node:worker_threads';
for (const what of [null, 0, { kind: 'done', status: 0 }, { kind: 'exit', code: 0 }]) parentPort?.postMessage(what);
${oneActor('{ on: { GO: { actions: () => { throw new Error("in a step"); } } } }')}`,
  'keeps-clock.mjs': `const now = Date.now; const started = now();
${oneActor('{ on: { GO: { guard: () => now() - started > 1e9 } } }')}`,
  'imports-chance.mjs': `import { randomInt } from 'node:crypto';
${oneActor('{ on: { GO: { guard: () => randomInt(1000) < 1000 } } }')}`,
  'no-date.mjs': `globalThis.Date = undefined; ${oneActor('{ on: { GO: {} } }')}`,
  'no-memory.mjs': `delete globalThis.SharedArrayBuffer; ${oneActor('{ on: { GO: {} } }')}`,
  'no-push.mjs': `${oneActor('{ on: { GO: {} } }')} Array.prototype.push = Promise.prototype.then = undefined;`,
  'no-iterator.mjs': `${oneActor('{ on: { GO: {} } }')}
Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true }); throw new Error('with it');`,
  'no-map-later.mjs': oneActor('{ on: { GO: { guard: () => { Array.prototype.map = undefined; return true; } } } }'),
  'adds.mjs': `Array.prototype.last = function () { return this.at(-1); }; console.log = () => {}; globalThis.mine = 1;
fetch; ${oneActor('{ on: { GO: {} } }')}`,
  'never.mjs': 'await new Promise(() => {}); export const s = 1',
  'factory-never.mjs': 'export default () => new Promise(() => {})',
  'rejects-later.mjs':
    'setTimeout(() => { throw new Error("later") }, 50); await new Promise((r) => setTimeout(r, 60_000)); export const s = 1',
  'rejects-nothing.mjs':
    'setTimeout(() => Promise.reject(), 50); await new Promise((r) => setTimeout(r, 60_000)); export const s = 1',
  'throws-undefined.mjs':
    'setTimeout(() => { throw undefined }, 50); await new Promise((r) => setTimeout(r, 60_000)); export const s = 1',
  'throws-frozen.mjs': 'throw Object.freeze(Object.create(null))',
  'action-frozen.mjs': oneActor(
    '{ context: {}, on: { GO: { actions: assign(() => { throw Object.freeze(Object.create(null)) }) } } }',
  ),
  'aborts.mjs': 'process.abort()',
  'kills.mjs': 'process.kill(process.pid, "SIGTERM"); await new Promise((r) => setTimeout(r, 60_000));',
  'top-level-loop.mjs': 'for (;;);',
  'loop-guard.mjs': oneActor(`{ on: { GO: { guard: () => { for (;;) ${NAP}; } } } }`),
  'loop-action.mjs': oneActor(`{ on: { GO: { actions: () => { for (;;) ${NAP}; } } } }`),
  'loop-late.mjs': oneActor(LATE_LOOP),
  'loop-predicate.mjs': oneActor(
    '{ on: { GO: {} } }',
    `, properties: ({ always }) => [always('p', () => { for (;;) ${NAP}; })]`,
  ),
  'slow-step.mjs': oneActor(`{ context: { n: 0 }, on: { GO: { actions: assign({ n: ({ context }) => {
    const until = performance.now() + 20_000; while (performance.now() < until) ${NAP}; return (context.n + 1) % 3;
  } }) } } }`),
  'handler.mjs': `process.on('SIGINT', () => {}); process.on('SIGTERM', () => {}); ${oneActor(LATE_LOOP)}`,
  'endless.mjs': oneActor(
    '{ context: { n: 0 }, on: { GO: { actions: assign({ n: ({ context }) => context.n + 1 }) } } }',
  ),
  'hoards.mjs': oneActor(`{ context: { n: 0, s: '' }, on: { GO: { actions: assign({
    n: ({ context }) => context.n + 1, s: ({ context }) => 'x'.repeat(200_000) + context.n,
  }) } } }`),
  'prints.mjs': `
console.log('log'); console.info('info'); console.table([{ a: 1 }]); console.dir({ b: 2 }); process.stdout.write('raw\\n');
${oneActor(`{ context: { n: 0 }, on: { GO: { actions: assign({ n: ({ context }) => { console.log('in a step'); return context.n; } }) } } }`)}`,
  'scenario.mjs': `${HEAD}
import { defineScenario } from 'faultline';
import { z } from 'zod';
const m = createMachine({ on: { GO: { guard: () => { for (;;) ${NAP}; } } } });
const calm = createMachine({ on: { GO: {} } });
const expected = { verdict: 'holds' };
export default defineScenario({
  name: 'three', title: 'three', group: 'textbook', sources: [], parameters: z.object({}),
  variants: { calm: { title: 'calm', expected }, loops: { title: 'loops', expected }, after: { title: 'after', expected } },
  build: (_, variant) => defineSystem({
    actors: { a: actor(variant === 'loops' ? m : calm, { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore',
  }),
});
`,
});
afterAll(remove);

const at = (...args: string[]): Promise<Ran> => spawned(args, folder);

// Side by side, since most of them wait most of the time.
describe.concurrent('a module that ends, or never does', () => {
  test.each([
    ['process-exit.mjs', 'called process.exit(0)'],
    ['exit-later.mjs', 'called process.exit(0)'],
    ['never.mjs', 'waits for something that cannot happen any more'],
    ['factory-never.mjs', 'running default() of ./factory-never.mjs'],
    ['rejects-later.mjs', 'threw outside of every step: later'],
    ['rejects-nothing.mjs', 'undefined'],
    ['throws-undefined.mjs', 'threw outside of every step: undefined'],
    ['throws-frozen.mjs', 'cannot be loaded: [object Object]'],
    ['aborts.mjs', 'process.abort() is not supported'],
    ['rejects-unheard.mjs', 'threw outside of every step: unheard'],
    ['rejects-in-guard.mjs', 'threw outside of every step: in a guard'],
    ['throws-at-once.mjs', 'threw outside of every step: at once'],
    ['closes-streams.ts', 'closed standard input and standard output'],
    ['no-date.mjs', 'removes or replaces Date,'],
    ['no-memory.mjs', 'removes or replaces SharedArrayBuffer,'],
    ['no-push.mjs', 'removes or replaces Array.prototype.push,'],
    ['no-iterator.mjs', 'with it'],
    ['no-map-later.mjs', 'removes or replaces Array.prototype.map,'],
  ])('%s is a wrong model, and is named', async (file, said) => {
    const { status, stdout, stderr } = await at('check', `./${file}`);
    expect(stderr).toContain(`./${file}`);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('bug in faultline');
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
  });

  test.each([
    ['keeps-clock.mjs', 'reads a clock'],
    ['imports-chance.mjs', 'draws a random number'],
    ['talks-to-parent.mjs', 'in a step'],
  ])('%s is a wrong model', async (file, said) => {
    const { status, stderr } = await at('check', `./${file}`);
    expect(stderr).toContain(said);
    expect(status).toBe(4);
  });

  test('may add to what JavaScript provides', async () => {
    expect(await at('check', './adds.mjs', '--quiet')).toMatchObject({ status: 0 });
  });

  test('what an action throws is told, whatever it is', async () => {
    const { status, stderr } = await at('check', './action-frozen.mjs');
    expect(stderr).toContain('threw: [object Object]');
    expect(status).toBe(4);
  });

  test('a module that sends a signal to the process is named', async () => {
    const { status, stderr } = await at('check', './kills.mjs');
    expect(stderr).toBe('faultline: SIGTERM while loading ./kills.mjs\n');
    expect(status).toBe(143);
  });

  test('what it prints goes to stderr', async () => {
    const { status, stdout, stderr } = await at('check', './prints.mjs', '--json');
    expect(checkDocumentSchema.parse(JSON.parse(stdout)).status).toBe(0);
    for (const text of ['log\n', 'info\n', '│', '{ b: 2 }', 'raw\n', 'in a step\n']) expect(stderr).toContain(text);
    expect(status).toBe(0);
  });
});

test.concurrent('a report makes searches, as a process of its own as well', async () => {
  const page = join(folder, 'page.html');
  const { status, stderr } = await at('report', './lights.ts', '-o', page, '--quiet');
  expect(stderr).not.toContain('TypeError');
  expect(status).toBe(1);
  expect(existsSync(page)).toBe(true);
});

/** Enough to load a module on a busy machine, which counts as well. */
const SECONDS = '8';

describe.concurrent('--max-seconds ends what does not come back', () => {
  test.each([
    ['loop-guard.mjs', []],
    ['loop-predicate.mjs', []],
    // Looked at when everything else is done.
    ['loop-action.mjs', []],
    ['slow-step.mjs', []],
    ['loop-late.mjs', ['--workers', '2']],
    ['loop-late.mjs', ['--search', 'random']],
    ['loop-late.mjs', ['--search', 'dfs']],
  ])('%s %j', async (file, more) => {
    const { status, stdout, stderr } = await at('check', `./${file}`, '--max-seconds', SECONDS, '--json', ...more);
    const { results } = checkDocumentSchema.parse(JSON.parse(stdout));
    expect(results).toMatchObject([{ verdict: 'unknown', bound: 'seconds' }]);
    expect(results[0]!.seconds).toBeGreaterThanOrEqual(Number(SECONDS));
    expect(stderr).toContain(`when ${SECONDS} s were over: it was ended`);
    expect(status).toBe(2);
  });

  test('while a module is loaded', async () => {
    const { status, stderr } = await at('check', './top-level-loop.mjs', '--max-seconds', '1');
    expect(stderr).toContain('still loading ./top-level-loop.mjs');
    expect(status).toBe(2);
  });

  test('what was found before is told, and the rest is not made', async () => {
    const junit = join(folder, 'junit.xml');
    const { status, stdout } = await at(
      'check',
      './scenario.mjs',
      '--max-seconds',
      SECONDS,
      '--json',
      '--junit',
      junit,
    );
    const { results } = checkDocumentSchema.parse(JSON.parse(stdout));
    expect(results.map(({ variant, verdict, bound }) => ({ variant, verdict, bound }))).toEqual([
      { variant: 'calm', verdict: 'holds', bound: null },
      { variant: 'loops', verdict: 'unknown', bound: 'seconds' },
      { variant: 'after', verdict: 'unknown', bound: 'interrupted' },
    ]);
    expect(existsSync(junit)).toBe(true);
    expect(status).toBe(2);
  });
});

/** Sends the first signal when something was said, and a second one when something else was. */
async function signalled(
  args: readonly string[],
  [first, firstAt]: readonly [NodeJS.Signals, RegExp],
  [second, secondAt]: readonly [NodeJS.Signals | undefined, RegExp] = [undefined, /$^/],
): Promise<Ran> {
  let heard = '';
  let sent = 0;
  const { child, ended } = start(args, {
    cwd: folder,
    onStderr: (text) => {
      heard += text;
      if (sent === 0 && firstAt.test(heard)) {
        sent = 1;
        child.kill(first);
      } else if (sent === 1 && second && secondAt.test(heard)) {
        sent = 2;
        child.kill(second);
      }
    },
  });
  return await ended;
}

const STARTED = /check started/;
const LOG = ['--log-level', 'info'];

describe.concurrent('signals', () => {
  test.each(['SIGTERM', 'SIGHUP'] as const)('%s saves what was done, as Ctrl-C does', async (signal) => {
    const saved = join(folder, signal);
    const args = ['check', './endless.mjs', '--json', '--log-level', 'debug', '--checkpoint', saved];
    // Before it has states, there is nothing to save.
    const { status, stdout } = await signalled(args, [signal, /"states":[1-9].*"progress"/]);
    expect(checkDocumentSchema.parse(JSON.parse(stdout)).results).toMatchObject([{ bound: 'interrupted' }]);
    expect(existsSync(join(saved, 'search.checkpoint'))).toBe(true);
    expect(status).toBe(2);
  });

  test('a second Ctrl-C ends a guard that loops, also when the module listens to signals', async () => {
    const args = ['check', './handler.mjs', ...LOG];
    const { status, stdout, stderr } = await signalled(
      args,
      ['SIGINT', STARTED],
      ['SIGINT', /which does not stop; Ctrl-C again/],
    );
    expect(stderr).toContain('stopping; Ctrl-C again to quit at once');
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
  });

  test('one SIGTERM ends a guard that loops, with what is known', async () => {
    const args = ['check', './loop-late.mjs', '--json', ...LOG];
    const { status, stdout, stderr } = await signalled(args, ['SIGTERM', STARTED]);
    expect(stderr).toContain('which does not stop: it was ended');
    expect(checkDocumentSchema.parse(JSON.parse(stdout)).results).toMatchObject([{ bound: 'interrupted' }]);
    expect(status).toBe(143);
  });

  test.each([
    [['replay', './loop-guard.mjs', '0']],
    [['export', './loop-guard.mjs', '--to', 'promela']],
    [['diagram', './loop-guard.mjs']],
  ])('%j ends by Ctrl-C', async (args) => {
    const loaded = `console.error('loaded');`;
    const { path, remove } = folderWith({
      'loop-guard.mjs': loaded + oneActor('{ on: { GO: { guard: () => { for (;;); } } } }'),
    });
    let signals = 0;
    const { child, ended } = start(args, {
      cwd: path,
      onStderr: () => {
        if (signals++ > 0) return;
        child.kill('SIGINT');
        setTimeout(() => child.kill('SIGINT'), 300);
      },
    });
    const { status } = await ended;
    remove();
    // A diagram of the machine runs no guard: it may be done before.
    expect(args[0] === 'diagram' ? [0, 130] : [130]).toContain(status);
  });
});

test.concurrent('an exhausted heap is a bound that was hit', async () => {
  const { status, stdout, stderr } = await at('check', './hoards.mjs', '--json', '--max-memory', '300M');
  expect(checkDocumentSchema.parse(JSON.parse(stdout)).results).toMatchObject([
    { verdict: 'unknown', bound: 'memory' },
  ]);
  expect(stderr).not.toContain('FATAL');
  expect(status).toBe(2);
});

describe.skipIf(!existsSync('/dev/full')).concurrent('a full disk', () => {
  const shell = (command: string) => inShell(`${shellCommand()} ${command}`, folder);

  test.each([['list'], ['list --json'], ['check ./lights.ts --quiet'], ['--help']])(
    '%s says it once, with status 3',
    async (args) => {
      const { status, stderr } = await shell(`${args} >/dev/full`);
      expect(stderr).toMatch(/^faultline: cannot write to stdout: ENOSPC[^\n]*\n$/);
      expect(status).toBe(3);
    },
  );

  test('without stderr the results are told all the same', async () => {
    const { status, stdout } = await shell('check ./lights.ts 2>/dev/full');
    expect(stdout).toContain('violated: never both green');
    expect(status).toBe(1);
  });

  test('without both there is the status', async () => {
    expect((await shell('check ./lights.ts >/dev/full 2>&1')).status).toBe(3);
  });
});
