import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { itfSchema } from '../../src/trace/itf-schema.ts';
import { folderWith, MISTAKE, run, spawned } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

const message = z.strictObject({ text: z.string().min(1) });
const location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({ uri: z.string().min(1), uriBaseId: z.string().optional() }),
    region: z.record(z.string(), z.int().min(1)),
  }),
  logicalLocations: z
    .array(z.strictObject({ name: z.string(), fullyQualifiedName: z.string(), kind: z.enum(['object', 'module']) }))
    .min(1),
  message: message.optional(),
});
/** What we use of SARIF 2.1.0, with the rules that its text adds to its schema. */
const sarifSchema = z.strictObject({
  $schema: z.literal('https://json.schemastore.org/sarif-2.1.0.json'),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z
      .strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: z.literal('faultline'),
            version: z.string(),
            rules: z.array(
              z.strictObject({
                id: z.string().regex(/^\S+$/),
                shortDescription: message,
                fullDescription: message,
                help: message,
                defaultConfiguration: z.strictObject({ level: z.literal('error') }),
                properties: z.record(z.string(), z.unknown()),
              }),
            ),
          }),
        }),
        originalUriBaseIds: z.record(z.string(), z.strictObject({ uri: z.url() })),
        invocations: z.tuple([z.strictObject({ executionSuccessful: z.boolean(), exitCode: z.int() })]),
        columnKind: z.literal('utf16CodeUnits'),
        results: z.array(
          z
            .strictObject({
              ruleId: z.string(),
              ruleIndex: z.int().min(0),
              kind: z.enum(['fail', 'open']),
              level: z.enum(['error', 'none']),
              message,
              locations: z.tuple([location]),
              codeFlows: z
                .tuple([
                  z.strictObject({
                    threadFlows: z.tuple([
                      z.strictObject({
                        locations: z
                          .array(
                            z.strictObject({
                              location,
                              executionOrder: z.int().min(1),
                              importance: z.enum(['important', 'essential', 'unimportant']),
                              state: z.record(z.string(), message),
                            }),
                          )
                          .min(1),
                      }),
                    ]),
                  }),
                ])
                .optional(),
              suppressions: z
                .array(
                  z.strictObject({
                    kind: z.literal('external'),
                    status: z.literal('accepted'),
                    justification: z.string(),
                  }),
                )
                .optional(),
              partialFingerprints: z.record(z.string(), z.string()),
              properties: z.record(z.string(), z.unknown()),
            })
            .refine(({ kind, level }) => (kind === 'fail') === (level !== 'none'), 'only what fails has a level'),
        ),
      })
      .refine(({ tool, results }) =>
        results.every(({ ruleId, ruleIndex }) => tool.driver.rules[ruleIndex]?.id === ruleId),
      )
      .refine(({ tool }) => new Set(tool.driver.rules.map(({ id }) => id)).size === tool.driver.rules.length),
  ]),
});

interface Written {
  readonly status: number | null;
  readonly junit: Document;
  readonly results: z.output<typeof sarifSchema>['runs'][0]['results'];
  readonly rules: readonly string[];
  readonly exitCode: number;
}

let count = 0;

/** Both files of one check. */
async function written(args: readonly string[], check = run): Promise<Written> {
  const [junit, sarif] = [join(folder, `${count}.xml`), join(folder, `${count++}.sarif`)];
  const { status } = await check(['check', ...args, '--quiet', '--junit', junit, '--sarif', sarif]);
  const [log] = sarifSchema.parse(JSON.parse(readFileSync(sarif, 'utf8'))).runs;
  return {
    status,
    // As XML: what is no XML throws.
    junit: new JSDOM(readFileSync(junit, 'utf8'), { contentType: 'application/xml' }).window.document,
    results: log.results,
    rules: log.tool.driver.rules.map(({ id }) => id),
    exitCode: log.invocations[0].exitCode,
  };
}

function suitesOf(junit: Document) {
  return [...junit.querySelectorAll('testsuites > testsuite')].map((suite) => ({
    name: suite.getAttribute('name'),
    counts: ['tests', 'failures', 'errors'].map((name) => Number(suite.getAttribute(name))),
    cases: [...suite.querySelectorAll('testcase')].map((testCase) => testCase.getAttribute('name')),
  }));
}

describe('variants that are compared with what is expected of them', () => {
  test('pass, and the faults among them are suppressed results', async () => {
    const { status, junit, results, rules, exitCode } = await written(['ping-pong']);
    expect([status, exitCode]).toEqual([0, 0]);
    expect(suitesOf(junit)).toEqual([
      { name: 'ping-pong', counts: [3, 0, 0], cases: ['reliable', 'lossy', 'careless'] },
    ]);
    const careless = junit.querySelector('testcase[name="careless"]')!;
    expect(careless.querySelector('property[name="verdict"]')?.getAttribute('value')).toBe('violated');
    expect(careless.querySelector('property[name^="property."]')).not.toBeNull();
    expect(Number(careless.getAttribute('time'))).toBeGreaterThanOrEqual(0);
    expect(careless.querySelector('system-out')?.textContent).toContain('violated: the counts differ by one at most');
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      ruleId: 'ping-pong/the-counts-differ-by-one-at-most',
      kind: 'fail',
      suppressions: [{ status: 'accepted' }],
    });
    expect(rules).toContain(results[0]!.ruleId);
  });

  test('of several scenarios are several suites', async () => {
    const { junit } = await written(['ping-pong', 'bounded-fifo']);
    expect(suitesOf(junit).map(({ name }) => name)).toEqual(['ping-pong', 'bounded-fifo']);
    expect(junit.documentElement.getAttribute('tests')).toBe(String(junit.querySelectorAll('testcase').length));
  });
});

