/**
 * What is said of machines of the library, held against what machines and systems themselves say. That it is what would be written now is
 * a test of its own, which takes longer (`test/machines/generated.test.ts`).
 */
import { describe, expect, test } from 'vitest';
import * as library from '../../machines/index.ts';
import { catalogue } from '../../machines/races/index.ts';
import type { MachineDocument } from '../../src/cli/documents.ts';
import { readMachines } from '../../src/cli/machine-pages.ts';
import { isMachine } from '../../src/system/xstate.ts';

const machines = readMachines();
const machineOf = (name: string) => machines.find((machine) => machine.name === name)!;

test('every exported machine is there once', () => {
  const exported = Object.entries(library).flatMap(([name, value]) => (isMachine(value) ? [name] : []));
  expect(machines.map(({ name }) => name).sort()).toEqual(exported.sort());
});

describe('of each machine', () => {
  const failing = (is: (machine: MachineDocument) => boolean) =>
    machines.filter((machine) => !is(machine)).map(({ name }) => name);

  test('it is said in one line what it is', () => {
    expect(failing(({ summary }) => summary.length > 10)).toEqual([]);
  });

  test('some events are taken, and those of its type are known', () => {
    expect(failing(({ events }) => events.some(({ states }) => states.length > 0))).toEqual([]);
    // What has no payload in common with others, as what a monitor sees, is `*`.
    expect(failing(({ events }) => events.every(({ type }) => type.length > 0))).toEqual([]);
  });

  test('what it was seen to send is taken by those to whom it goes', () => {
    const strays = machines.flatMap(({ name, sends }) =>
      sends.flatMap(({ type, to }) =>
        to
          .map(machineOf)
          .filter((other) => other !== undefined)
          .filter(({ events }) => !events.some((event) => ['*', type].includes(event.type) && event.states.length > 0))
          .map((other) => `${name} sends ${type} to ${other.name}`),
      ),
    );
    expect(strays).toEqual([]);
  });

  test('what is blocking is a type that it takes or sends', () => {
    expect(
      failing(({ blocking, events, sends }) =>
        blocking.every(({ type, side }) =>
          (side === 'takes' ? events : sends).some((message) => message.type === type),
        ),
      ),
    ).toEqual([]);
  });

  test('where it is used are scenarios and variants that there are', () => {
    const variants = new Map(catalogue.map(({ name, variants }) => [name, Object.keys(variants)]));
    expect(
      failing(({ uses }) =>
        uses.every((use) => (use.variants ?? []).every((variant) => variants.get(use.scenario)?.includes(variant))),
      ),
    ).toEqual([]);
  });
});

test('types, docstrings, states, senders: a word of shared memory', () => {
  expect(machineOf('sharedWord')).toMatchObject({
    file: 'textbook/shared-word.ts',
    summary: 'One word of memory that threads share',
    input: [{ name: 'value', type: 'Value', optional: false, description: '' }],
    sends: expect.arrayContaining([{ type: 'LOADED', to: ['transactionThread'], channels: [] }]),
  });
  expect(machineOf('sharedWord').events[2]).toMatchObject({
    type: 'COMPARE_EXCHANGE',
    payload: [{ name: 'expected', type: 'Value' }, { name: 'value' }, { name: 'by', type: 'string' }],
    states: ['(root)'],
    from: ['transactionThread'],
    isChoice: false,
  });
});

test('comments before the members of a union are those of the events, an interface is documented where it stands', () => {
  const described = machineOf('priQueue').events.map(({ type, description }) => [type, description.split(' ')[0]]);
  expect(described).toContainEqual(['READ_PROD', 'Software']);
  expect(described).toContainEqual(['PAGE_REQUEST', 'One']);
});
