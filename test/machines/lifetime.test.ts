/** A monitor of the library that looks for a name which nobody has would find nothing. */
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { noUseAfterFree } from '../../machines/monitors/object-lifetime.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const memory = createMachine({ on: { ALLOC: {}, FREE: {} } });
const watched = (lifetime: Parameters<typeof noUseAfterFree>[1]) => () =>
  defineSystem({ actors: { memory: actor(memory) }, properties: () => [noUseAfterFree('sound', lifetime)] });

test('noUseAfterFree watches what is there', () => {
  expect(watched({ objects: ['memory'], alloc: 'ALLOC', free: 'FREE', allocated: ['memory'] })).not.toThrow();
  expect(watched({ objects: ['memory'], free: 'FREE' })).not.toThrow();
});

test.each([
  [{ objects: ['memry'], free: 'FREE' }, 'names the actor "memry"'],
  [{ objects: ['memory'], free: 'FREE', allocated: ['memry'] }, 'names the actor "memry"'],
  [{ objects: ['memory'], free: 'FREEE' }, 'names the message type FREEE'],
  [{ objects: ['memory'], alloc: 'ALOC', free: 'FREE' }, 'names the message type ALOC'],
])('noUseAfterFree refuses %j', (lifetime, said) => {
  expect(watched(lifetime)).toThrow(said);
});
