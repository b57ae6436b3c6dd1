import { describe, expect, test } from 'vitest';
import { headerLine, LogError, type LoggedStep, parseLog, stepLine, writeStepsLog } from '../../src/validate/log.ts';

const HEADER = { faultline: 'log', version: 1, scenario: 'racing-unmap', variant: 'fixed', parameters: {} };
const steps = JSON.stringify({ ...HEADER, kind: 'steps' });
const events = JSON.stringify({ ...HEADER, kind: 'events' });
const GO = '{"seq":1,"kind":"choice","actor":"a","event":{"type":"GO"}}';

function refusal(text: string): LogError {
  try {
    parseLog('some.jsonl', text);
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a log', () => {
  test('that was written is read again', () => {
    const taken: LoggedStep[] = [
      { kind: 'choice', actor: 'a', event: { type: 'GO' } },
      { kind: 'timer', actor: 'a', event: { type: 'xstate.after.5.a' }, timer: 'xstate.after.5.a' },
      {
        kind: 'deliver',
        actor: 'b',
        event: { type: 'SAY', words: ['x', null], n: Number.NaN } as never,
        channel: 'air',
      },
    ];
    const about = { scenario: './mine.ts#it', variant: null, parameters: { size: 3 } };
    const log = parseLog('f', writeStepsLog(about, taken));
    expect(log.header).toEqual({ ...about, kind: 'steps' });
    expect(log.records.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(log.kind === 'steps' && log.records.map(({ step }) => step)).toEqual([
      taken[0],
      taken[1],
      { ...taken[2], event: { type: 'SAY', words: ['x', null], n: 'NaN' } },
    ]);
  });

  test('may have more members than it needs, and gaps in its numbers', () => {
    const lines = [
      headerLine({ scenario: 's', variant: 'v', parameters: {}, kind: 'steps' }),
      stepLine(3, { kind: 'choice', actor: 'a', event: { type: 'GO' } }, { thread: 1 }),
      stepLine(7, { kind: 'choice', actor: 'a', event: { type: 'GO' } }),
    ];
    expect(lines[1]).toBe('{"seq":3,"thread":1,"kind":"choice","actor":"a","event":{"type":"GO"}}');
    expect(parseLog('f', lines.join('\n')).records).toHaveLength(2);
  });

  test('may end without a line end, have empty lines, and those of Windows', () => {
    expect(parseLog('f', `${steps}\r\n\r\n${GO}`).records).toEqual([
      { line: 3, step: { kind: 'choice', actor: 'a', event: { type: 'GO' } } },
    ]);
  });

  test('of events keeps all members', () => {
    const { records } = parseLog('f', `${events}\n{"event":"map","page":7,"cpu":1,"ts":0.5,"comm":"kswapd0"}\n`);
    const members = { event: 'map', page: 7, cpu: 1, ts: 0.5, comm: 'kswapd0' };
    expect(records).toEqual([{ line: 2, event: 'map', ts: 0.5, cpu: 1, members }]);
  });
});

describe('says file, line, what was got and what was expected of', () => {
  test.each<[what: string, text: string, message: string]>([
    ['an empty file', '', '1: got nothing, expected a log: the file is empty'],
    ['nothing but line ends', '\n\n', '1: got nothing, expected a log: the file is empty'],
    ['another kind of file', '#!/bin/sh\n', '1: got "#!/bin/sh", expected a JSON object'],
    ['a list', '[1]\n', '1: got [1], expected a JSON object'],
    [
      'another document',
      '{"format":"faultline-trace"}\n',
      '1: got nothing for "faultline", expected "log": this is no log',
    ],
    ['another version', `${steps.replace('"version":1', '"version":2')}\n`, '1: got version 2, expected 1'],
    [
      'no scenario',
      `${steps.replace('"scenario"', '"scenery"')}\n`,
      '1: there is no "scenario": Invalid input: expected string',
    ],
    ['an unknown kind', `${steps.replace('"steps"', '"stairs"')}\n`, '1: got "stairs" for "kind": Invalid option'],
    ['a vocabulary for steps', `${steps.slice(0, -1)},"observed":[]}\n`, '1: got "observed" in a log of steps'],
    ['a line that is not JSON', `${steps}\n${GO}\n{"seq":\n${GO}\n`, '3: got "{\\"seq\\":", expected a JSON object'],
    [
      'a last line that is cut off',
      `${steps}\n${GO}\n${GO.slice(0, 30)}`,
      '3: got "{\\"seq\\":1,\\"kind\\":\\"choice\\",\\"acto", expected a JSON object: the last line, and it is cut off',
    ],
    [
      'a line of a megabyte',
      `${steps}\n"${'x'.repeat(2 ** 20)}"\n`,
      '2: got a line of 1,048,578 characters, expected at most 65,536',
    ],
    ['a megabyte of blanks', `${steps}\n${' '.repeat(2 ** 20)}\n`, '2: got a line of 1,048,576 characters'],
    ['a step without actor', `${steps}\n{"kind":"choice","event":{"type":"GO"}}\n`, '2: there is no "actor"'],
    ['a step of no kind', `${steps}\n${GO.replace('choice', 'jump')}\n`, '2: got "jump" for "kind"'],
    ['an event without type', `${steps}\n${GO.replace('type', 'typ')}\n`, '2: there is no "event.type"'],
    ['numbers that go back', `${steps}\n${GO}\n${GO}\n`, '3: got seq 1 after 1, expected a larger one'],
    ['an event without name', `${events}\n{"ts":1}\n`, '2: there is no "event"'],
    ['a time that is none', `${events}\n{"ts":"now","event":"map"}\n`, '2: got "now" for "ts"'],
    ['a CPU that is none', `${events}\n{"cpu":-1,"event":"map"}\n`, '2: got -1 for "cpu"'],
  ])('%s', (_what, text, message) => {
    expect(refusal(text).message.startsWith(`some.jsonl:${message}`), refusal(text).message).toBe(true);
  });

  test.each<[what: string, vocabulary: object, message: RegExp]>([
    ['no type', { x: { to: 'a' } }, /there is no "vocabulary\.x\.type"/],
    [
      'unknown members',
      { x: { type: 'GO', fileds: {} } },
      /some\.jsonl:1: got .* for "vocabulary\.x": Unrecognized key: "fileds"/,
    ],
    [
      'a pattern without *',
      { x: { type: 'GO', fields: { f: { path: 'p', thing: 't', names: 'page' } } } },
      /"names" needs one \*, got page/,
    ],
    [
      'names of no thing',
      { x: { type: 'GO', fields: { f: { path: 'p', names: 'page*' } } } },
      /"names" and "per" go with "thing" only/,
    ],
    [
      'a thing with values',
      { x: { type: 'GO', fields: { f: { path: 'p', thing: 't', values: {} } } } },
      /do not go together/,
    ],
    [
      'a scope that is none',
      { x: { type: 'GO', fields: { f: { path: 'p', thing: 't', per: 'g' } } } },
      /"per" of f is g, which is no member/,
    ],
  ])('a vocabulary with %s', (_what, vocabulary, message) => {
    const { message: said } = refusal(`${JSON.stringify({ ...HEADER, kind: 'events', vocabulary })}\n`);
    expect(said).toMatch(message);
  });
});
