/** Searches that are dealt out to threads: what is told of them is the same. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Options } from '../../src/cli/check.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { type Job, planJobs, runJobs } from '../../src/cli/jobs.ts';
import { NO_PROGRESS } from '../../src/cli/progress.ts';
import type { RunOptions } from '../../src/cli/run-check.ts';
import { Searchers, searchersFor } from '../../src/cli/searchers.ts';
import { catalogue } from '../../workers/catalogue.ts';
import { folderWith } from './harness.ts';

/** Those of some small scenarios. */
async function someJobs(count = Number.POSITIVE_INFINITY): Promise<Job[]> {
  const targets = ['nobody-answers', 'two-phase-commit', 'lock-free-set'];
  const environment = { catalogue } as Environment;
  return (await planJobs({ name: 'check', takesAll: 'checks' }, targets, {}, environment)).slice(0, count);
}

/** Which searches this thread began, which were told in which order, and all results without what differs from run to run. */
async function searched(jobs: readonly Job[], searchers: Searchers | undefined, options: RunOptions = {}) {
  const begun: string[] = [];
  const log = {
    info: ({ label }: { label: string }, what: string) => what === 'check started' && begun.push(label),
    debug: () => {},
  } as unknown as Logger;
  const told: string[] = [];
  const progress = { ...NO_PROGRESS, finished: (label: string) => told.push(label) };
  const found = await runJobs(jobs, options, progress, { log, searchers });
  await searchers?.close();
  const results = found.map(({ seconds: _, bytesPerState: __, ...rest }) => rest);
  return { begun, told, results };
}

/** A thread that answers each search so. */
function threadThat(answers: string): Searchers {
  const { path, remove } = folderWith({ 'thread.mjs': `export default (asked) => { ${answers} }` });
  onTestFinished(remove);
  return new Searchers(pathToFileURL(join(path, 'thread.mjs')), 1);
}

describe('searches on several threads', { timeout: 60_000 }, () => {
  test('say what they say on one, in the order of the jobs', async () => {
    const jobs = await someJobs();
    const alone = await searched(jobs, undefined);
    expect(alone.begun).toHaveLength(jobs.length);
    expect(new Set(alone.results.map(({ verdict }) => verdict))).toEqual(new Set(['holds', 'violated']));
    const searchers = new Searchers('check', 1);
    searchers.start();
    const shared = await searched([...jobs, ...jobs, ...jobs], searchers);
    expect(shared.begun.length).toBeLessThan(3 * jobs.length);
    expect(shared.results).toEqual([...alone.results, ...alone.results, ...alone.results]);
    expect(shared.told).toHaveLength(3 * jobs.length);
  });

  test('are made by one alone when the others fail', async () => {
    const jobs = await someJobs();
    const alone = await searched(jobs, undefined);
    const shared = await searched(jobs, threadThat('throw new Error("out of luck")'));
    expect(shared.begun).toHaveLength(jobs.length);
    expect(shared.results).toEqual(alone.results);
  });

  test('are made again, alone, when there was no memory for them beside others', async () => {
    const jobs = await someJobs();
    const alone = await searched(jobs, undefined);
    const shared = await searched(jobs, threadThat('return { bound: "memory" }'));
    expect(shared.begun.toSorted()).toEqual(alone.begun.toSorted());
    expect(shared.results).toEqual(alone.results);
  });

  test('are all told to stop', async () => {
    const jobs = await someJobs();
    const controller = new AbortController();
    const waits = 'while (asked && Atomics.load(asked.stop, 0) === 0); return { bound: "interrupted" }';
    setTimeout(() => controller.abort(), 20);
    const { results } = await searched([...jobs, ...jobs, ...jobs], threadThat(waits), { signal: controller.signal });
    expect(results).toHaveLength(3 * jobs.length);
    expect(results.filter(({ bound }) => bound === 'interrupted')).not.toHaveLength(0);
    const { results: none } = await searched(jobs, new Searchers('check', 1), { signal: AbortSignal.abort() });
    expect(none.map(({ verdict, bound }) => [verdict, bound])).toEqual(jobs.map(() => ['unknown', 'interrupted']));
  });

  test('begin with the largest', async () => {
    const jobs = await someJobs();
    const { begun } = await searched(jobs, threadThat('throw new Error("out of luck")'));
    // What the other thread has taken and failed to do comes last.
    expect([begun[0], begun.at(-1)].join()).toContain('lock-free-set fixed');
  });

  test('are for many of the catalogue only', async () => {
    const searchers = threadThat('return { bound: "interrupted" }');
    expect(searchers.isFor(await someJobs())).toBe(true);
    expect(searchers.isFor(await someJobs(7))).toBe(false);
    const ofModule = (await someJobs()).map((job) => ({
      ...job,
      subject: { ...job.subject, target: { ...job.subject.target, spec: './mine.ts' } },
    }));
    expect(searchers.isFor(ofModule)).toBe(false);
  });

  test('are not what is asked for with bounds, checkpoints, logs, coverage, one worker, or for short searches only', () => {
    const environment = { searcher: 'check' } as Environment;
    const none: Options = { symmetry: true, explain: true };
    expect(searchersFor({ ...none, workers: '4' }, environment)?.count).toBe(3);
    expect(searchersFor({ ...none, workers: '200' }, environment)?.count).toBe(7);
    expect(searchersFor({ ...none, workers: '4' }, {} as Environment)).toBeUndefined();
    for (const option of [
      { workers: '1' },
      { maxStates: '5' },
      { maxSeconds: '5' },
      { maxMemory: '1G' },
      { checkpoint: 'x' },
      { logLevel: 'info' },
      { coverage: true },
      { set: ['n=1'] },
      { quick: true },
    ] as const) {
      expect(searchersFor({ ...none, workers: '4', ...option }, environment)).toBeUndefined();
    }
  });
});
