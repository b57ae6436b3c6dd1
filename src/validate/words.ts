/** Events as people read them, in the words of the log, and why one of them does not fit. */
import { valueText } from '../trace/words.ts';
import type { Bindings } from './bindings.ts';
import { type EventType, keyOf, type Shown } from './vocabulary.ts';
import type { Wanted } from './wanted.ts';

/** Something that the model can show, and what names stand for then. */
export interface Alternative {
  readonly shown: Shown;
  readonly binding: number;
}

/** `dev_fault(device=0000:01:00.0, page=0x1000, last=true)`, as the log has it. */
export function wantedText({ record, type }: Wanted): string {
  return eventText(
    type,
    type.members.map(({ name }) => valueText(record.members[name])),
  );
}

/** The same of what the model shows; a thing that the log has not named yet is just another one. */
export function shownText(bindings: Bindings, { shown, binding }: Alternative): string {
  return eventText(
    shown.type,
    shown.type.members.map((_, at) => memberText(bindings, { shown, binding }, at)),
  );
}

function eventText({ name, members }: EventType, values: readonly string[]): string {
  return members.length === 0
    ? name
    : `${name}(${members.map((member, at) => `${member.name}=${values[at]}`).join(', ')})`;
}

function memberText(bindings: Bindings, { shown, binding }: Alternative, at: number): string {
  const { thing, values } = shown.type.members[at]!;
  const value = shown.values[at];
  if (thing) return realNameOf(bindings, { shown, binding }, at) ?? `another ${thing.kind}`;
  const [text] = [...(values ?? [])].find(([, key]) => key === keyOf(value)) ?? [];
  return text ?? valueText(value ?? null);
}

function realNameOf(bindings: Bindings, { shown, binding }: Alternative, at: number): string | undefined {
  const { type, keys } = shown;
  const id = keys[at];
  const scope = bindings.scopeOf(type, keys, binding, at);
  return id === undefined || scope === undefined
    ? undefined
    : bindings.nameOf(binding, type.members[at]!.thing!.kind, scope, id);
}

/** In which members an event of the log is not what the model shows. */
function differences(bindings: Bindings, { type, values }: Wanted, { shown, binding }: Alternative): number[] {
  return type.members.flatMap((_, at) => {
    const value = values[at]!;
    const key = shown.keys[at];
    if ('key' in value) return value.key === key ? [] : [at];
    return key !== undefined && bindings.bind(binding, value.real, key) >= 0 ? [] : [at];
  });
}

/** What keeps an event of the log from being what the model can show there, as one or two sentences. */
export function reasonFor(
  bindings: Bindings,
  wanted: Wanted,
  alternatives: readonly Alternative[],
  seen: { readonly events: ReadonlySet<string>; readonly things: ReadonlyMap<string, ReadonlySet<string>> },
): string {
  const { name, members } = wanted.type;
  const oneMore = oneTooMany(bindings, wanted, alternatives, seen.things);
  if (oneMore) return oneMore;
  const alike = alternatives
    .filter(({ shown }) => shown.type === wanted.type)
    .map((alternative) => ({ alternative, differing: differences(bindings, wanted, alternative) }))
    .sort((a, b) => a.differing.length - b.differing.length)[0];
  if (alike) {
    const parts = alike.differing.map((at) => {
      const member = members[at]!.name;
      return `${member} ${memberText(bindings, alike.alternative, at)}, not ${valueText(wanted.record.members[member])}`;
    });
    if (parts.length > 0) return `${name} is possible there, but with ${parts.join('; and ')}.`;
    return `${name} is possible there, but not with these names together.`;
  }
  if (!seen.events.has(name)) return `No run that begins as the log does has come to any ${name}.`;
  if (alternatives.length === 0) return `${name} is not possible there, and nothing else that would be observed.`;
  return `${name} is not possible there.`;
}

/** A name that would stand for one thing more than there are. */
function oneTooMany(
  bindings: Bindings,
  { type, values, record }: Wanted,
  alternatives: readonly Alternative[],
  things: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  if (alternatives.length === 0) return undefined;
  for (const [at, { name, thing }] of type.members.entries()) {
    const value = values[at]!;
    if (!thing || 'key' in value) continue;
    const count = things.get(thing.kind)?.size ?? 0;
    const isNewEverywhere = alternatives.every(
      ({ binding }) =>
        bindings.idOf(binding, value.real) === undefined && bindings.countBeside(binding, value.real) >= count,
    );
    if (!isNewEverywhere || count === 0) continue;
    const names = count === 1 ? `only one ${thing.kind}` : `only ${count} of these`;
    return `${valueText(record.members[name])} would be one more ${thing.kind}, and the runs of the model have shown ${names}: is a parameter too small?`;
  }
  return undefined;
}
