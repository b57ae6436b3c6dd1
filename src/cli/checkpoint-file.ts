/**
 * Checkpoints as files: there as a whole or not at all, whenever the process is killed. A directory belongs to one search at a
 * time, and what another one has saved there is not replaced unless the user says so.
 */
import { constants } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { CheckOptions } from '../explore/check.ts';
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint } from '../explore/checkpoint.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Environment } from './environment.ts';
import { UsageError } from './errors.ts';
import type { Job } from './jobs.ts';
import { sourcesOf } from './loading/hooks.ts';
import { type Holder, holderOf, lock } from './lock-file.ts';
import { reasonOf } from './read-file.ts';
import { argumentsOf, type Subject } from './target.ts';
import { duration, parseSeconds, plural } from './text.ts';
import { makeFolders } from './write-file.ts';

/** In the directory that the user gives. */
const FILE = 'search.checkpoint';
const LOCK = 'search.lock';
/** What a run that was killed while it wrote has left behind. */
const LEFTOVER = /^search\.checkpoint\.(?:[0-9a-f]+\.)?tmp$/;
/** Default of `--checkpoint-every`. */
export const CHECKPOINT_SECONDS = 60;
const READ_BYTES = 2 ** 28;

export interface CheckpointOptions {
  readonly checkpoint?: string;
  readonly checkpointEvery?: string;
  readonly resume?: string;
  readonly force?: true;
}

export interface Checkpoints {
  readonly options: Pick<CheckOptions, 'checkpoint' | 'resume' | 'origin'>;
  /** Leaves the directory to others, and says when not all that was done is saved there. */
  end(result: Pick<CheckResultDocument, 'bound'> | undefined): void;
}

