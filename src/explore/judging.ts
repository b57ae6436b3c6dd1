/**
 * A system of which only some properties are judged. The others are no part of it: nobody asks them, their monitors have no states, and
 * what lies behind their violations is as good as anything else. Steps keep their places, so a schedule of the one is one of the other.
 */
import { possibleNames, UsageError } from '../system/errors.ts';
import { DEADLOCK_PROPERTY } from '../system/property.ts';
import { propertyNames, type System, withJudged } from '../system/system.ts';
import { exchanges, renameText } from './renaming.ts';

/**
 * @param names of properties; that there is no deadlock is one, where it is none to be ignored
 * @throws UsageError for a property that the system does not have
 */
export function judging(system: System, names: readonly string[]): System {
  const known = propertyNames(system);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`the system has no property ${JSON.stringify(unknown)}`, possibleNames(unknown, known));
  }
  const properties = system.properties.filter(({ name }) => names.includes(name));
  const kept = new Set(properties.map(({ name }) => name));
  const left = new Set(system.properties.map(({ name }) => name).filter((name) => !kept.has(name)));
  return withJudged(system, {
    properties,
    deadlock: names.includes(DEADLOCK_PROPERTY) ? system.deadlock : 'ignore',
    symmetry: system.symmetry.filter((things) =>
      exchanges(things).every((exchange) =>
        // Of a monitor whose image is left out the states have none.
        properties.every(({ kind, name }) => kind !== 'monitor' || !left.has(renameText(name, exchange))),
      ),
    ),
  });
}
