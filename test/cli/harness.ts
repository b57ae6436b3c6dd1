/** Runs the command line: within this process with what a test injects, in another one that loads modules, or as the real process. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtMain, builtTest } from '../built.ts';
import type { Injected, Ran } from './in-process.ts';
import type { Task } from './run-modules.ts';

export type { Injected, Ran };

/** Runs a command within this process, with three textbook scenarios for a catalogue unless the test has another one. */
export async function run(args: readonly string[], injected: Injected = {}): Promise<Ran> {
  // Not before it is needed: many a file of tests only starts processes.
  const inProcess = await import('./in-process.ts');
  return inProcess.run(args, injected);
}

/**
 * A process that runs commands as `run` does, and can load users' modules, which takes hooks that a test cannot have. It starts
 * with the first command. What a module has left behind in it is there for the next one: not for modules that change.
 */
export class ModuleProcess {
  #child: ChildProcess | undefined;

  async run(args: readonly string[], cwd: string): Promise<Ran> {
    this.#child ??= fork(builtTest('cli/run-modules.js'), {
      // Not those of the tests, with which packages are loaded for their developers.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child = this.#child;
    child.send({ args, cwd } satisfies Task);
    return await new Promise((resolve, reject) => {
      const gone = (status: number) => reject(new Error(`the process for modules has ended with status ${status}`));
      child.once('exit', gone);
      child.once('message', (ran) => {
        child.off('exit', gone);
        resolve(ran as Ran);
      });
    });
  }

  end(): void {
    this.#child?.kill();
  }
}

/** What loads TypeScript into a process. */
export const TSX = import.meta.resolve('tsx');
const SOURCE = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Arguments of Node that start the real command line: built, as users have it, or as from a clone of the repository. */
export function entry(isSource = false): readonly string[] {
  return isSource ? ['--import', TSX, SOURCE] : [builtMain()];
}

/** The same for a shell. */
export function shellCommand(): string {
  return [process.execPath, ...entry()].map((word) => `"${word}"`).join(' ');
}

interface Started {
  readonly cwd?: string;
  readonly variables?: NodeJS.ProcessEnv;
  /** Hears of every piece of stderr. */
  readonly onStderr?: (text: string) => void;
}

/** Starts the real command line. */
export function start(
  args: readonly string[],
  { isSource, ...options }: Started & { readonly isSource?: boolean } = {},
) {
  return execute(process.execPath, [...entry(isSource), ...args], options);
}

/** What a shell makes of a line. */
export function inShell(line: string, cwd?: string): Promise<Ran> {
  return execute('bash', ['-c', line], cwd === undefined ? {} : { cwd }).ended;
}

function execute(command: string, args: readonly string[], { cwd = tmpdir(), variables, onStderr }: Started) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    onStderr?.(String(data));
  });
  const ended = new Promise<Ran>((resolve) => {
    // As shells count it.
    child.on('close', (status, signal) => {
      resolve({ status: signal === null ? status : 128 + constants.signals[signal], stdout, stderr });
    });
  });
  return { child, ended };
}

export function spawned(args: readonly string[], cwd?: string, variables: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return start(args, { ...(cwd !== undefined && { cwd }), variables }).ended;
}

/** A folder with files in it, outside of this package, and what removes it. */
export function folderWith(files: Readonly<Record<string, string>>): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'faultline-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Two traffic lights that know nothing of each other, as a user would write them. */
export const LIGHTS = `
import { actor, defineSystem, type System } from 'faultline';
import { setup } from 'xstate';

const light = setup({ types: { events: {} as { type: 'GO' } | { type: 'STOP' } } }).createMachine({
  initial: 'red',
  states: { red: { on: { GO: 'green' } }, green: { on: { STOP: 'red' } } },
});

export const lights: System = defineSystem({
  actors: {
    north: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }], rest: ['red'] }),
    east: actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }], rest: ['red'] }),
  },
  properties: ({ always }) => [
    always('never both green', (view) => !(view.get('north').matches('green') && view.get('east').matches('green'))),
  ],
});
`;

/** Two counters without an end. */
export const COUNTERS = `
import { actor, defineSystem } from 'faultline';
import { assign, setup } from 'xstate';

const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: { increment: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'increment' } } });

export default () =>
  defineSystem({
    actors: { a: actor(counter, { choices: [{ type: 'GO' }] }), b: actor(counter, { choices: [{ type: 'GO' }] }) },
  });

// What a real application may leave behind: it must not keep the command line from ending.
setInterval(() => {}, 1000);
`;

/** A sends B what B does not know, in its second step. */
export const MISTAKE = `
import { actor, defineSystem } from 'faultline';
import { sendTo, setup } from 'xstate';

const sender = setup({
  types: { events: {} as { type: 'GO' } },
  actions: { greet: sendTo(({ system }) => system.get('b'), { type: 'HELLO' }) },
}).createMachine({
  initial: 'one',
  states: { one: { on: { GO: 'two' } }, two: { on: { GO: { target: 'one', actions: 'greet' } } } },
});

export const system = defineSystem({
  actors: { a: actor(sender, { choices: [{ type: 'GO' }] }), b: actor(setup({}).createMachine({})) },
});
`;
