/** What everybody waits for in a state in which nothing can happen: per actor that is not at rest, and per message on its way. */
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { eventLabel } from '../trace/trace.ts';
import { stateText } from '../trace/words.ts';
import { choiceHindrance, deliveryHindrance, type Hindrance } from './hindrance.ts';

export interface Wait {
  /** The actor, or the channel. */
  readonly name: string;
  /** What it is, as `waiting` or `RUN for smmu`. */
  readonly state: string;
  /** What would let it go on, and what keeps that from happening. */
  readonly for: readonly { readonly event: string; readonly hindrance: Hindrance | null }[];
}

/** @param state one in which no step is enabled */
export function waitsIn(tables: Tables, state: Int32Array): Wait[] {
  const walker = new Walker(tables);
  const actors = tables.actors.slice(0, tables.actorCount).filter(({ slot }) => !tables.atRest(slot, state[slot]!));
  const waitsOfActors = actors.map((actor): Wait => {
    const { name, slot, locals, choices, stepper } = actor;
    const { snapshot } = locals[state[slot]!]!;
    const ways = choices.flatMap((message) => tables.waysOf(actor, state[slot]!, message));
    const chosen = ways.map((message) => ({
      event: eventLabel(tables.messages[message]!.event),
      hindrance: choiceHindrance(walker, state, message) ?? null,
    }));
    const own = new Set(choices.map((message) => tables.messages[message]!.event.type));
    const messages = acceptedIn(snapshot as never, stepper.machine.events).filter((type) => !own.has(type));
    return {
      name,
      state: stateText(snapshot.value),
      for: [...wanted(chosen, messages), ...messages.map((event) => ({ event, hindrance: null }))],
    };
  });
  const waitsInChannels = [...tables.partsOf.values()].flatMap((parts): Wait[] => {
    const channel = parts.find(({ slot }) => state[slot] !== 0);
    if (!channel || channel.channel.duplicating === 'always') return [];
    const message = channel.contents[state[channel.slot]!]![0]!;
    const { to, event } = tables.messages[message]!;
    const hindrance = deliveryHindrance(walker, state, channel, message) ?? null;
    const label = eventLabel(event);
    const whose = to === channel.slot ? '' : ` for ${tables.nameOf(to)}`;
    return [{ name: channel.name, state: `${label}${whose}`, for: [{ event: label, hindrance }] }];
  });
  return [...waitsOfActors, ...waitsInChannels];
}

/** The choices that it waits to make: not those that its own state is against, if there is anything else. */
function wanted(chosen: Wait['for'], messages: readonly string[]): Wait['for'] {
  const held = chosen.filter(({ hindrance }) => !OWN.has(hindrance?.kind));
  if (held.length > 0 || messages.length > 0) return held;
  return chosen.filter(({ hindrance }) => hindrance?.kind === 'guard');
}

const OWN: ReadonlySet<Hindrance['kind'] | undefined> = new Set(['no-transition', 'ignored', 'guard']);

/** The messages that the active states have transitions for, guarded or not. */
function acceptedIn(
  { _nodes }: { _nodes: readonly { transitions: ReadonlyMap<string, unknown> }[] },
  events: readonly string[],
): string[] {
  return events.filter((type) => _nodes.some(({ transitions }) => transitions.has(type)));
}
