/** Whether a found path leads to what it is said to lead to. */
import { expect } from 'vitest';
import type { CheckResult } from '../src/explore/check.ts';
import type { System } from '../src/system/system.ts';
import { replaySchedule } from '../src/trace/replay.ts';
import { scheduleOf, traceOf } from '../src/trace/trace.ts';

export function reproduces(system: System, { tables, path, verdict, property, deadEnd, error }: CheckResult): void {
  // The failing step may be the start itself, which no schedule contains.
  if (!path) return;
  const replay = replaySchedule(system, scheduleOf(traceOf(tables, path)));
  expect(replay.error?.message).toBe(error?.message);
  if (verdict === 'violated') {
    expect(replay.violated).toContain(property);
    expect(replay.deadEnd || !deadEnd).toBe(true);
  }
}
