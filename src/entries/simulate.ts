/** `faultline/simulate`: how long a system takes; runs, replications, studies and what is read off them. */
export { type Passage, passagesOf, type Segment, type Share, sharesOf } from '../simulate/breakdown.ts';
export { type ChromeTrace, chromeTrace, type TraceEvent } from '../simulate/chrome-trace.ts';
export { follow } from '../simulate/follow.ts';
export type {
  CounterReading,
  GaugeReading,
  Readings,
  TimeReading,
} from '../simulate/measures.ts';
export type { ResourceReading } from '../simulate/pools.ts';
export {
  type ReplicationOptions,
  type Replications,
  replicate,
  type SimulationOptions,
  simulate,
} from '../simulate/replications.ts';
export type { Run, RunOptions, RunProgress } from '../simulate/run.ts';
export { runStudy, type StudyOptions, type StudyProgress } from '../simulate/run-study.ts';
export { Simulation } from '../simulate/simulation.ts';
export { covers, type Estimate, estimate } from '../simulate/statistics.ts';
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
} from '../simulate/study.ts';
export { type Summary, summaryOf } from '../simulate/summary.ts';
export { type TimedMessage, type TimedStep, timelineOf } from '../simulate/timeline.ts';
