/** What is said of a name that there is not. */
import { describe, expect, test } from 'vitest';
import { names } from '../../machines/parts/names.ts';
import { didYouMean, possibleNames } from '../../src/system/errors.ts';

describe('a name that there is not', () => {
  test.each([
    ['wroker', ['worker', 'queue'], 'did you mean "worker"? there are: worker, queue'],
    ['work', ['workQueue', 'page'], 'did you mean "workQueue"? there are: workQueue, page'],
    ['x', [], 'there are none'],
  ])('%s among %j', (got, known, said) => {
    expect(possibleNames(got, known)).toBe(said);
  });

  test('is told with its guess alone where nobody typed it', () => {
    expect(didYouMean('wroker', ['worker', 'queue'])).toBe('did you mean "worker"?');
    expect(didYouMean('zebra', ['worker', 'queue'])).toBe('there are: worker, queue');
  });

  test('is told with some of the others where they are many', () => {
    const known = names('machine', 163);
    for (const said of [possibleNames('zebra', known), didYouMean('zebra', known)]) {
      expect(said).toMatch(/^there are 163: machine0, machine1, .*machine59, …$/);
    }
    expect(possibleNames('machyne162', known)).toContain('did you mean "machine162"? there are 163: ');
  });
});
