/** What a check can be asked for; the command line asks the same referee. */
import { expect, test } from 'vitest';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { check } from '../../src/explore/check.ts';
import { OptionsError } from '../../src/explore/options.ts';
import { Threads } from '../../src/explore/threads.ts';

const system = pingPong.build(pingPong.parameters.parse({}), 'lossy');
const checkpoint = { every: 1, title: 'a test', save: () => {} };
const resume = { identity: {}, snapshot: {} };
const threads = new Threads(2);

test.each<[options: object, message: string]>([
  [{ serach: 'random' }, 'there is no option serach'],
  [{ explain: true }, 'there is no option explain'],
  [{ toString: 1 }, 'there is no option toString'],
  [{ search: 'dfs' }, `search: got "dfs", expected 'breadth-first' or 'depth-first' or 'random'`],
  [{ store: 'bits' }, 'store: got "bits"'],
  [{ maxStates: -1 }, 'maxStates: got -1, expected a whole number of at least 1'],
  [{ maxStates: 0 }, 'maxStates: got 0'],
  [{ maxStates: Number.NaN }, 'maxStates: got NaN'],
  [{ maxStates: '10' }, 'maxStates: got "10"'],
  [{ maxSeconds: 0 }, 'maxSeconds: got 0, expected a number of seconds above 0'],
  [{ maxBytes: -5 }, 'maxBytes: got -5'],
  [{ search: 'random', seed: 1.5 }, 'seed: got 1.5, expected a whole number of at least 0'],
  [{ search: 'random', walks: 'x' }, 'walks: got "x"'],
  [{ search: 'random', maxSteps: 0 }, 'maxSteps: got 0'],
  [{ symmetry: 'no' }, 'symmetry: got "no", expected true or false'],
  [{ threads: 2 }, 'threads: got 2'],
  [{ signal: new AbortController() }, 'signal: got an object, expected an AbortSignal'],
  [{ clock: 1 }, 'clock: got 1, expected a function'],
  [{ checkpoint: { ...checkpoint, every: 0 } }, 'checkpoint.every: got 0'],
  [{ checkpoint: { every: 1, title: 'a' } }, 'checkpoint.save is missing'],
  [{ checkpoint: { ...checkpoint, saev: 1 } }, 'there is no option checkpoint.saev'],
  [{ resume: {} }, 'resume: got an object'],
  [{ origin: { a: 1 } }, 'origin: got an object, expected texts by name'],
  [{ bits: 1024 }, `bits is for bit arrays: it goes with store: 'bitstate'`],
  [{ store: 'bitstate', bits: 2 ** 31 + 1 }, 'bits: got 2147483649'],
  [{ store: 'bitstate', maxBytes: 1024 }, 'a bit array of 64 MB does not fit into maxBytes, 1024 bytes'],
  [{ store: 'bitstate', search: 'breadth-first' }, `store: 'bitstate' does not go with search: 'breadth-first'`],
  [{ store: 'hash-compact', search: 'random' }, 'its search is breadth-first'],
  [{ store: 'bitstate', threads }, `threads does not go with store: 'bitstate'`],
  [{ search: 'depth-first', threads }, `threads goes with search: 'breadth-first', got search: 'depth-first'`],
  [{ walks: 5 }, `walks is for random walks: it goes with search: 'random'`],
  [{ seed: 5 }, 'seed is for random choices'],
  [{ search: 'random', maxStates: 5 }, 'maxStates does not go with'],
  [{ search: 'depth-first', checkpoint }, 'checkpoint is for a breadth-first search that keeps whole states'],
  [{ search: 'random', checkpoint }, 'checkpoint is for a breadth-first search'],
  [{ store: 'hash-compact', checkpoint }, 'checkpoint is for a breadth-first search'],
  [{ store: 'bitstate', resume }, 'resume is for a breadth-first search'],
  [{ search: 'depth-first', resume }, 'resume is for a breadth-first search'],
  [{ coverage: true, resume }, 'coverage does not go with resume'],
  [{ coverage: true, checkpoint }, 'coverage does not go with checkpoint'],
  [{ partialOrder: true, checkpoint }, 'partialOrder does not go with checkpoint'],
  [{ chains: true, resume }, 'chains does not go with resume'],
  [{ chains: true, search: 'depth-first' }, 'chains is for a breadth-first search'],
  [
    { properties: 'no deadlock' },
    'properties: got "no deadlock", expected a list of names of properties, one at least',
  ],
  [{ properties: [] }, 'properties: got an array, expected a list of names of properties, one at least'],
  [{ allViolations: 1 }, 'allViolations: got 1, expected true or false'],
  [
    { allViolations: true, search: 'depth-first' },
    'allViolations is for a breadth-first search that keeps whole states',
  ],
  [{ allViolations: true, search: 'random' }, 'allViolations is for a breadth-first search that keeps whole states'],
  [{ allViolations: true, store: 'bitstate' }, 'allViolations is for a breadth-first search that keeps whole states'],
  [{ allViolations: true, store: 'hash-compact' }, 'allViolations is for a breadth-first search'],
  [{ allViolations: true, partialOrder: true }, 'partialOrder does not go with allViolations'],
  [{ allViolations: true, chains: true }, 'chains does not go with allViolations'],
  [{ partialOrder: true, coverage: true }, 'partialOrder does not go with coverage'],
])('%j is refused at once', async (options, message) => {
  const refused = check(system, options);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toBeInstanceOf(OptionsError);
});

test('too little memory for any search is refused', async () => {
  const refused = check(system, { maxBytes: 100 });
  await expect(refused).rejects.toThrow('not even the initial state can be stored in 100 bytes');
  await expect(refused).rejects.toBeInstanceOf(OptionsError);
});

test('what is undefined is left out', async () => {
  const options = { search: undefined, seed: undefined, checkpoint: undefined } as object;
  expect((await check(system, options)).search).toBe('breadth-first');
});

test('a misspelt option is guessed', async () => {
  await expect(check(system, { maxState: 5 } as object)).rejects.toMatchObject({
    hint: 'did you mean maxStates?',
  });
});
