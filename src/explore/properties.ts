/**
 * What a search asks of each state and each step that it sees: which property it violates, and which it witnesses.
 */
import type { EventObject } from 'xstate';
import type { MessagePattern, SystemView } from '../system/property.ts';
import { selectsSurely } from '../tabulate/answers.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Symmetry } from './symmetry.ts';

interface Check extends Question {
  readonly isMonitor: boolean;
  readonly violated: (state: Int32Array) => boolean;
}

/** The `always` properties and the monitors, in the order of their declaration. */
export class Checks {
  readonly #checks: Check[] = [];
  /** Those that are not settled. */
  #open: readonly Check[] = this.#checks;

  /** @param symmetry when given, a check is violated in a state that has an image which violates it */
  constructor(tables: Tables, symmetry?: Symmetry) {
    let monitorSlot = tables.actorCount;
    for (const property of tables.system.properties) {
      if (property.kind === 'always' && symmetry) {
        const { evaluate, reads, readsIn } = symmetry.anyImage(property.name, (view) => !property.holds(view));
        this.#checks.push({ name: property.name, isMonitor: false, violated: evaluate, reads, readsIn });
      } else if (property.kind === 'always') {
        const predicate = new Predicate(property.name, tables, property.holds);
        const violated = (state: Int32Array) => !predicate.evaluate(state);
        const readsIn = (state: Int32Array) => predicate.readsIn(state);
        this.#checks.push({ name: property.name, isMonitor: false, violated, reads: predicate.reads, readsIn });
      } else if (property.kind === 'monitor') {
        const slot = monitorSlot++;
        const { locals } = tables.actors[slot]!;
        const isViolated = (state: Int32Array) => locals[state[slot]!]!.snapshot.hasTag('violation');
        const slots = symmetry?.orbitOf(slot) ?? [slot];
        const violated =
          slots.length === 1
            ? isViolated
            : (state: Int32Array) =>
                slots.some((other) => tables.actors[other]!.locals[state[other]!]!.snapshot.hasTag('violation'));
        this.#checks.push({ name: property.name, isMonitor: true, violated, reads: new Set(slots) });
      }
    }
  }

  get length(): number {
    return this.#checks.length;
  }

  nameOf(check: number): string {
    return this.#checks[check]!.name;
  }

  get questions(): readonly Question[] {
    return this.#open;
  }

  /** From now on no state violates this one: that some do is known. */
  settle(check: number): void {
    const settled = this.#checks[check]!;
    this.#open = this.#open.filter((other) => other !== settled);
    this.#checks[check] = { ...settled, violated: () => false };
  }

  violates(state: Int32Array, property: string): boolean {
    return this.#checks.some(({ name, violated }) => name === property && violated(state));
  }

  /** The slots that each `always` property has looked at so far. */
  get readsOfPredicates(): ReadonlySet<number>[] {
    return this.#checks.filter(({ isMonitor }) => !isMonitor).map(({ reads }) => reads);
  }

  isViolated(check: number, state: Int32Array): boolean {
    return this.#checks[check]!.violated(state);
  }

  /** The first check that a state violates, -1 when it violates none. */
  firstViolatedIn(state: Int32Array): number {
    return this.#checks.findIndex(({ violated }) => violated(state));
  }

  /** The first property that a state violates. */
  violatedIn(state: Int32Array): string | undefined {
    return this.#checks[this.firstViolatedIn(state)]?.name;
  }
}

/** A question about every new state: an `always`, a monitor, or a `reachable` that is open. */
export interface Question {
  readonly name: string;
  /** The slots that it has looked at in any state so far. */
  readonly reads: ReadonlySet<number>;
  readonly readsIn?: ((state: Int32Array) => readonly number[]) | undefined;
}

/** The `reachable` and `happens` properties that nothing has witnessed yet. There is one of these per `Tables`. */
export class Witnesses {
  readonly unwitnessed = new Set<string>();
  readonly #tables: Tables;
  readonly #symmetry: Symmetry | undefined;
  #predicates: (Question & { evaluate(state: Int32Array): boolean })[] = [];
  #awaited: { property: string; pattern: MessagePattern; messages: number[] }[] = [];
  /** Whether a message stands for its images as well. */
  #forImages = false;

  /** @param symmetry when given, what an image of a state witnesses is witnessed */
  constructor(tables: Tables, symmetry?: Symmetry) {
    this.#tables = tables;
    this.#symmetry = symmetry;
    for (const property of tables.system.properties) {
      if (property.kind === 'reachable') {
        const { name, witness } = property;
        this.#predicates.push(
          symmetry ? { name, ...symmetry.anyImage(name, witness) } : askedOf(name, tables, witness),
        );
      } else if (property.kind === 'happens') {
        this.#awaited.push({ property: property.name, pattern: property.message, messages: [] });
      } else continue;
      this.unwitnessed.add(property.name);
    }
    tables.onMessage = (message) => this.#watch(message);
    for (let message = 0; message < tables.messages.length; message++) this.#watch(message);
  }

  /**
   * From now on a message witnesses what its images would: the messages of a step do, those of the start, which is no step
   * of any state, do not.
   */
  seeImages(): void {
    if (!this.#symmetry) return;
    this.#forImages = true;
    for (let message = 0; message < this.#tables.messages.length; message++) this.#watch(message);
  }

  /** Takes the `happens` properties that are not among these any more for witnessed; states tell the `reachable` ones anew. */
  resume(unwitnessed: readonly string[]): void {
    for (const { property, messages } of this.#awaited) {
      if (unwitnessed.includes(property)) continue;
      this.unwitnessed.delete(property);
      for (const message of messages) this.#tables.messageWatch.data[message]!--;
    }
    this.#awaited = this.#awaited.filter(({ property }) => this.unwitnessed.has(property));
  }

  /** The `reachable` properties that `seeState` still looks for. */
  get open(): readonly Question[] {
    return this.#predicates;
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
      if (pattern.type !== event.type || messages.includes(message)) continue;
      const alike =
        this.#forImages && this.#symmetry
          ? this.#symmetry.imagesOfMessage(message)
          : [{ to: this.#tables.actors[to]!.name, event }];
      if (!alike.some(({ to, event }) => this.#selects(property, pattern, to, event))) continue;
      messages.push(message);
      this.#tables.messageWatch.data[message]!++;
    }
  }

  #selects(property: string, pattern: MessagePattern, to: string, event: EventObject): boolean {
    const asker = `property "${property}"`;
    const ask = () => selectsSurely(asker, pattern, to, event);
    const answer = ask();
    if (pattern.where) {
      const about = () => `${asker} (message ${event.type} to "${to}")`;
      this.#tables.review.remember(`${asker} ${event.type}`, () => ({
        about,
        ask: () => String(ask()),
        answer: String(answer),
      }));
    }
    return answer;
  }
}

function askedOf(name: string, tables: Tables, test: (view: SystemView) => boolean) {
  const predicate = new Predicate(name, tables, test);
  return {
    name,
    reads: predicate.reads,
    readsIn: (state: Int32Array) => predicate.readsIn(state),
    evaluate: (state: Int32Array) => predicate.evaluate(state),
  };
}
