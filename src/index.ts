/**
 * Faultline: define a system of XState machines, check it exhaustively, read the shortest trace to a violation.
 *
 * Examples of what is exported here share these two lights, which know nothing of each other:
 *
 * ```ts
 * // lights.ts
 * import { actor, defineSystem, exponential } from 'faultline';
 * import { setup } from 'xstate';
 *
 * export const light = setup({ types: { events: {} as { type: 'GO' } | { type: 'STOP' } } }).createMachine({
 *   id: 'light',
 *   initial: 'red',
 *   states: { red: { on: { GO: 'green' } }, green: { on: { STOP: 'red' } } },
 * });
 * const one = () => actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }], rest: ['red'] });
 * export const lights = defineSystem({
 *   actors: { north: one(), east: one() },
 *   properties: ({ always, reachable }) => [
 *     always('never both green', (view) => !(view.get('north').matches('green') && view.get('east').matches('green'))),
 *     reachable('north goes', (view) => view.get('north').matches('green')),
 *   ],
 * });
 * export const timing = { unit: 's', actors: { '*': { GO: { takes: 30 }, STOP: { takes: exponential(10) } } } } as const;
 * ```
 *
 * @packageDocumentation
 */

export { coverageOf, type MachineCoverage, type MachineCoverages, unionOf } from './coverage/coverage.ts';
export { coverageDocument, type FullCoverageDocument, type FullMachineDocument } from './coverage/document.ts';
export { type Premise, premisesOf } from './coverage/premises.ts';
export * from './entries/check.ts';
export * from './entries/diagram.ts';
export * from './entries/simulate.ts';
export * from './entries/stress.ts';
export { type Explained, type ExplainOptions, type Explanation, explain } from './explain/explain.ts';
export type { FairStep, Staying } from './explain/staying.ts';
export { UnknownStep, type WhyNot, whyNot } from './explain/why-not.ts';
export { explanationText, type Paragraph, whyNotText } from './explain/words.ts';
export { type GraphEdge, type GraphNode, type GraphOptions, type StateGraph, stateGraph } from './export/graph.ts';
export { toAut, toDot, toGraphml } from './export/graph-formats.ts';
export {
  type ForeignTrace,
  labelsFromRumur,
  labelsFromSpin,
  scheduleFromLabels,
  scheduleOfForeign,
  traceFromRumur,
  traceFromSpin,
} from './export/import.ts';
export { type Model, modelOf } from './export/model.ts';
export { toMurphi } from './export/murphi.ts';
export { toPromela } from './export/promela.ts';
export { exploreSpace, IncompleteSpace, type Space, type SpaceOptions, type SpaceProgress } from './export/space.ts';
export { toTla } from './export/tla.ts';
export type { EventsOptions, ValidationProgress } from './validate/events.ts';
export { type Log, LogError, parseLog, writeStepsLog } from './validate/log.ts';
export { type Validation, validate } from './validate/validate.ts';
