/** Runs the command line: within this process with what a test injects, or as the real process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boundedFifo } from '../../machines/scenarios/textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../../machines/scenarios/textbook/dining-philosophers.ts';
import { pingPong } from '../../machines/scenarios/textbook/ping-pong.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Scenario } from '../../src/system/scenario.ts';

export const CATALOGUE: readonly Scenario[] = [diningPhilosophers, boundedFifo, pingPong];

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Injected {
  readonly catalogue?: readonly Scenario[];
  readonly tty?: boolean;
  readonly variables?: Environment['variables'];
  readonly signal?: AbortSignal;
  readonly showcase?: string;
  readonly stressWorker?: URL;
}

/** Runs a command within this process, with three textbook scenarios for a catalogue unless the test has another one. */
export async function run(args: readonly string[], injected: Injected = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTTY: injected.tty ?? false,
  });
  const signal = injected.signal ?? new AbortController().signal;
  const status = await runProgram(args, {
    catalogue: injected.catalogue ?? CATALOGUE,
    ...(injected.showcase !== undefined && { showcase: injected.showcase }),
    ...(injected.stressWorker && { stressWorker: injected.stressWorker }),
    version: '1.2.3',
    stdout: output('stdout'),
    stderr: output('stderr'),
    variables: injected.variables ?? {},
    interruptible: (search) => search(signal),
  });
  return { status, ...written };
}

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
export const TSX = import.meta.resolve('tsx');

/** Starts the real command line from source; `onStderr` hears of every piece of stderr. */
export function start(
  args: readonly string[],
  options: { cwd?: string; variables?: NodeJS.ProcessEnv; onStderr?: (text: string) => void } = {},
) {
  const child = spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...process.env, ...options.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    options.onStderr?.(String(data));
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
