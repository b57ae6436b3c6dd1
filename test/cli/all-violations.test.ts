/** `--property` and `--all-violations`, and what scenarios expect of several properties. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { z } from 'zod';
import { checkDocumentSchema, replayDocumentSchema, traceFileSchema } from '../../src/cli/documents.ts';
import type { SarifLog } from '../../src/cli/sarif.ts';
import { defineScenario, type Expectation } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { folderWith, run } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

const machine = setup({
  types: { context: {} as { n: number }, input: {} as { end: number }, events: {} as { type: 'RUN' } },
  actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
  guards: { goesOn: ({ context }) => context.n < 6 },
}).createMachine({ context: { n: 0 }, on: { RUN: { guard: 'goesOn', actions: 'count' } } });

/** What happens to a counter that should not go far. */
function counting(expected: Expectation) {
  return defineScenario({
    name: 'counting',
    title: 'counts',
    sources: [],
    group: 'tests of ours',
    parameters: z.object({}),
    variants: { fixed: { title: 'does not', expected: { verdict: 'holds' } }, far: { title: 'goes far', expected } },
    build: (_, variant) =>
      defineSystem({
        actors: { c: actor(machine, { choices: variant === 'far' ? [{ type: 'RUN' }] : [], rest: () => true }) },
        properties: ({ always, reachable }) => [
          always('below 5', (system) => system.get('c').context.n < 5),
          always("isn't 2", (system) => system.get('c').context.n !== 2),
          always('never negative', (system) => system.get('c').context.n >= 0),
          ...(variant === 'far' ? [reachable('9', (system) => system.get('c').context.n === 9)] : []),
        ],
      }),
  });
}

const ALL = ["isn't 2", 'below 5', '9'] as const;
const exact = counting({ verdict: 'violated', properties: [...ALL] });
const one = counting({ verdict: 'violated', property: "isn't 2" });
const few = counting({ verdict: 'violated', properties: ["isn't 2", 'below 5'] });
const others = counting({ verdict: 'violated', properties: ['below 5', '9'] });

const runOn = (scenario: ReturnType<typeof counting>, ...args: string[]) =>
  run(['check', 'counting', ...args], { catalogue: [scenario] });

async function resultOf(scenario: ReturnType<typeof counting>, ...args: string[]) {
  const { stdout } = await runOn(scenario, '--json', '--variant', 'far', ...args);
  return checkDocumentSchema.parse(JSON.parse(stdout)).results[0]!;
}

