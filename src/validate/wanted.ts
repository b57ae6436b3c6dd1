/** The events of a log as the search compares them with what the model shows. */
import { closest } from '../system/errors.ts';
import { type Bindings, CONTRADICTION } from './bindings.ts';
import { type EventRecord, shown as json, LogError } from './log.ts';
import { type EventType, keyOf, type Member, type Shown } from './vocabulary.ts';

/** A member's value: the key of what the message has to have, or the number of a real name. */
type WantedValue = { readonly key: string } | { readonly real: number };

export interface Wanted {
  readonly record: EventRecord;
  readonly type: EventType;
  /** By member. */
  readonly values: readonly WantedValue[];
}

/** @throws LogError for an event that the vocabulary does not have, and members that are missing or make no sense */
export function wantedOf(
  file: string,
  record: EventRecord,
  types: readonly EventType[],
  bindings: Pick<Bindings, 'number'>,
): Wanted {
  const type = types.find(({ name }) => name === record.event);
  if (!type) {
    const known = types.map(({ name }) => name);
    const guess = closest(record.event, known);
    const hint = guess ? `did you mean ${guess}?` : 'add it to "vocabulary" in the header, or filter it out';
    const expected = known.length === 0 ? 'the vocabulary is empty' : `expected one of ${known.join(', ')}`;
    throw new LogError(file, record.line, `got the event ${json(record.event)}, ${expected}`, hint);
  }
  const values = type.members.map((member): WantedValue => {
    const value = memberOf(file, record, member);
    if (member.thing) {
      const { kind, per } = member.thing;
      const scope = per === undefined ? '' : nameOf(file, record, type.members[per]!);
      return { real: bindings.number(kind, scope, nameOf(file, record, member)) };
    }
    if (!member.values) return { key: keyOf(value) };
    const key = member.values.get(textOf(value));
    if (key !== undefined) return { key };
    const expected = [...member.values.keys()].join(', ');
    throw new LogError(file, record.line, `got ${json(value)} for "${member.name}", expected one of ${expected}`);
  });
  return { record, type, values };
}

function memberOf(file: string, { line, event, members }: EventRecord, { name }: Member): unknown {
  if (Object.hasOwn(members, name)) return members[name];
  throw new LogError(
    file,
    line,
    `there is no "${name}", expected one in ${event}`,
    `record it, or say in the header's "vocabulary" what ${event} is without it`,
  );
}

function nameOf(file: string, record: EventRecord, member: Member): string {
  const value = memberOf(file, record, member);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new LogError(
    file,
    record.line,
    `got ${json(value)} for "${member.name}", expected the name of a ${member.thing!.kind}: a string or a number`,
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : json(value);
}

/** The binding with which a message of the model is this event of the log, or `CONTRADICTION`. */
export function bindingWith(bindings: Bindings, binding: number, wanted: Wanted, shown: Shown): number {
  if (shown.type !== wanted.type) return CONTRADICTION;
  let extended = binding;
  for (const [at, value] of wanted.values.entries()) {
    const key = shown.keys[at];
    if ('key' in value) {
      if (value.key !== key) return CONTRADICTION;
      continue;
    }
    extended = key === undefined ? CONTRADICTION : bindings.bind(extended, value.real, key);
    if (extended === CONTRADICTION) return CONTRADICTION;
  }
  return extended;
}
