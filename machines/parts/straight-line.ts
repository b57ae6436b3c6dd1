/**
 * The states of a thread that does one thing after the other, a kernel function as the list of its calls: each line is a state, and
 * what the thread does there when the scheduler lets it run.
 *
 *   states: {
 *     bound: { on: { UNBIND: { target: 'stopped', actions: 'stopDevice' } } },
 *     ...straightLine({ stopped: 'drain', drained: ['lock', 'flush'], flushing: ['awaitFlush', 'unlock'] }, 'bound'),
 *   }
 *
 * @param lines by state, in order: its actions, which are one step
 * @param then the state after the last line
 */
export function straightLine<const Lines extends Readonly<Record<string, string | readonly string[]>>>(
  lines: Lines,
  then: string,
): { [State in keyof Lines]: { on: { RUN: { target: string; actions: Lines[State] } } } } {
  const states = Object.keys(lines);
  return Object.fromEntries(
    states.map((state, at) => [state, { on: { RUN: { target: states[at + 1] ?? then, actions: lines[state] } } }]),
  ) as never;
}
