/**
 * What a trace file or a log is about.
 *
 * Data files load no code: a file may name a module, but it is imported only if the command line names one too, or says by
 * `--trust` that it is willing to. Names of the catalogue are no code; the constraint of a machine is.
 */
import { visibleLine } from '../system/visible.ts';
import type { Catalogue } from './environment.ts';
import { UsageError } from './errors.ts';
import { parseModuleSpec, sameFile } from './loading/module-spec.ts';
import type { Given } from './machine-flags.ts';
import { quoted } from './shell-words.ts';
import { findTarget, type Target } from './target.ts';

export interface FileTarget {
  readonly file: string;
  /** How an error begins: `trace.json is a trace`. */
  readonly what: string;
  /** What the file says it is about. */
  readonly named: string;
  /** What the command line says it is about, if it does. */
  readonly given: string | undefined;
  readonly trust: boolean;
  /** Of a machine: what the file says of it. */
  readonly machine?: Given | undefined;
  /** The command that reads the file, to be named in a hint. */
  readonly command: 'replay' | 'validate';
}

export const TRUST = 'load the module that the file names, although the command line does not, and run its constraint';

/**
 * @throws UsageError when the file is about something else than the command line says, or names a module that the command line
 *   does not
 */
export async function findTargetOfFile(asked: FileTarget, catalogue: Catalogue): Promise<Target> {
  const { file, what, named, given, trust, command, machine } = asked;
  const module = parseModuleSpec(named);
  if (machine?.constraint !== undefined && !trust) {
    throw new UsageError(
      `${what} with the constraint ${visibleLine(machine.constraint)}, and a file alone runs no code`,
      'if you trust it, add --trust',
    );
  }
  if (given !== undefined) {
    if (isOf(named, given)) return findTarget(given, catalogue, machine);
    throw new UsageError(
      `${what} of ${visibleLine(named)}, not of ${given}`,
      `leave ${given} out, or give the file of it`,
    );
  }
  if (!module || trust) return findTarget(visibleLine(named), catalogue, machine);
  throw new UsageError(
    `${what} of the module ${visibleLine(named)}, and a file alone loads no code`,
    `if you trust it: faultline ${command} ${quoted(visibleLine(named))} ${quoted(file)}, or add --trust`,
  );
}

/** Whether what a file names may be what the command line names: a module may have moved, but is not two of its exports. */
export function isOf(named: string, given: string): boolean {
  const [stored, own] = [parseModuleSpec(named), parseModuleSpec(given)];
  if (named === given || !stored || !own) return named === given;
  return own.name === undefined || stored.name === undefined || own.name === stored.name || !sameFile(own, stored);
}
