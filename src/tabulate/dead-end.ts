/** What a state without steps violates: somebody waits for what can never come, or an obligation stays unfulfilled. */
import { DEADLOCK_PROPERTY } from '../system/property.ts';
import type { Tables } from './tables.ts';

/** The violated properties, the absence of deadlock first; `state` is one in which no step is enabled. */
export function deadEndProperties(tables: Tables, state: Int32Array): string[] {
  const hot = tables.actors
    .slice(tables.actorCount)
    .filter(({ slot, locals }) => locals[state[slot]!]!.snapshot.hasTag('hot'))
    .map(({ name }) => name);
  return tables.system.deadlock === 'violation' && !isAtRest(tables, state) ? [DEADLOCK_PROPERTY, ...hot] : hot;
}

/** Whether nobody waits: every actor is where it may stay, and every channel is empty whose messages ever leave it. */
function isAtRest(tables: Tables, state: Int32Array): boolean {
  return (
    tables.actors.slice(0, tables.actorCount).every(({ slot }) => tables.atRest(slot, state[slot]!)) &&
    tables.channels.every(({ slot, channel }) => state[slot] === 0 || channel.duplicating === 'always')
  );
}
