/**
 * Faultline: define a system of XState machines, check it exhaustively, read the shortest trace to a violation.
 */
export { coverageOf, type MachineCoverage, type MachineCoverages, unionOf } from './coverage/coverage.ts';
export { coverageDocument, type FullCoverageDocument, type FullMachineDocument } from './coverage/document.ts';
export { type Premise, premisesOf } from './coverage/premises.ts';
export { type DiagramDocument, diagramSchema } from './diagram/diagram-json.ts';
export { foldFamilies } from './diagram/fold-families.ts';
export {
  type GraphState,
  type GraphTransition,
  type MachineGraph,
  machineGraph,
  transitionsOf,
} from './diagram/machine-graph.ts';
export { type Coverage, coverageMarks, coverageSchema, highlight, type Marks } from './diagram/marks.ts';
export { DIAGRAM_FORMATS, type DiagramFormat, type RenderOptions, renderDiagram } from './diagram/render.ts';
export { type SystemGraph, systemGraph } from './diagram/system-graph.ts';
export { type Explained, type ExplainOptions, type Explanation, explain } from './explain/explain.ts';
export type { FairStep, Staying } from './explain/staying.ts';
export { UnknownStep, type WhyNot, whyNot } from './explain/why-not.ts';
export { explanationText, type Paragraph, whyNotText } from './explain/words.ts';
export {
  type BitCoverage,
  type CheckOptions,
  type CheckResult,
  check,
  type Progress,
  type PropertyResult,
  type Reduction,
  type SearchKind,
  type StoreKind,
  type Violation,
} from './explore/check.ts';
export {
  type Checkpoint,
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  type Identity,
} from './explore/checkpoint.ts';
export type { Costly, CostlyField, CostlyPart } from './explore/costly.ts';
export type { Growth } from './explore/growth.ts';
export type { Hollow } from './explore/hollow.ts';
export type { Ignored } from './explore/ignored.ts';
export type { ResidentOptions } from './explore/memory.ts';
export { OptionsError } from './explore/options.ts';
export type { LevelStats, SearchSnapshot } from './explore/search.ts';
export type { StoredStates } from './explore/stored-states.ts';
export { Threads } from './explore/threads.ts';
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
export { type Passage, passagesOf, type Segment, type Share, sharesOf } from './simulate/breakdown.ts';
export { type ChromeTrace, chromeTrace, type TraceEvent } from './simulate/chrome-trace.ts';
export { follow } from './simulate/follow.ts';
export type {
  CounterReading,
  GaugeReading,
  Readings,
  TimeReading,
} from './simulate/measures.ts';
export type { ResourceReading } from './simulate/pools.ts';
export {
  type ReplicationOptions,
  type Replications,
  replicate,
  type SimulationOptions,
  simulate,
} from './simulate/replications.ts';
export type { Run, RunOptions } from './simulate/run.ts';
export { runStudy } from './simulate/run-study.ts';
export { Simulation } from './simulate/simulation.ts';
export { covers, type Estimate, estimate } from './simulate/statistics.ts';
export {
  type Axis,
  type Cell,
  defineStudy,
  type Outcome,
  type Point,
  type Simulated,
  type Study,
  type StudyContext,
  type StudyDefinition,
  type StudyPlot,
  type StudyResult,
  type StudyTable,
} from './simulate/study.ts';
export { type Summary, summaryOf } from './simulate/summary.ts';
export { type TimedMessage, type TimedStep, timelineOf } from './simulate/timeline.ts';
export {
  constant,
  type Distribution,
  type Duration,
  empirical,
  exponential,
  logNormal,
  uniform,
} from './system/durations.ts';
export { ModelError, type ModelErrorCode, UsageError } from './system/errors.ts';
export {
  always,
  DEADLOCK_PROPERTY,
  type Envelope,
  eventually,
  type Fairness,
  happens,
  infinitelyOften,
  leadsTo,
  type MessagePattern,
  type MonitorNames,
  monitor,
  type Observed,
  type Property,
  type PropertyBuilders,
  reachable,
  type Sent,
  type SystemView,
} from './system/property.ts';
export {
  type Counts,
  defineScenario,
  type Expectation,
  isScenario,
  type ObservedEvent,
  type Scenario,
  type ScenarioDefinition,
  type StressDefinition,
  type Variant,
  type Vocabulary,
} from './system/scenario.ts';
export {
  type Actor,
  type ActorOptions,
  type Actors,
  actor,
  type Channel,
  type ChannelsOf,
  combineActors,
  defineSystem,
  extendSystem,
  family,
  isSystem,
  type System,
  type SystemAdditions,
  type SystemDefinition,
} from './system/system.ts';
export type {
  ChannelTiming,
  DrawTiming,
  MeasureDefinition,
  ResourceTiming,
  ScenarioTiming,
  Seen,
  StepTiming,
  StepView,
  Takes,
  TimeUnit,
  Timing,
} from './system/timing.ts';
export { type Bound, EXIT, type Verdict } from './system/verdict.ts';
export type { TablesLog } from './tabulate/tables.ts';
export { WorkerFailed } from './threads/worker-failed.ts';
export { renderChart } from './trace/chart.ts';
export { type ChartSvgOptions, renderChartSvg } from './trace/chart-svg.ts';
export { toItf } from './trace/itf.ts';
export { itfSchema } from './trace/itf-schema.ts';
export { toMermaid } from './trace/mermaid.ts';
export { type Replay, ReplayError, replaySchedule, replayTrace } from './trace/replay.ts';
export type { ChartMarks } from './trace/sequence.ts';
export { type EnabledStep, labelOf, scheduleOf, statesOf, type Trace, type TraceStep, traceOf } from './trace/trace.ts';
export { type Log, LogError, parseLog, writeStepsLog } from './validate/log.ts';
export { type Validation, validate } from './validate/validate.ts';
