/** The battery as a whole: deals cases to processes, watches them, and collects what is wrong. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { builtMain } from '../../built.ts';
import { TSX } from '../../cli/harness.ts';
import type { Done, Task } from '../input-runner.ts';
import type { Kind } from './case.ts';
import { printable } from './report.ts';

export interface Asked {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  readonly only?: Kind | undefined;
  readonly verbose?: boolean;
  log(text: string): void;
}

export interface Result {
  readonly failed: number;
  readonly statuses: ReadonlyMap<number | null, number>;
  readonly kinds: ReadonlyMap<string, number>;
  readonly commands: ReadonlyMap<string, number>;
}

const RUNNER = fileURLToPath(new URL('../input-runner.ts', import.meta.url));
/** A case was given a second or so; the rest is for machines that have other things to do. */
const HANGS_MS = 60_000;
/** What a module leaves behind in a process, its code first of all, is not for ever. */
const CASES_PER_PROCESS = 150;

export async function runBattery(asked: Asked): Promise<Result> {
  const { seed, first, count, only, log } = asked;
  const statuses = new Map<number | null, number>();
  const kinds = new Map<string, number>();
  const commands = new Map<string, number>();
  let next = first;
  let ended = 0;
  let failed = 0;
  const main = builtMain();

  const deal = async (): Promise<void> => {
    let runner: Runner | undefined;
    while (next < first + count) {
      const index = next++;
      runner ??= await Runner.start();
      const task: Task = { seed, index, only, main, alone: false, milliseconds: HANGS_MS };
      let done = await runner.run(task);
      if (!done || done.isDisturbed) {
        runner.end();
        runner = await Runner.start();
        done = await runner.run({ ...task, alone: true });
      }
      if (!done) throw new Error(`case ${index} of seed ${seed} ended two processes that watched it`);
      record(done);
      if (runner.cases >= CASES_PER_PROCESS) {
        runner.end();
        runner = undefined;
      }
    }
    runner?.end();
  };
  const record = (done: Done) => {
    ended++;
    statuses.set(done.ran.status, (statuses.get(done.ran.status) ?? 0) + 1);
    kinds.set(done.kind, (kinds.get(done.kind) ?? 0) + 1);
    commands.set(printable(done.command), (commands.get(printable(done.command)) ?? 0) + 1);
    if (done.complaints.length > 0) failed++;
    if (done.complaints.length > 0 || asked.verbose) log(done.report);
    if (ended % 250 === 0) log(`${ended} of ${count}, ${failed} failed`);
  };
  await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, deal));
  return { failed, statuses, kinds, commands };
}

/** One process that runs cases. */
class Runner {
  cases = 0;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Runner> {
    const child = fork(RUNNER, [], {
      execArgv: ['--import', TSX, '--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`a process for cases could not be started: status ${code}`)));
    });
    child.removeAllListeners('exit');
    return new Runner(child);
  }

  /** Undefined when the process ended, or did not come back. */
  async run(task: Task): Promise<Done | undefined> {
    this.cases++;
    const child = this.#child;
    return await new Promise((resolve) => {
      const stop = (done?: Done) => {
        clearTimeout(timer);
        child.off('message', stop);
        child.off('exit', gone);
        resolve(done);
      };
      const gone = () => stop();
      // Of a process in a process the inner one is told first.
      const timer = setTimeout(gone, task.milliseconds + 15_000);
      child.on('message', stop);
      child.on('exit', gone);
      child.send(task);
    });
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}
