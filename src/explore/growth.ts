/**
 * Which parts of a system keep growing: a diagnosis for a search that hit a bound.
 *
 * A finite system's actors and channels stop showing new values long before its last level; one that still shows new
 * ones in the second half of the levels is what makes the space large, and usually what needs a bound.
 */
import { canonicalKey } from '../tabulate/plain.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { LevelStats } from './search.ts';

export interface Growth {
  /** The actor, monitor or channel. */
  readonly name: string;
  readonly kind: 'actor' | 'monitor' | 'channel';
  /** For an actor, the context field with the most values; for a channel, its length. Undefined when only its state value varies. */
  readonly field: string | undefined;
  /** Distinct values half-way through the levels, and at the end. */
  readonly valuesBefore: number;
  readonly values: number;
  /** Some values of the field in the order of their discovery, the newest last. */
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 5;
/** What grows with the depth doubles in the second half of the levels; what is bounded hardly grows any more. */
const GROWTH_MIN = 1.25;

/** The growing parts, fastest first; those that hardly grow only when there are no others. */
export function diagnoseGrowth(tables: Tables, levels: readonly LevelStats[]): Growth[] {
  const middle = levels[Math.floor(levels.length / 2)];
  const growing: Growth[] = [];
  const before = (slot: number) => middle?.values[slot] ?? 1;
  for (const actor of tables.actors) {
    const values = actor.locals.length;
    if (values <= before(actor.slot)) continue;
    const contexts = actor.locals.map((local) => (local.snapshot.context ?? {}) as Record<string, unknown>);
    const kind = actor.slot < tables.actorCount ? 'actor' : 'monitor';
    growing.push({ name: actor.name, kind, valuesBefore: before(actor.slot), values, ...widestField(contexts) });
  }
  for (const channel of tables.channels) {
    const values = channel.contents.length;
    if (values <= before(channel.slot)) continue;
    const lengths = [...new Set(channel.contents.map((messages) => String(messages.length)))];
    const longest = `${lengths.at(-1)} messages`;
    growing.push({
      name: channel.name,
      kind: 'channel',
      field: 'length',
      valuesBefore: before(channel.slot),
      values,
      examples: [...newest(lengths.slice(0, -1)), longest],
    });
  }
  growing.sort((a, b) => b.values / b.valuesBefore - a.values / a.valuesBefore || b.values - a.values);
  const clearly = growing.filter(({ values, valuesBefore }) => values >= valuesBefore * GROWTH_MIN);
  return clearly.length > 0 ? clearly : growing;
}

function widestField(contexts: readonly Record<string, unknown>[]): Pick<Growth, 'field' | 'examples'> {
  let field: string | undefined;
  let values: string[] = [];
  for (const key of new Set(contexts.flatMap((context) => Object.keys(context)))) {
    const distinct = [...new Set(contexts.map((context) => canonicalKey(context[key], key)))];
    if (distinct.length > Math.max(1, values.length)) [field, values] = [key, distinct];
  }
  return { field, examples: newest(values) };
}

function newest(values: readonly string[]): string[] {
  return values.length <= EXAMPLES_MAX ? [...values] : [values[0]!, '…', ...values.slice(2 - EXAMPLES_MAX)];
}
