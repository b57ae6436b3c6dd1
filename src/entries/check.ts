/**
 * `faultline/check`: define a system, check it, read and replay its traces. Nothing that draws, stresses or simulates is loaded.
 */
export {
  type BitCoverage,
  type CheckFacts,
  type CheckOptions,
  type CheckResult,
  check,
  type Holds,
  type Misdefined,
  type Progress,
  type PropertyResult,
  type Reduction,
  type SearchKind,
  type StoreKind,
  type Unknown,
  type Violated,
  type Violation,
} from '../explore/check.ts';
export {
  type Checkpoint,
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  type Identity,
} from '../explore/checkpoint.ts';
export type { Constrained } from '../explore/constrained.ts';
export type { Costly, CostlyField, CostlyPart } from '../explore/costly.ts';
export type { Growth } from '../explore/growth.ts';
export type { Hollow } from '../explore/hollow.ts';
export type { Ignored } from '../explore/ignored.ts';
export type { ResidentOptions } from '../explore/memory.ts';
export { OptionsError } from '../explore/options.ts';
export type { LevelStats, SearchSnapshot } from '../explore/search.ts';
export type { StoredStates } from '../explore/stored-states.ts';
export { Threads } from '../explore/threads.ts';
export { checkMachine, DEAD_ENDS_PROPERTY, type MachineFacts, type MachineResult } from '../machine/check-machine.ts';
export type { MachineFinding } from '../machine/findings.ts';
export { openMachine } from '../machine/open-machine.ts';
export { type MachineOptions, type MachineSystem, systemOf } from '../machine/system-of.ts';
export {
  constant,
  type Distribution,
  type Duration,
  empirical,
  exponential,
  logNormal,
  uniform,
} from '../system/durations.ts';
export { ModelError, type ModelErrorCode, UsageError } from '../system/errors.ts';
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
} from '../system/property.ts';
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
} from '../system/scenario.ts';
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
} from '../system/system.ts';
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
} from '../system/timing.ts';
export { type Bound, EXIT, type Verdict } from '../system/verdict.ts';
export type { TablesLog } from '../tabulate/tables.ts';
export { WorkerFailed } from '../threads/worker-failed.ts';
export { renderChart } from '../trace/chart.ts';
export { type ChartSvgOptions, renderChartSvg } from '../trace/chart-svg.ts';
export { toItf } from '../trace/itf.ts';
export { itfSchema } from '../trace/itf-schema.ts';
export { toMermaid } from '../trace/mermaid.ts';
export { type Replay, ReplayError, replaySchedule, replayTrace } from '../trace/replay.ts';
export type { ChartMarks } from '../trace/sequence.ts';
export {
  type EnabledStep,
  labelOf,
  scheduleOf,
  statesOf,
  type Trace,
  type TraceStep,
  traceOf,
} from '../trace/trace.ts';
