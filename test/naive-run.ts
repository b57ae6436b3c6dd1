/**
 * Runs the naive twin on one variant of a scenario file:
 * `node --import tsx test/naive-run.ts machines/races/x.ts variant [name=value...] [--max=states]`
 */
import { pathToFileURL } from 'node:url';
import { isScenario } from '../src/system/scenario.ts';
import { checkNaively } from './naive-checker.ts';

const [file, variantName, ...settings] = process.argv.slice(2);
if (!file) throw new Error('usage: naive-run.ts FILE VARIANT [name=value...] [--max=states]');
const scenario = Object.values(await import(pathToFileURL(file).href)).find(isScenario);
if (!scenario) throw new Error(`${file} exports no scenario`);

const variants = variantName ? [variantName] : Object.keys(scenario.variants);
for (const variant of variants) {
  if (!scenario.variants[variant]) throw new Error(`no such variant; there are: ${Object.keys(scenario.variants)}`);
  const max = Number(settings.find((setting) => setting.startsWith('--max='))?.slice(6) ?? 200_000);
  const values = settings
    .filter((setting) => !setting.startsWith('--'))
    .map((setting) => {
      const [name, value = ''] = setting.split('=');
      return [
        name,
        /^\d+$/.test(value) ? Number(value) : value === 'true' || value === 'false' ? value === 'true' : value,
      ];
    });
  const started = performance.now();
  const system = scenario.build(scenario.parameters.parse(Object.fromEntries(values)), variant);
  const { trace, last, ...rest } = checkNaively(system, { maxStates: max });
  console.log(`${scenario.name} --variant ${variant}: expected`, scenario.variants[variant].expected);
  console.log({ ...rest, seconds: Math.round(performance.now() - started) / 1000 });
  trace?.forEach((line, index) => {
    console.log(`${String(index + 1).padStart(3)}  ${line}`);
  });
  if (last) for (const [name, state] of Object.entries(last)) console.log(`     ${name}: ${JSON.stringify(state)}`);
}
