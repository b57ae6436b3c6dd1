import { describe, expect, test } from 'vitest';
import {
  labelsFromRumur,
  labelsFromSpin,
  scheduleFromLabels,
  traceFromRumur,
  traceFromSpin,
} from '../../src/export/import.ts';
import { labelOfStep } from '../../src/export/model.ts';
import { exploreSpace } from '../../src/export/space.ts';
import { enabledSteps } from '../../src/tabulate/path.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { oddSystem } from './odd-system.ts';

const SPIN = `Starting properties with pid 1
      faultline: init.timer after 1000 in ticking
          faultline: do: RING(note=5) -> end
spin: model.pml:70, Error: assertion violated
spin: trail ends after 3 steps
#processes: 2
`;

describe('what SPIN prints', () => {
  test('has a line for each step', () => {
    expect(labelsFromSpin(SPIN)).toEqual(['init.timer after 1000 in ticking', 'do: RING(note=5) -> end']);
    expect(labelsFromSpin(SPIN.replaceAll('\n', '\r\n'))).toHaveLength(2);
  });

  test('may have no step: the initial state', () => {
    expect(labelsFromSpin('spin: trail ends after 1 steps\n#processes: 2\n')).toEqual([]);
  });

  test('without a trace is refused', () => {
    const ofPan =
      'pan: wrote model.pml.trail\n\n(Spin Version 6.5.2 -- 6 December 2019)\nState-vector 28 byte, errors: 1\n';
    expect(() => labelsFromSpin(ofPan)).toThrow(/has no trace: got 3 lines without a step, expected/);
    expect(() => labelsFromSpin('')).toThrow(/no output of SPIN: the file is empty/);
    expect(() => labelsFromRumur('\n')).toThrow(/no output of Rumur: the file is empty/);
  });

  test('goes round for ever from where SPIN says so', () => {
    const [head, tail] = ['spin: x\nfaultline: a.RUN\n', 'spin: trail ends after 9 steps\n'];
    expect(traceFromSpin(`${head}<<<<<START OF CYCLE>>>>>\nfaultline: b.RUN\n${tail}`)).toEqual({
      labels: ['a.RUN', 'b.RUN'],
      cycleStart: 1,
      isFrontier: false,
    });
    // A cycle in which nothing happens: the run stops there.
    expect(traceFromSpin(`${head}<<<<<START OF CYCLE>>>>>\n${tail}`)).toEqual({
      labels: ['a.RUN'],
      cycleStart: 1,
      isFrontier: false,
    });
  });

  test('may end at the edge of the model', () => {
    expect(traceFromSpin(`faultline: a.RUN\n   faultline frontier\n${SPIN}`).isFrontier).toBe(true);
    expect(traceFromSpin(SPIN).isFrontier).toBe(false);
    const error = 'Startstate 1 fired.\ninvariant "frontier" failed\n';
    expect(traceFromRumur(error).isFrontier).toBe(true);
    expect(traceFromRumur(error.replace('frontier', '1 x')).isFrontier).toBe(false);
  });

  test('is told from a raw trail, and from something else', () => {
    expect(() => labelsFromSpin('-4:-4:-4\n1:0:8\n2:0:13\n')).toThrow(/raw trail/);
    expect(() => labelsFromSpin('hello')).toThrow(/no output of SPIN/);
  });
});

describe('what Rumur prints', () => {
  const text = 'Startstate 1 fired.\na:x\n----------\n\nRule "init.STOP" fired.\na:y\n----------\n';
  const xml =
    '<rumur_run>\n<transition>Startstate 1</transition>\n<state>\n</state>\n' +
    '<transition>Rule &quot;do: RING(note=5) -&gt; end&quot;</transition>\n</rumur_run>';

  test('is text or XML', () => {
    expect(labelsFromRumur(text)).toEqual(['init.STOP']);
    expect(labelsFromRumur(xml)).toEqual(['do: RING(note=5) -> end']);
  });

  test('may have no trace', () => {
    expect(() => labelsFromRumur('State Space Explored:\n\n\t20 states, 34 rules fired in 0s.\n')).toThrow(
      /has no trace/,
    );
    expect(() => labelsFromRumur('hello')).toThrow(/no output of Rumur/);
  });
});

describe('labels become a schedule', () => {
  test('along every step of a system with odd names', async () => {
    const space = await exploreSpace(oddSystem('drop', 'unordered'));
    const { tables, walker, initial } = space;
    let tried = 0;
    for (let number = 0; number < space.size; number++) {
      for (const step of enabledSteps(walker, space.at(number).slice())) {
        if (number !== 0) continue;
        const label = labelOfStep(tables, step);
        const schedule = scheduleFromLabels(oddSystem('drop', 'unordered'), [label]);
        const { trace } = replaySchedule(oddSystem('drop', 'unordered'), schedule);
        expect(labelOfStep(tables, enabledSteps(walker, initial[0]!)[trace.steps[0]!.index]!)).toBe(label);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(2);
  });

  test('what follows decides between steps that read alike', () => {
    // The clock sends 5 and '5', which both read `note=5`; after both are delivered, only one is left to be told apart.
    const system = oddSystem('block', 'unordered');
    const first = labelled(system, []);
    expect(new Set(first).size).toBe(first.length);
    const ringing = [
      "do: RING(note=it's 5 o'clock/n* /) -> end",
      'init.timer after 1000 in ticking',
      'do: RING(note=5) -> end #9',
    ];
    const schedule = scheduleFromLabels(system, [...ringing, 'do: RING(note=5) -> end']);
    expect(schedule.split('/')).toHaveLength(4);
  });

  test('an impossible one is named, with what is possible', () => {
    expect(() => scheduleFromLabels(oddSystem('block'), ['init.STOP', 'nobody.RUN'])).toThrow(
      /step 2 of the trace, nobody\.RUN, is not possible: 2 steps are enabled there:\n {2}0 {2}/,
    );
  });
});

function labelled(system: ReturnType<typeof oddSystem>, path: readonly string[]): string[] {
  const schedule = scheduleFromLabels(system, path);
  return replaySchedule(system, schedule).trace.steps.map(({ index }) => String(index));
}
