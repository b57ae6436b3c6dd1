/** What drove a monitor to where it is: the messages that changed its state, from its start on. */
import type { EventObject } from 'xstate';
import { findStep, type Path } from '../tabulate/path.ts';
import { type Tables, UNKNOWN } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { type ActorState, actorState, type ChannelMessage } from '../trace/trace.ts';
import { monitorOf } from './goal.ts';

/** A message that was taken, or one that was sent: its type begins with `sent.` then. */
export interface Drive extends ChannelMessage {
  /** Counted from 0. */
  readonly step: number;
  readonly before: ActorState;
  readonly after: ActorState;
}

export function drivesOf(tables: Tables, path: Path, property: string): Drive[] {
  const { slot, locals } = monitorOf(tables, property);
  const walker = new Walker(tables);
  let local = path.initial[slot]!;
  const drives: Drive[] = [];
  // A step that fails drives nothing.
  for (const [step, { index }] of (path.failed ? path.steps.slice(0, -1) : path.steps).entries()) {
    for (const message of sightsOf(walker, path.steps[step - 1]?.state ?? path.initial, index)) {
      if (tables.messageTo.data[message] !== slot) continue;
      const next = afterSight(tables, slot, local, message);
      if (next === local) continue;
      const [before, after] = [actorState(locals[local]!), actorState(locals[next]!)];
      drives.push({ step, ...seen(tables.messages[message]!.event), before, after });
      local = next;
    }
  }
  return drives;
}

/** The messages that a step tells monitors, in order. */
function sightsOf(walker: Walker, from: Int32Array, index: number): readonly number[] {
  let sights: readonly number[] = [];
  walker.sights = [];
  findStep(walker, from, (at) => {
    sights = [...at.sights!];
    return at.index === index;
  });
  walker.sights = undefined;
  return sights;
}

function afterSight(tables: Tables, slot: number, local: number, message: number): number {
  const { entries } = tables.actors[slot]!;
  const known = entries.data[local * entries.width + tables.messageColumn.data[message]!]!;
  return tables.effects.data[known === UNKNOWN ? tables.resolve(slot, local, message) : known]!;
}

/** The message that a monitor is told of, by the monitor's word for it. */
function seen(told: EventObject): ChannelMessage {
  const { type, to, message } = told as EventObject & { to: string; message: EventObject };
  return { to, event: { ...message, type } };
}
