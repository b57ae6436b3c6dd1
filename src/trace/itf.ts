/**
 * A trace in the Informal Trace Format of Apalache and Quint (https://apalache-mc.org/docs/adr/015adr-trace.html, as
 * revised on 2023-09-14: integers are always written as `#bigint`), for their viewers and for model-based testing.
 *
 * Variables: `action`, what led to the state; one per actor and monitor, a record of `state`, `context` and, if any are
 * armed, `timers`; one per channel, the list of its messages. Names that are no identifiers of TLA+ are changed, and
 * `#meta` says what they stand for.
 */
import {
  type ActorState,
  type ChannelMessage,
  type EnabledStep,
  labelOf,
  type SystemState,
  statesOf,
  type Trace,
  type TraceStep,
} from './trace.ts';

export type ItfValue =
  | boolean
  | string
  | { readonly '#bigint': string }
  | { readonly '#map': readonly (readonly [ItfValue, ItfValue])[] }
  /** What the format has no notation for: undefined, null, fractions. */
  | { readonly '#unserializable': string }
  | readonly ItfValue[]
  | { readonly [field: string]: ItfValue };

export interface ItfState {
  readonly '#meta': { readonly index: number };
  readonly [variable: string]: ItfValue | { readonly index: number };
}

export interface ItfTrace {
  readonly '#meta': { readonly format: 'ITF'; readonly [key: string]: unknown };
  readonly vars: readonly string[];
  readonly states: readonly ItfState[];
  /** Of a run without an end, or one that stops: the state that follows the last one. */
  readonly loop?: number;
}

const DESCRIPTION = 'https://apalache-mc.org/docs/adr/015adr-trace.html';
const ACTION = 'action';
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/**
 * @param meta goes into the trace's `#meta`, such as `source` and `description`
 *
 * @example
 * ```ts
 * import { check, toItf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * toItf(result.trace).states.length; // => 3
 * ```
 */
export function toItf(trace: Trace, meta: Readonly<Record<string, unknown>> = {}): ItfTrace {
  const names = partsOf(trace.initial).map(([name]) => name);
  const vars = variables(names);
  const renamed = vars.flatMap((variable, at) => (variable === names[at] ? [] : [[variable, names[at]!]]));
  return {
    '#meta': {
      format: 'ITF',
      'format-description': DESCRIPTION,
      ...meta,
      ...(renamed.length > 0 && { names: Object.fromEntries(renamed) }),
    },
    vars: [ACTION, ...vars],
    states: (trace.stops ? [...statesOf(trace), trace.final] : statesOf(trace)).map((state, index) => ({
      '#meta': { index },
      [ACTION]:
        trace.stops && index > trace.steps.length ? stopValue(trace.stops) : actionValue(trace.steps[index - 1]),
      ...Object.fromEntries(partsOf(state).map(([, value], at) => [vars[at]!, value])),
    })),
    // A run that stops stays in its last state for ever.
    ...(trace.stops && { loop: trace.steps.length + 1 }),
    // The last state is the one in which the cycle begins, but for `action`; what comes after it is the cycle's first step again.
    ...(trace.cycleStart !== undefined && { loop: trace.cycleStart + 1 }),
  };
}

/** What a state consists of, always in the same order. */
function partsOf({ actors, monitors, channels }: SystemState): (readonly [name: string, value: ItfValue])[] {
  return [
    ...Object.entries(actors).map(([name, local]) => [name, actorValue(local)] as const),
    ...Object.entries(monitors).map(([name, local]) => [name, actorValue(local)] as const),
    ...Object.entries(channels).map(([name, messages]) => [name, messages.map(messageValue)] as const),
  ];
}

/** An identifier for each name, all different. */
function variables(names: readonly string[]): string[] {
  const used = new Set([ACTION]);
  return names.map((name) => {
    const word = name.replaceAll(/\W+/g, '_').replace(/^(?=\d)/, '_') || '_';
    let variable = word;
    for (let number = 2; used.has(variable); number++) variable = `${word}_${number}`;
    used.add(variable);
    return variable;
  });
}

/** What "leads" to the state in which a run stops: nothing. */
function stopValue(stops: readonly EnabledStep[]): ItfValue {
  return { label: 'nothing more happens', untaken: stops.map(labelOf) };
}

function actionValue(step: TraceStep | undefined): ItfValue {
  if (!step) return { label: 'start' };
  const { kind, actor, event, timer, channel } = step;
  return {
    label: labelOf(step),
    kind,
    actor,
    event: itfValue(event),
    ...(timer !== undefined && { timer }),
    ...(channel !== undefined && { channel }),
  };
}

function actorValue({ value, context, timers }: ActorState): ItfValue {
  return { state: itfValue(value), context: itfValue(context), ...(timers && { timers: [...timers] }) };
}

function messageValue({ to, event }: ChannelMessage): ItfValue {
  return { to, event: itfValue(event) };
}

function itfValue(value: unknown): ItfValue {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'bigint':
      return { '#bigint': String(value) };
    case 'number':
      return Number.isInteger(value) ? { '#bigint': String(BigInt(value)) } : { '#unserializable': String(value) };
    default:
  }
  if (Array.isArray(value)) return value.map(itfValue);
  if (typeof value !== 'object' || value === null) return { '#unserializable': String(value) };
  const members = Object.entries(value).map(([key, item]) => [key, itfValue(item)] as const);
  return members.every(([key]) => IDENTIFIER.test(key)) ? Object.fromEntries(members) : { '#map': members };
}
