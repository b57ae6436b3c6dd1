/**
 * What a search asks of each state and each step that it sees: which property it violates, and which it witnesses.
 *
 * A state that differs from one without violations in a few slots can only violate a property that reads one of these, so
 * only those are evaluated.
 */
import { ModelError } from '../system/errors.ts';
import type { MessagePattern } from '../system/property.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';

interface Check {
  readonly property: string;
  readonly violated: (state: Int32Array) => boolean;
  readonly reads: ReadonlySet<number>;
}

/** The `always` properties and the monitors, in the order of their declaration. */
export class Checks {
  readonly #slotCount: number;
  readonly #checks: Check[] = [];
  /** Per slot, the checks that read it; kept up to date while predicates discover what they read. */
  #readers: number[][] = [];
  #readsSeen = -1;
  readonly #stamps: number[];
  #stamp = 0;

  constructor(tables: Tables) {
    this.#slotCount = tables.slotCount;
    let monitorSlot = tables.actorCount;
    for (const property of tables.system.properties) {
      if (property.kind === 'always') {
        const predicate = new Predicate(property.name, tables, property.holds);
        const violated = (state: Int32Array) => !predicate.evaluate(state);
        this.#checks.push({ property: property.name, violated, reads: predicate.reads });
      } else if (property.kind === 'monitor') {
        const slot = monitorSlot++;
        const { locals } = tables.actors[slot]!;
        const violated = (state: Int32Array) => locals[state[slot]!]!.snapshot.hasTag('violation');
        this.#checks.push({ property: property.name, violated, reads: new Set([slot]) });
      }
    }
    this.#stamps = this.#checks.map(() => 0);
    this.#refreshReaders();
  }

  /** The first property that a state violates, whatever was seen before. */
  violatedIn(state: Int32Array): string | undefined {
    let first: string | undefined;
    // All are evaluated, so that each has read something before `violatedAfter` relies on what it reads.
    for (const { property, violated } of this.#checks) if (violated(state)) first ??= property;
    this.#refreshReaders();
    return first;
  }

  /** The same for a state that differs from one that has been seen and violates nothing in `touched`, `from` to `to`. */
  violatedAfter(state: Int32Array, touched: Int32Array, from: number, to: number): string | undefined {
    const stamp = ++this.#stamp;
    let first = this.#checks.length;
    for (let i = from; i < to; i++) {
      const readers = this.#readers[touched[i]!]!;
      for (let j = 0; j < readers.length; j++) {
        const check = readers[j]!;
        if (this.#stamps[check] === stamp) continue;
        this.#stamps[check] = stamp;
        if (check < first && this.#checks[check]!.violated(state)) first = check;
      }
    }
    this.#refreshReaders();
    return this.#checks[first]?.property;
  }

  #refreshReaders(): void {
    let seen = 0;
    for (const check of this.#checks) seen += check.reads.size;
    if (seen === this.#readsSeen) return;
    this.#readsSeen = seen;
    this.#readers = Array.from({ length: this.#slotCount }, (_, slot) =>
      this.#checks.flatMap((check, index) => (check.reads.has(slot) ? [index] : [])),
    );
  }
}

/** The `reachable` and `happens` properties that nothing has witnessed yet. There is one of these per `Tables`. */
export class Witnesses {
  readonly unwitnessed = new Set<string>();
  readonly #tables: Tables;
  #predicates: Predicate[] = [];
  #awaited: { property: string; pattern: MessagePattern; messages: number[] }[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
    for (const property of tables.system.properties) {
      if (property.kind === 'reachable') {
        this.#predicates.push(new Predicate(property.name, tables, property.witness));
      } else if (property.kind === 'happens') {
        this.#awaited.push({ property: property.name, pattern: property.message, messages: [] });
      } else continue;
      this.unwitnessed.add(property.name);
    }
    tables.onMessage = (message) => this.#watch(message);
    for (let message = 0; message < tables.messages.length; message++) this.#watch(message);
  }

  seeState(state: Int32Array): void {
    if (this.#predicates.length === 0) return;
    const left = this.#predicates.filter((predicate) => {
      if (!predicate.evaluate(state)) return true;
      this.unwitnessed.delete(predicate.name);
      return false;
    });
    if (left.length < this.#predicates.length) this.#predicates = left;
  }

  /** The messages of a step that some property waits for, as the walker lists them. */
  seeMessages(watched: readonly number[]): void {
    const { messageWatch } = this.#tables;
    for (const message of watched) {
      for (const awaited of this.#awaited) {
        if (!awaited.messages.includes(message)) continue;
        this.unwitnessed.delete(awaited.property);
        for (const matching of awaited.messages) messageWatch.data[matching]!--;
        this.#awaited = this.#awaited.filter((other) => other !== awaited);
      }
    }
  }

  /** Marks a new message for the properties that it would witness. */
  #watch(message: number): void {
    const { to, event } = this.#tables.messages[message]!;
    if (to >= this.#tables.actorCount) return;
    for (const { property, pattern, messages } of this.#awaited) {
      if (pattern.type !== event.type) continue;
      if (pattern.to !== undefined && pattern.to !== this.#tables.actors[to]!.name) continue;
      if (pattern.where && !guardedWhere(property, () => pattern.where!(event))) continue;
      messages.push(message);
      this.#tables.messageWatch.data[message]!++;
    }
  }
}

function guardedWhere(property: string, run: () => boolean): boolean {
  try {
    return run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ModelError('exception', `property "${property}" threw: ${text}`, 'a predicate must not throw', {
      cause: error,
    });
  }
}
