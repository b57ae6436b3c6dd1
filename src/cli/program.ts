/** The command line without a process around it: arguments in, text out, a status back. */
import { Command, CommanderError } from 'commander';
import { UnknownStep } from '../explain/why-not.ts';
import { ModelError } from '../system/errors.ts';
import { EXIT } from '../system/verdict.ts';
import { WorkerFailed } from '../threads/pool.ts';
import { ReplayError } from '../trace/replay.ts';
import { explainBug, placeOfMistake } from './blame.ts';
import { addCheck } from './check.ts';
import { addDiagram } from './diagram.ts';
import { type Environment, widthOf } from './environment.ts';
import { textOf, UsageError } from './errors.ts';
import { addExport } from './export.ts';
import { addGraph } from './graph.ts';
import { addHtmlReport } from './html-report.ts';
import { addList } from './list.ts';
import { userModules } from './news.ts';
import { OutputLost } from './output.ts';
import { addReplay } from './replay.ts';
import { addStress } from './stress.ts';
import { showing } from './terminal.ts';
import { addValidate } from './validate.ts';

const EXAMPLES = `
Examples:
  faultline list                                            what there is to check
  faultline check --all                                     the whole catalogue
  faultline check pri-overflow --variant no-discard         one fault of design, with the shortest trace
  faultline check ./my-system.ts                            your own system of XState machines
  faultline replay bounded-fifo --variant unordered 0/0/2   a trace again, on live XState actors
  faultline stress pri-overflow --variant no-discard        hundreds of devices, on real threads

Status: 0 holds or all as expected, 1 violated, 2 unknown, 3 usage, 4 the model is wrong, 5 a bug in faultline;
        130, 143, 129 ended at once by Ctrl-C, SIGTERM, SIGHUP (docs/endings.md)
Every command takes --help; results go to stdout, progress and messages to stderr.`;

/** Runs one command; what goes wrong is said on stderr and told by the status. */
export async function runProgram(args: readonly string[], given: Environment): Promise<number> {
  const environment = { ...given, stdout: showing(given.stdout), stderr: showing(given.stderr) };
  let status: number = EXIT.usage;
  const program = createProgram(environment, (given) => {
    status = given;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return explain(error, environment);
  }
}

/** All commands with their options; `done` hears the status of the one that ran. */
export function createProgram(environment: Environment, done: (status: number) => void): Command {
  const { stdout, stderr, version } = environment;
  const program = new Command('faultline')
    .description('Model checker for I/O page fault races, and for any XState v5 actor system.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Try: faultline --help')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'faultline: ')),
      getOutHelpWidth: () => widthOf(stdout, environment),
      getErrHelpWidth: () => widthOf(stderr, environment),
    })
    .addHelpText('after', EXAMPLES);
  addList(program, environment, done);
  addCheck(program, environment, done);
  addReplay(program, environment, done);
  addStress(program, environment, done);
  addValidate(program, environment, done);
  addGraph(program, environment, done);
  addExport(program, environment, done);
  addDiagram(program, environment, done);
  addHtmlReport(program, environment, done);
  return program;
}

/** Says what went wrong and gives the status for it. */
export function explain(error: unknown, environment: Pick<Environment, 'stderr'>): number {
  const stderr = showing(environment.stderr);
  if (error instanceof CommanderError) {
    // Commander has written its message; help that was asked for is no error.
    return error.exitCode === 0 ? EXIT.holds : EXIT.usage;
  }
  if (error instanceof UsageError || error instanceof ReplayError || error instanceof UnknownStep) {
    stderr.write(`faultline: ${error.message}\n${indented(error.hint)}`);
    return EXIT.usage;
  }
  if (error instanceof ModelError) {
    stderr.write(`faultline: the model is wrong (${error.code}): ${error.message}\n${indented(error.hint)}`);
    return EXIT.model;
  }
  if (error instanceof WorkerFailed) {
    stderr.write(
      `faultline: ${error.message}\n  there is no verdict; with --workers 1 the search needs no other threads\n`,
    );
    return EXIT.internal;
  }
  if (error instanceof OutputLost) {
    stderr.write(`faultline: ${error.message}\n`);
    return EXIT.usage;
  }
  const place = placeOfMistake(error, userModules);
  if (place !== undefined) {
    stderr.write(`faultline: the model is wrong (exception): ${textOf(error)}\n  ${place}\n`);
    return EXIT.model;
  }
  return explainBug(error, (text) => stderr.write(text));
}

function indented(hint: string): string {
  return hint === '' ? '' : `${hint.replaceAll(/^/gm, '  ')}\n`;
}
