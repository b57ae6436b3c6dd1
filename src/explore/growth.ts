/**
 * Which parts of a system keep growing: a diagnosis for a search that hit a bound.
 *
 * A finite system's actors and channels stop showing new values long before its last level; one that still shows new
 * ones in the second half of the levels is what makes the space large, and usually what needs a bound.
 */
import { type ActorTable, type ChannelTable, type Tables, UNHANDLED } from '../tabulate/tables.ts';
import { contextsOf, fieldsOf, shortKeyOf } from './context-fields.ts';
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
  /** All context fields that keep growing, or a channel's length; empty when it is only combinations of them that are new. */
  readonly fields: readonly GrowingField[];
  /** What to bound, and where. */
  readonly advice: string;
}

export interface GrowingField {
  readonly field: string;
  /** Distinct values half-way through the levels, and at the end. */
  readonly valuesBefore: number;
  readonly values: number;
  /** How its newest value came about, from its first one: values, and the event types that led from one to the next. */
  readonly chain: readonly ChainLink[];
  /** The event types that give it new values. */
  readonly by: readonly string[];
}

export interface ChainLink {
  /** The event that gave the field this value; undefined for the value that it began with. */
  readonly by: string | undefined;
  readonly value: string;
}

const EXAMPLES_MAX = 5;
/** Links of a chain that are kept at its beginning and at its end. */
const CHAIN_HEAD = 3;
const CHAIN_TAIL = 2;
/** What grows with the depth doubles in the second half of the levels; what is bounded hardly grows any more. */
const GROWTH_MIN = 1.25;

/** The growing parts, fastest first; those that hardly grow only when there are no others. */
export function diagnoseGrowth(tables: Tables, levels: readonly LevelStats[]): Growth[] {
  const middle = levels[Math.floor(levels.length / 2)];
  const before = (slot: number) => middle?.values[slot] ?? 1;
  const growing = [
    ...tables.actors
      .filter(({ slot, locals }) => locals.length > before(slot))
      .map((actor) => growthOfActor(tables, actor, before(actor.slot))),
    ...tables.channels
      .filter(({ slot, contents }) => contents.length > before(slot))
      .map((channel) => growthOfChannel(tables, channel, before(channel.slot))),
  ];
  growing.sort((a, b) => b.values / b.valuesBefore - a.values / a.valuesBefore || b.values - a.values);
  // Of a channel in parts, one tells what to bound.
  const named = growing.filter(({ name }, at) => growing.findIndex((other) => other.name === name) === at);
  const clearly = named.filter(isClear);
  return clearly.length > 0 ? clearly : named;
}

function isClear({ values, valuesBefore }: { readonly values: number; readonly valuesBefore: number }): boolean {
  return values >= valuesBefore * GROWTH_MIN;
}

// --- actors ---

function growthOfActor(tables: Tables, actor: ActorTable, valuesBefore: number): Growth {
  const contexts = contextsOf(actor);
  const kind = actor.slot < tables.actorCount ? 'actor' : 'monitor';
  let widest: FieldValues | undefined;
  const fields: FieldValues[] = [];
  for (const field of fieldsOf(contexts)) {
    const values = new FieldValues(field, contexts, valuesBefore);
    if (values.values > Math.max(1, widest?.values ?? 0)) widest = values;
    if (values.values > values.valuesBefore) fields.push(values);
  }
  const clearly = fields.filter(isClear);
  const growing = (clearly.length > 0 ? clearly : fields).map((field) => field.growth(tables, actor));
  growing.sort((a, b) => b.values - a.values);
  return {
    name: actor.name,
    kind,
    valuesBefore,
    values: actor.locals.length,
    field: widest?.field,
    examples: newest(widest?.keys ?? []),
    fields: growing,
    advice: adviceOnActor(actor.name, kind, growing),
  };
}

/** The values of a context field, numbered in the order of their discovery. */
class FieldValues {
  readonly field: string;
  readonly keys: string[] = [];
  readonly valuesBefore: number;
  /** Per local state. */
  readonly #numbers: readonly number[];

