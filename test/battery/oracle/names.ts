/** Global states as text, and what becomes of them when names change places. No key of the data is a name. */
import type { System } from '../../../src/system/system.ts';
import { canonical, compare } from './canonical.ts';
import type { Envelope, GlobalState, Local } from './steps.ts';

const texts = new WeakMap<object, string>();

/** Most locals and messages of a state are those of the state before. */
function textOf<T extends object>(thing: T, data: (thing: T) => unknown): string {
  const known = texts.get(thing);
  if (known !== undefined) return known;
  const text = canonical(data(thing));
  texts.set(thing, text);
  return text;
}

export function localText(local: Local): string {
  return textOf(local, ({ snapshot, timers }) => {
    const { value, context, status } = snapshot;
    const history = Object.entries(snapshot.historyValue as Record<string, readonly { id: string }[]>);
    return {
      ...{ value, context, status },
      history: Object.fromEntries(history.map(([id, nodes]) => [id, nodes.map((node) => node.id).sort(compare)])),
      timers: Object.fromEntries(timers),
    };
  });
}

export function messageText(message: Envelope): string {
  return textOf(message, (data) => data);
}

export function keyOf({ actors, monitors, channels }: GlobalState): string {
  return joined(actors.map(localText), monitors.map(localText), channels.map(contentTexts));
}

function contentTexts(content: readonly Envelope[]): string[] {
  return content.map(messageText);
}

function joined(
  actors: readonly string[],
  monitors: readonly string[],
  channels: readonly (readonly string[])[],
): string {
  return [...actors, ...monitors, ...channels.map((content) => content.join())].join('\n');
}

type Renaming = ReadonlyMap<string, string>;

/** All ways in which the declared things can change places, that in which nothing does included. */
export function renamingsOf(system: System): Renaming[] {
  let renamings: Renaming[] = [new Map()];
  for (const things of system.symmetry) {
    const places = permutations(things.map((_, at) => at));
    renamings = renamings.flatMap((renaming) =>
      places.map((place) => {
        const names = things.flatMap((thing, at) =>
          thing.map((name, k): [string, string] => [name, things[place[at]!]![k]!]),
        );
        return new Map([...renaming, ...names]);
      }),
    );
  }
  return renamings;
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

/** The key of the state that a state becomes. */
export function renamedKey(system: System, state: GlobalState, renaming: Renaming): string {
  const renamed = (text: string) => text.replace(/\w+/g, (word) => renaming.get(word) ?? word);
  const moved = <T>(owners: readonly string[], values: readonly T[]): T[] => {
    const byName = new Map(owners.map((name, at) => [renamed(name), values[at]!]));
    return owners.map((name) => byName.get(name)!);
  };
  const channels = Object.keys(system.channels);
  return joined(
    moved(Object.keys(system.actors), state.actors.map(localText).map(renamed)),
    state.monitors.map(localText).map(renamed),
    moved(channels, state.channels).map((content, at) => {
      const messages = contentTexts(content).map(renamed);
      return system.channels[channels[at]!]!.order === 'fifo' ? messages : messages.sort(compare);
    }),
  );
}
