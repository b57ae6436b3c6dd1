/**
 * Why a run without progress goes on as it does, or stops, and is fair all the same: of everything that somebody has to do in the
 * end, why it does not end the cycle; and which fairness, asked for in addition, would exclude the run.
 */
import { FairEntities, type StepStart } from '../tabulate/fairness.ts';
import { type Path, type PathStep, type PossibleStep, possibleSteps } from '../tabulate/path.ts';
import { DELIVER, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, Walker } from '../tabulate/walker.ts';
import { startOf } from '../trace/progress.ts';
import { eventLabel } from '../trace/trace.ts';
import { timerText } from '../trace/words.ts';
import { choiceHindrance, deliveryHindrance, type Hindrance } from './hindrance.ts';

/** A step that has to be taken in the end if it stays enabled, or is enabled again and again. */
export interface FairStep {
  /** As in a trace: `worker0.RUN`, `posted: PAGE_REQUEST -> smmu`. */
  readonly step: string;
  /** The first step of the trace, from 0, that takes it, within the cycle; null when none does. */
  readonly takenIn: number | null;
  /** Steps of the trace after which it is enabled, but not taken; null when it never is within the cycle. */
  readonly enabledAfter: number | null;
  /** Steps of the trace after which it is not, and what keeps it from being enabled there; null when it is taken. */
  readonly disabledAfter: number | null;
  readonly hindrance: Hindrance | null;
}

export interface Staying {
  /** What is treated fairly, each with the reason why it does not end the run's cycle, or keep it from stopping. */
  readonly fair: readonly FairStep[];
  /** Steps whose fairness would exclude this very run: weak fairness where they are always enabled, else strong fairness. */
  readonly excludedBy: readonly { readonly step: string; readonly fairness: 'weak' | 'strong' }[];
}

/** A longer cycle is looked at only so far; there is nothing to be said then of what is not enabled there. */
const STATES_MAX = 500;

interface Place {
  /** Steps of the trace before it. */
  readonly after: number;
  readonly state: Int32Array;
  readonly enabled: readonly PossibleStep[];
  readonly taken: PathStep | undefined;
}

export function stayingOf(tables: Tables, path: Path): Staying {
  const walker = new Walker(tables);
  const entities = new FairEntities(tables);
  const places = placesOf(walker, path);
  const starts = new Map<string, StepStart>();
  const add = (start: StepStart) => starts.set(keyOf(start), start);
  for (const start of possibleIn(tables, places[0]!.state)) if (entities.of(start) >= 0) add(start);
  for (const step of places.flatMap(({ enabled }) => enabled)) add(asWhole(tables, startOf(step)));
  const all = [...starts].map(([key, start]) => {
    const isIt = (step: PossibleStep | undefined) =>
      step !== undefined && keyOf(asWhole(tables, startOf(step))) === key;
    const isEnabled = places.map(({ enabled }) => enabled.some(isIt));
    return { start, isFair: entities.of(start) >= 0, isEnabled, taken: places.find(({ taken }) => isIt(taken)) };
  });
  const fair = all.filter(({ isFair }) => isFair);
  const untaken = all.filter(
    ({ start, isEnabled, taken }) => start.kind !== LOSE && !taken && isEnabled.includes(true),
  );
  return {
    fair: fair.map(({ start, isEnabled, taken }): FairStep => {
      const disabled = taken ? undefined : places[isEnabled.indexOf(false)];
      return {
        step: labelOf(tables, start),
        takenIn: taken?.after ?? null,
        enabledAfter: taken ? null : (places[isEnabled.indexOf(true)]?.after ?? null),
        disabledAfter: disabled?.after ?? null,
        hindrance: disabled ? (hindranceOf(walker, disabled.state, start) ?? null) : null,
      };
    }),
    excludedBy: distinct(
      untaken.map(({ start, isEnabled }) => ({
        step: labelOf(tables, start),
        fairness: isEnabled.includes(false) ? ('strong' as const) : ('weak' as const),
      })),
    ),
  };
}

/** The states that the run is in for ever. */
function placesOf(walker: Walker, { initial, steps, cycleStart = steps.length }: Path): Place[] {
  const places: Place[] = [];
  const end = Math.max(cycleStart + 1, steps.length);
  for (let after = cycleStart; after < end && places.length < STATES_MAX; after++) {
    const state = after === 0 ? initial : steps[after - 1]!.state;
    places.push({ after, state, enabled: possibleSteps(walker, state), taken: steps[after] });
  }
  return places;
}

/** What actors may choose, the armed timers, and the messages that are on their way. */
function possibleIn(tables: Tables, state: Int32Array): StepStart[] {
  const chosen = tables.actors.slice(0, tables.actorCount).flatMap((actor) => {
    const { slot, choices, locals } = actor;
    const local = state[slot]!;
    const chosen = choices.flatMap((message) => tables.waysOf(actor, local, message));
    const timed = locals[local]!.timers.flatMap((timer) => tables.waysOfTimer(actor, local, timer));
    return [...chosen, ...timed].map((message) => ({ kind: START, message, channelSlot: -1 }));
  });
  const delivered = tables.channels.flatMap(({ slot, contents }) =>
    contents[state[slot]!]!.map((message) => ({ kind: DELIVER, message, channelSlot: slot })),
  );
  return [...chosen, ...delivered];
}

/** Delivering a copy is delivering, to whomever. */
function asWhole(tables: Tables, { kind, message, channelSlot }: StepStart): StepStart {
  if (kind === START || kind === LOSE) return { kind, message, channelSlot };
  return { kind: DELIVER, message: tables.heldAs(tables.channelAt(channelSlot)!, message), channelSlot };
}

function keyOf({ kind, message, channelSlot }: StepStart): string {
  return `${kind} ${message} ${channelSlot}`;
}

function hindranceOf(
  walker: Walker,
  state: Int32Array,
  { kind, message, channelSlot }: StepStart,
): Hindrance | undefined {
  const { tables } = walker;
  if (kind !== START) {
    const channel = tables.channels.find(({ slot }) => slot === channelSlot)!;
    if (channel.contents[state[channelSlot]!]!.includes(message))
      return deliveryHindrance(walker, state, channel, message);
    return { kind: 'no-message', text: `it is not in channel ${channel.name} then` };
  }
  const { to, timer } = tables.messages[message]!;
  if (timer && !tables.actors[to]!.locals[state[to]!]!.timers.some(({ id }) => id === timer.id)) {
    return { kind: 'no-timer', text: 'it is not armed then' };
  }
  return choiceHindrance(walker, state, message);
}

function labelOf(tables: Tables, { kind, message, channelSlot }: StepStart): string {
  const { to, event, timer } = tables.messages[message]!;
  const name = tables.nameOf(to);
  if (timer) return `${name}.timer ${timerText(timer.id)}`;
  if (kind === START) return `${name}.${eventLabel(event)}`;
  const { name: channel } = tables.channels.find(({ slot }) => slot === channelSlot)!;
  return to === channelSlot ? `${channel}: ${eventLabel(event)}` : `${channel}: ${eventLabel(event)} -> ${name}`;
}

function distinct<T extends { readonly step: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.step, item])).values()];
}
