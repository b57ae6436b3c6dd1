/** What users get: the packed package, installed in an empty folder, with a TypeScript module of their own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkDocumentSchema, listDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, LIGHTS, type Ran } from './harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { path: folder, remove } = folderWith({});
const project = join(folder, 'project');
afterAll(remove);

function execute(command: string, args: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function npm(args: readonly string[], cwd: string): void {
  const { status, stderr } = execute('npm', args, cwd);
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stderr}`);
}

const faultline = (...args: string[]) => execute('node_modules/.bin/faultline', args, project);

beforeAll(() => {
  npm(['pack', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  mkdirSync(project);
  // As `npm init -y` writes it: not a package of ES modules.
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "version": "1.0.0", "type": "commonjs" }');
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)], project);
  writeFileSync(join(project, 'lights.ts'), LIGHTS);
}, 240_000);

test('lists and checks the catalogue', () => {
  const list = execute('npx', ['--no-install', 'faultline', 'list', '--json'], project);
  expect(listDocumentSchema.parse(JSON.parse(list.stdout)).scenarios.length).toBeGreaterThan(0);
  const checked = faultline('check', 'dining-philosophers', '--json', '--quiet');
  expect(checkDocumentSchema.parse(JSON.parse(checked.stdout)).results).toHaveLength(3);
  expect(checked.status).toBe(0);
});

test('checks and replays a TypeScript module that imports faultline and xstate', () => {
  const checked = faultline('check', './lights.ts', '--quiet', '--trace-out', 'trace.json');
  expect(checked.stderr).toBe('');
  expect(checked.stdout).toContain('replay it: npx faultline replay ./lights.ts 0/1\n');
  expect(checked.status).toBe(1);
  const replayed = faultline('replay', './lights.ts', 'trace.json');
  expect(replayed.stdout).toContain('violated: never both green');
  expect(replayed.status).toBe(1);
});

test('checks a module outside of every project', () => {
  writeFileSync(join(folder, 'elsewhere.ts'), LIGHTS);
  expect(faultline('check', '../elsewhere.ts', '--quiet').status).toBe(1);
});

test('is a library as well', () => {
  writeFileSync(join(project, 'library.mjs'), `import { check } from 'faultline';\nconsole.log(typeof check);\n`);
  expect(execute(process.execPath, ['library.mjs'], project).stdout).toBe('function\n');
});
