/**
 * What a predicate looks at within a slot, as questions: an actor's state value, whether it matches a pattern, a field of its context,
 * how many messages a channel holds. Values of a slot that give one answer are of one *class*, and nothing that looks no further
 * can tell them apart: a tree over questions has a branch for each class, where one over slots has a branch for each local state.
 *
 * `StandIns` shows a state by objects that note each look. Where they cannot tell what is looked at (the keys of a context, `can`, what is
 * in a channel), it is the whole value.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { Showing } from './answers.ts';
import { copyOf, orderedKey } from './plain.ts';
import type { LocalState } from './stepper.ts';
import type { Tables } from './tables.ts';

interface Question {
  readonly slot: number;
  /** The answer for a value of the slot; left out where that is the value itself. */
  readonly answer?: ((value: number) => string) | undefined;
  /** By value: its class plus one; 0 while it is not known. */
  readonly classes: number[];
  readonly byAnswer: Map<string, number>;
}

export class Questions {
  readonly #questions: Question[] = [];
  readonly #numbers = new Map<string, number>();

  /** @param text the same text about the same slot is the same question */
  numberOf(slot: number, text: string, answer?: (value: number) => string): number {
    const key = `${slot} ${text}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#questions.length;
      this.#numbers.set(key, number);
      this.#questions.push({ slot, answer, classes: [], byAnswer: new Map() });
    }
    return number;
  }

  slotOf(question: number): number {
    return this.#questions[question]!.slot;
  }

  /** The class of a slot's value in a state. */
  classIn(question: number, state: Int32Array): number {
    const asked = this.#questions[question]!;
    const value = state[asked.slot]!;
    if (asked.answer === undefined) return value;
    const { classes } = asked;
    const known = value < classes.length ? classes[value]! : 0;
    return (known > 0 ? known : classified(asked, value, asked.answer(value))) - 1;
  }
}

function classified({ classes, byAnswer }: Question, value: number, answer: string): number {
  const known = byAnswer.get(answer) ?? byAnswer.size + 1;
  byAnswer.set(answer, known);
  while (classes.length <= value) classes.push(0);
  classes[value] = known;
  return known;
}

/** The question for all of a slot's value. */
export const WHOLE = '';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

type Handlers = Readonly<Record<'snapshot' | 'context', ProxyHandler<object>>>;

/**
 * Shows what there is, frozen, and notes what is looked at. Each time it is begun with it shows other objects: who remembers what it
 * has found out about one of them must look again.
 */
export class StandIns implements Showing {
  readonly #tables: Tables;
  readonly #questions: Questions;
  readonly #originals: Showing;
  /** Each once, in the order in which they came up. */
  readonly #looks = new Set<number>();
  /** The slots that have been looked at as wholes. */
  readonly #wholes = new Set<number>();
  /** By actor. */
  readonly #snapshots = new Map<string, AnyMachineSnapshot>();
  readonly #handlers = new Map<number, Handlers>();
  readonly #contents = new Map<number, ProxyHandler<object>>();

  /** @param originals shows what stand-ins stand for */
  constructor(tables: Tables, questions: Questions, originals: Showing) {
    this.#tables = tables;
    this.#questions = questions;
    this.#originals = originals;
  }

  begin(): void {
    this.#looks.clear();
    this.#wholes.clear();
    this.#snapshots.clear();
  }

  /** The questions that have come up since `begin`, in this order. */
  get looks(): number[] {
    return [...this.#looks];
  }

  snapshot(actor: string, local: LocalState, asker: string): AnyMachineSnapshot {
    const known = this.#snapshots.get(actor);
    if (known) return known;
    const made = this.#standInFor(this.#tables.slotOf(actor)!, this.#originals.snapshot(actor, local, asker));
    this.#snapshots.set(actor, made);
    return made;
  }

  data<T>(value: T, channel: readonly number[]): T {
    const contents = this.#originals.data(value as readonly unknown[], channel);
    return this.#standIn([...contents], contents, channel, this.#contentsHandler(channel)) as T;
  }

  look(slot: number, text: string = WHOLE, answer?: (value: number) => string): void {
    // Whoever knows the whole learns nothing from its parts.
    if (this.#wholes.has(slot)) return;
    if (text === WHOLE) this.#wholes.add(slot);
    this.#looks.add(this.#questions.numberOf(slot, text, answer));
  }

  /** Asks a snapshot of an actor for something that is plain data. */
  #ask(slot: number, text: string, answer: (snapshot: AnyMachineSnapshot) => unknown): void {
    const { locals } = this.#tables.actors[slot]!;
    // Data with its keys in another order may be another thing to who goes through them.
    this.look(slot, text, (value) => orderedKey(answer(locals[value]!.snapshot)));
  }

  #standInFor(slot: number, shown: AnyMachineSnapshot): AnyMachineSnapshot {
    const { context, matches, hasTag } = shown;
    const handlers = this.#handlersOf(slot);
    const asking = {
      matches: (wanted: never): boolean => {
        const answer = matches(wanted);
        const pattern: never = copyOf(wanted);
        this.#ask(slot, `matches ${orderedKey(pattern)}`, (other) => other.matches(pattern));
        return answer;
      },
      hasTag: (tag: never): boolean => {
        const answer = hasTag(tag);
        this.#ask(slot, `has the tag ${String(tag)}`, ({ tags }) => tags.has(tag));
        return answer;
      },
    };
    const fields = this.#hasFields(slot)
      ? this.#standIn({ ...context }, context, [slot], handlers.context)
      : (context as object);
    const parts = { ...shown, ...asking, context: fields };
    return this.#standIn(parts, shown, [slot], handlers.snapshot) as AnyMachineSnapshot;
  }

  /** @param like a copy of what it stands for, to be frozen: what a proxy says of something frozen must be so */
  #standIn<T extends object>(like: T, original: object, slots: readonly number[], handler: ProxyHandler<object>): T {
    const inspected = () => {
      for (const slot of slots) this.look(slot);
      return original;
    };
    // Node writes an object down without asking its stand-in, but asks for this.
    const target = Object.defineProperty(like, INSPECT, { value: inspected });
    return new Proxy(Object.freeze(target), handler) as T;
  }

  /** Whether an actor's contexts are objects; XState makes one of any other at the first `assign`. */
  #hasFields(slot: number): boolean {
    const context: unknown = this.#tables.actors[slot]!.stepper.machine.config.context;
    return !context || typeof context === 'function' || (typeof context === 'object' && !Array.isArray(context));
  }

  #handlersOf(slot: number): Handlers {
    let handlers = this.#handlers.get(slot);
    if (!handlers) {
      handlers = {
        snapshot: this.#handler([slot], (key) => this.#lookAtPart(slot, key)),
        context: this.#handler([slot], (key) => this.#lookAtField(slot, key)),
      };
      this.#handlers.set(slot, handlers);
    }
    return handlers;
  }

  /** Of a channel, by its first slot. */
  #contentsHandler(slots: readonly number[]): ProxyHandler<object> {
    const [first] = slots as readonly [number, ...number[]];
    let handler = this.#contents.get(first);
    if (!handler) {
      handler = this.#handler(slots, (key) => {
        for (const slot of slots) this.#lookAtContents(slot, key);
      });
      this.#contents.set(first, handler);
    }
    return handler;
  }

  /** Whatever else is asked of an object than a member is about all of it. */
  #handler(slots: readonly number[], lookAt: (key: string | symbol) => void): ProxyHandler<object> {
    const lookAtAll = () => {
      for (const slot of slots) this.look(slot);
    };
    return {
      get: (target, key) => {
        lookAt(key);
        return Reflect.get(target, key);
      },
      has: (target, key) => {
        lookAtAll();
        return Reflect.has(target, key);
      },
      ownKeys: (target) => {
        lookAtAll();
        return Reflect.ownKeys(target);
      },
      getOwnPropertyDescriptor: (target, key) => {
        lookAtAll();
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    };
  }

  #lookAtPart(slot: number, key: string | symbol): void {
    if (key === 'value' || key === 'status') this.#ask(slot, key, (snapshot) => snapshot[key]);
    else if (key === 'context' && !this.#hasFields(slot)) this.look(slot);
    else if (key !== 'context' && key !== 'matches' && key !== 'hasTag') this.look(slot);
  }

  #lookAtField(slot: number, key: string | symbol): void {
    if (typeof key === 'symbol') this.look(slot);
    else this.#ask(slot, `context ${key}`, ({ context }) => (Object.hasOwn(context, key) ? [context[key]] : []));
  }

  #lookAtContents(slot: number, key: string | symbol): void {
    const { contents } = this.#tables.channelAt(slot)!;
    if (key === 'length') this.look(slot, key, (value) => String(contents[value]!.length));
    else this.look(slot);
  }
}
