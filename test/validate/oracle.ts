/**
 * The naive twin of the search through a log: all runs of a system up to a length, what each of them shows, and whether some
 * naming makes that the log. It shares nothing with `src/validate` but the words of a vocabulary, and goes by traces, not tables.
 */
import type { ObservedEvent, Vocabulary } from '../../src/system/scenario.ts';
import { enabledSteps } from '../../src/tabulate/path.ts';
import type { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { type TraceMessage, traceOf } from '../../src/trace/trace.ts';
import type { LogEvent } from './project.ts';

/** What a message shows: an event with the model's own values. */
interface Showing {
  readonly event: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Whether a run of at most `stepsMax` steps shows exactly the log, or begins to with its last step. */
export function someRunShows(
  tables: Tables,
  vocabulary: Vocabulary,
  log: readonly LogEvent[],
  stepsMax: number,
): boolean {
  const walker = new Walker(tables);
  walker.start();
  const go = (state: Int32Array, showings: readonly Showing[], left: number): boolean => {
    if (!isNamed(vocabulary, log, showings)) return false;
    if (showings.length >= log.length) return true;
    if (left === 0) return false;
    return enabledSteps(walker, state).some((step) => {
      const [taken] = traceOf(tables, { initial: state, steps: [step], failed: false }).steps;
      return go(step.state, [...showings, ...taken!.messages.flatMap((one) => shownBy(vocabulary, one))], left - 1);
    });
  };
  return go(walker.current.slice(), [], stepsMax);
}

/** Random vocabularies have no two events for one message. */
function shownBy(vocabulary: Vocabulary, message: TraceMessage): Showing[] {
  return Object.entries(vocabulary).flatMap(([name, event]) => {
    if (!isEvent(event, message)) return [];
    const values = Object.entries(event.fields ?? {}).map(([member, field]) => {
      const path = typeof field === 'string' ? field : field.path;
      const value = path === '$to' ? message.to : (message.event as unknown as Record<string, unknown>)[path];
      return [member, value ?? null];
    });
    return [{ event: name, values: Object.fromEntries(values) }];
  });
}

function isEvent({ type, when = 'taken' }: ObservedEvent, { fate, from, event }: TraceMessage): boolean {
  if (event.type !== type) return false;
  if (when === 'taken') return fate === 'taken';
  return fate === 'queued' || fate === 'dropped' || (fate === 'taken' && from !== undefined);
}

/** Whether what was shown so far is the beginning of the log, or the log its beginning, by some one-to-one naming. */
function isNamed(vocabulary: Vocabulary, log: readonly LogEvent[], showings: readonly Showing[]): boolean {
  const models = new Map<unknown, unknown>();
  const reals = new Map<unknown, unknown>();
  return showings.slice(0, log.length).every(({ event, values }, at) => {
    const logged = log[at]!;
    if (logged.event !== event) return false;
    return Object.entries(vocabulary[event]!.fields ?? {}).every(([member, field]) => {
      const [real, model] = [logged[member], values[member]];
      if (typeof field === 'string') return real === model;
      if (!models.has(real) && !reals.has(model)) {
        models.set(real, model);
        reals.set(model, real);
      }
      return models.get(real) === model && reals.get(model) === real;
    });
  });
}
