/**
 * The documents cannot drift: every `console` block in them is run and its output compared, every TypeScript block that
 * starts with a file name is written to that file first. A line `[...]` stands for any number of lines.
 * `UPDATE_DOCS=1 npx vitest run test/docs.test.ts` rewrites the output, with as many lines before and after `[...]` as before.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { builtMain } from './built.ts';
import { blockOf, blocksOf, commandOf, fileOf, timeless, wanted } from './documents.ts';
import { jsonReference } from './json-reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

// With the packages of the project, so that the documented files find `xstate` the way a user's would.
const folder = mkdtempSync(join(tmpdir(), 'faultline-docs-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
symlinkSync(join(root, 'docs'), join(folder, 'docs'));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  'README.md',
  'docs/bare-machines.md',
  'docs/ci.md',
  'docs/coverage.md',
  'docs/stress.md',
  'docs/validate.md',
  'docs/your-project.md',
])('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  let updated = text;
  const blocks = blocksOf(text);

  for (const block of blocks) {
    const file = fileOf(block);
    if (file === undefined) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), block.body);
  }

  const runnable = blocks.flatMap((block) => {
    const command = commandOf(block);
    return command ? [[command.line, { ...block, ...command }] as const] : [];
  });
  test.each(runnable)('npx faultline %s', (line, { block, args, shown }) => {
    const output = wanted(run(args), shown);
    updated = updated.replace(block, () => blockOf(line, output));
    if (process.env.UPDATE_DOCS) writeFileSync(join(root, document), updated);
    else expect(timeless(shown), 'run UPDATE_DOCS=1 npx vitest run test/docs.test.ts').toBe(timeless(output));
  });
});

test('docs/json.md is what the schemas say', () => {
  const path = join(root, 'docs/json.md');
  if (process.env.UPDATE_DOCS) writeFileSync(path, jsonReference());
  expect(readFileSync(path, 'utf8'), 'run UPDATE_DOCS=1 npx vitest run test/docs.test.ts').toBe(jsonReference());
});

const told = new Map<string, string>();

/** What a command prints; several documents may show the same one. It runs in a folder in which the documented files lie. */
function run(args: readonly string[]): string {
  const line = args.join(' ');
  const known = told.get(line);
  if (known !== undefined) return known;
  const child = spawnSync(process.execPath, [builtMain(), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' },
  });
  if (child.status === null || child.status > 2)
    throw new Error(`faultline ${line} ended with ${child.status}:\n${child.stderr}`);
  told.set(line, child.stdout);
  return child.stdout;
}
