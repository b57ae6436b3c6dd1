/** `check --watch`, in a process of its own: what is checked again, and how it ends. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { folderWith, inShell, LIGHTS, type Ran, run, spawned, start } from './harness.ts';

const BROKEN = LIGHTS.replace('defineSystem({', 'defineSystem({{');
const LIGHT = /const light = [\s\S]*?\n\}\);\n/.exec(LIGHTS)![0];
const IMPORTING = LIGHTS.replace(LIGHT, "import { light } from './parts/light.ts';\n");
const FIXED = LIGHTS.replace("!(view.get('north')", "true || !(view.get('north')");
/** 10^9 states; it says when it is searched. */
const ENDLESS = `
import { actor, defineSystem, family } from 'faultline';
import { assign, setup } from 'xstate';
const next = (n: number) => {
  if (n === 5) process.stderr.write('half-way');
  return (n + 1) % 10;
};
const digit = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: { increment: assign({ n: ({ context }) => next(context.n) }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'increment' } } });
export default defineSystem({ actors: family('digit', 9, () => actor(digit, { choices: [{ type: 'GO' }] })) });
`;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A check that watches `./lights.ts` in a folder of its own. */
function watching(files: Readonly<Record<string, string>>, ...options: string[]) {
  const { path, remove } = folderWith(files);
  let stderr = '';
  let heard = () => {};
  const { child, ended } = start(['check', './lights.ts', '--watch', ...options], {
    cwd: path,
    onStderr: (text) => {
      stderr += text;
      heard();
    },
  });
  ends.push(() => {
    child.kill('SIGKILL');
    remove();
  });
  return {
    path,
    child,
    /** When stderr has had something so often. */
    said: (what: RegExp, times = 1) =>
      new Promise<void>((resolve, reject) => {
        const isThere = () => [...stderr.matchAll(new RegExp(what, 'g'))].length >= times;
        heard = () => {
          if (isThere()) resolve();
        };
        heard();
        child.once('exit', () => reject(new Error(`it ended: ${stderr}`)));
      }),
    write: (name: string, text: string) => {
      // As editors do it: another file takes its place.
      writeFileSync(join(path, `${name}.new`), text);
      renameSync(join(path, `${name}.new`), join(path, name));
    },
    interrupted: (): Promise<Ran> => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

const WAITS = /faultline: status \d; watching/;
const verdicts = ({ stdout }: Ran) => [...stdout.matchAll(/^\.\/lights\.ts +- +(\w+)/gm)].map(([, verdict]) => verdict);

test('what is saved is checked again, and Ctrl-C ends with the last status', { timeout: 120_000 }, async () => {
  const watch = watching({ 'lights.ts': LIGHTS }, '--junit', 'junit.xml');
  await watch.said(WAITS);
  watch.write('lights.ts', FIXED);
  await watch.said(WAITS, 2);
  const ran = await watch.interrupted();
  expect(verdicts(ran)).toEqual(['violated', 'holds']);
  expect(ran.status).toBe(0);
  expect(ran.stderr).toMatch(/status 1; watching a file, Ctrl-C ends\nfaultline: lights\.ts changed: checking again\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing acts on a terminal that is none
  expect(ran.stdout + ran.stderr).not.toMatch(/\u001b/);
  expect(readFileSync(join(watch.path, 'junit.xml'), 'utf8')).toContain('value="holds"');
});

test('what it imports is watched, also where it was not there at first; packages are not', {
  timeout: 120_000,
}, async () => {
  const watch = watching({ 'lights.ts': IMPORTING.replace('./parts/', './') });
  await watch.said(WAITS);
  watch.write('light.ts', LIGHT.replace('const light', "import { setup } from 'xstate';\nexport const light"));
  await watch.said(WAITS, 2);
  watch.write(
    'light.ts',
    LIGHT.replace('const light', "import { setup } from 'xstate';\nexport const light").replace(
      "initial: 'red'",
      "initial: 'green'",
    ),
  );
  await watch.said(WAITS, 3);
  const ran = await watch.interrupted();
  expect(ran.stderr).toMatch(/cannot be loaded: Cannot find module .*light\.ts'[\s\S]*status 4/);
  expect(verdicts(ran)).toEqual(['violated', 'violated']);
  expect(ran.stderr).toContain('watching 2 files');
});

test('a broken module is told, and watched until it is repaired', { timeout: 120_000 }, async () => {
  const watch = watching({ 'lights.ts': BROKEN });
  await watch.said(WAITS);
  watch.write('lights.ts', `${LIGHTS}\nprocess.exit(0);\n`);
  await watch.said(WAITS, 2);
  watch.write('lights.ts', `${LIGHTS}\nexport const other = defineSystem({ actors: { a: actor(light) } });\n`);
  await watch.said(WAITS, 3);
  watch.write('lights.ts', LIGHTS);
  await watch.said(WAITS, 4);
  const ran = await watch.interrupted();
  expect([...ran.stderr.matchAll(/status (\d);/g)].map(([, status]) => status)).toEqual(['4', '4', '3', '1']);
  expect(ran.stderr).toMatch(/called process\.exit\(0\)/);
  expect(ran.status).toBe(1);
});

test('a search that is under way is left for a change, and Ctrl-C tells what it knows', {
  timeout: 120_000,
}, async () => {
  const watch = watching({ 'lights.ts': ENDLESS });
  await watch.said(/half-way/);
  watch.write('lights.ts', LIGHTS);
  await watch.said(WAITS);
  watch.write('lights.ts', ENDLESS);
  await watch.said(/checking again[\s\S]*checking again[\s\S]*half-way/);
  const ran = await watch.interrupted();
  expect(verdicts(ran)).toEqual(['violated', 'unknown']);
  expect(ran.status).toBe(2);
});

test('a file that is saved as it was is no change, and several that are saved at once are one', {
  timeout: 120_000,
}, async () => {
  const watch = watching({ 'lights.ts': IMPORTING.replace('./parts/', './'), 'light.ts': `export const light = 1;` });
  await watch.said(WAITS);
  watch.write('lights.ts', IMPORTING.replace('./parts/', './'));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  watch.write('light.ts', '');
  watch.write('lights.ts', FIXED);
  await watch.said(WAITS, 2);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const ran = await watch.interrupted();
  expect([...ran.stderr.matchAll(/checking again/g)]).toHaveLength(1);
  expect(ran.stderr).toContain('lights.ts, light.ts changed');
  expect(ran.status).toBe(0);
});

test('a terminal is cleared between two checks', { timeout: 120_000 }, async () => {
  const { path, remove } = folderWith({ 'lights.ts': LIGHTS });
  ends.push(remove);
  const command = [process.execPath, (await import('../built.ts')).builtMain(), 'check', './lights.ts', '--watch'].join(
    ' ',
  );
  // `script` is a terminal; what is typed there comes from a pipe.
  const { stdout } = await inShell(
    `command -v script >/dev/null || { echo skipped; exit; }
     seen() { until [ "$(grep -c 'Ctrl-C ends' typed)" = "$1" ]; do sleep 0.1; done; }
     touch typed
     (seen 1; echo '// changed' >> lights.ts; seen 2; printf '\\003'; sleep 1) | script -qefc '${command}' typed`,
    path,
  );
  if (stdout.includes('skipped')) return;
  expect(stdout).toContain('\u001b[2J\u001b[H');
  expect(stdout.split('\u001b[2J\u001b[H')[1]).toMatch(/changed: checking again[\s\S]*violated/);
});

test.each([
  [['./lights.ts', '--json'], /--watch does not go with --json: /],
  [
    ['./lights.ts', '--checkpoint', 'saved', '--log-level', 'info'],
    /--watch does not go with --checkpoint, --log-level: /,
  ],
  [['./lights.ts', '--resume', 'saved'], /--watch does not go with --resume: /],
  [['./lights.ts', '--chart', 'svg'], /--watch does not go with --chart without --chart-out: /],
  [['ping-pong'], /--watch needs a module, got ping-pong: the catalogue does not change/],
  [['--all'], /--watch needs a module, got none/],
])('check --watch %j is refused with status 3, and does not wait', async (args, message) => {
  const { status, stdout, stderr } = await run(['check', '--watch', ...args]);
  expect(stderr).toMatch(message);
  expect([status, stdout]).toEqual([3, '']);
});

test('an option that there is not ends it', async () => {
  const { status } = await spawned(['check', './lights.ts', '--watch', '--wtach']);
  expect(status).toBe(3);
});