  /** @param count local states that were known half-way: the first ones */
  constructor(field: string, contexts: readonly Record<string, unknown>[], count: number) {
    this.field = field;
    const numbers = new Map<string, number>();
    this.#numbers = contexts.map((context) => {
      const key = shortKeyOf(context[field], field);
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, this.keys.length);
      return this.keys.push(key) - 1;
    });
    this.valuesBefore = new Set(this.#numbers.slice(0, count)).size;
  }

  get values(): number {
    return this.keys.length;
  }

  growth(tables: Tables, actor: ActorTable): GrowingField {
    /** Per value, the older one that it came from, and by what. */
    const origins: ({ from: number; by: string } | undefined)[] = this.keys.map(() => undefined);
    const { entries, columns, locals } = actor;
    for (let local = 0; local < locals.length; local++) {
      for (const [column, message] of columns.entries()) {
        const entry = entries.data[local * entries.width + column]!;
        if (entry <= UNHANDLED) continue;
        const [from, to] = [this.#numbers[local]!, this.#numbers[tables.effects.data[entry]!]!];
        if (from < to) origins[to] ??= { from, by: tables.messages[message]!.event.type };
      }
    }
    const chain: ChainLink[] = [];
    for (let value = this.keys.length - 1; ; ) {
      const origin = origins[value];
      chain.unshift({ by: origin?.by, value: this.keys[value]! });
      if (!origin) break;
      value = origin.from;
    }
    const by = [...new Set(origins.flatMap((origin) => (origin ? [origin.by] : [])))];
    const { field, valuesBefore, values } = this;
    return { field, valuesBefore, values, chain: shortened(chain), by };
  }
}

function adviceOnActor(name: string, kind: 'actor' | 'monitor', fields: readonly GrowingField[]): string {
  if (fields.length === 0) {
    return `no field of ${kind} ${name} keeps growing, only combinations of its states, fields and timers: split it into several machines`;
  }
  const texts = fields.map(
    ({ field, by }) => `context.${field}${by.length === 0 ? '' : ` (changed by ${by.join(', ')})`}`,
  );
  return `bound ${texts.join(' and ')} of ${kind} ${name}: by a guard, or count modulo a number`;
}

// --- channels ---

function growthOfChannel(tables: Tables, { name, channel, contents }: ChannelTable, valuesBefore: number): Growth {
  const lengths = [...new Set(contents.map((messages) => messages.length))];
  const lengthsBefore = new Set(contents.slice(0, valuesBefore).map((messages) => messages.length)).size;
  const longest = contents.reduce((best, messages) => (messages.length > best.length ? messages : best), []);
  const types = longest.map((message) => tables.messages[message]!.event.type);
  const chain = ['', ...types].map((by, length) => ({ by: length === 0 ? undefined : by, value: plural(length) }));
  const fields =
    lengths.length > lengthsBefore
      ? [
          {
            field: 'length',
            valuesBefore: lengthsBefore,
            values: lengths.length,
            chain: shortened(chain),
            by: [...new Set(types)],
          },
        ]
      : [];
  const texts = lengths.map(String);
  return {
    name,
    kind: 'channel',
    field: 'length',
    valuesBefore,
    values: contents.length,
    examples: [...newest(texts.slice(0, -1)), `${texts.at(-1)} messages`],
    fields,
    advice:
      channel.capacity === Number.POSITIVE_INFINITY
        ? `give channel ${name} a capacity: it is Infinity`
        : `lower the capacity of channel ${name}: it is ${channel.capacity}`,
  };
}

function plural(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}

// --- examples ---

function newest(values: readonly string[]): string[] {
  return values.length <= EXAMPLES_MAX ? [...values] : [values[0]!, '…', ...values.slice(2 - EXAMPLES_MAX)];
}

function shortened(chain: readonly ChainLink[]): ChainLink[] {
  if (chain.length <= CHAIN_HEAD + CHAIN_TAIL + 1) return [...chain];
  return [...chain.slice(0, CHAIN_HEAD), { by: undefined, value: '…' }, ...chain.slice(-CHAIN_TAIL)];
}
