/** Files that are there as a whole or not at all. */
import { accessSync, constants, lstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { textOf, UsageError } from './errors.ts';

/**
 * Says now whether a file can be written later, so that a long search does not end without a place for its trace.
 *
 * @throws UsageError
 */
export function checkWritable(path: string): void {
  const folder = dirname(resolve(path));
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found) throw cannotWrite(path, `there is no folder ${folder}`);
  if (!found.isDirectory()) throw cannotWrite(path, `${folder} is not a folder`);
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw cannotWrite(path, 'it is a folder');
  try {
    accessSync(existing && !existing.isFile() ? path : folder, constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, textOf(error), error);
  }
}

/** @throws UsageError */
export function writeWhole(path: string, text: string | Uint8Array): void {
  try {
    const existing = lstatSync(path, { throwIfNoEntry: false });
    const target = existing?.isSymbolicLink() ? realpathSync(path) : path;
    // A pipe or a device has no half-written state, and must not be replaced by a file.
    if (existing && !statSync(target).isFile()) {
      writeFileSync(target, text);
      return;
    }
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw cannotWrite(path, textOf(error), error);
  }
}

function cannotWrite(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`cannot write ${path}: ${why}`, '', { cause });
}
