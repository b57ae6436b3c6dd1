/**
 * Do the hand-written models and ours agree? States, steps, depth, verdict and length of the shortest trace, at small sizes.
 */
import type { Case } from './cases.ts';
import { measured, type Outcome, type Tool } from './tools.ts';

/** Runs one tool once. */
export function runOnce(tool: Tool, target: Case, directory: string, tools: string, states: number): Outcome {
  const command = tool.build(target, directory, states, '-O1');
  const { output, cost } = measured(tool, command, directory, tools);
  return tool.read(output, target, cost);
}

/** How an outcome differs from ours; empty when it does not, as far as the tool can say. */
export function differences(tool: Tool, outcome: Outcome, ours: Outcome): string[] {
  const compared: [string, unknown, unknown][] = [['verdict', outcome.verdict, ours.verdict]];
  if (tool.kind === 'exact' && ours.verdict === 'holds') {
    compared.push(['states', outcome.states, ours.states], ['steps', outcome.steps, ours.steps]);
    if (outcome.depth !== undefined) compared.push(['depth', outcome.depth, ours.depth]);
  }
  // How many states were found before the violation depends on the order of the steps; the shortest trace does not.
  if (tool.kind === 'exact' && tool.breadthFirst && outcome.traceLength !== undefined) {
    compared.push(['trace length', outcome.traceLength, ours.traceLength]);
  }
  if (tool.kind !== 'exact' && ours.verdict === 'holds' && outcome.states > ours.states)
    compared.push(['states', outcome.states, ours.states]);
  return compared.flatMap(([what, theirs, own]) => (theirs === own ? [] : [`${what} ${theirs}, ours ${own}`]));
}
