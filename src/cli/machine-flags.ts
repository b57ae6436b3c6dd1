/**
 * What the command line says of a machine that has no system around it: which events come, its input, and which of its states are gone on
 * from. It is plain data, so that a trace file can keep it, and the line that replays a trace can say it again.
 */
import type { Command } from 'commander';
import type { AnyEventObject } from 'xstate';
import { z } from 'zod';
import { textOf, UsageError } from './errors.ts';
import { gather } from './parameters.ts';
import { readText } from './read-file.ts';
import { quoted } from './shell-words.ts';

/** As they were typed. */
export interface MachineFlags {
  readonly event?: readonly string[];
  readonly events?: string;
  readonly input?: string;
  readonly constraint?: string;
}

const message = z.looseObject({ type: z.string().min(1) });

export const givenSchema = z.object({
  events: z.array(message).describe('events with their payloads, in the place of those that have none'),
  input: z.unknown().optional(),
  constraint: z.string().exactOptional().describe('an expression: the states that are gone on from'),
});
export type Given = z.output<typeof givenSchema>;

export const NOTHING_GIVEN: Given = { events: [] };

export function withMachineFlags(command: Command): Command {
  return command
    .option(
      '--event <json>',
      'a machine: an event with its payload, as \'{"type":"ADD","item":1}\'; repeatable, several of a type',
      gather,
    )
    .option('--events <file>', 'a machine: such events from a file, a JSON array or one a line')
    .option('--input <json>', 'a machine: its input')
    .option(
      '--constraint <expression>',
      "a machine: go on only from states in which it holds, as 'context.count < 5' or \"!matches('a.b')\"",
    );
}

/** @throws UsageError for what is no JSON, no event, or no expression */
export function givenOf({ event = [], events, input, constraint }: MachineFlags): Given {
  const typed = event.map((text) => eventOf(parsed('--event', text), `--event ${text}`));
  const read = events === undefined ? [] : eventsOf(events);
  if (constraint !== undefined) compile(constraint);
  return {
    events: [...typed, ...read],
    ...(input !== undefined && { input: parsed('--input', input) }),
    ...(constraint !== undefined && { constraint }),
  };
}

/** The flags that are there, as one types them. */
export function flagsOf({ events, input, constraint }: Given): string[] {
  return [
    ...events.map((event) => `--event ${quoted(JSON.stringify(event))}`),
    ...(input === undefined ? [] : [`--input ${quoted(JSON.stringify(input))}`]),
    ...(constraint === undefined ? [] : [`--constraint ${quoted(constraint)}`]),
  ];
}

/** What a state has that an expression may speak of. */
interface Constrained {
  readonly context: unknown;
  readonly value: unknown;
  matches(value: never): boolean;
  hasTag(tag: never): boolean;
}

/** @throws UsageError when it is no expression; what it throws when it is asked is the model's mistake */
export function compile(constraint: string): (snapshot: Constrained) => boolean {
  try {
    // In parentheses nothing but an expression is one. It is the user's own code, as the module is.
    const ask = new Function('context', 'value', 'matches', 'hasTag', `'use strict'; return (${constraint}\n);`);
    return (snapshot) =>
      ask(
        snapshot.context,
        snapshot.value,
        (state: never) => snapshot.matches(state),
        (tag: never) => snapshot.hasTag(tag),
      ) as boolean;
  } catch (error) {
    throw new UsageError(
      `--constraint ${constraint} is no expression: ${textOf(error)}`,
      'it may speak of context, value, matches and hasTag, as in: context.count < 5',
      { cause: error },
    );
  }
}

function eventsOf(path: string): AnyEventObject[] {
  const text = readText('the events', path);
  const isList = text.trimStart().startsWith('[');
  if (isList) {
    return (parsed(`--events ${path}`, text) as unknown[]).map((one, at) => eventOf(one, `event ${at + 1} of ${path}`));
  }
  return text.split('\n').flatMap((line, at) => {
    const where = `line ${at + 1} of ${path}`;
    return line.trim() === '' ? [] : [eventOf(parsed(where, line), where)];
  });
}

function eventOf(value: unknown, where: string): AnyEventObject {
  const checked = message.safeParse(value);
  if (checked.success) return value as AnyEventObject;
  throw new UsageError(
    `${where} is no event: it has no type`,
    'expected {"type":"ADD"}, with whatever it brings along',
  );
}

function parsed(what: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const shown = what.startsWith('--event') || what === '--input' ? `${what} ${text.trim().slice(0, 60)}` : what;
    throw new UsageError(`${shown} is no JSON: ${textOf(error)}`, 'expected as in \'{"type":"ADD","item":1}\'', {
      cause: error,
    });
  }
}
