/** The action for GitHub: its metadata by the published rules, its scripts in a folder with what a runner gives them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { builtMain } from './built.ts';
import { folderWith, LIGHTS } from './cli/harness.ts';
import { blocksOf } from './documents.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

interface Metadata {
  readonly inputs: Readonly<Record<string, { description: string; required?: boolean; default?: string }>>;
  readonly outputs: Readonly<Record<string, { description: string; value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const action = parse(readFileSync(join(root, 'action.yml'), 'utf8'), { strict: true, uniqueKeys: true }) as Metadata;
const { inputs, outputs, runs } = action;
const ids = runs.steps.flatMap(({ id }) => id ?? []);

/** https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax */
describe('action.yml', () => {
  test('has the keys that a composite action may have, and those that it must have', () => {
    expect(Object.keys(action).sort()).toEqual([
      'author',
      'branding',
      'description',
      'inputs',
      'name',
      'outputs',
      'runs',
    ]);
    expect(runs.using).toBe('composite');
    for (const [name, input] of Object.entries(inputs)) {
      expect(name).toMatch(/^[a-z_][a-z0-9_-]*$/);
      expect(['description', 'required', 'default']).toEqual(expect.arrayContaining(Object.keys(input)));
      expect(input.description).toMatch(/\w/);
      // What is no text is made one by the runner, in its own way.
      if (!input.required) expect(typeof input.default, name).toBe('string');
    }
    for (const output of Object.values(outputs)) expect(Object.keys(output).sort()).toEqual(['description', 'value']);
    expect(new Set(ids).size).toBe(ids.length);
    const allowed = [
      'id',
      'name',
      'if',
      'run',
      'shell',
      'uses',
      'env',
      'with',
      'working-directory',
      'continue-on-error',
    ];
    for (const step of runs.steps) {
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(step)));
      expect([step.run !== undefined, step.shell !== undefined]).toEqual(
        step.uses === undefined ? [true, true] : [false, false],
      );
      if (step.uses !== undefined) expect(step.uses).toMatch(/^(actions|github)\/[\w/-]+@v\d+$/);
    }
  });

  test('names only inputs, outputs and steps that there are, and every input is used', () => {
    const text = JSON.stringify([runs, outputs]);
    const used = [...text.matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name!);
    expect([...new Set(used)].sort()).toEqual(Object.keys(inputs).sort());
    for (const [, id, output] of text.matchAll(/steps\.(\w+)\.outputs\.([\w-]+)/g)) {
      expect(ids).toContain(id);
      expect(readFileSync(join(root, `action/${id}.sh`), 'utf8')).toMatch(
        new RegExp(`\\b(${output}=|written ${output} )`),
      );
    }
  });

  test('no input is part of a script: whoever writes it would write commands', () => {
    for (const { run, with: given } of runs.steps) expect(`${run}${given?.script}`).not.toContain('${{');
  });
});

describe('docs/ci.md', () => {
  const text = readFileSync(join(root, 'docs/ci.md'), 'utf8');

  test('its workflows can be read, and use the action as it is', () => {
    const documents = blocksOf(text)
      .filter(({ language }) => language === 'yaml')
      .map(({ body }) => parse(body, { strict: true }) as { jobs?: Record<string, { steps: Step[] }> });
    const steps = documents.flatMap(({ jobs = {} }) => Object.values(jobs).flatMap((job) => job.steps));
    const uses = steps.filter((step) => step.uses === 'OWNER/faultline@TAG');
    expect(uses).not.toEqual([]);
    for (const step of uses) {
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with!)));
      expect(step.with).toHaveProperty('targets');
    }
  });

  test('it names every input and output', () => {
    const [, table] = /\| input \| \|\n([\s\S]*?)\n\n/.exec(text)!;
    for (const name of Object.keys(inputs)) expect(table).toContain(`\`${name}\``);
    const [said] = /Its outputs are [\s\S]*?\n\n/.exec(text)!;
    for (const name of Object.keys(outputs)) expect(said).toContain(`\`${name}\``);
  });
});

const scripts = readdirSync(join(root, 'action')).filter((name) => name.endsWith('.sh'));

