/**
 * What a run of the model shows to somebody who watches it as a vocabulary says: of each step, the messages that are observed
 * events, in their order, in the words of the log.
 *
 * Values are taken over as they are, but for names of things: those stay what the model calls them, without what all things of the
 * kind have in common (`3` of `page3` and of `iopte3`), until `bindings.ts` finds out what the log calls them.
 */
import type { AnyStateNode } from 'xstate';
import { z } from 'zod';
import { closest } from '../system/errors.ts';
import type { ObservedEvent, ObservedField, Vocabulary } from '../system/scenario.ts';
import type { PathStep } from '../tabulate/path.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { StepRecord } from '../tabulate/walker.ts';

const field = z.union([
  z.string(),
  z
    .strictObject({
      path: z.string(),
      thing: z.string().exactOptional(),
      names: z.string().exactOptional(),
      per: z.string().exactOptional(),
      values: z.record(z.string(), z.unknown()).exactOptional(),
    })
    .check(({ value, issues }) => {
      const wrong = problemOf(value);
      if (wrong) issues.push({ code: 'custom', message: wrong, input: value });
    }),
]);

function problemOf({ thing, names, per, values }: Exclude<ObservedField, string>): string | undefined {
  if (thing === undefined && (names ?? per) !== undefined) return '"names" and "per" go with "thing" only';
  if (thing !== undefined && values) return '"thing" and "values" do not go together';
  if (names !== undefined && names.split('*').length !== 2) return `"names" needs one *, got ${names}`;
  return undefined;
}

export const vocabularySchema = z.record(
  z.string(),
  z
    .strictObject({
      type: z.string(),
      to: z.string().exactOptional(),
      from: z.string().exactOptional(),
      when: z.enum(['taken', 'sent']).exactOptional(),
      where: z.record(z.string(), z.unknown()).exactOptional(),
      fields: z.record(z.string(), field).exactOptional(),
    })
    .check(({ value, issues }) => {
      for (const [name, one] of Object.entries(value.fields ?? {})) {
        if (typeof one === 'string' || one.per === undefined) continue;
        const scope = value.fields?.[one.per];
        if (typeof scope === 'object' && scope.thing !== undefined && scope.per === undefined) continue;
        const message = `"per" of ${name} is ${one.per}, which is no member of the event that is a thing by itself`;
        issues.push({ code: 'custom', message, input: value });
      }
    }),
);

/** A member of an observed event. */
export interface Member {
  readonly name: string;
  readonly path: readonly string[];
  readonly thing?: {
    readonly kind: string;
    /** What all names of the kind have before and after what tells them apart. */
    readonly before: string;
    readonly after: string;
    /** The place, among the members, of the one that it is a name within. */
    readonly per?: number;
  };
  /** By the text of the log's value, the key of the message's. */
  readonly values?: ReadonlyMap<string, string>;
}

export interface EventType {
  readonly name: string;
  readonly members: readonly Member[];
  readonly event: ObservedEvent;
  readonly to: RegExp;
  readonly from: RegExp | undefined;
  readonly where: readonly { readonly path: readonly string[]; readonly key: string }[];
}

/** A message of a run, as the event that it is. */
export interface Shown {
  readonly type: EventType;
  /** By member: a thing by what tells it from others of its kind, any other value by its key; undefined for no such thing. */
  readonly keys: readonly (string | undefined)[];
  /** By member, as they stand in the message. */
  readonly values: readonly unknown[];
}

const NOTHING: readonly Shown[] = [];

export class Observer {
  /** In the order of the vocabulary. */
  readonly types: readonly EventType[];
  /** The events that some message has been. */
  readonly seen = new Set<string>();
  /** By kind, the things that events have named. */
  readonly things = new Map<string, Set<string>>();
  readonly #tables: Tables;
  readonly #cache = new Map<number, readonly Shown[]>();

  constructor(tables: Tables, vocabulary: Vocabulary) {
    this.#tables = tables;
    this.types = Object.entries(vocabulary).map(([name, event]) => compiled(name, event));
  }

  /** The observed messages of a step in their order; for each, all that it may be called. */
  shownBy({ records }: Pick<PathStep, 'records'>): (readonly Shown[])[] {
    const shown: (readonly Shown[])[] = [];
    for (const record of records) {
      const events = this.#shownByRecord(record);
      if (events.length > 0) shown.push(events);
    }
    return shown;
  }

