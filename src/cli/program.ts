/** The command line without a process around it: arguments in, text out, a status back. */
import { Command, CommanderError } from 'commander';
import { ModelError } from '../system/errors.ts';
import { EXIT } from '../system/verdict.ts';
import { WorkerFailed } from '../threads/worker-failed.ts';
import { explainBug, placeOfMistake } from './blame.ts';
import { type Environment, widthOf } from './environment.ts';
import { textOf, UsageError } from './errors.ts';
import { replacedError, restoreIntrinsics } from './intrinsics.ts';
import { userModules } from './news.ts';
import { OutputLost } from './output.ts';
import { showing } from './terminal.ts';

type Define = (command: Command, environment: Environment, done: (status: number) => void) => void;

interface Named {
  /** Its arguments, in short. */
  readonly takes: string;
  readonly summary: string;
  /** Loads what defines it. All commands together take as long to be loaded as everything else. */
  readonly load: () => Promise<Define>;
}

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, Named>> = {
  list: {
    takes: '[names...]',
    summary: 'the scenarios of the catalogue, or the machines of the library',
    load: async () => (await import('./list.ts')).defineList,
  },
  check: {
    takes: '[targets...]',
    summary: 'search systems exhaustively and say what holds',
    load: async () => (await import('./check.ts')).defineCheck,
  },
  replay: {
    takes: '<target|schedule|file...>',
    summary: 'run a trace again on live XState actors, and show it',
    load: async () => (await import('./replay.ts')).defineReplay,
  },
  stress: {
    takes: '<target>',
    summary: 'run hundreds of devices on real threads, and watch',
    load: async () => (await import('./stress.ts')).defineStress,
  },
  simulate: {
    takes: '[target]',
    summary: 'run a study, or a scenario with times: how long, how many, how often',
    load: async () => (await import('./simulate.ts')).defineSimulate,
  },
  validate: {
    takes: '<log...>',
    summary: 'is a log, of a stress run or of a real system, a behaviour of the model?',
    load: async () => (await import('./validate.ts')).defineValidate,
  },
  graph: {
    takes: '<target>',
    summary: 'the states of a system and the steps between them',
    load: async () => (await import('./graph.ts')).defineGraph,
  },
  export: {
    takes: '<target>',
    summary: 'write a system for SPIN, Rumur or TLC',
    load: async () => (await import('./export.ts')).defineExport,
  },
  diagram: {
    takes: '<targets...>',
    summary: 'draw a system, an actor, or any XState machine',
    load: async () => (await import('./diagram.ts')).defineDiagram,
  },
  report: {
    takes: '[targets...]',
    summary: 'check systems and write one HTML page about them',
    load: async () => (await import('./html-report.ts')).defineHtmlReport,
  },
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

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
  const done = (given: number) => {
    status = given;
  };
  try {
    const program = await createProgram(environment, done, args);
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return explain(error, environment);
  }
}

/**
 * All commands: with their options those whose names are among `names`, and of the others what a list of commands says.
 *
 * @param done hears the status of the one that runs
 */
export async function createProgram(
  environment: Environment,
  done: (status: number) => void,
  names: readonly string[],
): Promise<Command> {
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
  for (const [name, { takes, summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary);
    if (names.includes(name)) (await load())(command, environment, done);
    // That there are options is all that is said of them.
    else command.argument(takes).option('--json');
  }
  return program;
}

/** Says what went wrong and gives the status for it. */
export function explain(error: unknown, environment: Pick<Environment, 'stderr'>): number {
  const stderr = showing(environment.stderr);
  // What says what went wrong needs it as well.
  const replaced = restoreIntrinsics();
  if (error instanceof CommanderError) {
    // Commander has written its message; help that was asked for is no error.
    return error.exitCode === 0 ? EXIT.holds : EXIT.usage;
  }
  if (error instanceof UsageError) {
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
  if (replaced !== undefined) {
    const { path } = userModules.at(-1)!;
    const { code, message, hint } = replacedError(replaced);
    stderr.write(`faultline: the model is wrong (${code}): the module ${path}: ${message}\n${indented(hint)}`);
    return EXIT.model;
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