test.each(scripts)('%s is a script that bash reads, and shellcheck has nothing to say, where it is there', (name) => {
  const path = join(root, 'action', name);
  expect(spawnSync('bash', ['-n', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  const checked = spawnSync('shellcheck', [path], { encoding: 'utf8' });
  if (!checked.error) expect(checked.stdout).toBe('');
});

const FIXED = LIGHTS.replace("!(view.get('north')", "true || !(view.get('north')").replaceAll('lights', 'fixed');
const { path: folder, remove } = folderWith({ 'lights.ts': LIGHTS, 'fixed lights.ts': FIXED, 'package.json': '{}' });
afterAll(remove);
beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['xstate', 'zod'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  // The package as it is installed: what runs is below dist.
  symlinkSync(join(builtMain(), '../../../..'), join(folder, 'node_modules/faultline'));
});

let runsSoFar = 0;

/** Runs the scripts as the runner does: defaults of the inputs, steps one after the other, outputs by files. */
function act(given: Readonly<Record<string, string>>, cwd = folder) {
  const temporary = join(folder, `runner ${runsSoFar++}`);
  mkdirSync(temporary);
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, given[name] ?? input.default ?? '']),
  );
  const found: Record<string, Record<string, string>> = {};
  const summary = join(temporary, 'summary.md');
  let log = '';
  let failed: number | undefined;
  for (const step of runs.steps) {
    // Only steps that say so go on after one that failed.
    if (step.run === undefined || (failed !== undefined && !step.if?.includes('always()'))) continue;
    if (step.if?.includes("steps.check.outputs.status != ''") && !found.check?.status) continue;
    const output = join(temporary, `output-${step.id}`);
    writeFileSync(output, '');
    const env = Object.entries(step.env ?? {}).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\{ (inputs|steps)\.([\w-]+)(?:\.outputs\.([\w-]+))? \}\}/g, (_, kind, name, of) =>
        kind === 'inputs' ? values[name]! : (found[name]?.[of] ?? ''),
      ),
    ]);
    const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd,
      encoding: 'utf8',
      env: {
        ...process.env,
        ...Object.fromEntries(env),
        GITHUB_ACTION_PATH: root,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: temporary,
      },
    });
    log += ran.stdout + ran.stderr;
    if (ran.status !== 0) failed ??= ran.status!;
    const lines = readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    if (step.id)
      found[step.id] = Object.fromEntries(lines.map((line) => [line.split('=')[0]!, line.replace(/^[^=]*=/, '')]));
  }
  return {
    status: failed ?? 0,
    log,
    outputs: found.check ?? {},
    summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '',
  };
}

describe('its scripts', () => {
  test('a violated and a holding system: all files, the summary, and the job fails at its end', () => {
    const { status, outputs, summary, log } = act({
      targets: ' ./lights.ts#lights\n\n./fixed lights.ts  \n',
      report: 'true',
    });
    expect(outputs.status, log).toBe('1');
    expect(status).toBe(1);
    expect(summary).toBe(readFileSync(outputs.markdown!, 'utf8'));
    expect(summary).toMatch(/❌ Faultline: violated, and 1 of 2 results[\s\S]*fixed lights\.ts<\/code> \| - \| holds/);
    expect(readFileSync(outputs.junit!, 'utf8')).toContain('tests="2" failures="1"');
    expect(JSON.parse(readFileSync(outputs.sarif!, 'utf8'))).toHaveProperty('version', '2.1.0');
    expect(readFileSync(outputs.report!, 'utf8')).toMatch(/^<!doctype html>/i);
    expect(log).toMatch(/::error title=Faultline::violated, or not as expected \(status 1\)/);
    expect(outputs['action-path']).toBe(root);
  });

  test('what holds passes, with options that are quoted', () => {
    const { status, outputs } = act({
      targets: './fixed lights.ts',
      args: `--max-seconds 60 --property "never both green"`,
    });
    expect([status, outputs.status, outputs.report]).toEqual([0, '0', undefined]);
  });

  test.each([
    ['violated', ['--max-states', '1'], 2],
    ['known', ['--max-states', '1'], 0],
    ['known', [], 1],
    ['never', [], 0],
    ['never', ['--no-such-option'], 3],
  ])('fail-on %s, with %j: the job ends with %i', (failOn, args, wanted) => {
    const { status, summary } = act({ targets: './lights.ts', 'fail-on': failOn, args: args.join(' ') });
    expect(status).toBe(wanted);
    expect(summary).not.toBe('');
  });

  test('what cannot be checked is said, in the summary too', () => {
    const { status, outputs, summary } = act({ targets: './nowhere.ts' });
    expect([status, outputs.status, outputs.markdown]).toEqual([3, '3', undefined]);
    expect(summary).toMatch(/nothing was checked, status 3\n\n {4}faultline: cannot read the module \.\/nowhere\.ts/);
  });

  test.each([
    [{ args: `--property 'never` }, /the input args has a quote that does not end/],
    [{ 'fail-on': 'sometimes' }, /the input fail-on is to be violated, known or never/],
    [{ version: '1; touch owned' }, /the input version is no version/],
  ])('%j is refused', (given, message) => {
    const { status, log } = act({ targets: './lights.ts', ...given });
    expect(log).toMatch(message);
    expect(status).toBe(3);
  });

  test('nothing that is typed is run', () => {
    act({
      targets: './lights.ts; touch owned\n$(touch owned)\n`touch owned`',
      args: '$(touch owned) `touch owned` ; touch owned',
    });
    expect(existsSync(join(folder, 'owned'))).toBe(false);
  });

  test('a project without packages is told what to do', () => {
    const empty = folderWith({ 'package.json': '{}' });
    const { status, log } = act({ targets: './lights.ts' }, empty.path);
    empty.remove();
    expect(status).toBe(3);
    expect(log).toMatch(/no node_modules and no package-lock\.json/);
  });
});

