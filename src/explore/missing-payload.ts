/** A choice that is declared by its type alone, whose machine reads what a real event of that type would bring along. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { ModelError, textOf } from '../system/errors.ts';
import { xstateOf } from '../system/xstate.ts';
import type { Path } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';

export class MissingPayload extends ModelError {
  /** Of the event that lacks it. */
  readonly type: string;
  readonly keys: readonly string[];

  constructor(error: ModelError, hint: string, type: string, keys: readonly string[]) {
    super(error.code, error.message, hint, { cause: error });
    this.type = type;
    this.keys = keys;
  }
}

/** The error of the last step of a path; if that is a choice that lacks what was read of it, with a hint that says so. */
export function withPayloadHint(error: ModelError, tables: Tables, { initial, steps }: Path): ModelError {
  const last = steps.at(-1);
  if (error.code !== 'exception' || last?.kind !== 'start') return error;
  const { to, event, timer } = tables.messages[last.message]!;
  if (timer) return error;
  const { stepper, locals } = tables.actors[to]!;
  const before = steps.at(-2)?.state ?? initial;
  const missing = missingIn(stepper.machine, locals[before[to]!]!.snapshot, event, error);
  if (missing.length === 0) return error;
  const [read, are] = [missing.map((key) => `\`event.${key}\``).join(' and '), missing.length === 1 ? 'is' : 'are'];
  const without = Object.keys(event).length === 1 ? 'without a payload' : `without ${missing.join(' and ')}`;
  const payload = missing.map((key) => `, ${key}: …`).join('');
  const hint = `${event.type} comes ${without}, and ${read} ${are} read: give it one, as { type: '${event.type}'${payload} }`;
  return new MissingPayload(error, hint, event.type, missing);
}

/** What a step reads of its event that is not there, when it ends with the same error again. */
function missingIn(machine: AnyStateMachine, snapshot: unknown, event: EventObject, { cause }: ModelError): string[] {
  const read = new Set<string>();
  const watched = new Proxy(event, {
    get(target, key) {
      if (typeof key === 'string' && !(key in target)) read.add(key);
      return Reflect.get(target, key) as unknown;
    },
  });
  try {
    xstateOf(machine).xstate.transition(machine, snapshot as never, watched as never);
    return [];
  } catch (error) {
    return textOf(error) === textOf(cause) ? [...read] : [];
  }
}
