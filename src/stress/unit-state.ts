/** A unit as it stands in memory, in names, as traces and live actors have it. */
import type { SystemState } from '../trace/trace.ts';
import { FIRST_MESSAGE, FIRST_THING, LENGTH, MESSAGE_WORDS, STATE } from './layout.ts';
import type { Plan } from './plan.ts';

/**
 * To be read while no thread is at work in the unit.
 *
 * @param start how a system with as many things of the population starts
 */
export function unitState(plan: Plan, unit: number, start: SystemState): SystemState {
  const { layout, memory, tables } = plan;
  const { messageThings, stateThings } = tables.buffers;
  const base = unit * layout.unitWords;
  const actors: Record<string, SystemState['actors'][string]> = {};
  const monitors: Record<string, SystemState['monitors'][string]> = {};
  const channels: Record<string, SystemState['channels'][string]> = {};
  const list = (from: number, count: number) => Array.from(memory.subarray(from, from + count));
  layout.kinds.forEach(({ name, sort, offset, stride }, kind) => {
    if (sort === 'channel') {
      channels[name] = Array.from({ length: memory[base + offset + LENGTH]! }, (_, place) => {
        const at = base + offset + FIRST_MESSAGE + place * MESSAGE_WORDS;
        const message = memory[at]!;
        const { to, event } = tables.describe(message, list(at + 1, messageThings[message]!));
        return { to, event };
      });
      return;
    }
    const into = sort === 'monitor' ? monitors : actors;
    const starts = sort === 'monitor' ? start.monitors : start.actors;
    for (let member = 0; member < (sort === 'family' ? layout.population : 1); member++) {
      const at = base + offset + member * stride;
      const state = memory[at + STATE]!;
      const actor = tables.actorName(kind, member);
      const context = (starts[actor]?.context ?? {}) as Readonly<Record<string, unknown>>;
      into[actor] = tables.stateOf(state, list(at + FIRST_THING, stateThings[state]!), context);
    }
  });
  return { actors, monitors, channels };
}