interface Posted {
  readonly id?: number;
  readonly user: { readonly type: string } | null;
  readonly body: string;
}

interface Given {
  readonly github: unknown;
  readonly context: unknown;
  readonly core: unknown;
  readonly markdown: string;
  readonly key: string;
}

const { comment } = createRequire(import.meta.url)('../action/comment.cjs') as {
  comment: (given: Given) => Promise<void>;
};

describe('the comment', () => {
  const markdown = join(folder, 'comment.md');
  writeFileSync(markdown, '### Faultline\n');

  async function posted(known: readonly Posted[], { key = 'faultline', error }: { key?: string; error?: Error } = {}) {
    const issues = {
      listComments: vi.fn(),
      createComment: vi.fn(async () => {
        if (error) throw error;
      }),
      updateComment: vi.fn(),
    };
    const core = { warning: vi.fn() };
    const github = { rest: { issues }, paginate: async () => known };
    const context = { repo: { owner: 'o', repo: 'r' }, payload: { pull_request: { number: 7 } } };
    await comment({ github, context, core, markdown, key });
    return { created: issues.createComment.mock.calls.flat(), updated: issues.updateComment.mock.calls.flat(), core };
  }

  test('is posted once, and updated from then on', async () => {
    const first = await posted([]);
    const [{ body }] = first.created as unknown as [{ body: string }];
    expect(first.created).toEqual([
      { owner: 'o', repo: 'r', issue_number: 7, body: '<!-- faultline: faultline -->\n### Faultline\n' },
    ]);
    const again = await posted([{ id: 5, user: { type: 'Bot' }, body }]);
    expect([again.created, again.updated]).toEqual([[], [{ owner: 'o', repo: 'r', comment_id: 5, body }]]);
  });

  test('is not that of another use, nor one that somebody has copied', async () => {
    const body = '<!-- faultline: faultline -->\n';
    const others = [
      { id: 1, user: { type: 'User' }, body },
      { id: 2, user: { type: 'Bot' }, body: '<!-- faultline: other -->' },
      { id: 3, user: null, body },
    ];
    expect((await posted(others)).updated).toEqual([]);
    const [{ body: odd }] = (await posted([], { key: '--> <b>' })).created as unknown as [{ body: string }];
    expect(odd).toMatch(/^<!-- faultline: [\w%]+ -->\n/);
  });

  test('that may not be posted is a warning, and anything else an error', async () => {
    const { core } = await posted([], { error: Object.assign(new Error('no'), { status: 403 }) });
    expect(core.warning).toHaveBeenCalledWith(expect.stringContaining('pull-requests: write'));
    await expect(posted([], { error: new Error('broken') })).rejects.toThrow('broken');
  });
});
