/**
 * Whether the properties of a system were about anything: a property whose premise never occurs holds for lack of an occasion.
 * `always`, `eventually` and `infinitelyOften` have no premise of their own.
 */
import type { Property } from '../system/property.ts';
import type { System } from '../system/system.ts';
import type { MachineCoverages } from './coverage.ts';

export interface Premise {
  readonly property: string;
  /**
   * - `reachable`, `happens`: a witness was found
   * - `leadsTo`: some state triggers it
   * - `monitor`: what it observed made it take a transition
   */
  readonly kind: Extract<Property['kind'], 'reachable' | 'happens' | 'leadsTo' | 'monitor'>;
  /** Undefined where the search kept no states to ask. */
  readonly reached: boolean | undefined;
}

/**
 * @param witnessed names of the `reachable` and `happens` properties that were
 * @param triggered by `leadsTo` property: whether some state triggers it
 */
export function premisesOf(
  { properties }: System,
  coverage: MachineCoverages,
  witnessed: ReadonlySet<string>,
  triggered: ReadonlyMap<string, boolean | undefined>,
): Premise[] {
  const machines = [...coverage.values()];
  return properties.flatMap(({ name: property, kind }): Premise[] => {
    switch (kind) {
      case 'reachable':
      case 'happens':
        return [{ property, kind, reached: witnessed.has(property) }];
      case 'leadsTo':
        return [{ property, kind, reached: triggered.get(property) }];
      case 'monitor': {
        const seen = machines.find(({ actors }) => actors.has(property))?.actors.get(property);
        return [{ property, kind, reached: (seen?.transitions.size ?? 0) > 0 }];
      }
      case 'always':
      case 'eventually':
      case 'infinitelyOften':
        return [];
      default:
        return kind satisfies never;
    }
  });
}
