/** A small part of the battery of bad input; all of it: `npm run battery:input`. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../cli/harness.ts';
import { runBattery } from './input/battery.ts';
import { caseOf } from './input/case.ts';
import { commandNames } from './input/command-lines.ts';
import { complaintsAbout } from './input/judge.ts';

test('bad input of every kind ends as is documented', { timeout: 600_000 }, async () => {
  const told: string[] = [];
  const { failed, statuses } = await runBattery({ seed: 13, first: 0, count: 150, log: (text) => told.push(text) });
  expect(told.join('\n')).not.toContain('repeat it');
  expect(failed).toBe(0);
  // Not everything is refused at the door.
  for (const status of [0, 3, 4]) expect(statuses.get(status)).toBeGreaterThan(0);
});

test.skipIf(!existsSync('/dev/full'))('a device is no module', async () => {
  const { status, stdout, stderr } = await run(['check', '/dev/full']);
  expect(stderr).toBe('faultline: cannot read the module /dev/full: it is not a file\n');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
});

test('a case is the same each time, and every command has some', () => {
  const samples = { 'trace.json': Buffer.from('{"a":1}') };
  const cases = Array.from({ length: 300 }, (_, index) => caseOf(1, index, samples));
  expect(caseOf(1, 17, samples)).toEqual(cases[17]);
  expect(caseOf(2, 17, samples)).not.toEqual(cases[17]);
  const commands = new Set(cases.map(({ command }) => command));
  expect(commandNames.filter((name) => !commands.has(name))).toEqual([]);
});

test.each([
  [{ status: 5, stdout: '', stderr: '' }, 'the status is 5'],
  [{ status: 1, stdout: '', stderr: 'x\n    at a (b:1)\n    at c (d:2)\n' }, 'stderr has a stack trace'],
  [{ status: 3, stdout: 'x', stderr: 'faultline: x\n' }, 'a usage error printed on stdout'],
  [{ status: 3, stdout: '', stderr: 'x\n' }, 'does not begin with'],
  [{ status: 0, stdout: '{"status":1}', stderr: '' }, 'the document says status 1, the process 0'],
  [{ status: 0, stdout: '{"status":0}{}', stderr: '' }, 'stdout is not one JSON document'],
  [{ status: 0, stdout: '', stderr: '' }, 'no document on stdout'],
  [{ status: 4, stdout: '', stderr: 'faultline: no\n' }, 'nothing says so'],
  [{ status: 0, stdout: '{"status":0}', stderr: '\u001b[31m' }, 'the control character U+001b'],
])('%j is found fault with', (ran, complaint) => {
  const one = { ...caseOf(1, 0, {}, 'flags'), command: 'check', args: ['check', '--json'], json: true };
  expect(complaintsAbout(one, ran, '/', []).join('; ')).toContain(complaint);
});

test('files that nobody asked for are found', () => {
  const one = { ...caseOf(1, 0, {}, 'flags'), command: 'check', args: ['check', '--json'], json: true };
  const found = complaintsAbout(one, { status: 0, stdout: '{"status":0}', stderr: '' }, '/', ['.faultline-1.tmp', 'x']);
  expect(found).toEqual(['a temporary file was left: .faultline-1.tmp', 'a file that nobody asked for: x']);
});