  #shownByRecord({ kind, message, from = -1 }: StepRecord): readonly Shown[] {
    if (kind !== 'taken' && kind !== 'queued' && kind !== 'merged' && kind !== 'dropped') return NOTHING;
    const isTaken = kind === 'taken';
    const key = (message * (this.#tables.actors.length + 1) + from + 1) * 2 + (isTaken ? 0 : 1);
    let shown = this.#cache.get(key);
    if (!shown) {
      shown = this.#describe(message, from, isTaken);
      this.#cache.set(key, shown);
    }
    return shown;
  }

  #describe(message: number, from: number, isTaken: boolean): readonly Shown[] {
    const tables = this.#tables;
    const { to, event } = tables.messages[message]!;
    const receiver = tables.nameOf(to);
    const sender = from < 0 ? undefined : tables.nameOf(from);
    const read = (path: readonly string[]) => {
      if (path[0] === '$to') return receiver;
      return path[0] === '$from' ? sender : valueAt(event, path);
    };
    const shown = this.types.filter((type) => {
      const isMoment = type.event.when === 'sent' ? !isTaken || sender !== undefined : isTaken;
      if (!isMoment || type.event.type !== event.type || !type.to.test(receiver)) return false;
      if (type.from && (sender === undefined || !type.from.test(sender))) return false;
      return type.where.every(({ path, key }) => keyOf(read(path)) === key);
    });
    return shown.map((type) => {
      this.seen.add(type.name);
      const values = type.members.map(({ path }) => read(path));
      const keys = type.members.map(({ thing }, at) => {
        if (!thing) return keyOf(values[at]);
        const id = idOf(thing, values[at]);
        if (id !== undefined) this.things.set(thing.kind, (this.things.get(thing.kind) ?? new Set()).add(id));
        return id;
      });
      return { type, keys, values };
    });
  }
}

/**
 * Words that mean nothing in a system: an actor or a message type that it does not have.
 *
 * @returns what is wrong and what there is; undefined when everything is known
 */
export function unknownWord(
  tables: Tables,
  { type, to, from, when }: ObservedEvent,
): [problem: string, hint: string] | undefined {
  const actors = tables.actors.slice(0, tables.actorCount);
  // What is sent to a channel, nobody in particular takes.
  const shared = when === 'sent' ? tables.channels.filter(({ channel }) => channel.competing) : [];
  for (const [pattern, ends] of [
    [to, [...actors, ...shared]],
    [from, actors],
  ] as const) {
    const names = ends.map(({ name }) => name);
    if (pattern === undefined || names.some((name) => patternOf(pattern).test(name))) continue;
    const guess = closest(pattern, names);
    return [
      `there is no actor ${pattern}`,
      guess ? `did you mean "${guess}"? in names, * stands for any characters` : `there are: ${names.join(', ')}`,
    ];
  }
  const wanted = patternOf(to ?? '*');
  const members = shared.filter(({ name }) => wanted.test(name)).flatMap(({ channel }) => channel.to);
  const takers = actors.filter(({ name }) => wanted.test(name) || members.includes(name));
  const types = [
    ...new Set(takers.flatMap(({ stepper }) => [...stepper.machine.events, ...eventsOf(stepper.machine.root)])),
  ];
  if (types.some((known) => known === type || known.endsWith('*'))) return undefined;
  const guess = closest(type, types);
  const who = to === undefined ? 'no actor' : `no actor ${to}`;
  return [`${who} takes ${type}`, guess ? `did you mean ${guess}?` : `there are: ${types.join(', ')}`];
}

/** All that a machine has a word for; `machine.events` leaves out what it ignores on purpose. */
function eventsOf(node: AnyStateNode): string[] {
  return [...Object.keys(node.config.on ?? {}), ...Object.values(node.states).flatMap((inner) => eventsOf(inner))];
}

function compiled(name: string, event: ObservedEvent): EventType {
  const fields = Object.entries(event.fields ?? {});
  const places = fields.map(([member]) => member);
  return {
    ...{ name, event, to: patternOf(event.to ?? '*') },
    from: event.from === undefined ? undefined : patternOf(event.from),
    where: Object.entries(event.where ?? {}).map(([path, value]) => ({ path: path.split('.'), key: keyOf(value) })),
    members: fields.map(([member, one]): Member => {
      if (typeof one === 'string') return { name: member, path: one.split('.') };
      const { path, thing, names = `${thing}*`, per, values } = one;
      const [before, after] = names.split('*') as [string, string];
      return {
        ...{ name: member, path: path.split('.') },
        ...(thing !== undefined && {
          thing: { kind: thing, before, after, ...(per !== undefined && { per: places.indexOf(per) }) },
        }),
        ...(values && { values: new Map(Object.entries(values).map(([text, value]) => [text, keyOf(value)])) }),
      };
    }),
  };
}

function patternOf(names: string): RegExp {
  const parts = names.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

function valueAt(event: object, path: readonly string[]): unknown {
  let value: unknown = event;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** JSON has no `undefined`: what a message does not have, a log says to be null. */
export function keyOf(value: unknown): string {
  return canonicalKey(value ?? null, 'value');
}

function idOf({ before, after }: NonNullable<Member['thing']>, name: unknown): string | undefined {
  if (typeof name !== 'string' || name.length < before.length + after.length) return undefined;
  return name.startsWith(before) && name.endsWith(after)
    ? name.slice(before.length, name.length - after.length)
    : undefined;
}
