import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createMachine, sendTo } from 'xstate';
import { z } from 'zod';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { checkDocumentSchema, traceFileSchema } from '../../src/cli/documents.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { COMMAND_NAMES, createProgram } from '../../src/cli/program.ts';
import type { Property } from '../../src/system/property.ts';
import { defineScenario, type Scenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { folderWith, run } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

/** The scenario with other expectations, or another builder. */
function changed(scenario: Scenario, changes: Partial<Scenario>): Scenario {
  return { ...scenario, ...changes };
}

/** Two letters in a line: every word of so many letters stands in it at some time. */
function lineOfLetters(): Scenario {
  const letters = [{ type: 'A' }, { type: 'B' }];
  const passOn = (type: string) => sendTo(({ system }) => system.get('reader'), { type });
  const writer = createMachine({ on: { A: { actions: passOn('A') }, B: { actions: passOn('B') } } });
  const reader = createMachine({ on: { A: {}, B: {} } });
  return defineScenario({
    name: 'line',
    title: 'Letters in a line',
    group: 'letters',
    sources: [],
    parameters: z.object({}),
    variants: {
      long: { title: 'of thirteen', expected: { verdict: 'holds' } },
      short: { title: 'of two', expected: { verdict: 'holds' } },
    },
    build: (_, variant) =>
      defineSystem({
        actors: { writer: actor(writer, { choices: letters }), reader: actor(reader) },
        channels: { letters: { to: ['reader'], order: 'fifo', capacity: variant === 'long' ? 13 : 2 } },
      }),
  });
}

describe('the status', () => {
  test('is 0 when every verdict of the catalogue is the expected one', async () => {
    const { status, stdout } = await run(['check', '--all']);
    expect(status).toBe(0);
    expect(stdout).toContain('9 of 9 verdicts as expected');
    expect(stdout).toMatch(/^dining-philosophers +left-right +violated +violated +1,\d\d\d/m);
  });

  test('of --all --quick leaves out what is known to be long', async () => {
    const { status, stdout } = await run(['check', '--all', '--quick', '--json']);
    expect(status).toBe(0);
    const { quick, results } = checkDocumentSchema.parse(JSON.parse(stdout));
    expect(quick).toBe(true);
    expect(results.map(({ scenario, variant }) => `${scenario} ${variant}`)).toEqual([
      'dining-philosophers left-right',
      'bounded-fifo unordered',
      'ping-pong reliable',
      'ping-pong careless',
    ]);
    expect(await run(['check', 'bounded-fifo', '--quick'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('--quick is for --all'),
    });
  });

  test('is 0 when all variants of a scenario are as expected, the violated ones included', async () => {
    const { status, stdout } = await run(['check', 'bounded-fifo']);
    expect(status).toBe(0);
    expect(stdout).toContain('3 of 3 verdicts as expected');
  });

  test.each([
    ['left-handed', 0],
    ['left-right', 1],
  ])('is that of the verdict with --variant %s', async (variant, expected) => {
    const { status } = await run(['check', 'dining-philosophers', '--variant', variant]);
    expect(status).toBe(expected);
  });

  test('is 1 when a verdict is not the expected one, and says so', async () => {
    const hopeful = changed(boundedFifo, {
      variants: { drop: { title: 'loses', expected: { verdict: 'holds' } }, fixed: boundedFifo.variants.fixed! },
    });
    const { status, stdout } = await run(['check', '--all'], { catalogue: [hopeful] });
    expect(status).toBe(1);
    expect(stdout).toContain(
      '1 of 2 verdicts as expected\n  bounded-fifo --variant drop: expected holds, got violated',
    );
    expect(stdout).toContain('replay it: npx faultline replay bounded-fifo --variant drop ');
  });

  describe('with numbers that are pinned', () => {
    const pinned = changed(boundedFifo, {
      variants: {
        fixed: { title: 'keeps', expected: { verdict: 'holds', counts: [143, 256] } },
        drop: {
          title: 'loses',
          expected: { verdict: 'violated', property: 'items arrive complete and in order', length: 18 },
        },
      },
    });
    const answers = (args: readonly string[]) => run(['check', 'bounded-fifo', ...args], { catalogue: [pinned] });

    test('is 1 when they are others, and says so in every format', async () => {
      const { status, stdout } = await answers([]);
      expect(status).toBe(1);
      expect(stdout).toContain(
        'fixed: expected holds with 143 states and 256 steps, got holds with 144 states and 256 steps\n',
      );
      expect(stdout).toMatch(
        /drop: expected violated "items .*" with a trace of 18 steps, got .* with a trace of 19 steps/,
      );
      const own = folderWith({});
      const files = { junit: join(own.path, 'pinned.xml'), sarif: join(own.path, 'pinned.sarif') };
      await answers(['--junit', files.junit, '--sarif', files.sarif]);
      expect(readFileSync(files.junit, 'utf8')).toContain(
        'holds with 144 states and 256 steps; expected holds with 143',
      );
      expect(readFileSync(files.sarif, 'utf8')).toContain(
        'holds with 144 states and 256 steps; expected holds with 143',
      );
      own.remove();
      const { results } = checkDocumentSchema.parse(JSON.parse((await answers(['--json'])).stdout));
      expect(results.map(({ asExpected }) => asExpected)).toEqual([false, false]);
      expect(results[0]!.expected).toMatchObject({ counts: { states: 143, steps: 256 }, reduced: null, length: null });
    });

    test('looks at the steps as well as at the states', async () => {
      const [states, steps] = [144, 255];
      const variants = { fixed: { title: 'keeps', expected: { verdict: 'holds', counts: [states, steps] } } } as const;
      const { status, stdout } = await run(['check', 'bounded-fifo'], {
        catalogue: [changed(boundedFifo, { variants })],
      });
      expect(status).toBe(1);
      expect(stdout).toContain('holds with 144 states and 255 steps, got holds with 144 states and 256 steps');
    });

    test.each([
      ['other parameters', ['--set', 'capacity=2']],
      ['fewer properties', ['--property', 'items arrive complete and in order']],
      ['a search in depth', ['--search', 'dfs']],
      ['a store that loses states', ['--hash-compact']],
    ])('holds nothing against %s', async (_, args) => {
      const { results } = checkDocumentSchema.parse(JSON.parse((await answers([...args, '--json'])).stdout));
      expect(results.map(({ variant, asExpected }) => [variant, asExpected])).toEqual([
        ['fixed', true],
        ['drop', true],
      ]);
    });
  });

  test('is 1 when a fault violates another property than its own', async () => {
    const mistaken = changed(boundedFifo, {
      variants: { drop: { title: 'loses', expected: { verdict: 'violated', property: 'something else' } } },
    });
    const { status, stdout } = await run(['check', 'bounded-fifo'], { catalogue: [mistaken] });
    expect(status).toBe(1);
    expect(stdout).toContain('expected violated "something else", got violated "items arrive complete and in order"');
  });

  test('is 1 when an expected violation does not come', async () => {
    const gloomy = changed(boundedFifo, {
      variants: { fixed: { title: 'waits', expected: { verdict: 'violated', property: 'items' } } },
    });
    const { status } = await run(['check', '--all'], { catalogue: [gloomy] });
    expect(status).toBe(1);
  });

  test('is 2 when a bound was hit, also in comparison', async () => {
    expect((await run(['check', 'dining-philosophers', '--max-states', '10', '--variant', 'left-handed'])).status).toBe(
      2,
    );
    expect((await run(['check', '--all', '--max-states', '5'])).status).toBe(2);
  });

  test('is 4 when a scenario cannot be built, while the others are still checked', async () => {
    const broken = defineScenario({
      ...diningPhilosophers,
      name: 'broken',
      build: () => {
        throw new TypeError('no forks');
      },
    });
    const { status, stdout, stderr } = await run(['check', '--all'], { catalogue: [broken, boundedFifo] });
    expect(status).toBe(4);
    expect(stdout).toMatch(/^bounded-fifo +fixed +holds/m);
    expect(stdout).toMatch(/^broken +left-right +model error/m);
    expect(stderr).toContain('scenario "broken" threw while building: no forks');
  });

  test('is 5 for what should never happen, with the stack', async () => {
    const impossible = changed(diningPhilosophers, { variants: undefined as never });
    const { status, stdout, stderr } = await run(['check', '--all'], { catalogue: [impossible] });
    expect(status).toBe(5);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/this is a bug in faultline.*\n(.*\n)*.* {4}at /);
  });

  test('is 2 after an interrupt, and what is known is told', async () => {
    const { status, stdout } = await run(['check', 'dining-philosophers', '--json'], { signal: AbortSignal.abort() });
    expect(status).toBe(2);
    const { results } = checkDocumentSchema.parse(JSON.parse(stdout));
    expect(results.map(({ verdict, bound }) => [verdict, bound])).toEqual(Array(3).fill(['unknown', 'interrupted']));
  });
});

describe('the text', () => {
  test('of a violation has the property, the last state and the line that replays it', async () => {
    const args = ['check', 'dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3'];
    const { stdout, stderr } = await run(args);
    expect(stdout).toContain('violated: no deadlock\n');
    expect(stdout).toMatch(/^ {2}philosopher2 +hungry {2}first=fork2 {2}second=fork0$/m);
    expect(stdout).toContain('In the last state nothing can happen any more.\n');
    const command = 'replay dining-philosophers --variant left-right --set philosophers=3';
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^replay it: npx faultline ${command} \\d+/\\d+/\\d+$`),
    );
    expect(stderr).toMatch(/^dining-philosophers left-right: violated "no deadlock", 20 states, [\d.]+ s\n$/);
  });

  test('of a verdict that holds tells the status of each property', async () => {
    const { stdout } = await run(['check', 'bounded-fifo', '--variant', 'fixed']);
    expect(stdout).toContain('holds: the whole space was searched, 144 states\n');
    expect(stdout).toMatch(/^ {2}holds +items arrive complete and in order$/m);
    expect(stdout).toMatch(/^ {2}witnessed +the last number arrives$/m);
  });

  test('of a witness that never came says that there is no trace', async () => {
    const hopeless = changed(boundedFifo, {
      build: (parameters) => {
        const system = boundedFifo.build(parameters, 'fixed');
        const never: Property = { kind: 'reachable', name: 'the end of the world', witness: () => false };
        return { ...system, properties: [never] };
      },
    });
    const args = ['check', 'bounded-fifo', '--variant', 'fixed'];
    const { status, stdout } = await run(args, { catalogue: [hopeless] });
    expect(status).toBe(1);
    expect(stdout).toContain('violated: the end of the world\n');
    expect(stdout).toContain('144 states, and nothing witnesses it: there is no trace to show');
  });

  test('of an unknown verdict names the bound and what keeps growing', async () => {
    const { stdout } = await run(['check', 'bounded-fifo', '--variant', 'fixed', '--max-states', '60']);
    expect(stdout).toContain('unknown: the search stopped after 61 states');
    expect(stdout).toContain('because it found as many states as --max-states allows');
    expect(stdout).toContain('What keeps growing, fastest first:\n');
    expect(stdout).toMatch(/actor producer: \d+ values half-way, \d+ at the end\n {4}context\.next: 0 -/);
  });

  describe('of a slow search', () => {
    const line = lineOfLetters();
    const options = { catalogue: [line], tty: true, variables: { NO_COLOR: '1', COLUMNS: '200' } };

    test('names what has nearly as many values as there are states, and says what to do', async () => {
      const { stdout, stderr } = await run(['check', 'line', '--variant', 'long'], options);
      expect(stdout).toContain('holds: the whole space was searched, 16,383 states\n');
      expect(stdout).toContain(
        [
          '',
          'What makes the search slow, as each value has to be worked out and kept:',
          '  channel letters: 16,383 values in 16,383 states',
          '    length 14, messages 2',
          '    split it by receiver or type of message, or lower its capacity of 13, or ',
        ].join('\n'),
      );
      expect(stderr).toContain('  16 k values of channel letters');
    });

    test('among others has a line', async () => {
      const { stdout } = await run(['check', 'line'], options);
      const told = stdout.split('\n').filter((text) => text.includes('slow'));
      expect(told).toEqual(['  line --variant long: slow because of channel letters: 16,383 values in 16,383 states']);
    });

    test('has them in its document', async () => {
      const { stdout } = await run(['check', 'line', '--json'], options);
      const { results } = checkDocumentSchema.parse(JSON.parse(stdout));
      expect(results.map(({ costly }) => costly.map(({ name, kind, values }) => [name, kind, values]))).toEqual([
        [['letters', 'channel', 16_383]],
        [],
      ]);
    });
  });

  test('of several results shows the trace of the chosen scenario, or else the shortest', async () => {
    const shortest = await run(['check', '--all']);
    const [, one] = /^replay it: npx faultline replay (\S+ --variant \S+)/m.exec(shortest.stdout) ?? [];
    expect(one).toBe('ping-pong --variant careless');
    const chosen = await run(['check', '--all'], { showcase: 'dining-philosophers' });
    expect(chosen.stdout).toContain('replay it: npx faultline replay dining-philosophers --variant left-right ');
  });

  test('has colours on a terminal, unless NO_COLOR says no', async () => {
    const args = ['check', 'bounded-fifo', '--variant', 'drop', '--quiet'];
    const sequence = '\x1b[';
    expect((await run(args)).stdout).not.toContain(sequence);
    expect((await run(args, { tty: true })).stdout).toContain(sequence);
    expect((await run(args, { tty: true, variables: { NO_COLOR: '1' } })).stdout).not.toContain(sequence);
    expect((await run(args, { tty: true, variables: { TERM: 'dumb' } })).stdout).not.toContain(sequence);
  });
});

describe('the document', () => {
  test('fits its schema, and says of a violation what the text says', async () => {
    const { status, stdout } = await run(['check', 'dining-philosophers', '--json', '--set', 'philosophers=3']);
    expect(status).toBe(0);
    const document = checkDocumentSchema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ version: 1, kind: 'check', status: 0 });
    expect(document.results).toHaveLength(3);
    expect(document.results[1]).toMatchObject({
      target: 'dining-philosophers',
      scenario: 'dining-philosophers',
      variant: 'left-right',
      parameters: { philosophers: 3 },
      expected: { verdict: 'violated', property: 'no deadlock' },
      verdict: 'violated',
      asExpected: true,
      property: 'no deadlock',
      deadEnd: true,
      bound: null,
      growth: null,
      error: null,
    });
    const { trace } = document.results[1]!;
    expect(trace!.steps.map(({ actor, event }) => [actor, event.type])).toEqual([
      ['philosopher0', 'RUN'],
      ['philosopher1', 'RUN'],
      ['philosopher2', 'RUN'],
    ]);
    expect(trace!.schedule.split('/')).toHaveLength(3);
    expect(trace!.steps[0]!.messages.map(({ to, fate }) => [to, fate])).toEqual([
      ['philosopher0', 'taken'],
      ['fork0', 'taken'],
    ]);
  });

  test('has all members of the schema in every case', async () => {
    for (const args of [
      ['--variant', 'fixed'],
      ['--variant', 'drop'],
      ['--max-states', '9'],
    ]) {
      const { stdout } = await run(['check', 'bounded-fifo', '--json', ...args]);
      const raw = JSON.parse(stdout);
      for (const [index, result] of checkDocumentSchema.parse(raw).results.entries()) {
        expect(Object.keys(raw.results[index]).sort()).toEqual(Object.keys(result).sort());
      }
    }
  });

  test('carries the error of a model that cannot be judged', async () => {
    const broken = defineScenario({
      ...diningPhilosophers,
      build: () => {
        throw new TypeError('no forks');
      },
    });
    const { status, stdout } = await run(['check', '--all', '--json'], { catalogue: [broken] });
    expect(status).toBe(4);
    const { results } = checkDocumentSchema.parse(JSON.parse(stdout));
    expect(results[0]).toMatchObject({ verdict: 'model-error', asExpected: false, error: { code: 'exception' } });
  });
});

describe('--trace-out', () => {
  const args = ['check', 'bounded-fifo', '--variant', 'unordered', '--quiet', '--trace-out'];

  test('writes the trace as a whole, and nothing beside it', async () => {
    const file = join(folder, 'trace.json');
    const { status } = await run([...args, file]);
    expect(status).toBe(1);
    const document = traceFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(document).toMatchObject({
      target: 'bounded-fifo',
      variant: 'unordered',
      property: 'items arrive complete and in order',
      parameters: { capacity: 8, numbers: 16 },
    });
    expect(readdirSync(folder)).toEqual(['trace.json']);
  });

  test('writes no file without a trace', async () => {
    const file = join(folder, 'none.json');
    const { status, stderr } = await run(['check', 'bounded-fifo', '--variant', 'fixed', '--trace-out', file]);
    expect(status).toBe(0);
    expect(stderr).toContain(`holds, without a trace: ${file} is not written`);
    expect(existsSync(file)).toBe(false);
  });

  test('refuses before the search what could not be written after it', async () => {
    mkdirSync(join(folder, 'there'), { recursive: true });
    for (const [file, why] of [
      [join(folder, 'nowhere/trace.json'), /there is no folder .*nowhere/],
      [join(folder, 'there'), /it is a folder/],
    ] as const) {
      const { status, stdout, stderr } = await run([...args, file]);
      expect(status).toBe(3);
      expect(stdout).toBe('');
      expect(stderr).toMatch(why);
    }
  });

  test('is for one variant', async () => {
    const { status, stderr } = await run(['check', 'bounded-fifo', '--trace-out', join(folder, 'x.json')]);
    expect(status).toBe(3);
    expect(stderr).toContain('--trace-out is for one trace, but this checks 3 variants\n  choose one by --variant');
  });
});

describe('stderr', () => {
  test('tells each finished variant in a line where it is no terminal', async () => {
    const { stderr } = await run(['check', 'dining-philosophers']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toMatch(
      /^\[2\/3\] dining-philosophers left-right: violated "no deadlock", 1,\d+ states, [\d.]+ s$/m,
    );
  });

  test('has one line in place on a terminal, and leaves nothing of it', async () => {
    const { stderr } = await run(['check', 'dining-philosophers', '--variant', 'left-handed'], { tty: true });
    const [first, ...more] = stderr.split('\r\x1b[2K').filter(Boolean);
    expect(first).toMatch(/^dining-philosophers left-handed: preparing/);
    expect(more[0]).toMatch(/^dining-philosophers left-handed: .* states .*frontier.*depth.*MB/);
    expect(stderr).not.toContain('\n');
    expect(stderr.endsWith('\r\x1b[2K')).toBe(true);
  });

  test('is empty with --quiet', async () => {
    expect((await run(['check', 'bounded-fifo', '--quiet'])).stderr).toBe('');
    expect((await run(['check', 'bounded-fifo', '--quiet'], { tty: true })).stderr).toBe('');
  });

  test('has JSON lines and nothing else with --log-level', async () => {
    const { stderr } = await run(['check', 'bounded-fifo', '--variant', 'drop', '--log-level', 'info']);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(['check started', 'check finished']);
    expect(lines[1]).toMatchObject({ name: 'faultline', verdict: 'violated', states: expect.any(Number) });
  });
});

describe('bad input says what was got and what is possible, on stderr, with status 3', () => {
  test.each<[string, RegExp]>([
    ['', /Usage: faultline/],
    ['chekc', /unknown command 'chekc'[\s\S]*check/],
    ['check', /check needs a scenario, a module, or --all\n {2}there are the scenarios: dining-philosophers, /],
    [
      'check ping-pong rallies=2',
      /got "rallies=2", expected a scenario or a module\n {2}a parameter is set by --set rallies=2/,
    ],
    ['check ping-pnog', /there is no scenario "ping-pnog"\n {2}did you mean "ping-pong"\?/],
    ['check ping', /did you mean "ping-pong"\?/],
    ['check --al', /unknown option '--al'[\s\S]*--all/],
    ['check --all ping-pong', /--all checks everything .* does not go with ping-pong/],
    ['check --all --set max=3', /does not go with --set/],
    ['check --all --variant fixed', /does not go with --variant/],
    [
      'check ping-pong --variant reliabel',
      /no variant "reliabel"\n {2}did you mean "reliable"\? there are: reliable, lossy/,
    ],
    ['check ping-pong bounded-fifo --variant lossy', /scenario "bounded-fifo" has no variant "lossy"/],
    ['check ping-pong --set mx=3', /has no parameter "mx"\n {2}did you mean "max"/],
    [
      'check ping-pong --set max=99',
      /parameter max: got "99", expected a whole number from 1 to 9\n {2}max: the number to count to/,
    ],
    ['check ping-pong bounded-fifo --set max=3', /--set goes with one scenario, got 2/],
    ['check ping-pong --max-states many', /--max-states many: got "many", expected a whole number of at least 1/],
    ['check ping-pong --max-states 0', /--max-states 0: got "0"/],
    ['check ping-pong --max-states', /option '--max-states <count>' argument missing/],
    ['check ping-pong --max-seconds -1', /--max-seconds -1: got "-1", expected a number of seconds above 0/],
    ['check ping-pong --max-memory 5X', /--max-memory 5X: got "5X", expected a size\n {2}for example 512M or 2G/],
    ['check ping-pong --log-level loud', /--log-level loud: there is no such level\n.*silent, fatal, error/],
    ['check ./nothing.ts', /cannot read the module \.\/nothing\.ts: there is no such file/],
    ['check ./test', /cannot read the module \.\/test: it is not a file/],
    ['replay', /missing required argument/],
  ])('faultline %s', async (line, message) => {
    const { status, stdout, stderr } = await run(line.split(' ').filter(Boolean));
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });
});

describe('help', () => {
  test.each(['list', 'check', 'replay'])('of %s has examples', async (command) => {
    const { status, stdout, stderr } = await run([command, '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: faultline ${command}`);
    expect(stdout).toMatch(new RegExp(`Examples:\n(.*\n)*.*faultline ${command}`));
    expect(stderr).toBe('');
  });

  test('shows a schedule that works', async () => {
    const { stdout } = await run(['replay', '--help']);
    const [, line] = /^ {2}faultline (replay \S+ --variant .*)$/m.exec(stdout)!;
    expect((await run(line!.split(' '))).status).toBe(1);
  });

  test('and version go to stdout', async () => {
    expect(await run(['--version'])).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
    expect((await run(['--help'])).stdout).toContain('faultline check --all');
  });

  test('lists commands as they are defined, which are loaded only when they are named', async () => {
    const silent = { write: () => {} };
    const environment: Environment = {
      catalogue: async () => [],
      machines: () => [],
      version: '',
      stdout: silent,
      stderr: silent,
      variables: {},
      interruptible: (run) => run(AbortSignal.abort()),
    };
    const [whole, short] = await Promise.all(
      [COMMAND_NAMES, []].map((names) => createProgram(environment, () => {}, names)),
    );
    expect(short!.helpInformation()).toBe(whole!.helpInformation());
    expect(short!.commands.map((command) => command.helpInformation().length)).not.toEqual(
      whole!.commands.map((command) => command.helpInformation().length),
    );
  });
});

test.each([
  ['512M', 512 * 2 ** 20],
  ['2G', 2 * 2 ** 30],
  ['1.5g', 1.5 * 2 ** 30],
  ['2GiB', 2 * 2 ** 30],
  ['4096', 4096],
])('--max-memory takes %s', async (text, bytes) => {
  const { stderr } = await run([
    'check',
    'bounded-fifo',
    '--variant',
    'fixed',
    '--max-memory',
    text,
    '--log-level',
    'info',
  ]);
  expect(JSON.parse(stderr.split('\n')[0]!).bounds.maxBytes).toBe(bytes);
});
