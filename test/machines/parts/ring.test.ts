/** A ring by its pointers and a ring as what is between them are the same ring. */
import { describe, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { from } from '../../../machines/parts/call.ts';
import {
  advance,
  between,
  depthOf,
  entriesIn,
  isEmpty,
  isFull,
  type RingPointer,
} from '../../../machines/parts/ring.ts';

const START: RingPointer = { index: 0, wrap: 0 };

/** The pointer after so many steps. */
function pointerAfter(steps: number, size: number): RingPointer {
  return Array.from({ length: steps }).reduce<RingPointer>((pointer) => advance(pointer, size), START);
}

const sizes = [1, 2, 3, 5];

describe('pointers of a ring', () => {
  test.each(sizes)('of %i entries: empty when they are equal, full when one is once around', (size) => {
    // Far enough for both wrap bits to turn over twice.
    for (let head = 0; head <= 4 * size; head++) {
      for (let depth = 0; depth <= size; depth++) {
        const [from, to] = [pointerAfter(head, size), pointerAfter(head + depth, size)];
        expect(depthOf(to, from, size)).toBe(depth);
        expect(isEmpty(to, from)).toBe(depth === 0);
        expect(isFull(to, from)).toBe(depth === size);
        expect(between(from, to, size)).toEqual(Array.from({ length: depth }, (_, at) => (head + at) % size));
      }
    }
  });

  test('the wrap bit turns over where the index starts again', () => {
    expect([0, 1, 2, 3, 4].map((steps) => pointerAfter(steps, 2))).toEqual([
      { index: 0, wrap: 0 },
      { index: 1, wrap: 0 },
      { index: 0, wrap: 1 },
      { index: 1, wrap: 1 },
      { index: 0, wrap: 0 },
    ]);
  });

  test('what a specification has beside them stays', () => {
    expect(advance({ index: 0, wrap: 0, flag: 1 }, 1)).toEqual({ index: 0, wrap: 1, flag: 1 });
  });
});

type RingEvent = { type: 'WRITE'; entry: string } | { type: 'MOVE_HEAD'; count: number } | { type: 'TAKE' };

const log = entriesIn('log');

const ringMachine = setup({
  types: { context: {} as { capacity: number; log: readonly string[]; seen: number }, events: {} as RingEvent },
  guards: { hasRoom: log.hasRoom, isNotEmpty: log.isNotEmpty },
  actions: {
    write: log.add(from('WRITE', ({ event }) => event.entry)),
    moveHead: log.drop(from('MOVE_HEAD', ({ event }) => event.count)),
    take: log.drop(),
  },
}).createMachine({
  context: { capacity: 2, log: [], seen: 7 },
  on: {
    WRITE: { guard: 'hasRoom', actions: 'write' },
    MOVE_HEAD: { actions: 'moveHead' },
    TAKE: { guard: 'isNotEmpty', actions: 'take' },
  },
});

describe('a ring as what is between its pointers', () => {
  test('takes entries while there is room, and gives them up oldest first', () => {
    const ring = createActor(ringMachine).start();
    const logAfter = (event: RingEvent) => {
      ring.send(event);
      return ring.getSnapshot().context.log;
    };
    expect(logAfter({ type: 'TAKE' })).toEqual([]);
    expect(logAfter({ type: 'WRITE', entry: 'a' })).toEqual(['a']);
    expect(logAfter({ type: 'WRITE', entry: 'b' })).toEqual(['a', 'b']);
    expect(logAfter({ type: 'WRITE', entry: 'c' })).toEqual(['a', 'b']);
    expect(logAfter({ type: 'TAKE' })).toEqual(['b']);
    expect(logAfter({ type: 'WRITE', entry: 'c' })).toEqual(['b', 'c']);
    expect(logAfter({ type: 'MOVE_HEAD', count: 2 })).toEqual([]);
    expect(ring.getSnapshot().context).toEqual({ capacity: 2, log: [], seen: 7 });
  });

  test('says how it is filled, with its size under any name', () => {
    const { hasRoom, isEmpty, isNotEmpty } = entriesIn('records', 'entries');
    const filled = (records: readonly number[]) => {
      const context = { records, entries: 2 };
      return [hasRoom({ context }), isEmpty({ context }), isNotEmpty({ context })];
    };
    expect([[], [1], [1, 2]].map(filled)).toEqual([
      [true, true, false],
      [true, false, true],
      [false, false, true],
    ]);
  });

  test('its lists are checked by the compiler', () => {
    const shelf = entriesIn('books');
    // @ts-expect-error: no list "books" in this context
    expect(() => shelf.isEmpty({ context: { log: [] } })).toThrow();
    setup({
      types: { context: {} as { books: readonly string[] }, events: {} as { type: 'GIVE'; copies: number } },
      actions: {
        // @ts-expect-error: the books are strings
        add: shelf.add(from('GIVE', ({ event }) => event.copies)),
      },
    });
  });
});
