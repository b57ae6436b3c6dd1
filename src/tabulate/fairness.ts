/**
 * Fairness over the tables: what a step counts as for a scheduler that may leave nothing out for ever.
 *
 * What is treated fairly as one thing is an *entity*: all choices and timers of an actor, or all of one type, where a word is
 * declared for them; otherwise its choices of one type, one timer, or the delivery of one message from one channel, to whoever takes it. A run is unfair to a weak entity when from some point on it is always enabled and
 * never taken, to a strong one when it is enabled again and again and never taken. A step is enabled in a state if it can be run
 * there: one that a refusal disables is not.
 */
import { closest, ModelError } from '../system/errors.ts';
import type { Fairness } from '../system/property.ts';
import { LOSE, type Tables } from './tables.ts';
import { START } from './walker.ts';

export interface FairEntity {
  /** `worker0`, `worker0.RUN`, or for a delivery `net: PING -> server`. */
  readonly name: string;
  readonly strength: 'weak' | 'strong';
}

/** What starts a step, as the walker says it. */
export interface StepStart {
  readonly kind: number;
  readonly message: number;
  /** -1 for a choice or timer. */
  readonly channelSlot: number;
}

/** A scheduler lets every thread run in the end; see `fairness` of `SystemDefinition`. */
const FAIR_CHOICE = 'RUN';
const TIMER_OF_STATE = 'xstate.after.';

export class FairEntities {
  readonly all: FairEntity[] = [];
  /** Something is declared strongly fair; without, nothing in `all` ever is. */
  readonly mayBeStrong: boolean;
  readonly #tables: Tables;
  readonly #numberOf = new Map<string, number>();

  constructor(tables: Tables) {
    this.#tables = tables;
    this.mayBeStrong = Object.values(tables.system.fairness)
      .flatMap((declared) => (typeof declared === 'string' ? [declared] : Object.values(declared)))
      .includes('strong');
  }

  /** The number of the entity that a step belongs to, in `all`; -1 when nobody cares how often it is taken. */
  of({ kind, message, channelSlot }: StepStart): number {
    if (kind === LOSE) return -1;
    return kind === START ? this.#ofStart(message) : this.#ofDelivery(channelSlot, message);
  }

  #ofStart(message: number): number {
    const { to, event, timer } = this.#tables.messages[message]!;
    const { name } = this.#tables.actors[to]!;
    const declared = this.#tables.system.fairness[name];
    if (typeof declared === 'string') return this.#entity(`${to}`, declared, () => name);
    const ofType = ownOf(declared, event.type);
    // Two timers may raise the same event, and each of them fires in the end.
    if (timer && ofType === undefined) {
      const label = timer.id === event.type ? timer.id : `timer ${timer.id}`;
      return this.#entity(`${to} timer ${timer.id}`, 'weak', () => `${name}.${label}`);
    }
    const fairness = ofType ?? (event.type === FAIR_CHOICE ? 'weak' : 'none');
    return this.#entity(`${to} ${event.type}`, fairness, () => `${name}.${event.type}`);
  }

  #ofDelivery(channelSlot: number, message: number): number {
    const tables = this.#tables;
    const channel = tables.channelAt(channelSlot)!;
    const { name } = channel;
    const held = tables.heldAs(channel, message);
    const { to, event } = tables.messages[held]!;
    const declared = tables.system.fairness[name];
    const fairness = typeof declared === 'string' ? declared : (ownOf(declared, event.type) ?? 'weak');
    return this.#entity(`channel ${channelSlot} ${held}`, fairness, () =>
      to === channelSlot ? `${name}: ${event.type}` : `${name}: ${event.type} -> ${tables.nameOf(to)}`,
    );
  }

  #entity(key: string, fairness: Fairness, name: () => string): number {
    if (fairness === 'none') return -1;
    let number = this.#numberOf.get(key);
    if (number === undefined) {
      number = this.all.push({ name: name(), strength: fairness }) - 1;
      this.#numberOf.set(key, number);
    }
    return number;
  }
}

/** One step of a cycle: what is enabled in the state before it, and what is taken. */
export interface CycleStep {
  readonly enabled: readonly StepStart[];
  /** Left out when the run stays in the state for ever. */
  readonly taken?: StepStart;
}

/** The names of the entities that a run is unfair to which goes round this cycle for ever. */
export function unfairTo(tables: Tables, cycle: readonly CycleStep[]): string[] {
  const entities = new FairEntities(tables);
  const enabled = cycle.map((step) => new Set(step.enabled.map((start) => entities.of(start))));
  const taken = new Set(cycle.map((step) => (step.taken ? entities.of(step.taken) : -1)));
  return entities.all
    .filter(({ strength }, entity) => {
      if (taken.has(entity)) return false;
      return strength === 'weak' ? enabled.every((set) => set.has(entity)) : enabled.some((set) => set.has(entity));
    })
    .map(({ name }) => name);
}

/**
 * Checks what `defineSystem` cannot know: which timers there are.
 *
 * @throws ModelError `bad-definition` when fairness is declared for a type that no choice and no timer seen so far has
 */
export function checkFairTypes(tables: Tables): void {
  for (const { name, choices, locals } of tables.actors.slice(0, tables.actorCount)) {
    const declared = tables.system.fairness[name];
    if (declared === undefined) continue;
    const known = new Set(choices.map((choice) => tables.messages[choice]!.event.type));
    for (const { timers } of locals) for (const { event } of timers) known.add(event.type);
    if (typeof declared === 'string') {
      if (known.size > 0 || declared === 'none') continue;
      throw new ModelError(
        'bad-definition',
        `fairness of "${name}" is ${declared}, but it has no choices, and no timer of it is ever armed`,
        'name the actor or channel that starts the step',
      );
    }
    // A timer that a variant never arms is no mistake.
    const wrong = Object.keys(declared).find((type) => !known.has(type) && !type.startsWith(TIMER_OF_STATE));
    if (wrong === undefined) continue;
    const guess = closest(wrong, known);
    throw new ModelError(
      'bad-definition',
      `fairness of "${name}" names ${wrong}, but it has no choice of that type, and no such timer is ever armed`,
      guess ? `did you mean ${guess}?` : `its choices and timers are: ${[...known].join(', ') || 'none'}`,
    );
  }
}

function ownOf(declared: Readonly<Record<string, Fairness>> | undefined, type: string): Fairness | undefined {
  return declared && Object.hasOwn(declared, type) ? declared[type] : undefined;
}
