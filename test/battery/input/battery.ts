/** The battery as a whole: deals cases to processes, watches them, and collects what is wrong. */
import { type ChildProcess, fork } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { TSX } from '../../cli/harness.ts';
import type { Done, Task } from '../input-runner.ts';
import { type Case, caseOf, type Kind, shellLine } from './case.ts';
import { makeSamples } from './samples.ts';

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
  const failures: { done: Done; one: Case }[] = [];
  const samples = await samplesApart();
  const build = buildApart();

  const deal = async (): Promise<void> => {
    let runner: Runner | undefined;
    while (next < first + count) {
      const index = next++;
      runner ??= await Runner.start();
      const task: Task = { seed, index, only, main: build.main, alone: false, milliseconds: HANGS_MS };
      let done = await runner.run(task);
      if (!done || done.isDisturbed) {
        runner.end();
        runner = await Runner.start();
        done = await runner.run({ ...task, alone: true });
      }
      done ??= await lost(index);
      record(done);
      if (runner.cases >= CASES_PER_PROCESS) {
        runner.end();
        runner = undefined;
      }
    }
    runner?.end();
  };
  const lost = async (index: number): Promise<Done> => {
    const { kind, command } = caseOf(seed, index, samples, only);
    return {
      index,
      kind,
      command,
      isDisturbed: true,
      ran: { status: null, stdout: '', stderr: '' },
      complaints: ['it ended the process that watched it'],
    };
  };
  const record = (done: Done) => {
    ended++;
    statuses.set(done.ran.status, (statuses.get(done.ran.status) ?? 0) + 1);
    kinds.set(done.kind, (kinds.get(done.kind) ?? 0) + 1);
    commands.set(printable(done.command), (commands.get(printable(done.command)) ?? 0) + 1);
    if (done.complaints.length > 0) {
      failures.push({ done, one: caseOf(seed, done.index, samples, only) });
      log(failureText(failures.at(-1)!.one, done, only));
    } else if (asked.verbose) {
      log(failureText(caseOf(seed, done.index, samples, only), done, only));
    }
    if (ended % 250 === 0) log(`${ended} of ${count}, ${failures.length} failed`);
  };
  await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, deal));
  build.remove();
  return { failed: failures.length, statuses, kinds, commands };
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** JavaScript of our own, since hundreds of processes are not to translate it each for itself. */
function buildApart(): { main: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-build-'));
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  for (const part of ['src', 'machines', 'workers']) {
    for (const entry of readdirSync(join(ROOT, part), { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions, fileName: path });
      const target = join(folder, 'dist', path.slice(ROOT.length).replace(/ts$/, 'js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, outputText);
    }
  }
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { main: join(folder, 'dist/src/cli/main.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function samplesApart() {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-samples-'));
  const back = process.cwd();
  try {
    return await makeSamples(folder);
  } finally {
    process.chdir(back);
    rmSync(folder, { recursive: true });
  }
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

const TEXT_MAX = 3000;

function failureText(one: Case, { ran, complaints }: Done, only: Kind | undefined): string {
  const files = Object.entries(one.files)
    .map(([name, bytes]) => `--- ${name}, ${bytes.length} bytes\n${shown(Buffer.from(bytes).toString())}`)
    .filter((text) => one.kind !== 'flags' || text.length < 200);
  const ending = one.ending ? `; stdout ${one.ending.stdout}, signals ${JSON.stringify(one.ending.signals)}` : '';
  return [
    `\ncase ${one.index} (${one.kind}): ${complaints.join('; ') || 'all is well'}`,
    `  ${shellLine(one.args)}${ending}`,
    `  repeat it: npm run battery:input -- --seed ${one.seed} --case ${one.index}${only ? ` --only ${only}` : ''}`,
    ...files,
    `--- status ${ran.status}; stdout:\n${shown(ran.stdout)}`,
    `--- stderr:\n${shown(ran.stderr)}`,
  ].join('\n');
}

function shown(text: string): string {
  return printable(text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}… (${text.length} characters)` : text);
}

function printable(text: string): string {
  return text.replaceAll(/[^\n -~\u00a1-\u2fff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
