/**
 * Of things that are interchangeable it makes no difference which one a new name stands for: it may as well be the first that has
 * no name yet. What a system declares to be interchangeable is believed only as far as to try such bindings first.
 */
import type { System } from '../system/system.ts';
import type { Bindings } from './bindings.ts';
import type { Shown } from './vocabulary.ts';

export class Turns {
  readonly #bindings: Bindings;
  /** By name, the names with which it is interchangeable and that come before it. */
  readonly #before = new Map<string, readonly string[]>();

  constructor({ symmetry }: System, bindings: Bindings) {
    this.#bindings = bindings;
    for (const things of symmetry) {
      for (const [at, thing] of things.entries()) {
        for (const [place, name] of thing.entries()) {
          const before = things.slice(0, at).map((other) => other[place]!);
          this.#before.set(name, before);
        }
      }
    }
  }

  /** Whether all things in a message that got their names with it were first in turn. */
  isKept({ type, keys, values }: Shown, before: number, after: number): boolean {
    if (before === after) return true;
    return type.members.every(({ thing }, at) => {
      if (!thing || keys[at] === undefined) return true;
      const scope = this.#bindings.scopeOf(type, keys, after, at);
      if (scope === undefined) return true;
      if (this.#bindings.nameOf(before, thing.kind, scope, keys[at]) !== undefined) return true;
      const earlier = this.#before.get(String(values[at])) ?? [];
      return earlier.every((name) => {
        const id = name.slice(thing.before.length, name.length - thing.after.length);
        return this.#bindings.nameOf(after, thing.kind, scope, id) !== undefined;
      });
    });
  }
}
