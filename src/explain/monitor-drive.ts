/** What drove a monitor to where it is: the messages that changed its state, from its start on. */
import type { Path } from '../tabulate/path.ts';
import { type Tables, UNKNOWN } from '../tabulate/tables.ts';
import { type ActorState, actorState, type ChannelMessage } from '../trace/trace.ts';
import { monitorOf } from './goal.ts';

export interface Drive extends ChannelMessage {
  /** Counted from 0. */
  readonly step: number;
  readonly before: ActorState;
  readonly after: ActorState;
}

export function drivesOf(tables: Tables, path: Path, property: string): Drive[] {
  const { slot, locals } = monitorOf(tables, property);
  let local = path.initial[slot]!;
  const drives: Drive[] = [];
  for (const [step, { records }] of path.steps.entries()) {
    for (const { message } of records.filter(({ kind }) => kind === 'taken')) {
      const next = observedBy(tables, slot, local, message);
      if (next === local) continue;
      const { to, event } = tables.messages[message]!;
      const [before, after] = [actorState(locals[local]!), actorState(locals[next]!)];
      drives.push({ step, to: tables.actors[to]!.name, event, before, after });
      local = next;
    }
  }
  return drives;
}

/** The local state of a monitor after somebody took a message. */
function observedBy(tables: Tables, slot: number, local: number, message: number): number {
  const list = tables.messageObservers.data[message]!;
  const count = list === 0 ? 0 : tables.lists.data[list]!;
  for (let at = 1; at <= count; at++) {
    const observed = tables.lists.data[list + at]!;
    if (tables.messageTo.data[observed] !== slot) continue;
    const { entries } = tables.actors[slot]!;
    const known = entries.data[local * entries.width + tables.messageColumn.data[observed]!]!;
    return tables.effects.data[known === UNKNOWN ? tables.resolve(slot, local, observed) : known]!;
  }
  return local;
}
