/** Messages that came to nothing where the system says that it is so: `unhandled: 'ignore'`. */
import { IGNORED, type Tables, UNHANDLED } from '../tabulate/tables.ts';

export interface Ignored {
  readonly actor: string;
  /** Of the messages. */
  readonly type: string;
  /** In how many of the actor's local states one of them came. */
  readonly states: number;
}

/** By actor, as they are declared, then by type. */
export function ignoredIn(tables: Tables): Ignored[] {
  return tables.actors.slice(0, tables.actorCount).flatMap(({ name, locals, entries, columns }) => {
    const states = new Map<string, Set<number>>();
    columns.forEach((message, column) => {
      const { type } = tables.messages[message]!.event;
      for (let local = 0; local < locals.length; local++) {
        const entry = entries.data[local * entries.width + column]!;
        if (entry <= UNHANDLED || tables.effects.data[entry + 1] !== IGNORED) continue;
        states.set(type, (states.get(type) ?? new Set()).add(local));
      }
    });
    return [...states]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([type, { size }]) => ({ actor: name, type, states: size }));
  });
}
