/** What makes a mutant, and what a test run says of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutants } from './list/index.ts';
import { Broken, type Mutant, mutantsOf, mutated, outcomeOf, type Report, replaced, totalsOf } from './mutant.ts';

const SOURCE = 'export const small = (n: number) => n < 3;\nexport const large = (n: number) => n > 3;\n';
const of = (from: string, to: string) => ({ file: 'size.ts', from, to });

describe('a mutant', () => {
  it('has other text in one place', () => {
    expect(mutated(SOURCE, of('n < 3', 'n <= 3'))).toBe(SOURCE.replace('n < 3', 'n <= 3'));
    // Nothing of the text that comes means anything but itself.
    expect(mutated(SOURCE, of('n < 3', "n + '$&'"))).toContain("n + '$&'");
  });

  it.each([
    ['n < 4', 'n <= 4', 'text not found'],
    ['(n: number)', '(n)', 'text found 2 times'],
    ['n < 3', 'n < 3', 'changes nothing'],
    ['n < 3', 'n < (', 'does not compile'],
  ])('is broken when it cannot be made: %s to %s', (from, to, why) => {
    expect(() => mutated(SOURCE, of(from, to))).toThrow(Broken);
    expect(() => mutated(SOURCE, of(from, to))).toThrow(why);
  });

  it('is listed by its file, with the tests of its file unless it has its own', () => {
    const [one, other] = mutantsOf('size.ts', ['size.test.ts'], {
      'three is small': ['n < 3', 'n <= 3'],
      'three is large': ['n > 3', 'n >= 3', { tests: ['other.test.ts'], only: 'large', survives: 'who cares' }],
    });
    expect(one).toEqual({ name: 'three is small', ...of('n < 3', 'n <= 3'), tests: ['size.test.ts'] });
    expect(other).toMatchObject({ tests: ['other.test.ts'], only: 'large', survives: 'who cares' });
  });
});

describe('a test run', () => {
  const report = (...statuses: string[]): Report => ({
    numPassedTests: statuses.filter((status) => status === 'passed').length,
    numFailedTests: statuses.filter((status) => status === 'failed').length,
    testResults: [
      {
        name: 'size.test.ts',
        status: statuses.includes('failed') ? 'failed' : 'passed',
        assertionResults: statuses.map((status, at) => ({ status, fullName: `test ${at}` })),
      },
    ],
  });
  const unloadable: Report = {
    ...report(),
    testResults: [{ name: 'size.test.ts', status: 'failed', message: 'Error: no\n  at', assertionResults: [] }],
  };

  it.each<[string, Report | undefined, number | null | undefined, string, string]>([
    ['in which a test fails', report('passed', 'failed'), 1, 'killed', 'test 1'],
    ['whose file cannot be loaded', unloadable, 1, 'killed', 'Error: no'],
    ['that does not end', undefined, undefined, 'killed', 'did not end'],
    ['that crashes', undefined, 134, 'killed', 'crashed with status 134'],
    ['that fails beside its tests', report('passed'), 1, 'killed', 'ended with status 1'],
    ['in which all pass', report('passed', 'skipped'), 0, 'survived', '1 tests passed'],
    ['in which nothing ran', report('skipped'), 0, 'broken', 'no such test'],
  ])('%s says so', (_, given, status, kind, why) => {
    const outcome = outcomeOf(given, status);
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).toContain(why);
  });
});

describe('the totals', () => {
  const tried = (kind: 'killed' | 'survived' | 'broken', count: number, survives?: string) =>
    Array.from({ length: count }, () => ({
      mutant: { name: '', tests: [], ...of('', ''), ...(survives && { survives }) } as Mutant,
      outcome: { kind, why: '' },
    }));

  it('are good when nine in ten are killed, and the others have a reason', () => {
    const all = [...tried('killed', 9), ...tried('survived', 1, 'equivalent')];
    expect(totalsOf(all)).toMatchObject({ killed: 9, survived: 1, unlisted: 0, score: 0.9, isGood: true });
  });

  it.each([
    ['too few are killed', [...tried('killed', 8), ...tried('survived', 1, 'equivalent')]],
    ['a survivor has no reason', [...tried('killed', 99), ...tried('survived', 1)]],
    ['one is broken', [...tried('killed', 99), ...tried('broken', 1)]],
    ['there are none', []],
  ])('are not when %s', (_, all) => {
    expect(totalsOf(all).isGood).toBe(false);
  });

  it('tell those that are listed as survivors and were killed', () => {
    expect(totalsOf([...tried('killed', 2, 'equivalent'), ...tried('killed', 8)]).listedButKilled).toBe(2);
  });
});

// Whether it compiles, which takes longer, is found out when it is made.
it('each of the list has its place in the source', () => {
  const root = new URL('../../', import.meta.url);
  const broken = mutants.flatMap((mutant) => {
    try {
      replaced(readFileSync(new URL(mutant.file, root), 'utf8'), mutant);
      return [];
    } catch (error) {
      return [`${mutant.file}: ${mutant.name}: ${(error as Error).message}`];
    }
  });
  expect(broken, 'npm run mutants -- --check').toEqual([]);
});