/** @throws UsageError */
export function checkpointsOf(
  { checkpoint: directory, checkpointEvery, resume, force }: CheckpointOptions,
  jobs: readonly Job[],
  { stderr }: Pick<Environment, 'stderr'>,
): Checkpoints {
  if (directory === undefined) {
    const option = checkpointEvery === undefined ? '--force' : '--checkpoint-every';
    if (checkpointEvery !== undefined || force) throw new UsageError(`${option} goes with --checkpoint`);
    if (resume === undefined) return { options: {}, end: () => {} };
  }
  const every =
    checkpointEvery === undefined ? CHECKPOINT_SECONDS : parseSeconds('--checkpoint-every', checkpointEvery);
  if (jobs.length > 1) {
    const option = directory === undefined ? '--resume' : '--checkpoint';
    throw new UsageError(`${option} is for one search, got ${jobs.length}`, 'choose one by --variant');
  }
  const { subject } = jobs[0]!;
  const origin = originOf(subject);
  if (directory === undefined) {
    const holder = holderOf(join(resume!, LOCK));
    if (holder) throw inUse('--resume', resume!, holder);
    return { options: { resume: readCheckpoint('--resume', resume!), origin }, end: () => {} };
  }
  const release = take(directory, force === true);
  try {
    const resumed = resume === undefined ? undefined : resumedFrom(resume, directory);
    if (!force) refuseToReplace(directory, resume, resumed);
    const saving = savingTo(directory, resumed, stderr);
    const options = { ...(resumed && { resume: resumed }), origin };
    return {
      options: { ...options, checkpoint: { every, title: argumentsOf(subject), save: saving.save } },
      end(result) {
        release();
        saving.end(result?.bound === 'states' || result?.bound === 'memory');
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** What the command line knows of where a system comes from. */
function originOf({ target, variant, parameters }: Subject): Record<string, string> {
  const named = Object.entries(parameters).map(([name, value]) => [`the parameter ${name}`, JSON.stringify(value)]);
  return {
    ...sourcesOf(target.spec),
    ...('scenario' in target && { 'the scenario': target.scenario.name, 'the variant': String(variant) }),
    ...Object.fromEntries(named),
  };
}

/** Makes the directory, so that a long search does not end without a place for what it has done, and locks it. @throws UsageError */
function take(directory: string, force: boolean): () => void {
  refuseEmpty('--checkpoint', directory);
  let taken: (() => void) | Holder;
  try {
    makeFolders(directory);
    const files = readdirSync(directory);
    taken = lock(join(directory, LOCK), force);
    if (typeof taken === 'function') {
      for (const name of files) if (LEFTOVER.test(name)) rmSync(join(directory, name), { force: true });
    }
  } catch (error) {
    throw new UsageError(
      `--checkpoint ${directory}: cannot make this directory, or a file in it: ${reasonOf(error)}`,
      'give one that can be written to',
      { cause: error },
    );
  }
  if (typeof taken !== 'function') throw inUse('--checkpoint', directory, taken);
  return taken;
}

function refuseEmpty(option: string, directory: string): void {
  if (directory === '') throw new UsageError(`${option} '': got an empty path, expected that of a directory`);
}

function inUse(option: string, directory: string, { pid, host }: Holder): UsageError {
  return new UsageError(
    `${option} ${directory}: another search is saved there at this moment, by process ${pid} of ${host}`,
    `wait for its end, or give another directory; if there is no such process any more, remove ${join(directory, LOCK)}`,
  );
}

function resumedFrom(resume: string, directory: string): Checkpoint {
  if (resolve(resume) !== resolve(directory)) {
    const holder = holderOf(join(resume, LOCK));
    if (holder && holder.pid !== process.pid) throw inUse('--resume', resume, holder);
  }
  return readCheckpoint('--resume', resume);
}

/** @throws UsageError when there is a checkpoint that has more than what the search goes on from */
function refuseToReplace(directory: string, resume: string | undefined, resumed: Checkpoint | undefined): void {
  const path = join(directory, FILE);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || (resume !== undefined && isSameFile(join(resume, FILE), path))) return;
  const age = duration(Math.max(0, (Date.now() - found.mtimeMs) / 1000));
  let what: string;
  try {
    const { identity, snapshot } = readCheckpoint('--checkpoint', directory);
    const { title, ...rest } = identity;
    const states = snapshot.states.columns.length;
    if (resumed && states <= resumed.snapshot.states.columns.length) {
      const { title: _, ...own } = resumed.identity;
      if (JSON.stringify(rest) === JSON.stringify(own)) return;
    }
    what = `a checkpoint of \`${title}\` with ${plural(states, 'state')}, ${age} old`;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    what = `a file ${FILE} that this version cannot read, ${age} old`;
  }
  throw new UsageError(
    `--checkpoint ${directory}: there is ${what}`,
    `go on with it by --resume ${directory}, give another directory, or replace it by --force`,
  );
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** A checkpoint that cannot be written is worth a warning, not the search: the next one may succeed. */
function savingTo(directory: string, resumed: Checkpoint | undefined, stderr: Environment['stderr']) {
  let saved: { readonly states: number; readonly seconds: number } | undefined;
  let failed = false;
  return {
    save(checkpoint: Checkpoint): void {
      try {
        writeCheckpoint(directory, checkpoint);
        saved = { states: checkpoint.snapshot.states.columns.length, seconds: checkpoint.seconds };
        failed = false;
      } catch (error) {
        if (!failed) {
          stderr.write(
            `faultline: warning: --checkpoint ${directory}: cannot write ${FILE}: ${reasonOf(error)}\n` +
              '  the search goes on, and tries again at the next interval\n',
          );
        }
        failed = true;
      }
    },
    /** @param isFull whether the search had to end within a step, where there is nothing to go on from */
    end(isFull: boolean): void {
      if (!failed && !isFull) return;
      const there =
        saved !== undefined
          ? `what is saved there is of ${duration(saved.seconds)} and has ${plural(saved.states, 'state')}`
          : resumed !== undefined
            ? 'nothing was saved there beyond what was resumed'
            : 'nothing was saved there';
      const what = failed
        ? 'the last checkpoint could not be written'
        : 'a search that --max-states or --max-memory ends saves nothing at its end';
      stderr.write(`faultline: warning: --checkpoint ${directory}: ${what}: ${there}\n`);
    },
  };
}

/** @throws what the file system throws, as when the disk is full; the checkpoint before stays as it is */
function writeCheckpoint(directory: string, checkpoint: Checkpoint): void {
  const path = join(directory, FILE);
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx');
  try {
    try {
      for (const piece of encodeCheckpoint(checkpoint)) {
        for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(directory);
}

/** Without it a power cut may undo the renaming. Where directories cannot be opened, as on Windows, there is no such thing. */
function syncDirectory(directory: string): void {
  let file: number | undefined;
  try {
    file = openSync(directory, 'r');
    fsyncSync(file);
  } catch {
    // The checkpoint is there.
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @throws UsageError */
function readCheckpoint(option: string, directory: string): Checkpoint {
  refuseEmpty(option, directory);
  const path = join(directory, FILE);
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UsageError(`${option} ${directory}: cannot read ${FILE} there: ${reasonOf(error)}`, '', { cause: error });
  }
  if (!found?.isFile()) {
    throw new UsageError(
      `${option} ${directory}: there is no ${FILE}`,
      'give the directory that an earlier run was given with --checkpoint',
    );
  }
  try {
    return decodeCheckpoint(readWhole(path), path);
  } catch (error) {
    if (error instanceof CheckpointError) throw new UsageError(`${option} ${directory}: ${error.message}`, error.hint);
    throw new UsageError(`${option} ${directory}: cannot read ${FILE} there: ${reasonOf(error)}`, '', { cause: error });
  }
}

/** `readFileSync` refuses files of 2 GiB and more. */
function readWhole(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > constants.MAX_LENGTH) throw new Error(`it has ${size} bytes, more than can be read at once`);
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const count = readSync(file, bytes, at, Math.min(READ_BYTES, size - at), at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}
