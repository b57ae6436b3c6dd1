/**
 * Files that are there as a whole or not at all.
 *
 * A file is written beside its place, under a name that nobody can foresee and that must not be there yet, and then moved
 * there. `write-file-atomic` would do so, too, but it makes the name out of the process's number, opens what lies there
 * already, and takes a write that the disk cut short for a whole one; versions that run on Node 20 and later ones alike.
 */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { visible } from '../system/visible.ts';
import { UsageError } from './errors.ts';
import { reasonOf } from './read-file.ts';

/**
 * Says now whether a file can be written later, so that a long search does not end without a place for its trace.
 *
 * @throws UsageError
 */
export function checkWritable(path: string): void {
  if (path === '') throw cannotWrite(path, 'got an empty path, expected that of a file');
  try {
    const target = targetOf(path);
    const existing = statSync(target, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw cannotWrite(path, 'it is a folder');
    if (existing) accessSync(target, constants.W_OK);
    // A pipe or a device is written where it is.
    if (!existing || existing.isFile()) checkFolder(path, target);
  } catch (error) {
    throw error instanceof UsageError ? error : cannotWrite(path, reasonOf(error), error);
  }
}

/**
 * The same for all files that are asked for, by option; what is left out is not.
 *
 * @throws UsageError when one cannot be written later, or two options want the same one
 */
export function checkOutputFiles(files: Iterable<readonly [option: string, path: string | undefined]>): void {
  const taken = new Map<string, string>();
  for (const [option, path] of files) {
    if (path === undefined) continue;
    const other = taken.get(resolve(path));
    if (other !== undefined) throw new UsageError(`${other} and ${option} both want ${path}`, 'give each its own file');
    taken.set(resolve(path), option);
    checkWritable(path);
  }
}

/**
 * Makes the folder, if it is not there, and says whether files can be written to it.
 *
 * @returns whether it was made
 * @throws UsageError
 */
export function prepareFolder(option: string, path: string): boolean {
  const cannot = (why: string, cause?: unknown) =>
    new UsageError(`${option} ${path === '' ? "''" : path}: ${why}`, 'give a folder that can be written to', { cause });
  if (path === '') throw cannot('got an empty path, expected that of a folder');
  try {
    const isNew = !statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (isNew) mkdirSync(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    return isNew;
  } catch (error) {
    throw cannot(`the folder cannot be made, or not written to: ${reasonOf(error)}`, error);
  }
}

/** With those above it. Node's own way tries for ever where nothing can be made, as in `/proc`. @throws what the file system throws */
export function makeFolders(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !statSync(at, { throwIfNoEntry: false }); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) mkdirSync(folder);
  if (!statSync(path).isDirectory()) throw new Error('it is not a folder');
}

function checkFolder(path: string, target: string): void {
  const folder = dirname(target);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found) throw cannotWrite(path, `there is no folder ${folder}`);
  if (!found.isDirectory()) throw cannotWrite(path, `${folder} is not a folder`);
  // Permissions do not tell all, as of a full disk or of /proc.
  const temporary = temporaryFor(target);
  closeSync(openSync(temporary, 'wx', 0o600));
  rmSync(temporary);
}

/** Text has no control characters in it afterwards. @throws UsageError */
export function writeWhole(path: string, content: string | Uint8Array): void {
  checkWritable(path);
  const bytes = typeof content === 'string' ? visible(content) : content;
  try {
    const target = targetOf(path);
    const existing = statSync(target, { throwIfNoEntry: false });
    // A pipe or a device has no half-written state, and must not be replaced by a file.
    if (existing && !existing.isFile()) writeFileSync(target, bytes);
    else replace(target, existing, bytes);
  } catch (error) {
    throw cannotWrite(path, reasonOf(error), error);
  }
}

function replace(target: string, existing: Stats | undefined, bytes: string | Uint8Array): void {
  const stream = existing && standardStreamOf(existing);
  if (stream !== undefined) {
    writeFileSync(stream, bytes);
    return;
  }
  const temporary = temporaryFor(target);
  const file = openSync(temporary, 'wx', existing ? 0o600 : 0o666);
  try {
    try {
      writeFileSync(file, bytes);
      if (existing) keepOwnerAndMode(temporary, file, existing);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Short, so that a file may have the longest name that there can be. */
function temporaryFor(target: string): string {
  return join(dirname(target), `.faultline-${randomUUID()}.tmp`);
}

/** Only root may give files away: who is not root owns what they write, with the mode that it had. */
function keepOwnerAndMode(path: string, file: number, { uid, gid, mode }: Stats): void {
  const own = fstatSync(file);
  try {
    if (own.uid !== uid || own.gid !== gid) chownSync(path, uid, gid);
  } catch {}
  fchmodSync(file, mode & 0o777);
}

/** `> file -o /dev/stdout`: what the shell has opened must not be replaced below it. */
function standardStreamOf({ dev, ino }: Stats): 1 | 2 | undefined {
  return ([1, 2] as const).find((stream) => {
    try {
      const open = fstatSync(stream);
      return open.dev === dev && open.ino === ino;
    } catch {
      return false;
    }
  });
}

const LINKS_MAX = 40;

/** Where a path leads to by its symbolic links, although nothing may be there yet. */
function targetOf(path: string): string {
  let target = resolve(path);
  for (let links = 0; links < LINKS_MAX; links++) {
    if (statSync(target, { throwIfNoEntry: false })) return realpathSync(target);
    const found = lstatSync(target, { throwIfNoEntry: false });
    if (!found?.isSymbolicLink()) break;
    target = resolve(dirname(target), readlinkSync(target));
  }
  const folder = dirname(target);
  return statSync(folder, { throwIfNoEntry: false }) ? join(realpathSync(folder), basename(target)) : target;
}

function cannotWrite(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`cannot write ${path === '' ? "''" : path}: ${why}`, '', { cause });
}
