/** Machines run on the copy of XState that made them, if it is one that can. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as ours from 'xstate';
import { explainLate } from '../../src/cli/blame.ts';
import { versionsInUse } from '../../src/explore/checkpoint.ts';
import { actor, check, defineSystem, machineGraph, type System } from '../../src/index.ts';
import { isMachine, XSTATE_RANGE, xstateOf } from '../../src/system/xstate.ts';
import { folderWith } from '../cli/harness.ts';
import { reproduces } from '../reproduces.ts';
import { otherXState, type XState } from '../xstate-copy.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

let copies = 0;
/** A copy of its own in a project of its own. */
function copy(version: string): { xstate: XState; path: string } {
  const project = join(folder, `project${copies++}`);
  mkdirSync(project);
  return { xstate: otherXState(project, version), path: join(project, 'node_modules/xstate') };
}

function lamp({ createMachine }: XState) {
  return createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { PRESS: { target: 'on', guard: () => true } } }, on: { after: { 100: 'off' } } },
  });
}

function systemOf(xstate: XState): System {
  return defineSystem({
    actors: { lamp: actor(lamp(xstate), { choices: [{ type: 'PRESS' }] }) },
    properties: ({ always, monitor }) => [
      monitor('presses', xstate.createMachine({ on: { PRESS: {} } })),
      always('never on', (system) => !system.get('lamp').matches('on')),
    ],
  });
}

describe.each(['4.38.3', '5.0.0', '5.19.2', '5.30.0', '6.0.0-alpha.52'])('xstate %s is refused', (version) => {
  const { xstate, path } = copy(version);
  const refusal = (what: string) => ({
    name: 'ModelError',
    code: 'unsupported-xstate',
    message: `${what} uses xstate ${version} in ${path}; what is needed is xstate >=5.31.0 <6`,
    hint: 'install one where that is: npm install xstate@5',
  });

  test('in an actor', () => {
    const define = () => defineSystem({ actors: { lamp: actor(lamp(xstate)) } });
    expect(define).toThrow(expect.objectContaining(refusal('actor "lamp": machine')));
  });

  test('in a monitor', () => {
    const define = () =>
      defineSystem({
        actors: { lamp: actor(lamp(ours)) },
        properties: ({ monitor }) => [monitor('presses', xstate.createMachine({ on: { PRESS: {} } }))],
      });
    expect(define).toThrow(expect.objectContaining(refusal('property "presses": machine')));
  });

  test('in a diagram', () => {
    expect(() => machineGraph(lamp(xstate))).toThrow(expect.objectContaining(refusal('the machine "lamp"')));
  });
});

test('a machine of version 4, which looks otherwise, is one that can be refused', () => {
  class StateNode {
    transition() {}
  }
  const { xstate } = copy('4.38.3');
  expect(isMachine(new StateNode())).toBe(false);
  Object.assign(xstate, { StateNode });
  expect(isMachine(new StateNode())).toBe(true);
});

describe.each(['5.31.0', '5.33.3', '5.99.0'])('xstate %s that was installed elsewhere', (version) => {
  const { xstate } = copy(version);

  test('runs its machines, searched and live', async () => {
    const system = systemOf(xstate);
    expect(xstateOf(system.actors.lamp!.machine)).toMatchObject({ version });
    expect(xstateOf(system.actors.lamp!.machine).xstate.createActor).toBe(xstate.createActor);
    const result = await check(system, { coverage: true });
    expect(result).toMatchObject({ verdict: 'violated', property: 'never on' });
    reproduces(system, result);
  });

  test('is the version that is told', () => {
    expect(versionsInUse(systemOf(xstate))).toMatchObject({ xstate: version });
    expect(machineGraph(lamp(xstate)).name).toBe('lamp');
  });
});

test('the machines of a system are of one copy, also when both have the same version', () => {
  const { version, folder: here } = xstateOf(lamp(ours));
  const { xstate, path } = copy(version);
  const refused = (what: string) =>
    expect.objectContaining({
      code: 'unsupported-xstate',
      message: `a system runs on one copy of xstate: actor "one" is of xstate ${version} in ${here}, and ${what} of xstate ${version} in ${path}`,
      hint: 'install faultline beside the xstate that you use, or run npm dedupe',
    });
  expect(() => defineSystem({ actors: { one: actor(lamp(ours)), other: actor(lamp(xstate)) } })).toThrow(
    refused('actor "other"'),
  );
  const presses = xstate.createMachine({ on: { PRESS: {} } });
  expect(() =>
    defineSystem({
      actors: { one: actor(lamp(ours)) },
      properties: ({ monitor }) => [monitor('presses', presses)],
    }),
  ).toThrow(refused('monitor "presses"'));
});

test('what nobody can tell the version of is refused', () => {
  const { xstate, path } = copy('5.33.3');
  // As if it were part of a bundle.
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) if (file.startsWith(path)) delete cache[file];
  expect(() => defineSystem({ actors: { lamp: actor(lamp(xstate)) } })).toThrow(
    expect.objectContaining({
      code: 'unsupported-xstate',
      message: expect.stringContaining('an xstate that is not loaded from a package'),
    }),
  );
});

test('what is no machine is not said to be one of another version', () => {
  const logic = ours.fromTransition(() => 0, 0);
  expect(() => defineSystem({ actors: { lamp: { machine: logic as never, choices: [], rest: undefined } } })).toThrow(
    'an XState v5 machine',
  );
});

test('the package asks for what it accepts, and is tested with one of it', () => {
  const { peerDependencies, dependencies, devDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as Record<string, Record<string, string>>;
  expect(peerDependencies).toHaveProperty('xstate', XSTATE_RANGE);
  expect(dependencies).not.toHaveProperty('xstate');
  expect(xstateOf(lamp(ours)).version).toBe(devDependencies!.xstate);
});

test('a missing xstate is no bug', () => {
  let said = '';
  const error = new Error(
    "Cannot find package 'xstate' imported from /p/node_modules/faultline/dist/src/system/xstate.js",
  );
  const status = explainLate(error, [], (text) => {
    said += text;
  });
  expect(said).toBe(
    `faultline: xstate, which it runs on, is not installed: ${error.message}\n  npm install xstate@5\n`,
  );
  expect(status).toBe(3);
});
