/**
 * Faultline: define a system of XState machines, check it exhaustively, read the shortest trace to a violation.
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
