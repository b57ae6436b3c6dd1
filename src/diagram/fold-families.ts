/**
 * One box for each family of alike actors, `dev0` and `dev1` as `dev*`, and one arrow for all of their links: who of them
 * speaks to whom of another family is no longer seen, but a system of thirty actors is.
 */
import { freeName, unnumbered } from './number-runs.ts';
import type { SystemGraph, SystemLink } from './system-graph.ts';

/** With more arrows or more boxes a picture is folded unless it is asked for otherwise. */
const ARROWS_UNFOLDED = 30;
const ACTORS_UNFOLDED = 100;

export function isCrowded({ links, actors }: SystemGraph): boolean {
  return links.length > ARROWS_UNFOLDED || actors.length > ACTORS_UNFOLDED;
}

/**
 * Draws alike actors, and alike channels, as one.
 *
 * @example
 * ```ts
 * import { actor, defineSystem, family, foldFamilies, systemGraph } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const lanes = defineSystem({ actors: family('lane', 3, () => actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] })) });
 * foldFamilies(systemGraph(lanes, { name: 'lanes' })).actors.length; // => 1
 * ```
 */
export function foldFamilies(graph: SystemGraph): SystemGraph {
  const actors = folded(graph.actors, ({ machine }) => machine);
  const channels = folded(graph.channels, ({ name: _, members: __, ...rest }) => JSON.stringify(rest));
  const links = new Map<string, SystemLink>();
  for (const link of graph.links) {
    const from = actors.nameOf(link.from);
    const to = actors.nameOf(link.to);
    const channel = link.channel === null ? null : channels.nameOf(link.channel);
    const key = JSON.stringify([from, to, channel]);
    const messages = new Set([...(links.get(key)?.messages ?? []), ...link.messages]);
    links.set(key, { from, to, channel, messages: [...messages].sort() });
  }
  const choices = new Map(graph.actors.map((actor) => [actor.name, actor.choices]));
  const choicesOf = (members: readonly string[]) => [...new Set(members.flatMap((member) => choices.get(member)!))];
  return {
    ...graph,
    actors: actors.items.map((actor) => ({ ...actor, choices: choicesOf(actor.members) })),
    channels: channels.items,
    links: [...links.values()],
  };
}

/** Items whose names differ in their numbers only, and that are alike, become one. */
function folded<T extends { readonly name: string; readonly members: readonly string[] }>(
  items: readonly T[],
  likeness: (item: T) => string,
): { items: T[]; nameOf(member: string): string } {
  const families = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify([unnumbered(item.name), likeness(item)]);
    const family = families.get(key);
    if (family) family.push(item);
    else families.set(key, [item]);
  }
  const taken = new Set(items.map(({ name }) => name));
  const result = [...families].map(([, family]): T => {
    const [only, ...more] = family;
    if (more.length === 0) return only!;
    const name = freeName(unnumbered(only!.name), taken);
    return { ...only!, name, members: family.map((item) => item.name) };
  });
  const names = new Map(result.flatMap(({ name, members }) => members.map((member) => [member, name] as const)));
  return { items: result, nameOf: (member) => names.get(member)! };
}
