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
import { jsonReference } from './json-reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;
/** The commands that a document may show; they run from a folder in which the documented files lie. */
const COMMAND = /^\$ npx faultline (.*)$/;

// With the packages of the project, so that the documented files find `xstate` the way a user's would.
const folder = mkdtempSync(join(tmpdir(), 'faultline-docs-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
symlinkSync(join(root, 'docs'), join(folder, 'docs'));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['README.md', 'docs/coverage.md', 'docs/stress.md', 'docs/validate.md'])('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  let updated = text;
  const blocks = [...text.matchAll(FENCE)].map(([block, language, body]) => ({ block, language, body: body! }));

  for (const { language, body } of blocks) {
    const file = /^\/\/ ([\w./-]+\.ts)\n/.exec(body)?.[1];
    if (language !== 'ts' || !file) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), body);
  }

  const runnable = blocks.filter(({ language, body }) => language === 'console' && COMMAND.test(body.split('\n')[0]!));
  test.each(runnable.map(({ block, body }) => [body.split('\n')[0]!.slice(2), block, body] as const))(
    '%s',
    (line, block, body) => {
      const [command, ...shown] = body.split('\n');
      const stdout = run(line.replace(/^npx faultline /, ''));
      const wanted = elided(stdout.trimEnd().split('\n'), shown.slice(0, -1)).join('\n');
      updated = updated.replace(block, () => `\`\`\`console\n${command}\n${wanted}\n\`\`\``);
      if (process.env.UPDATE_DOCS) writeFileSync(join(root, document), updated);
      else
        expect(timeless(shown.join('\n')), 'run UPDATE_DOCS=1 npx vitest run test/docs.test.ts').toBe(timeless(wanted));
    },
  );
});

test('docs/json.md is what the schemas say', () => {
  const path = join(root, 'docs/json.md');
  if (process.env.UPDATE_DOCS) writeFileSync(path, jsonReference());
  expect(readFileSync(path, 'utf8'), 'run UPDATE_DOCS=1 npx vitest run test/docs.test.ts').toBe(jsonReference());
});

const told = new Map<string, string>();

/** What a command prints; several documents may show the same one. */
function run(args: string): string {
  const known = told.get(args);
  if (known !== undefined) return known;
  const child = spawnSync(process.execPath, [builtMain(), ...words(args)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' },
  });
  if (child.status === null || child.status > 2)
    throw new Error(`faultline ${args} ended with ${child.status}:\n${child.stderr}`);
  told.set(args, child.stdout);
  return child.stdout;
}

/** The output with the same part left out as in what is shown. */
function elided(output: readonly string[], shown: readonly string[]): readonly string[] {
  const gap = shown.indexOf('[...]');
  if (gap < 0) return output;
  const after = shown.length - gap - 1;
  return [...output.slice(0, gap), '[...]', ...output.slice(output.length - after)];
}

/** Splits a command line as a shell would, as far as documents need it: quotes, nothing else. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare!);
}

/** Durations and rates differ from run to run; so does the width of what pads them. */
function timeless(text: string): string {
  return text
    .replace(/\d+(\.\d+)?\s*(ms|s)\b/g, 'T')
    .replace(/\d+(\.\d+)?\s*[kM]?\s*(states|steps)\/s/g, 'RATE')
    .replace(/[ ─]+/g, ' ')
    .trim();
}
