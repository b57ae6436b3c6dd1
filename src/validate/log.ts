/**
 * Logs: what a run did, one JSON document a line. The first line is the header: which model, and of which kind the lines after it
 * are. `steps`: the steps of a whole run, each as a trace identifies it. `events`: what was observed of a run, in the words of a
 * vocabulary.
 *
 * Nothing in a log is trusted: it may be cut off, of another version, or no log at all.
 */
import { z } from 'zod';
import type { ParameterValues } from '../system/parameters.ts';
import type { Vocabulary } from '../system/scenario.ts';
import { parseJson } from '../trace/plain-json.ts';
import type { TraceStep } from '../trace/trace.ts';
import { vocabularySchema } from './vocabulary.ts';

export const LOG_VERSION = 1;

/** Longer lines are no records: somebody took another file for a log. In characters. */
const LINE_MAX = 65_536;
const SHOWN_MAX = 60;

const header = z.object({
  faultline: z.literal('log'),
  version: z.literal(LOG_VERSION),
  scenario: z.string(),
  variant: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  kind: z.enum(['steps', 'events']),
  vocabulary: vocabularySchema.optional(),
  observed: z.array(z.string()).optional(),
  names: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

export interface LogHeader {
  /** A scenario of the catalogue, or a module as `./my-system.ts#name`. */
  readonly scenario: string;
  /** Null for a system without variants. */
  readonly variant: string | null;
  readonly parameters: ParameterValues;
  readonly kind: 'steps' | 'events';
  /** Of `events`: what is added to the scenario's vocabulary, or stands in its place. */
  readonly vocabulary?: Vocabulary;
  /** Of `events`: which events of the vocabulary were recorded; left out, all. */
  readonly observed?: readonly string[];
  /** Of `events`: by thing and its real name, its name in the model. */
  readonly names?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What tells a step from all others that are possible where it is taken. */
export type LoggedStep = Pick<TraceStep, 'kind' | 'actor' | 'event' | 'timer' | 'channel' | 'place'>;

const step = z.object({
  seq: z.number().optional(),
  kind: z.enum(['choice', 'timer', 'deliver', 'duplicate', 'lose']),
  actor: z.string(),
  event: z.looseObject({ type: z.string() }),
  timer: z.string().exactOptional(),
  channel: z.string().exactOptional(),
  place: z.number().int().min(1).exactOptional(),
});

const event = z.looseObject({
  event: z.string(),
  ts: z.number().exactOptional(),
  cpu: z.int().min(0).exactOptional(),
});

export interface StepRecord {
  /** In the file, from 1. */
  readonly line: number;
  readonly step: LoggedStep;
}

export interface EventRecord {
  /** In the file, from 1. */
  readonly line: number;
  readonly event: string;
  /** In seconds. */
  readonly ts?: number;
  readonly cpu?: number;
  /** The whole record. */
  readonly members: Readonly<Record<string, unknown>>;
}

export type Log = { readonly file: string; readonly header: LogHeader } & (
  | { readonly kind: 'steps'; readonly records: readonly StepRecord[] }
  | { readonly kind: 'events'; readonly records: readonly EventRecord[] }
);

/** A log that cannot be read, or that asks for what cannot be. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly hint: string;

  constructor(file: string, line: number, message: string, hint = '') {
    super(`${file}:${line}: ${message}`);
    this.hint = hint;
  }
}

/**
 * @throws LogError with the file, the line, what was got and what was expected
 *
 * @example
 * ```ts
 * import { check, parseLog, writeStepsLog } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * const text = writeStepsLog({ scenario: 'lights', variant: null, parameters: {} }, result.trace.steps);
 * parseLog('lights.jsonl', text).records.length; // => 2
 * ```
 */
export function parseLog(file: string, text: string): Log {
  const lines = linesOf(text);
  const first = lines.next();
  if (first.done) throw new LogError(file, 1, 'got nothing, expected a log: the file is empty', HEADER_HINT);
  const parsed = readHeader(file, first.value);
  if (parsed.kind === 'events') {
    const records = [...lines].map((line) => eventOf(file, line));
    return { file, header: parsed, kind: 'events', records };
  }
  let last = Number.NEGATIVE_INFINITY;
  const records = [...lines].map((line): StepRecord => {
    const { seq, ...one } = readRecord(file, line, step, STEP_HINT);
    if (seq !== undefined && seq <= last) {
      throw new LogError(
        file,
        line.number,
        `got seq ${seq} after ${last}, expected a larger one`,
        'sort the log by seq',
      );
    }
    last = seq ?? last;
    return { line: line.number, step: one };
  });
  return { file, header: parsed, kind: 'steps', records };
}

const HEADER_HINT = `the first line of a log is its header, as {"faultline":"log","version":${LOG_VERSION},"scenario":"racing-unmap","variant":"fixed","parameters":{},"kind":"events"}`;
const STEP_HINT =
  'a step is {"seq":1,"kind":"choice","actor":"guest","event":{"type":"POST_DMA"}}, with "timer" or "channel" if it has one';
const EVENT_HINT =
  'an event is {"ts":12.000345,"cpu":0,"event":"dev_fault", ...} with the members that the vocabulary says';

interface Line {
  readonly number: number;
  readonly text: string;
  /** No line end follows: the writer may have been stopped here. */
  readonly isCut: boolean;
}

/** All lines but empty ones. */
function* linesOf(text: string): Generator<Line> {
  let number = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    number++;
    if (line.length > LINE_MAX || line.trim() !== '') yield { number, text: line, isCut: end < 0 };
    from = end < 0 ? text.length : end + 1;
  }
}

function readHeader(file: string, line: Line): LogHeader & { kind: 'steps' | 'events' } {
  const document = jsonOf(file, line, HEADER_HINT);
  if (document.faultline !== 'log') {
    throw new LogError(
      file,
      line.number,
      `got ${shown(document.faultline)} for "faultline", expected "log": this is no log`,
      HEADER_HINT,
    );
  }
  if (document.version !== LOG_VERSION) {
    throw new LogError(file, line.number, `got version ${shown(document.version)}, expected ${LOG_VERSION}`);
  }
  const { scenario, variant, parameters, kind, vocabulary, observed, names } = checked(
    file,
    line,
    document,
    header,
    HEADER_HINT,
  );
  if (kind === 'steps' && (vocabulary ?? observed ?? names)) {
    const what = vocabulary ? 'vocabulary' : observed ? 'observed' : 'names';
    throw new LogError(file, line.number, `got "${what}" in a log of steps, expected it with "kind":"events" only`);
  }
  return {
    ...{ scenario, variant: variant ?? null, parameters: parameters ?? {}, kind },
    ...(vocabulary && { vocabulary: vocabulary as Vocabulary }),
    ...(observed && { observed }),
    ...(names && { names }),
  };
}

function eventOf(file: string, line: Line): EventRecord {
  const members = readRecord(file, line, event, EVENT_HINT);
  const { ts, cpu } = members;
  return {
    line: line.number,
    event: members.event,
    ...(ts !== undefined && { ts }),
    ...(cpu !== undefined && { cpu }),
    members,
  };
}

function readRecord<Schema extends z.ZodType>(
  file: string,
  line: Line,
  schema: Schema,
  hint: string,
): z.output<Schema> {
  return checked(file, line, jsonOf(file, line, hint), schema, hint);
}

function jsonOf(file: string, { number, text, isCut }: Line, hint: string): Record<string, unknown> {
  if (text.length > LINE_MAX) {
    throw new LogError(
      file,
      number,
      `got a line of ${text.length.toLocaleString('en-US')} characters, expected at most ${LINE_MAX.toLocaleString('en-US')}`,
      'a log has one record on each line',
    );
  }
  let document: unknown;
  try {
    document = parseJson(text);
  } catch {
    const cut = isCut ? ': the last line, and it is cut off' : '';
    throw new LogError(file, number, `got ${shown(text)}, expected a JSON object${cut}`, isCut ? 'remove it' : hint);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    return document as Record<string, unknown>;
  }
  throw new LogError(file, number, `got ${shown(document)}, expected a JSON object`, hint);
}

function checked<Schema extends z.ZodType>(
  file: string,
  { number }: Line,
  document: Record<string, unknown>,
  schema: Schema,
  hint: string,
): z.output<Schema> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const { path, message } = innermost(result.error.issues[0]!);
  const got = path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    document,
  );
  const what = z.core.toDotPath(path);
  const problem = got === undefined ? `there is no "${what}"` : `got ${shown(got)} for "${what}"`;
  throw new LogError(file, number, `${problem}: ${message}`, hint);
}

