/** Files that are read: one check, and one way to read them, whatever is wrong with a path. */
import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { textOf, UsageError } from './errors.ts';

/** Larger ones are no traces, logs or coverage: a string of V8 has no room for them. */
const BYTES_MAX = 2 ** 29 - 2 ** 20;
const PIECE_BYTES = 2 ** 20;

/**
 * Says whether a file can be read. A pipe or a terminal is as good as a file.
 *
 * @param what how the error names it, as `the log`
 * @throws UsageError
 */
export function checkReadable(what: string, path: string): Stats {
  const cannot = (why: string, hint = '', cause?: unknown) =>
    new UsageError(`cannot read ${what} ${path === '' ? "''" : path}: ${why}`, hint, { cause });
  if (path === '') throw cannot('got an empty path, expected that of a file');
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
    if (found && !found.isDirectory()) accessSync(path, constants.R_OK);
  } catch (error) {
    throw cannot(reasonOf(error), '', error);
  }
  if (!found) throw cannot('there is no such file', `looked at ${resolve(path)}`);
  if (found.isDirectory()) throw cannot('it is not a file but a folder');
  if (found.isSocket() || found.isBlockDevice()) throw cannot('it is not a file');
  if (found.size > BYTES_MAX) throw cannot(`it has ${found.size} bytes, and can have ${BYTES_MAX} at most`);
  return found;
}

/** @throws UsageError */
export function readText(what: string, path: string): string {
  checkReadable(what, path);
  try {
    return readUpTo(path, BYTES_MAX).toString('utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${what} ${path}: ${reasonOf(error)}`, '', { cause: error });
  }
}

/** In pieces: what a pipe or a device has to say may have no end. */
function readUpTo(path: string, bytesMax: number): Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const got = readSync(file, piece);
      if (got === 0) return Buffer.concat(pieces);
      bytes += got;
      if (bytes > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`);
      pieces.push(piece.subarray(0, got));
    }
  } finally {
    closeSync(file);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'something else is there',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
  EMFILE: 'too many files are open',
};

/** What the system says is wrong with a path, in words, with its own name for it. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return Object.hasOwn(REASONS, code) ? `${REASONS[code]} (${code})` : textOf(error);
}
