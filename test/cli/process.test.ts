/** What only a real process can show: its status, its streams, its signals. */
import { afterAll, expect, test } from 'vitest';
import { checkDocumentSchema, listDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, inShell, shellCommand, spawned, start } from './harness.ts';

const { path: folder, remove } = folderWith({
  // 10^9 states: no test waits for its end.
  'endless.ts': `
import { actor, defineSystem, family } from 'faultline';
import { assign, setup } from 'xstate';
const digit = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: { increment: assign({ n: ({ context }) => (context.n + 1) % 10 }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'increment' } } });
export default defineSystem({ actors: family('digit', 9, () => actor(digit, { choices: [{ type: 'GO' }] })) });
`,
  // Holds the search up for a moment, in which two signals fit.
  'slow.ts': `
import { actor, defineSystem } from 'faultline';
import { assign, setup } from 'xstate';
const pause = (n: number) => {
  if (n !== 100) return;
  process.stderr.write('pausing');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
};
const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: {
    increment: assign({
      n: ({ context }) => {
        pause(context.n);
        return context.n + 1;
      },
    }),
  },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'increment' } } });
export default defineSystem({ actors: { a: actor(counter, { choices: [{ type: 'GO' }] }) } });
`,
  'late.ts': `
export { default } from './endless.ts';
setTimeout(() => {
  throw new Error('much later');
}, 100);
`,
});
afterAll(remove);

test.concurrent.each([
  ['as users have it', false],
  ['from source', true],
])('the catalogue is listed on stdout, as one document, and nothing on stderr: %s', async (_what, isSource) => {
  const { status, stdout, stderr } = await start(['list', '--json'], { isSource }).ended;
  expect(listDocumentSchema.parse(JSON.parse(stdout)).scenarios.length).toBeGreaterThan(0);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.concurrent('the status of a violated variant reaches the shell', async () => {
  const { status, stdout } = await spawned(['check', 'dining-philosophers', '--variant', 'left-right', '--json']);
  expect(checkDocumentSchema.parse(JSON.parse(stdout)).status).toBe(1);
  expect(status).toBe(1);
});

test.concurrent.each(['list', 'list --json', 'check dining-philosophers --json --quiet'])(
  'a reader that closes the pipe ends %s without a stack trace',
  async (args) => {
    const { stdout, stderr } = await inShell(`${shellCommand()} ${args} | head -c 1; echo " \${PIPESTATUS[0]}"`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^. 0\n$/);
  },
);

test.concurrent('Ctrl-C stops the search, tells what is known, and gives status 2', async () => {
  let interrupted = false;
  const { child, ended } = start(['check', 'endless.ts', '--json', '--log-level', 'debug'], {
    cwd: folder,
    onStderr: (text) => {
      if (text.includes('"progress"') && !interrupted) interrupted = child.kill('SIGINT');
    },
  });
  const { status, stdout, stderr } = await ended;
  expect(stderr).toContain('faultline: stopping; Ctrl-C again to quit at once');
  const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
  expect(result).toMatchObject({ verdict: 'unknown', bound: 'interrupted' });
  expect(result!.states).toBeGreaterThan(100);
  expect(status).toBe(2);
});

test.concurrent('a second Ctrl-C ends the process with status 130', async () => {
  const { child, ended } = start(['check', 'slow.ts'], {
    cwd: folder,
    onStderr: (text) => {
      if (!text.includes('pausing')) return;
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 50);
    },
  });
  const { status, stdout } = await ended;
  expect(stdout).toBe('');
  expect(status).toBe(130);
});

test.concurrent('what a module does too late is told as an error, not as a verdict', async () => {
  const { status, stdout, stderr } = await spawned(['check', 'late.ts', '--quiet'], folder);
  expect(stderr).toContain('much later');
  expect(stderr).not.toContain('bug in faultline');
  expect(stdout).toBe('');
  expect(status).toBe(4);
});
