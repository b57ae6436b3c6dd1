/** The thread in which a command runs: its streams, what it is asked by the keeper of the process, and what it tells it. */
import { subscribe } from 'node:diagnostics_channel';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { Environment } from './environment.ts';
import { NEWS, type News, type Request, settled, tell } from './news.ts';
import { processEnvironment } from './process-environment.ts';
import { runProgram } from './program.ts';
import { Screen } from './screen.ts';

/** What the thread is started with. */
export interface CommandData {
  readonly args: readonly string[];
  /** `Screen.memory` */
  readonly screen: Screen['memory'];
  /** To the keeper of the process. */
  readonly keeper: MessagePort;
}

export async function runCommand(
  given: Pick<Environment, 'catalogue' | 'studies' | 'showcase' | 'searcher' | 'simulator'>,
): Promise<void> {
  const { args, screen, keeper } = workerData as CommandData;
  subscribe(NEWS, (what) => keeper.postMessage(what as News));
  const interruptible = interruptibleBy(stoppedBy(keeper));
  const environment = processEnvironment(new Screen(screen), { ...given, interruptible });
  redirect(environment.stderr);
  tellExit();
  const status = await runProgram(args, environment);
  await settled();
  tell({ kind: 'done', status });
}

/** Aborted when the keeper asks the command to stop. */
function stoppedBy(keeper: MessagePort): AbortSignal {
  const controller = new AbortController();
  keeper.on('message', ({ kind }: Request) => {
    kind satisfies 'stop';
    tell({ kind: 'stopping' });
    controller.abort();
  });
  // A module that waits for what never comes must not be kept waiting by this.
  keeper.unref();
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