describe('--all-violations', () => {
  test('tells each violated property with the length of its shortest trace, and a line that runs it again', async () => {
    const { status, stdout } = await runOn(exact, '--variant', 'far', '--all-violations');
    expect(status).toBe(1);
    expect(stdout).toContain("violated: isn't 2");
    expect(stdout).toContain(
      [
        '2 more properties are violated, each by its shortest trace:',
        '  below 5, 5 steps: npx faultline replay counting --variant far 0/0/0/0/0',
        '  9: nothing witnesses it',
      ].join('\n'),
    );
    const replayed = await run(['replay', 'counting', '--variant', 'far', '0/0/0/0/0', '--json'], {
      catalogue: [exact],
    });
    expect(replayDocumentSchema.parse(JSON.parse(replayed.stdout)).violated).toEqual(['below 5']);
  });

  test('says when there is no other, and when a bound leaves some open', async () => {
    const alone = await runOn(
      exact,
      '--variant',
      'far',
      '--all-violations',
      '--property',
      'below 5',
      '--property',
      'never negative',
    );
    expect(alone.stdout).toContain('\nno other property is violated\n');
    const bounded = await runOn(exact, '--variant', 'far', '--all-violations', '--max-states', '3');
    expect(bounded.stdout).toContain(
      'no other property is known to be violated\nthe search stopped after 4 states because it found as many states as --max-states',
    );
    expect(bounded.stdout).toContain('\nundecided: below 5; never negative; 9; no deadlock\n');
  });

  test('is told of all variants under their table', async () => {
    const { status, stdout } = await runOn(exact, '--all-violations');
    expect(status).toBe(0);
    expect(stdout).toContain('2 of 2 verdicts as expected');
    expect(stdout).toContain(
      [
        'all violations, with the lengths of their shortest traces:',
        "  counting --variant far: isn't 2, 2 steps",
        '  counting --variant far: below 5, 5 steps',
        '  counting --variant far: 9: nothing witnesses it',
      ].join('\n'),
    );
  });

  test('is a list in the document, and null without', async () => {
    expect((await resultOf(exact)).violations).toBe(null);
    expect(await resultOf(exact, '--all-violations')).toMatchObject({
      property: "isn't 2",
      trace: { schedule: '0/0' },
      violations: [
        { property: "isn't 2", deadEnd: false, length: 2, schedule: '0/0' },
        { property: 'below 5', deadEnd: false, length: 5, schedule: '0/0/0/0/0' },
        { property: '9', deadEnd: false, length: null, schedule: null },
      ],
    });
  });

  test('--trace-out says which trace it has written', async () => {
    const file = join(folder, 'all.json');
    const { stderr } = await runOn(exact, '--variant', 'far', '--all-violations', '--trace-out', file);
    expect(stderr).toContain(`${file} has the trace to "isn't 2": for another one, name its property by --property`);
    const alone = await runOn(exact, '--variant', 'far', '--trace-out', file);
    expect(alone.stderr).not.toContain('has the trace');
  });

  test('is a result of SARIF and a property of JUnit for each', async () => {
    const [sarif, junit] = [join(folder, 'all.sarif'), join(folder, 'all.xml')];
    await runOn(exact, '--variant', 'far', '--all-violations', '--sarif', sarif, '--junit', junit);
    const log = JSON.parse(readFileSync(sarif, 'utf8')) as SarifLog;
    const { results } = log.runs[0]!;
    expect(results.map(({ message }) => message.text)).toEqual([
      "isn't 2: violated in counting, far. To replay it: npx faultline replay counting --variant far 0/0",
      'below 5: violated in counting, far. To replay it: npx faultline replay counting --variant far 0/0/0/0/0',
      '9: violated in counting, far',
    ]);
    expect(results.map(({ codeFlows }) => codeFlows !== undefined)).toEqual([true, false, false]);
    expect(new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(3);
    const cases = readFileSync(junit, 'utf8');
    for (const name of ['isn&apos;t 2', 'below 5', '9'])
      expect(cases).toMatch(new RegExp(`name="violated" value="${name.replace('&apos;', "('|&apos;|&#39;)")}"`));
  });

  test('is in a report', async () => {
    const file = join(folder, 'all.html');
    const asked = ['report', 'counting', '--variant', 'far', '--all-violations', '-o', file];
    const { status } = await run(asked, { catalogue: [exact] });
    expect(status).toBe(1);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('Violated as well, each by its shortest trace:');
    expect(page).toContain(
      '<li>“below 5”, after 5 steps: <code>npx faultline replay counting --variant far 0/0/0/0/0</code></li>',
    );
    expect(page).toContain('<li>“9”: nothing witnesses it</li>');
    expect(page).toContain('--all-violations');
    expect(page).toContain('Group: tests of ours');
  });

  test.each([
    [['--search', 'dfs'], '--all-violations is for a breadth-first search that keeps whole states'],
    [['--search', 'random'], '--all-violations is for a breadth-first search'],
    [['--bitstate'], '--all-violations is for a breadth-first search'],
    [['--hash-compact'], '--all-violations is for a breadth-first search'],
    [['--partial-order'], '--partial-order does not go with --all-violations'],
    [['--chains'], '--chains does not go with --all-violations'],
  ])('with %j it is refused', async (args, message) => {
    const { status, stderr } = await runOn(exact, '--all-violations', ...args);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
  });
});

describe('a variant is as expected', () => {
  const agreement = async (scenario: ReturnType<typeof counting>, ...args: string[]) =>
    (await resultOf(scenario, ...args)).asExpected;

  test('when exactly the expected properties are violated, where all are looked for', async () => {
    expect(await agreement(exact, '--all-violations')).toBe(true);
    expect(await agreement(few, '--all-violations')).toBe(false);
    const { status, stdout } = await runOn(few, '--all-violations');
    expect(status).toBe(1);
    expect(stdout).toContain(
      `counting --variant far: expected violated "isn't 2", "below 5", got violated "isn't 2", "below 5", "9"`,
    );
  });

  test('when the one that is found is among them, where the search ends with it', async () => {
    expect(await agreement(few)).toBe(true);
    expect(await agreement(others)).toBe(false);
  });

  test('when a single one is the one of the shortest trace, whatever else is violated', async () => {
    expect(await agreement(one)).toBe(true);
    expect(await agreement(one, '--all-violations')).toBe(true);
    expect(await agreement(counting({ verdict: 'violated', property: 'below 5' }), '--all-violations')).toBe(false);
  });

  test('of what is judged only; of other properties nothing is expected', async () => {
    expect(await agreement(few, '--property', 'below 5')).toBe(true);
    expect(await agreement(few, '--property', 'below 5', '--property', 'never negative', '--all-violations')).toBe(
      true,
    );
    expect(await agreement(few, '--property', 'never negative')).toBe(null);
    expect((await runOn(few, '--property', 'never negative')).status).toBe(0);
  });

  test('before a bound it is said what is undecided, and what grows', async () => {
    const { stdout } = await runOn(exact, '--all-violations', '--max-states', '4');
    expect(stdout).toMatch(/got violated "isn't 2", before the search stopped with .*"below 5".* undecided/);
    const told = await runOn(exact, '--variant', 'far', '--all-violations', '--max-states', '4');
    expect(told.stdout).toContain('the search stopped after 5 states');
    expect(told.stdout).toMatch(/What keeps growing, fastest first:\n {2}.*|Nothing keeps growing/);
  });

  test('never before a bound has been lifted: there may be more violations, which is unknown', async () => {
    expect(await agreement(exact, '--all-violations', '--max-states', '4')).toBe(false);
    expect((await runOn(exact, '--all-violations', '--max-states', '4')).status).toBe(2);
  });
});

describe('--property', () => {
  test('judges no other property, and says so', async () => {
    const { status, stdout } = await runOn(exact, '--variant', 'far', '--property', 'below 5');
    expect(status).toBe(1);
    expect(stdout).toContain('violated: below 5');
    expect(stdout).toContain("replay it: npx faultline replay counting --variant far --property 'below 5' 0/0/0/0/0\n");
    expect(stdout).toContain("\nnot looked at: isn't 2; never negative; 9; no deadlock\n");
    const holds = await runOn(exact, '--variant', 'far', '--property', 'never negative', '--property', 'no deadlock');
    expect(holds.status).toBe(0);
    expect(holds.stdout).toMatch(
      / {2}holds +never negative\n {2}holds +no deadlock\n\nnot looked at: below 5; isn't 2; 9\n/,
    );
  });

  test('an unknown one is a mistake of usage, before anything is searched', async () => {
    const { status, stdout, stderr } = await runOn(exact, '--property', 'bellow 5');
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain('--property: counting --variant fixed: the system has no property "bellow 5"');
    expect(stderr).toContain('did you mean "below 5"?');
    // The fixed variant has no such property.
    expect((await runOn(exact, '--property', '9')).stderr).toContain(
      'counting --variant fixed: the system has no property "9"',
    );
  });

  test('does not go with --all', async () => {
    const { status, stderr } = await run(['check', '--all', '--property', 'below 5'], { catalogue: [exact] });
    expect(status).toBe(3);
    expect(stderr).toContain('it does not go with --property');
  });

  test('is in a trace file, which is replayed with it', async () => {
    const file = join(folder, 'one.json');
    await runOn(exact, '--variant', 'far', '--property', 'below 5', '--trace-out', file);
    expect(traceFileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).judged).toEqual(['below 5']);
    const { status, stdout } = await run(['replay', file, '--json'], { catalogue: [exact] });
    expect(status).toBe(1);
    expect(replayDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
      violated: ['below 5'],
      changedAt: null,
      reproduced: true,
    });
    const refused = await run(['replay', file, '--property', 'below 5'], { catalogue: [exact] });
    expect([refused.status, refused.stderr]).toEqual([
      3,
      expect.stringContaining('--property does not go with a trace file'),
    ]);
  });

  test('goes with replays, graphs and exports', async () => {
    const catalogue = [exact];
    const named = ['counting', '--variant', 'far', '--property', 'never negative'];
    const { status, stdout } = await run(['replay', ...named, '0/0', '--json'], { catalogue });
    expect([status, replayDocumentSchema.parse(JSON.parse(stdout)).violated]).toEqual([0, []]);
    const graph = await run(['graph', ...named, '--format', 'json'], { catalogue });
    expect(graph.stdout).not.toContain("isn't 2");
    // Nothing is behind a violation of what nobody judges.
    const states = (text: string) => Number(/(\d+) states/.exec(text)?.[1]);
    const whole = await run(['export', 'counting', '--variant', 'far', '--to', 'murphi'], { catalogue });
    const part = await run(['export', ...named, '--to', 'murphi'], { catalogue });
    expect([states(whole.stdout), states(part.stdout)]).toEqual([3, 7]);
    expect(part.stdout).not.toContain("isn't 2");
  });
});
