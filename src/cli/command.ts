/** The thread in which a command runs: its streams, what it is asked by the keeper of the process, and what it tells it. */
import { subscribe } from 'node:diagnostics_channel';
import { parentPort, workerData } from 'node:worker_threads';
import type { Environment } from './environment.ts';
import { NEWS, type News, type Request, tell } from './news.ts';
import { processEnvironment } from './process-environment.ts';
import { runProgram } from './program.ts';
import { Screen } from './screen.ts';

/** What the thread is started with. */
export interface CommandData {
  readonly args: readonly string[];
  /** `Screen.memory` */
  readonly screen: Screen['memory'];
}

export async function runCommand(given: Pick<Environment, 'catalogue' | 'showcase'>): Promise<void> {
  const { args, screen } = workerData as CommandData;
  subscribe(NEWS, (what) => post(what as News));
  const environment = processEnvironment(new Screen(screen), { ...given, interruptible: interruptibleBy(stopped()) });
  redirect(environment.stderr);
  tellExit();
  tell({ kind: 'done', status: await runProgram(args, environment) });
}

function post(what: News): void {
  parentPort!.postMessage(what);
}

/** Aborted when the keeper asks the command to stop. */
function stopped(): AbortSignal {
  const controller = new AbortController();
  parentPort!.on('message', ({ kind }: Request) => {
    kind satisfies 'stop';
    tell({ kind: 'stopping' });
    controller.abort();
  });
  // A module that waits for what never comes must not be kept waiting by this.
  parentPort!.unref();
  return controller.signal;
}

function interruptibleBy(signal: AbortSignal): Environment['interruptible'] {
  return async (run) => {
    tell({ kind: 'stoppable', is: true });
    try {
      return await run(signal);
    } finally {
      tell({ kind: 'stoppable', is: false });
    }
  };
}

/** What users' code prints does not belong between the results. */
function redirect(stderr: Environment['stderr']): void {
  const write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
    stderr.write(text);
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    if (done) process.nextTick(done);
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
}

function tellExit(): void {
  const exit = process.exit.bind(process);
  process.exit = (code = process.exitCode) => {
    tell({ kind: 'exit', code: Number(code ?? 0) });
    return exit(code);
  };
}
