/** What makes a step of one thread come to nothing, or be done, whatever another one does between two of its looks at the memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { DRAINING, PHASE, phaseOf, RUNNING, SEQUENCE, STATE, VERSION } from '../../src/stress/layout.ts';
import { CLOSED, CONFLICT, DONE } from '../../src/stress/outcomes.ts';
import { NOTE_WORDS, Transaction } from '../../src/stress/transaction.ts';
import { UnitMemory } from '../../src/stress/unit-memory.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { planOf } from './harness.ts';

const toggle = setup({}).createMachine({
  initial: 'off',
  states: { off: { on: { GO: 'on' } }, on: { on: { GO: 'off' } } },
});
const system = defineSystem({
  actors: { a: actor(toggle, { choices: [{ type: 'GO' }] }), b: actor(toggle, { choices: [{ type: 'GO' }] }) },
});
const PHASE_NOW = phaseOf(0, RUNNING);
/** Some state that names nothing. */
const ON = 40;

describe('a step', () => {
  let memory: Int32Array;
  /** The state of the first actor. */
  let off: number;
  let [mine, other]: Transaction[] = [];
  let at: (kind: number, word: number) => number;

  beforeEach(() => {
    const plan = planOf(system);
    ({ memory } = plan);
    off = memory[plan.layout.kinds[0]!.offset + STATE]!;
    const begun = () => {
      const transaction = new Transaction(new UnitMemory(plan.memory, plan.layout), plan.tables.buffers.stateThings);
      transaction.begin(PHASE_NOW);
      return transaction;
    };
    [mine, other] = [begun(), begun()];
    at = (kind, word) => plan.layout.kinds[kind]!.offset + word;
  });

  /** As the step leaves it: another state for a touched slot. */
  function change(transaction: Transaction, kind: number): void {
    const slot = transaction.touch(kind, 0);
    transaction.words[slot * transaction.width + STATE] = ON;
    transaction.isDirty[slot] = 1;
  }

  it('is done where nobody else did anything, and has the next number', () => {
    change(mine!, 0);
    expect(mine!.prepare(false)).toBe(0);
    // Locked: what others would read now is on its way.
    expect(memory[at(0, VERSION)]! % 2).toBe(1);
    expect(memory[at(0, STATE)]).toBe(off);
    mine!.finish();
    expect([memory[at(0, VERSION)], memory[at(0, STATE)], memory[SEQUENCE]]).toEqual([2, ON, 1]);
    other!.begin(PHASE_NOW);
    change(other!, 1);
    expect(other!.prepare(false)).toBe(1);
  });

  it('is given up when the unit has come to another phase', () => {
    change(mine!, 0);
    Atomics.store(memory, PHASE, phaseOf(0, DRAINING));
    expect(mine!.prepare(false)).toBe(-1);
    expect(mine!.outcome).toBe(CLOSED);
    expect([memory[at(0, VERSION)], memory[at(0, STATE)]]).toEqual([0, off]);
  });

  it('is given up when the unit has begun another episode, though nothing it has read looks different', () => {
    mine!.touch(0, 0);
    Atomics.store(memory, PHASE, phaseOf(1, RUNNING));
    expect(mine!.isConsistent()).toBe(false);
    expect(mine!.outcome).toBe(CLOSED);
    expect(mine!.prepare(false)).toBe(-1);
  });

  it('is given up when another one has changed what it wants to change', () => {
    change(mine!, 0);
    change(other!, 0);
    expect(other!.prepare(false)).toBe(0);
    other!.finish();
    expect(mine!.prepare(false)).toBe(-1);
    expect(mine!.outcome).toBe(CONFLICT);
    expect([memory[at(0, VERSION)], memory[at(0, STATE)]]).toEqual([2, ON]);
  });

  it('is given up when another one has changed what it has only read, and unlocks what it has locked', () => {
    mine!.touch(1, 0);
    change(mine!, 0);
    change(other!, 1);
    expect(other!.prepare(false)).toBe(0);
    other!.finish();
    expect(mine!.isConsistent()).toBe(false);
    mine!.outcome = DONE;
    expect(mine!.prepare(false)).toBe(-1);
    expect([mine!.outcome, memory[at(0, VERSION)], memory[at(0, STATE)]]).toEqual([CONFLICT, 0, off]);
  });

  it('is given up when another one has locked what it wants to read, or to change', () => {
    change(mine!, 0);
    expect(mine!.prepare(false)).toBe(0);
    expect(other!.touch(0, 0)).toBe(-1);
    expect(other!.outcome).toBe(CONFLICT);
    mine!.finish();
    other!.begin(PHASE_NOW);
    expect(other!.touch(0, 0)).toBe(0);
  });

  it('that breaks off takes a number and changes nothing', () => {
    change(mine!, 0);
    expect(mine!.prepare(true)).toBe(0);
    mine!.finish();
    expect([memory[at(0, VERSION)], memory[at(0, STATE)], memory[SEQUENCE]]).toEqual([0, off, 1]);
  });

  it('locks in the order of addresses, so that no two wait for each other', () => {
    change(mine!, 1);
    change(mine!, 0);
    expect(mine!.prepare(false)).toBe(0);
    expect([...mine!.order.subarray(0, mine!.locked)].map((slot) => mine!.kindOf[slot])).toEqual([0, 1]);
  });

  it('that touches a slot twice has it once, and knows whether it has changed it', () => {
    expect([mine!.touch(0, 0), mine!.touch(1, 0), mine!.touch(0, 0), mine!.count]).toEqual([0, 1, 0, 2]);
    expect(mine!.unchangedAt(0, 0)).toBe(at(0, VERSION));
    mine!.isDirty[0] = 1;
    expect(mine!.unchangedAt(0, 0)).toBe(-1);
    expect(mine!.unchangedAt(1, 0)).toBe(at(1, VERSION));
  });

  it('that came to nothing comes to nothing again until something that it read has changed', () => {
    const notes = new Int32Array(NOTE_WORDS);
    expect(mine!.isAsNoted(notes, 0)).toBe(false);
    mine!.touch(0, 0);
    mine!.note(notes, 0);
    expect(mine!.isAsNoted(notes, 0)).toBe(true);
    change(other!, 1);
    other!.prepare(false);
    other!.finish();
    expect(mine!.isAsNoted(notes, 0)).toBe(true);
    other!.begin(PHASE_NOW);
    change(other!, 0);
    other!.prepare(false);
    other!.finish();
    expect(mine!.isAsNoted(notes, 0)).toBe(false);
  });
});
