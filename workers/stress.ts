/** A worker thread of a stress run: one job for each system that is run. */
import { LineFiller } from '../src/stress/line.ts';
import { startTogether, type ThreadJob } from '../src/stress/run-shape.ts';
import { UnitRunner } from '../src/stress/unit-runner.ts';

export default function run(jobs: readonly ThreadJob[]): void {
  const runners = jobs.map((job) => new UnitRunner(job, new LineFiller(job.line)));
  const [{ control, threads }] = jobs as [ThreadJob];
  startTogether(control, threads);
  while (runners.every((runner) => runner.turn()));
  for (const runner of runners) runner.stop();
}
