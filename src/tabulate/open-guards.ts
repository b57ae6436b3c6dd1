/**
 * Guards that nobody has implemented, and that may go either way: a step forks on each that it asks.
 *
 * The answers travel with the event of the step, as one more member that says how each guard turned out, and that the machine never gets to
 * see. So a way to go is an event of its own: traces, schedules and files keep it without knowing more about it.
 *
 * A guard has one answer in a step, however often it is asked in it. Real guards look at the context, and may change their mind when an
 * action of the same step has changed that; here they do not.
 */
import type { AnyStateMachine, EventObject } from 'xstate';
import { ModelError } from '../system/errors.ts';
import { missingGuardsOf } from '../system/message-types.ts';
import { ANSWERS, type Answers, answersOf } from '../system/open-answers.ts';
import { orderedKey } from './plain.ts';

/** A step that asks for more has more ways to go than anybody reads. */
const WAYS_MAX = 1024;

const oracles = new WeakMap<object, OpenGuards>();

/** Undefined where all guards of a machine are implemented by somebody. */
export function openGuardsOf(machine: AnyStateMachine): OpenGuards | undefined {
  for (const guard of Object.values(machine.implementations.guards)) {
    const found = oracles.get(guard as object);
    if (found) return found;
  }
  return undefined;
}

/** A machine whose missing guards are open, or the same one when it has none. */
export function withOpenGuards(machine: AnyStateMachine): AnyStateMachine {
  const names = missingGuardsOf(machine);
  if (names.length === 0) return machine;
  const open = new OpenGuards(names);
  return machine.provide({ guards: open.guards as never });
}

export class OpenGuards {
  readonly names: readonly string[];
  /** What stands in the place of the guards. */
  readonly guards: Readonly<Record<string, (args: unknown, params: unknown) => boolean>>;
  #answers: Answers = {};
  /** The first guard of the step that had no answer. */
  #unanswered: string | undefined;

  constructor(names: readonly string[]) {
    this.names = names;
    this.guards = Object.fromEntries(
      names.map((name) => [
        name,
        (_: unknown, params: unknown) => this.#answer(params === undefined ? name : keyOf(name, params)),
      ]),
    );
    for (const guard of Object.values(this.guards)) oracles.set(guard, this);
  }

  #answer(key: string): boolean {
    const answer = this.#answers[key];
    if (answer === undefined) this.#unanswered ??= key;
    return answer ?? false;
  }

  /** Runs a step with the answers of its event, and with the event as the machine is to see it. */
  during<T>(event: EventObject, run: (event: EventObject) => T): T {
    const before = this.#answers;
    this.#answers = answersOf(event);
    this.#unanswered = undefined;
    try {
      return run(withoutAnswers(event));
    } finally {
      this.#answers = before;
    }
  }

  /** Of the step that ran last: a guard that it asked, and that its event has no answer for. */
  get unanswered(): string | undefined {
    return this.#unanswered;
  }

  /**
   * The ways in which an event may be taken, each as an event with its answers.
   *
   * @param run takes the step
   */
  waysOf(event: EventObject, run: (event: EventObject) => void): EventObject[] {
    const ways: EventObject[] = [];
    const left = [event];
    for (let way = left.pop(); way; way = left.pop()) {
      run(way);
      const open = this.#unanswered;
      if (open === undefined) ways.push(way);
      else for (const answer of [false, true]) left.push(withAnswer(way, open, answer));
      if (ways.length + left.length > WAYS_MAX) throw tooMany(event, this.names);
    }
    return ways;
  }
}

function keyOf(name: string, params: unknown): string {
  const fields = Object.entries(params as object).map(([key, value]) => `${key}=${orderedKey(value)}`);
  return `${name}(${fields.join(', ')})`;
}

function withAnswer(event: EventObject, guard: string, answer: boolean): EventObject {
  return { ...event, [ANSWERS]: { ...answersOf(event), [guard]: answer } } as EventObject;
}

/** The same event with the answers of another one. */
export function answeredAs(event: EventObject, other: EventObject): EventObject {
  return ANSWERS in other ? ({ ...event, [ANSWERS]: answersOf(other) } as EventObject) : event;
}

function withoutAnswers(event: EventObject): EventObject {
  if (!(ANSWERS in event)) return event;
  const { [ANSWERS]: _, ...rest } = event as EventObject & Record<string, unknown>;
  return rest;
}

function tooMany({ type }: EventObject, names: readonly string[]): ModelError {
  return new ModelError(
    'too-large',
    `${type} may be taken in more than ${WAYS_MAX} ways, as nobody has implemented the guards ${names.join(', ')}`,
    'implement some of them: machine.provide({ guards: { … } })',
  );
}
