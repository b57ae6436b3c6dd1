/**
 * That the names of things matter for nothing is what `population` declares. It is checked by asking actors again, with other things in
 * the places of those that a state and a message name.
 */
import type { EventObject } from 'xstate';
import { canonicalKey } from '../tabulate/plain.ts';
import { shuffle } from '../tabulate/random.ts';
import type { LocalState, Reaction, Timer } from '../tabulate/stepper.ts';
import type { Forms } from './forms.ts';
import { notLiftable, type Owner, type Template } from './template.ts';

/**
 * A step of a kind is asked with other things in their places so often at first, and then every so often; the first time with each
 * thing in each place.
 */
const RENAMED_AT_FIRST = 4;
const RENAMED_EVERY = 16;

/** What was asked of an actor, and what came out. */
export interface Question {
  readonly owner: Owner;
  readonly local: LocalState;
  readonly event: EventObject;
  readonly timer: Timer | undefined;
  readonly reaction: Reaction | undefined;
}

export class RenamingCheck {
  readonly #template: Template;
  readonly #forms: Forms;
  /** How often steps of a kind were asked for. */
  readonly #asked = new Map<string, number>();
  #turn = 0;

  constructor(template: Template, forms: Forms) {
    this.#template = template;
    this.#forms = forms;
  }

  /** @throws ModelError `not-liftable` when something else comes out for other things */
  check(question: Question): void {
    const { things } = this.#template;
    if (things.count < 2) return;
    const { owner, event, local } = question;
    const kind = `${owner.kind} ${event.type} ${JSON.stringify(local.snapshot.value)}`;
    const times = this.#asked.get(kind) ?? 0;
    this.#asked.set(kind, times + 1);
    if (times >= RENAMED_AT_FIRST && times % RENAMED_EVERY !== 0) return;
    for (const moves of times === 0 ? things.rotations() : [this.#shuffled()]) this.#checkRenamed(question, moves);
  }

  #checkRenamed({ owner, local, event, timer, reaction }: Question, moves: readonly number[]): void {
    const forms = this.#forms;
    const { things } = this.#template;
    const other = react(
      owner,
      owner.isFamily ? moves[0]! : 0,
      forms.image(owner, 0, local, moves),
      things.rename(event, moves),
      timer && { id: timer.id, event: things.rename(timer.event, moves) },
    );
    const expected = reaction && {
      next: forms.image(owner, 0, reaction.next, moves).key,
      sends: reaction.sends.map((sent) => canonicalKey(things.rename(sent, moves), 'message')),
    };
    const got = other && {
      next: other.next.key,
      sends: other.sends.map((sent) => canonicalKey(sent, 'message')),
    };
    if (JSON.stringify(expected) === JSON.stringify(got)) return;
    throw notLiftable(
      `"${owner.name}" does not do the same for all things of the population when it takes ${event.type}`,
    );
  }

  /** Another order of the things at each call. */
  #shuffled(): number[] {
    const { count } = this.#template.things;
    const moves = Array.from({ length: count }, (_, thing) => thing);
    this.#turn++;
    return shuffle(moves, (left) => (this.#turn * 7 + (left - 1) * 13) % left);
  }
}

/** What a member does with an event, or when a timer fires. */
export function react(
  { members }: Owner,
  member: number,
  from: LocalState,
  event: EventObject,
  timer: Timer | undefined,
): Reaction | undefined {
  const stepper = members[member]!;
  return timer ? stepper.fire(from, timer) : stepper.react(from, event);
}
