/** The command line as a process: streams, signals, status. */
import { createRequire } from 'node:module';
import type { Environment, Output } from './environment.ts';
import { explain, runProgram } from './program.ts';

/** The status of a process that Ctrl-C ended, as shells count it. */
const INTERRUPTED = 130;

export async function runProcess(given: Pick<Environment, 'catalogue' | 'showcase'>): Promise<void> {
  const environment: Environment = {
    ...given,
    version: packageVersion(),
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    interruptible,
  };
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr);
  // What a user's module leaves undone must not look like a verdict.
  process.on('uncaughtException', (error) => end(explain(error, environment)));
  process.on('unhandledRejection', (error) => end(explain(error, environment)));
  await end(await runProgram(process.argv.slice(2), environment));
}

/** The first Ctrl-C asks `run` to stop and to tell what it knows, the second one ends the process. */
async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    process.stderr.write('faultline: stopping; Ctrl-C again to quit at once\n');
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** Who closes our pipe (`| head -1`) has read enough; the status still tells how it ended. */
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Ends even if a user's module left a timer or a server behind, but not before everything is written. */
async function end(status: number): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(status);
}

function flushed(output: Output & NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    output.write('', () => resolve());
  });
}

function packageVersion(): string {
  // By its own name, because the way up to package.json is longer from dist than from src.
  return (
    createRequire(import.meta.url)('faultline/package.json') as {
      version: string;
    }
  ).version;
}