/** Of a value that may be one thing or another, what is wrong with it as that thing which it resembles. */
function innermost(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  const inner =
    issue.code === 'invalid_union' ? issue.errors.flat().find(({ code }) => code !== 'invalid_type') : undefined;
  if (!inner) return issue;
  const { path, message } = innermost(inner);
  return { path: [...issue.path, ...path], message };
}

/** A value as JSON, cut to what a message can hold. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 1)}…`;
}

// --- writing ---

/** The first line of a log, without its end. */
export function headerLine({ scenario, variant, parameters, kind, ...events }: LogHeader): string {
  return jsonLine({ faultline: 'log', version: LOG_VERSION, scenario, variant, parameters, kind, ...events });
}

/** The line of a step, without its end; `more` is for readers other than `validate`: the thread that took it, the time. */
export function stepLine(
  seq: number,
  { kind, actor, event, timer, channel, place }: LoggedStep,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return jsonLine({ seq, ...more, kind, actor, event, timer, channel, place });
}

/**
 * A whole log of steps.
 *
 * @example
 * ```ts
 * import { writeStepsLog } from 'faultline';
 *
 * writeStepsLog({ scenario: 'lights', variant: null, parameters: {} }, [{ kind: 'choice', actor: 'north', event: { type: 'GO' } }]).split('\n').length; // => 3
 * ```
 */
export function writeStepsLog(
  about: Pick<LogHeader, 'scenario' | 'variant' | 'parameters'>,
  steps: Iterable<LoggedStep>,
): string {
  const lines = Array.from(steps, (one, at) => stepLine(at + 1, one));
  return `${[headerLine({ ...about, kind: 'steps' }), ...lines].join('\n')}\n`;
}

/** A value as it is when it comes back from a log. */
export function asLogged(value: unknown): unknown {
  return JSON.parse(jsonLine(value));
}

/** JSON in one line, with strings for the values that JSON does not know: as trace files have them. */
function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return String(item);
    return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
  });
}
