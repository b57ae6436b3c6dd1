/**
 * The state of a system with a population, as small as it can be: for each actor the number of its *form*, in one byte as long as a kind
 * has no more than 256, and the things that the form names, for those kinds that have such forms. A family is one kind, whose members
 * name themselves for nothing. Queues hold messages as forms with the things that they name.
 */
import { MESSAGE_THINGS } from '../stress/layout.ts';
import { notLiftable, type Owner, type Template } from '../stress/template.ts';
import type { CompleteChannel } from '../system/system.ts';
import type { LocalState } from '../tabulate/stepper.ts';

/** An actor, a family, a monitor or a channel. */
export interface Kind {
  readonly kind: number;
  readonly name: string;
  readonly owner: Owner | undefined;
  readonly channel: CompleteChannel | undefined;
  readonly isFamily: boolean;
  readonly members: number;
  /** The slot of the first member, and that in a system that has all actors one by one. */
  readonly base: number;
  readonly number: number;
}

export interface Kinds {
  readonly all: readonly Kind[];
  /** Those of these slots may start steps; those of the next ones are no members of families. */
  readonly starterCount: number;
  readonly singleCount: number;
  readonly slotCount: number;
}

/** A whole number of 31 bits stands for each actor. */
const SLOTS_MAX = 2 ** 31;

/** @throws ModelError `not-liftable` for families whose members are not declared one after the other */
export function kindsOf(template: Template, population: number): Kinds {
  const drafts = template.drafts([]);
  const order = Object.keys(template.system.actors);
  const membersOf = (kind: number) => (drafts[kind]!.sort === 'family' ? population : 1);
  // Those that may start steps first, in the order of steps; those of which there may be millions last.
  const rank = (kind: number) => {
    const { sort, starts } = drafts[kind]!;
    return starts ? 0 : sort === 'family' ? 2 : 1;
  };
  const base: number[] = [];
  let next = 0;
  const ends = [0, 1, 2].map((wanted) => {
    for (const kind of drafts.keys()) {
      if (rank(kind) !== wanted) continue;
      base[kind] = next;
      next += membersOf(kind);
    }
    return next;
  });
  let number = 0;
  const all = drafts.map(({ name, sort }, kind): Kind => {
    const owner = template.owners[kind];
    const isApart = owner?.names.some(
      (member, at) => at > 0 && order.indexOf(member) !== order.indexOf(owner.names[0]!) + at,
    );
    if (sort === 'family' && isApart)
      throw notLiftable(`the members of "${name}" are not declared one after the other`);
    const placed = {
      kind,
      name,
      owner,
      channel: owner ? undefined : template.channels[kind - template.owners.length]![1],
      isFamily: sort === 'family',
      members: membersOf(kind),
      base: base[kind]!,
      number,
    };
    number += placed.members;
    return placed;
  });
  if (number >= SLOTS_MAX) throw notLiftable(`${number} actors are too many, expected fewer than ${SLOTS_MAX}`);
  return { all, starterCount: ends[0]!, singleCount: ends[1]!, slotCount: ends[2]! };
}

/** What an actor may be: its local state with things 0, 1, 2 ... in the place of those that it names. */
export interface FormOfKind {
  readonly local: LocalState;
  /** Besides the member itself. */
  readonly things: number;
}

type FormNumbers = Uint8Array | Uint16Array | Int32Array;

/** The actors of a kind. */
export class Members {
  readonly forms: FormOfKind[] = [];
  /** By form. */
  readonly thingCounts: number[] = [];
  /** By member: the number of its form. */
  numbers: FormNumbers;
  /** By place, then by member: the things that its form names besides itself. */
  readonly things: Int32Array[] = [];
  readonly #byId = new Map<number, number>();

  constructor(count: number) {
    this.numbers = new Uint8Array(count);
  }

  /** All as they start. */
  start(): void {
    this.numbers.fill(0);
  }

  /** @param id the form's number among those of all kinds */
  intern(id: number, form: FormOfKind): number {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const number = this.forms.push(form) - 1;
    this.thingCounts.push(form.things);
    this.#byId.set(id, number);
    const { numbers } = this;
    if (number === 2 ** 8) this.numbers = Uint16Array.from(numbers);
    if (number === 2 ** 16) this.numbers = Int32Array.from(numbers);
    while (this.things.length < form.things) this.things.push(new Int32Array(numbers.length));
    return number;
  }

  get bytes(): number {
    return this.numbers.byteLength + this.things.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

/** Words of a message in a queue: its form, and the things that it names. */
const MESSAGE_WORDS = 1 + MESSAGE_THINGS;
const MESSAGES_AT_FIRST = 4;

/** The messages of a channel, the oldest first. */
export class Queue {
  readonly capacity: number;
  length = 0;
  #words = new Int32Array(MESSAGES_AT_FIRST * MESSAGE_WORDS);
  /** Which message of the ring is the oldest. */
  #head = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  clear(): void {
    this.length = 0;
    this.#head = 0;
  }

  /** How many more it has room for. */
  get room(): number {
    return this.capacity - this.length;
  }

  /** Of the oldest message. */
  get form(): number {
    return this.#words[this.#head * MESSAGE_WORDS]!;
  }

  thing(at: number): number {
    return this.#words[this.#head * MESSAGE_WORDS + 1 + at]!;
  }

  shift(): void {
    this.#head = (this.#head + 1) % this.#size;
    this.length--;
  }

  /** @returns where to write the things of the message, in `words` */
  push(form: number): number {
    if (this.length === this.#size) this.#grow();
    const at = ((this.#head + this.length++) % this.#size) * MESSAGE_WORDS;
    this.#words[at] = form;
    return at + 1;
  }

  get words(): Int32Array {
    return this.#words;
  }

  get #size(): number {
    return this.#words.length / MESSAGE_WORDS;
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#words.length);
    const split = this.#head * MESSAGE_WORDS;
    grown.set(this.#words.subarray(split));
    grown.set(this.#words.subarray(0, split), this.#words.length - split);
    this.#words = grown;
    this.#head = 0;
  }
}
