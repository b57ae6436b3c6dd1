/** A run as a timeline: what each actor did when, what it waited for, and which messages went where. */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { Tables } from '../tabulate/tables.ts';
import { stateText } from '../trace/words.ts';
import { walkLog } from './follow.ts';
import type { Run } from './run.ts';
import { BEGAN, ENABLED, ENDED, HAPPENED, TIME_WORDS } from './step-times.ts';

export interface TimedMessage {
  /** The actor that sent it within the step; null for what starts the step. */
  readonly from: string | null;
  /** The actor that takes it, or the channel that holds it now. */
  readonly to: string;
  readonly type: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly fate: 'taken' | 'queued' | 'lost' | 'dropped';
}

/** Times are in the unit of the timing section, from the beginning of the run. */
export interface TimedStep {
  /** Whose step it is: the actor that takes its first message; null when a message is lost. */
  readonly actor: string | null;
  /** The channel that its message came from. */
  readonly channel: string | null;
  readonly type: string;
  /** The state of that actor before it, as a path; `-` of a machine without states. */
  readonly state: string;
  readonly enabled: number;
  readonly began: number;
  readonly happened: number;
  readonly ended: number;
  readonly messages: readonly TimedMessage[];
}

/**
 * @param run with `timeline` asked for
 * @throws ModelError when the system has a population, whose steps are not walked again
 *
 * @example
 * ```ts
 * import { simulate, timelineOf } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const run = simulate(lights, timing, { seed: 1, time: 1000, timeline: true });
 * timelineOf(lights, run).length === run.steps; // => true
 * ```
 */
export function timelineOf(system: System, { log, timeline }: Run, way = 0): TimedStep[] {
  if (!log || !timeline) throw new ModelError('exception', 'the run has no timeline', 'ask for it: { timeline: true }');
  const tables = new Tables(system);
  const steps: TimedStep[] = [];
  walkLog(tables, log.steps, way, ({ starter, records, before }) => {
    const at = steps.length * TIME_WORDS;
    const channel = tables.channelAt(starter);
    const messages = records.flatMap(({ kind, message, from, slot }): TimedMessage[] => {
      if (kind !== 'taken' && kind !== 'queued' && kind !== 'lost' && kind !== 'dropped') return [];
      const { event } = tables.messages[message]!;
      return [
        {
          from: from === undefined ? null : tables.nameOf(from),
          to: tables.nameOf(slot),
          type: event.type,
          event,
          fate: kind,
        },
      ];
    });
    const [first] = messages;
    const actor = first?.fate === 'taken' ? tables.actors.find(({ name }) => name === first.to) : undefined;
    steps.push({
      actor: actor?.name ?? null,
      channel: channel?.name ?? null,
      type: first?.type ?? '',
      state: actor ? stateText(actor.locals[before[actor.slot]!]!.snapshot.value) : '-',
      enabled: timeline[at + ENABLED]!,
      began: timeline[at + BEGAN]!,
      happened: timeline[at + HAPPENED]!,
      ended: timeline[at + ENDED]!,
      messages,
    });
  });
  return steps;
}
