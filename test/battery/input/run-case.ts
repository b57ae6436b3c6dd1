/** Runs one case, in a folder of its own, within this process or as a process. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Ran, run } from '../../cli/harness.ts';
import type { Case, Ending } from './case.ts';
import { complaintsAbout, filesBelow } from './judge.ts';
import { BATTERY_CATALOGUE } from './samples.ts';

export interface Outcome {
  readonly ran: Ran;
  readonly complaints: readonly string[];
}

const UNDISTURBED: Ending = { stdout: 'pipe', signals: [] };

export interface How {
  /** The entry of the command line, in JavaScript. */
  readonly main: string;
  /** As a process, also a case that needs none. */
  readonly alone: boolean;
  /** A process that has not ended by then hangs. */
  readonly milliseconds: number;
}

export async function outcomeOf(one: Case, { main, alone, milliseconds }: How): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-input-'));
  const back = process.cwd();
  try {
    furnish(folder, one);
    const before = new Set(filesBelow(folder));
    let ran: Ran;
    if (alone || one.ending) {
      ran = await spawned([main, ...one.args], folder, one.ending ?? UNDISTURBED, milliseconds);
    } else {
      process.chdir(folder);
      ran = await run(one.args, { catalogue: BATTERY_CATALOGUE });
    }
    const left = filesBelow(folder).filter((name) => !before.has(name));
    const complaints =
      ran.status === null ? [`it had not ended after ${milliseconds} ms`] : complaintsAbout(one, ran, folder, left);
    return { ran, complaints };
  } finally {
    process.chdir(back);
    rmSync(folder, { recursive: true, force: true });
  }
}

function furnish(folder: string, { files }: Case): void {
  mkdirSync(join(folder, 'folder'));
  symlinkSync('loop', join(folder, 'loop'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** Status null when it hangs. */
async function spawned(
  args: readonly string[],
  cwd: string,
  { stdout, signals }: Ending,
  milliseconds: number,
): Promise<Ran> {
  // No argument of a process can hold a NUL.
  const passed = args.map((arg) => arg.replaceAll('\u0000', ''));
  const full = stdout === 'full' ? openSync('/dev/full', 'w') : undefined;
  const child = spawn(process.execPath, passed, {
    cwd,
    stdio: ['ignore', full ?? 'pipe', 'pipe'],
  });
  const read = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    read.stdout += text;
    if (stdout === 'closed') child.stdout!.destroy();
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    read.stderr += text;
  });
  const timers = signals.map(({ name, milliseconds }) => setTimeout(() => child.kill(name), milliseconds));
  let hangs = false;
  const watchdog = setTimeout(() => {
    hangs = true;
    child.kill('SIGKILL');
  }, milliseconds);
  const status = await new Promise<number>((resolve) => {
    child.on('close', (code, signal) => resolve(signal === null ? code! : 128 + constants.signals[signal]));
  });
  for (const timer of [...timers, watchdog]) clearTimeout(timer);
  if (full !== undefined) closeSync(full);
  return { status: hangs ? null : status, ...read };
}