test('a variant that holds, although it should not, is a failure and a result', async () => {
  const expected = { verdict: 'violated', property: 'no deadlock' } as const;
  const catalogue = [{ ...pingPong, variants: { reliable: { title: 'holds', expected } } }];
  const { status, junit, results } = await written(['ping-pong'], (args) => run(args, { catalogue }));
  expect(status).toBe(1);
  const failure = junit.querySelector('testcase[name="reliable"] > failure');
  expect(failure?.getAttribute('message')).toBe('holds; expected violated: no deadlock');
  expect(results).toMatchObject([{ ruleId: 'faultline/unexpected-verdict', kind: 'fail' }]);
});

describe('a violation', () => {
  test('is a failure with its trace, and a result with a code flow', async () => {
    const { status, junit, results } = await written(['ping-pong', '--variant', 'careless']);
    expect(status).toBe(1);
    const failure = junit.querySelector('testcase > failure')!;
    expect(failure.getAttribute('message')).toBe('violated: the counts differ by one at most');
    expect(failure.textContent).toContain(' 2  network: PING(n=0) -> ponger\n       ponger -> pinger  PONG(n=0)');
    expect(failure.textContent).toContain('npx faultline replay ping-pong --variant careless 1/3');
    const [result] = results;
    expect(result!.suppressions).toBeUndefined();
    expect(result!.message.text).toContain('npx faultline replay ping-pong --variant careless 1/3');
    expect(result!.locations[0].logicalLocations[0]).toEqual({
      name: 'ponger',
      fullyQualifiedName: 'ping-pong/ponger',
      kind: 'object',
    });
    const flow = result!.codeFlows![0].threadFlows[0].locations;
    expect(flow.map(({ location, state }) => [location.message!.text, state.ponger?.text])).toEqual([
      ['1. network: PING(n=0) -> ponger, and stays', 'count 0 -> 1'],
      ['2. network: PING(n=0) -> ponger, which violates: the counts differ by one at most', 'count 1 -> 2'],
    ]);
  });

  test('is the same one in the next run', async () => {
    const [one, other] = [await written(['ping-pong', '--variant', 'careless']), await written(['ping-pong'])];
    expect(one.results[0]!.partialFingerprints).toEqual(other.results[0]!.partialFingerprints);
  });
});

test('what was not decided is an error, and open', async () => {
  const { status, junit, results, exitCode } = await written(['ping-pong', '--variant', 'lossy', '--max-states', '5']);
  expect([status, exitCode]).toEqual([2, 2]);
  expect(junit.querySelector('testcase > error')?.getAttribute('message')).toContain('stopped at a bound (states)');
  expect(results).toMatchObject([{ ruleId: 'faultline/unknown', kind: 'open', level: 'none' }]);
});

describe('modules of a user', () => {
  const files = folderWith({ 'mistake.ts': MISTAKE });
  afterAll(files.remove);
  const inFolder = (args: readonly string[]) => spawned(args, files.path);

  test('a mistake in the model is an error, and a result in its file', async () => {
    const { status, junit, results } = await written(['./mistake.ts'], inFolder);
    expect(status).toBe(4);
    expect(suitesOf(junit)[0]!.counts).toEqual([1, 0, 1]);
    const error = junit.querySelector('testcase > error')!;
    expect(error.getAttribute('type')).toBe('model-error.unhandled-message');
    expect(error.textContent).toContain('not taken');
    expect(results[0]).toMatchObject({ ruleId: 'faultline/model-error/unhandled-message', kind: 'fail' });
    expect(results[0]!.locations[0].physicalLocation.artifactLocation.uri).toBe('mistake.ts');
  });
});

test('a failing file name leaves nothing behind', async () => {
  const junit = join(folder, 'never.xml');
  const { status, stderr } = await run(['check', 'ping-pong', '--junit', junit, '--sarif', folder]);
  expect(stderr).toMatch(/cannot write .*: it is a folder/);
  expect(status).toBe(3);
  expect(existsSync(junit)).toBe(false);
});

test('an ITF trace fits the schema of its format', async () => {
  const { stdout } = await run(['replay', 'bounded-fifo', '--variant', 'unordered', '--format', 'itf', '0/0/2']);
  expect(itfSchema.safeParse(JSON.parse(stdout)).error).toBeUndefined();
});
