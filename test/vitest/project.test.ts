/** `faultline/vitest` in a project of its own, whose vitest runs it against the built package; and that its types are known there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtMain } from '../built.ts';
import { folderWith, LIGHTS } from '../cli/harness.ts';
import { blocksOf, fileOf } from '../documents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = dirname(dirname(dirname(dirname(builtMain()))));

const TEST = `
import { expect, test } from 'vitest';
import { lights } from './lights';

test('fails', async ({ signal }) => {
  await expect(lights).toHold({ signal });
});
test('passes', async () => {
  await expect(lights).toViolate('never both green', { within: 2 });
  await expect(lights).not.toReach((view) => view.get('north').value === 'blue');
});
`;

const { path: project, remove } = folderWith({
  'package.json': '{ "type": "module" }',
  'lights.ts': LIGHTS,
  'lights.test.ts': TEST,
  'setup.ts': "import 'faultline/vitest';\n",
  'vitest.config.ts': "export default { test: { setupFiles: ['./setup.ts'] } };\n",
});
afterAll(remove);

beforeAll(() => {
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['vitest', 'vite', 'xstate', 'zod', '@vitest', '@types', 'tsx'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  symlinkSync(built, join(project, 'node_modules/faultline'));
});

function run(name: string) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const env = {
    ...process.env,
    NO_COLOR: '1',
    VITEST: undefined,
    VITEST_POOL_ID: undefined,
    VITEST_WORKER_ID: undefined,
  };
  return spawnSync(process.execPath, [vitest, 'run', name, '--root', project], { cwd: project, encoding: 'utf8', env });
}

test('a setup file is all it takes, and a failure has the chart and how to replay it', () => {
  const ran = run('lights');
  expect(ran.stdout).toContain('1 failed | 1 passed');
  const text = ran.stdout + ran.stderr;
  expect(text).toContain('violated: never both green, in 2 steps');
  expect(text).toContain('red -> green');
  expect(text).toMatch(/replay it: replaySchedule\(system, '\d\/\d'\)/);
  expect(ran.status).toBe(1);
});

test('docs/testing.md passes, as it stands there', () => {
  const blocks = ['README.md', 'docs/testing.md'].flatMap((name) => blocksOf(readFileSync(join(root, name), 'utf8')));
  const wanted = ['lost-update.ts', 'lost-update.test.ts', 'without-vitest.ts'];
  for (const block of blocks) {
    const file = fileOf(block);
    if (file && wanted.includes(file)) writeFileSync(join(project, file), block.body);
  }
  const ran = run('lost-update');
  expect(ran.stdout).toContain('4 passed');
  expect(ran.status).toBe(0);
  const other = spawnSync(process.execPath, ['--import', 'tsx', 'without-vitest.ts'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(other.stderr).toContain('violated: two increments make two');
});

test('its types are merged into those of vitest', () => {
  const paths = { faultline: [join(root, 'src/index.ts')], 'faultline/*': [join(root, 'src/entries/*.ts')] };
  const compilerOptions = {
    ...{
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2023',
      types: ['node'],
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
    },
    ...{ skipLibCheck: true, allowImportingTsExtensions: true, paths },
  };
  const wrong = `
import { expect } from 'vitest';
// @ts-expect-error no such option
void expect(1).toViolate('name', { within: 'twelve' });
// @ts-expect-error no such matcher
void expect(1).toHoldUp();
`;
  writeFileSync(join(project, 'wrong.ts'), wrong);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
  const ran = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: project, encoding: 'utf8' });
  expect(ran.stdout).toBe('');
  expect(ran.status).toBe(0);
});
