/**
 * A timeline as Chrome's trace events, which Perfetto and chrome://tracing open (Trace Event Format: `X` is a slice, `b` and `e` are the ends
 * of one that may overlap others, `s` and `f` of an arrow, `i` an instant, `C` a counter, `M` a name). Its times are microseconds.
 */
import { type TimeUnit, UNITS } from '../system/timing.ts';
import type { TimedStep } from './timeline.ts';

export interface TraceEvent {
  readonly ph: 'X' | 'b' | 'e' | 's' | 'f' | 'i' | 'C' | 'M';
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  /** Of an arrow's end: it points at the slice that it is within. */
  readonly bp?: 'e';
  /** Of an instant: of its thread only. */
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ns' | 'ms';
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly TraceEvent[];
}

const PID = 1;

/**
 * A timeline as chrome://tracing and Perfetto read it: microseconds from 0.
 *
 * @example
 * ```ts
 * import { chromeTrace, simulate, timelineOf } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const run = simulate(lights, timing, { seed: 1, time: 100, timeline: true });
 * chromeTrace(timelineOf(lights, run), 's', 'lights').traceEvents.length > 0; // => true
 * ```
 */
export function chromeTrace(steps: readonly TimedStep[], unit: TimeUnit, title: string): ChromeTrace {
  const perUnit = UNITS.us / UNITS[unit];
  const at = (time: number) => time * perUnit;
  const threads = new Threads();
  const events: TraceEvent[] = [];
  const depths = new Map<string, number>();
  let id = 0;
  const count = (channel: string, change: number, time: number) => {
    const depth = (depths.get(channel) ?? 0) + change;
    depths.set(channel, depth);
    events.push({ ph: 'C', name: channel, pid: PID, tid: 0, ts: at(time), args: { messages: depth } });
  };
  for (const { actor, channel, type, enabled, began, happened, ended, messages } of steps) {
    if (channel !== null) count(channel, -1, happened);
    for (const { to, fate } of messages) if (fate === 'queued') count(to, 1, happened);
    if (actor === null) continue;
    const tid = threads.laneOf(actor, began, ended);
    const [first, ...others] = messages;
    if (began > enabled) {
      const waiting = { name: `${actor} waits for ${type}`, cat: 'waiting', pid: PID, tid, id: ++id };
      events.push({ ph: 'b', ...waiting, ts: at(enabled) }, { ph: 'e', ...waiting, ts: at(began) });
    }
    const args = argsOf(first!.event);
    events.push({
      ph: 'X',
      name: type,
      cat: 'step',
      pid: PID,
      tid,
      ts: at(began),
      dur: at(ended) - at(began),
      ...args,
    });
    for (const { from, to, type: sent, fate } of others) {
      if (fate !== 'taken' || from === null) continue;
      const [source, target] = [from === actor ? tid : threads.first(from), threads.first(to)];
      const arrow = { name: sent, cat: 'message', pid: PID, ts: at(happened), id: ++id };
      // An arrow needs a slice at both ends: what takes a message within a step takes no time.
      events.push(
        { ph: 's', ...arrow, tid: source },
        { ph: 'X', name: sent, cat: 'message', pid: PID, tid: target, ts: at(happened), dur: 0 },
        { ph: 'f', bp: 'e', ...arrow, tid: target },
      );
    }
  }
  const names: TraceEvent[] = [
    { ph: 'M', name: 'process_name', pid: PID, tid: 0, ts: 0, args: { name: title } },
    ...threads.names.flatMap((name, at): TraceEvent[] => [
      { ph: 'M', name: 'thread_name', pid: PID, tid: at + 1, ts: 0, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid: PID, tid: at + 1, ts: 0, args: { sort_index: at } },
    ]),
  ];
  return { displayTimeUnit: 'ns', otherData: { title }, traceEvents: [...names, ...events] };
}

function argsOf({ type: _, ...args }: Readonly<Record<string, unknown>>): Pick<TraceEvent, 'args'> {
  return Object.keys(args).length > 0 ? { args } : {};
}

/** A line for each actor, and more where things that it does at once do not lie within each other, as choices that race. */
class Threads {
  readonly names: string[] = [];
  readonly #lanes = new Map<string, { readonly thread: number; end: number }[]>();

  /** The first line of an actor. */
  first(actor: string): number {
    const [lane] = this.#lanes.get(actor) ?? [this.#add(actor, [])];
    return lane!.thread;
  }

  /** A line of an actor that is free from some time on; it is taken until the end. */
  laneOf(actor: string, from: number, end: number): number {
    this.first(actor);
    const lanes = this.#lanes.get(actor)!;
    const lane = lanes.find((one) => one.end <= from) ?? this.#add(actor, lanes);
    lane.end = end;
    return lane.thread;
  }

  #add(actor: string, lanes: { readonly thread: number; end: number }[]) {
    const lane = { thread: this.names.push(actor), end: Number.NEGATIVE_INFINITY };
    lanes.push(lane);
    this.#lanes.set(actor, lanes);
    return lane;
  }
}
