/**
 * Which thing of the model a real name stands for. A binding grows as names appear; equal bindings have equal numbers.
 *
 * Invariant: within one kind and scope a binding is injective both ways.
 */
import type { EventType } from './vocabulary.ts';

/** A name of the real system, of a kind of things, within a scope (a page request group index within its device). */
interface RealName {
  readonly kind: string;
  readonly scope: string;
  readonly name: string;
}

/** The binding that says nothing but what was fixed beforehand. */
export const AT_FIRST = 0;
/** No binding: what was to be bound contradicts what is. */
export const CONTRADICTION = -1;

export class Bindings {
  readonly #fixed: Readonly<Record<string, ReadonlyMap<string, string>>>;
  readonly #reals: RealName[] = [];
  readonly #numbers = new Map<string, number>();
  /** By kind and scope, the numbers of the real names in it. */
  readonly #groups = new Map<string, number[]>();
  /** By binding, what each real name stands for; the first one grows while names are numbered. */
  readonly #bindings: (string | undefined)[][] = [[]];
  readonly #byKey = new Map<string, number>();
  readonly #extended = new Map<string, number>();

  /** @param fixed by kind and real name, what it stands for */
  constructor(fixed: Readonly<Record<string, ReadonlyMap<string, string>>> = {}) {
    this.#fixed = fixed;
  }

  /** The number of a real name. All have to be asked for before anything is bound. */
  number(kind: string, scope: string, name: string): number {
    const group = JSON.stringify([kind, scope]);
    if (!this.#groups.has(group)) {
      this.#groups.set(group, []);
      // What is fixed is taken from the start, also before, or without, its name being seen.
      for (const known of this.#fixed[kind]?.keys() ?? []) this.number(kind, scope, known);
    }
    const key = JSON.stringify([kind, scope, name]);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#reals.length;
      this.#numbers.set(key, number);
      this.#groups.get(group)!.push(number);
      this.#reals.push({ kind, scope, name });
      this.#bindings[AT_FIRST]!.push(this.#fixed[kind]?.get(name));
    }
    return number;
  }

  /** The binding in which this name also stands for this thing, or `CONTRADICTION`. */
  bind(binding: number, real: number, id: string): number {
    const bound = this.#bindings[binding]!;
    if (bound[real] !== undefined) return bound[real] === id ? binding : CONTRADICTION;
    const step = `${binding} ${real} ${id}`;
    let extended = this.#extended.get(step);
    if (extended === undefined) {
      extended = this.#groupOf(real).some((other) => bound[other] === id)
        ? CONTRADICTION
        : this.#intern(bound.with(real, id));
      this.#extended.set(step, extended);
    }
    return extended;
  }

  /** What a name stands for; undefined when nobody knows yet. */
  idOf(binding: number, real: number): string | undefined {
    return this.#bindings[binding]![real];
  }

  /** How many names beside this one, of the same kind and scope, stand for something. */
  countBeside(binding: number, real: number): number {
    return this.#groupOf(real).filter((other) => other !== real && this.idOf(binding, other) !== undefined).length;
  }

  /** The real name of a thing; undefined when it has none yet. */
  nameOf(binding: number, kind: string, scope: string, id: string): string | undefined {
    const group = this.#groups.get(JSON.stringify([kind, scope])) ?? [];
    const real = group.find((number) => this.#bindings[binding]![number] === id);
    return real === undefined ? undefined : this.#reals[real]!.name;
  }

  /** Within which name a member's thing has its name; undefined when that thing has none yet. */
  scopeOf(
    { members }: EventType,
    keys: readonly (string | undefined)[],
    binding: number,
    at: number,
  ): string | undefined {
    const { per } = members[at]!.thing!;
    if (per === undefined) return '';
    const id = keys[per];
    return id === undefined ? undefined : this.nameOf(binding, members[per]!.thing!.kind, '', id);
  }

  /** All names that stand for something. */
  bound(binding: number): (RealName & { readonly id: string })[] {
    return this.#reals.flatMap((real, number) => {
      const id = this.#bindings[binding]![number];
      return id === undefined ? [] : [{ ...real, id }];
    });
  }

  #groupOf(real: number): readonly number[] {
    const { kind, scope } = this.#reals[real]!;
    return this.#groups.get(JSON.stringify([kind, scope]))!;
  }

  #intern(bound: (string | undefined)[]): number {
    const key = JSON.stringify(bound);
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#bindings.length;
      this.#byKey.set(key, number);
      this.#bindings.push(bound);
    }
    return number;
  }
}
