/**
 * The files of a module, looked at until one changes.
 *
 * They are looked at by name and not by `fs.watch`: editors put a new file in the place of the old one, an import may not be there yet,
 * and on shares and in containers nobody tells of changes. A few files four times a second cost nothing that can be measured. What
 * counts is what a file holds: saved once more, or checked out and back, it is the same.
 */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { visibleLine } from '../system/visible.ts';
import { type Source, sourceOf } from './loading/module-hooks.ts';

const LOOK_MS = 250;

interface Seen {
  /** Of what was loaded; null: it was not there. */
  readonly loaded: string | null;
  /** By which it is seen that a file may hold something else. */
  stamp: string;
  digest: string | null;
}

export class Watch {
  readonly #files = new Map<string, Seen>();
  #timer: NodeJS.Timeout | undefined;

  get count(): number {
    return this.#files.size;
  }

  /** What was loaded, and what it held then; what is known already stays as it was loaded. */
  follow(sources: readonly Source[]): void {
    for (const { path, digest } of sources) {
      if (this.#files.get(path)?.loaded !== digest) this.#files.set(path, { loaded: digest, stamp: '', digest });
    }
  }

  /** From now on what the files hold is what is going to be loaded. */
  restart(): void {
    for (const [path, seen] of this.#files) this.#files.set(path, { ...seen, loaded: seen.digest });
  }

  /** Calls back once, when files hold something else than what was loaded, and nothing more has changed since the last look. */
  onChange(changed: (paths: readonly string[]) => void): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#hasMoved()) return;
      const paths = [...this.#files].flatMap(([path, { loaded, digest }]) => (loaded === digest ? [] : [path]));
      if (paths.length === 0) return;
      this.end();
      changed(paths);
    }, LOOK_MS);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Looks at all of them. */
  #hasMoved(): boolean {
    let moved = false;
    for (const [path, seen] of this.#files) {
      const stamp = stampOf(path);
      if (stamp === seen.stamp) continue;
      // The first look at what was loaded is none that finds a change.
      const digest = sourceOf(path)?.digest ?? null;
      moved ||= digest !== seen.digest;
      seen.stamp = stamp;
      seen.digest = digest;
    }
    return moved;
  }
}

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs}` : 'missing';
}

const NAMED_MAX = 3;

/** `lights.ts, light.ts changed`, seen from where the command runs. */
export function changeText(paths: readonly string[]): string {
  const names = paths.slice(0, NAMED_MAX).map((path) => visibleLine(relative('', path)));
  const more = paths.length > NAMED_MAX ? ` and ${paths.length - NAMED_MAX} more` : '';
  return `${names.join(', ')}${more} changed`;
}
