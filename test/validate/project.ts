/** Runs of a model as logs: what `validate` is to find out again. */
import type { Vocabulary } from '../../src/system/scenario.ts';
import { enabledSteps, errorIn, type Path, type PathStep } from '../../src/tabulate/path.ts';
import type { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { keyOf, type Member, Observer, type Shown } from '../../src/validate/vocabulary.ts';

export type LogEvent = { event: string } & Record<string, unknown>;

/** What a thing is called in the log; `scope` is what its scope is called, if it has one. */
export type Naming = (kind: string, id: string, scope: unknown) => unknown;

export const OWN_NAMES: Naming = (kind, id) => `${kind}${id}`;

/** The observed events of a run, in their order. */
export function eventsOf(tables: Tables, path: Path, vocabulary: Vocabulary, naming: Naming = OWN_NAMES): LogEvent[] {
  const observer = new Observer(tables, vocabulary);
  return path.steps.flatMap((step) => observer.shownBy(step).map(([shown]) => eventOf(shown!, naming)));
}

export function eventOf({ type, keys, values }: Shown, naming: Naming): LogEvent {
  const event: LogEvent = { event: type.name };
  const memberOf = ({ thing, values: translated }: Member, at: number): unknown => {
    if (thing) {
      const scope = thing.per === undefined ? undefined : memberOf(type.members[thing.per]!, thing.per);
      return naming(thing.kind, keys[at]!, scope);
    }
    const [text] = [...(translated ?? [])].find(([, key]) => key === keyOf(values[at])) ?? [];
    return text === undefined ? (values[at] ?? null) : JSON.parse(text);
  };
  for (const [at, member] of type.members.entries()) event[member.name] = memberOf(member, at);
  return event;
}

/** A random run: each of the enabled steps with the same chance. It ends before a state in which a step of the model fails. */
export function randomRun(tables: Tables, length: number, random: (end: number) => number): Path {
  const walker = new Walker(tables);
  walker.start();
  const initial = walker.current.slice();
  const steps: PathStep[] = [];
  while (steps.length < length) {
    const enabled = enabledSteps(walker, steps.at(-1)?.state ?? initial);
    if (enabled.length === 0) break;
    const step = enabled[random(enabled.length)]!;
    if (errorIn(walker, step.state)) break;
    steps.push(step);
  }
  return { initial, steps, failed: false };
}

/** A small linear congruential generator: whole numbers below `end`. */
export function randomNumbers(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

/** The text of a log of events. */
export function logText(header: Record<string, unknown>, events: readonly object[]): string {
  const lines = [{ faultline: 'log', version: 1, kind: 'events', ...header }, ...events];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
