/** Checkpoints as files: there as a whole or not at all, whenever the process is killed. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint } from '../explore/checkpoint.ts';
import { textOf, UsageError } from './errors.ts';

/** In the directory that the user gives. */
const FILE = 'search.checkpoint';

/** Makes the directory, so that a long search does not end without a place for what it has done. @throws UsageError */
export function prepareCheckpoints(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `--checkpoint ${directory}: cannot make this directory: ${textOf(error)}`,
      'give one that can be written to',
      { cause: error },
    );
  }
}

/** @throws UsageError when the disk is full, or the like; the checkpoint before stays as it is */
export function writeCheckpoint(directory: string, checkpoint: Checkpoint): void {
  const path = join(directory, FILE);
  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, 'w');
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
    throw new UsageError(
      `--checkpoint ${directory}: cannot write ${path}: ${textOf(error)}`,
      'make room for it there',
      {
        cause: error,
      },
    );
  }
}

/** @throws UsageError */
export function readCheckpoint(directory: string): Checkpoint {
  const path = join(directory, FILE);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) {
    throw new UsageError(
      `--resume ${directory}: there is no ${FILE}`,
      'give the directory that an earlier run was given with --checkpoint',
    );
  }
  try {
    return decodeCheckpoint(readFileSync(path), path);
  } catch (error) {
    if (error instanceof CheckpointError) throw new UsageError(`--resume ${directory}: ${error.message}`, error.hint);
    throw new UsageError(`--resume ${directory}: cannot read ${path}: ${textOf(error)}`, undefined, { cause: error });
  }
}
