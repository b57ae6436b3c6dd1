/** `faultline/stress`: many copies of a system on threads. */
export type { NamedStep } from '../stress/log-steps.ts';
export { type StressFound, type StressReport, type StressRunOptions, stress } from '../stress/run.ts';
export type { Mix } from '../stress/run-shape.ts';
export type { StressTally, ThreadTally } from '../stress/stress.ts';
