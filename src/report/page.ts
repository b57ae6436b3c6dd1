/** A report as one HTML file: it loads nothing, and its policy would forbid it to. */
import { ROOT } from '../diagram/machine-graph.ts';
import { stopText } from '../trace/trace.ts';
import { chartHtml } from './chart.ts';
import { Covered, coverageText } from './covered.ts';
import { Drawings, type DrawnMachine, drawSystem } from './drawings.ts';
import { pageFrame } from './frame.ts';
import { type Content, embeddedJson, type Html, html, slug } from './html.ts';
import type { Report, ReportResult, ReportScenario } from './report.ts';
import { PAGE_SCRIPT } from './script.ts';
import { stateTable, stepDetails } from './steps.ts';
import { PAGE_STYLE } from './style.ts';
import { type StepVisits, visitsOf } from './visits.ts';
import {
  counted,
  kindText,
  number,
  otherViolationText,
  seconds,
  statusText,
  surprise,
  verdictSentence,
} from './words.ts';

/** More results than this are folded, unless they are the ones to look at. */
const OPEN_MAX = 2;

export async function renderReport(report: Report): Promise<string> {
  const page = new Page(report);
  const scenarios: Html[] = [];
  for (const scenario of report.scenarios) scenarios.push(await page.scenario(scenario));
  return `${page.frame(scenarios).markup.trim()}\n`;
}

class Page {
  readonly #report: Report;
  readonly #drawings = new Drawings();
  readonly #covered = new Covered();
  readonly #ids = new Map<string | ReportScenario | ReportResult, string>();
  readonly #results: readonly { scenario: ReportScenario; result: ReportResult }[];

  constructor(report: Report) {
    this.#report = report;
    this.#results = report.scenarios.flatMap((scenario) => scenario.results.map((result) => ({ scenario, result })));
    for (const scenario of report.scenarios) this.#name(scenario, slug('scenario', scenario.name));
    for (const { scenario, result } of this.#results) this.#name(result, slug(scenario.name, result.variant ?? ''));
  }

  frame(scenarios: readonly Html[]): Html {
    const { title } = this.#report;
    const body = html`<a class="skip" href="#verdicts">To the verdicts</a>
<header><h1>${title}</h1>
<p>${this.#summary()}</p>
</header>
<nav aria-label="Contents"><ul>
<li><a href="#verdicts">Verdicts</a></li>
${this.#report.scenarios.map(
  (scenario) => html`<li><a href="#${this.#id(scenario)}">${scenario.name}</a></li>
`,
)}<li><a href="#machines">Machines and coverage</a></li>
<li><a href="#about">About this report</a></li>
</ul></nav>
<main>
${this.#verdicts()}${scenarios}${this.#machines()}${this.#about()}</main>
<dialog id="enlarged" aria-label="Diagram"><form method="dialog"><button>Close</button></form><div class="drawing"></div></dialog>`;
    return pageFrame(title, PAGE_STYLE, body, PAGE_SCRIPT);
  }

  async scenario(scenario: ReportScenario): Promise<Html> {
    const { name, title, group, sources, parameters, results } = scenario;
    const from = sources.length === 0 ? '' : `From ${sources.join(', ')}`;
    const origin = [...(group === null ? [] : [`Group: ${group}`]), from].filter((text) => text !== '').join('. ');
    const shown: Html[] = [];
    for (const result of results) shown.push(await this.#result(scenario, result));
    return html`<section class="scenario" id="${this.#id(scenario)}" aria-labelledby="${this.#id(scenario)}-title">
<h2 id="${this.#id(scenario)}-title">${name}</h2>
${title && html`<p class="lead">${title}</p>`}
${origin !== '' && html`<p class="sources">${origin}</p>`}
${parameters.length > 0 && parametersTable(scenario)}${await this.#overview(scenario)}${shown}</section>
`;
  }

  // --- the parts of a scenario ---

  async #overview({ name, results }: ReportScenario): Promise<Html | null> {
    const drawn = results.find(({ system }) => system !== undefined);
    if (!drawn) return null;
    const { picture, notes } = await drawSystem(drawn.system!, name);
    const which = drawn.variant === null || results.length === 1 ? '' : `, in the variant ${drawn.variant}`;
    return html`<details class="overview"><summary>Who sends what to whom${which}</summary>
<figure id="${slug('system', name)}">${drawing(picture)}
<figcaption>A solid arrow is taken in the same step, a dashed one goes through the channel that it names. ${notes.map(
      (note) => `${note}. `,
    )}</figcaption></figure></details>
`;
  }

  async #result(scenario: ReportScenario, result: ReportResult): Promise<Html> {
    const id = this.#id(result);
    const { variant, title, verdict, asExpected, system } = result;
    const machines = system ? await this.#drawings.ofSystem(scenario.name, system) : new Map<string, DrawnMachine>();
    if (result.coverage) this.#covered.add(machines, result.coverage);
    const isOpen = this.#results.length <= OPEN_MAX || asExpected === false;
    const unexpected = surprise(result);
    return html`<details class="result" id="${id}"${isOpen && html` open`}>
<summary><h3>${variant ?? scenario.name}</h3> ${badge(verdict)}${title && html` <span class="what">${title}</span>`}</summary>
<p class="verdict-sentence">${verdictSentence(result)}</p>
${unexpected && html`<p class="alarm">${unexpected}</p>`}
${otherViolations(result)}${growthList(result)}${costlyList(result)}${propertiesTable(result)}${this.#trace(scenario, result, machines)}</details>
`;
  }

  #trace(scenario: ReportScenario, result: ReportResult, machines: ReadonlyMap<string, DrawnMachine>): Html | null {
    const { trace, system, replay, error, deadEnd } = result;
    if (!trace || !system) return null;
    const id = this.#id(result);
    const visits = visitsOf(system, trace);
    if (!result.coverage) this.#covered.addTrace(machines, visits);
    const count = trace.steps.length;
    const data = {
      overview: slug('system', scenario.name),
      machines: Object.fromEntries([...machines].map(([name, machine]) => [name, machine.id])),
      start: lit(visits.start),
      steps: visits.steps.map(lit),
    };
    const bad = error ? `The model is wrong: ${error.message}` : result.property && `✘ violated: ${result.property}`;
    const last = deadEnd ? '. Nothing can happen any more.' : trace.stops ? `, ${stopText(trace.stops)}.` : '';
    const end = bad ? { text: `${bad}${last}` } : null;
    return html`<section class="trace" id="${id}--trace" data-steps="${count}" aria-labelledby="${id}--title">
<h4 id="${id}--title">Trace, ${counted(count, 'step')}</h4>
<div class="controls" role="group" aria-label="Steps of the trace" hidden>
<button type="button" data-go="first" aria-label="First step">First</button>
<button type="button" data-go="previous" aria-label="Previous step">◀ Previous</button>
<button type="button" data-go="next" aria-label="Next step">Next ▶</button>
<button type="button" data-go="last" aria-label="Last step">Last</button>
<p class="where" role="status" aria-live="polite"></p>
<p class="keys">Keys: ← → Home End</p>
</div>
<div class="panes">
${chartHtml(trace, id, end)}<div class="details">
${stepDetails(trace)}</div>
</div>
<div class="lights" hidden><label>Diagrams <select></select></label><div class="gallery"></div></div>
${explanationHtml(result)}<details class="final"><summary>The state at the end</summary>${stateTable(trace.final, 'The state at the end')}</details>
${
  result.chart !== undefined &&
  html`<details class="picture"><summary>Message chart as one picture</summary><div class="wide"><img src="${dataAddress(result.chart)}" alt="Message chart of the trace, as in the list of steps above"></div></details>`
}${replay !== null && replayBlock(replay)}<script type="application/json">${embeddedJson(data)}</script>
</section>
`;
  }

  // --- the parts of the page ---

  #summary(): string {
    const results = this.#results.map(({ result }) => result);
    const compared = results.filter(({ asExpected }) => asExpected !== null);
    const agreeing = compared.filter(({ asExpected }) => asExpected).length;
    const verdicts = (['holds', 'violated', 'unknown', 'model-error'] as const)
      .map((verdict) => ({ verdict, count: results.filter((result) => result.verdict === verdict).length }))
      .filter(({ count }) => count > 0)
      .map(({ verdict, count }) => `${count} ${verdict === 'model-error' ? 'with a mistake in the model' : verdict}`);
    const expectation = compared.length === 0 ? '' : ` ${agreeing} of ${compared.length} as expected.`;
    return `${counted(results.length, 'system')} checked: ${verdicts.join(', ')}.${expectation}`;
  }

  #verdicts(): Html {
    const head: readonly [string, boolean][] = [
      ['scenario', false],
      ['variant', false],
      ['verdict', false],
      ['as expected', false],
      ['states', true],
      ['steps', true],
      ['depth', true],
      ['trace', true],
      ['time', true],
    ];
    return html`<section id="verdicts" aria-labelledby="verdicts-title"><h2 id="verdicts-title">Verdicts</h2>
<div class="wide"><table class="verdicts">
<thead><tr>${head.map(([name, isNumber]) => html`<th scope="col"${isNumber && html` class="number"`}>${name}</th>`)}</tr></thead>
<tbody>${this.#results.map(({ scenario, result }) => {
      const { variant, verdict, asExpected, states, steps, depth, trace } = result;
      const expected = asExpected === null ? '–' : asExpected ? 'yes' : html`<strong class="bad">✘ no</strong>`;
      const numbers = [states, steps, depth].map(number);
      return html`<tr><td>${scenario.name}</td><th scope="row"><a href="#${this.#id(result)}">${variant ?? scenario.name}</a></th><td>${badge(verdict)}</td><td>${expected}</td>${[
        ...numbers,
        trace ? number(trace.steps.length) : '–',
        seconds(result.seconds),
      ].map((text) => html`<td class="number">${text}</td>`)}</tr>
`;
    })}</tbody></table></div></section>
`;
  }

  #machines(): Html {
    const machines = this.#drawings.all();
    return html`<section id="machines" aria-labelledby="machines-title"><h2 id="machines-title">Machines and coverage</h2>
<p>Each machine is drawn once. ${this.#covered.explanation()}</p>
<div class="machines">${machines.map((machine) => this.#machine(machine))}</div></section>
`;
  }

  #machine(machine: DrawnMachine): Html {
    const { id, name, picture, users } = machine;
    const coverage = this.#covered.of(machine);
    const used = [...users].map(([scenario, names]) => `${scenario}: ${[...names].join(', ')}`);
    const isKnown = this.#covered.known();
    const marks = isKnown && embeddedJson({ states: [ROOT, ...coverage.states], transitions: coverage.transitions });
    return html`<details class="machine" id="${id}"><summary><h3>${name}</h3>${
      isKnown &&
      html` <span class="what">${coverage.states.length} of ${counted(coverage.states.length + coverage.missedStates.length, 'state')}</span>`
    }</summary>
<figure>${drawing(picture)}<figcaption>${used.map((text) => html`<p>${text}</p>`)}${isKnown && coverageText(coverage)}</figcaption></figure>
${marks && html`<script type="application/json">${marks}</script>`}</details>
`;
  }

  #about(): Html {
    const { command, date, versions } = this.#report;
    return html`<section id="about" aria-labelledby="about-title"><h2 id="about-title">About this report</h2>
<dl>
<dt>Made by</dt><dd><code>${command}</code></dd>
${
  date !== undefined &&
  html`<dt>On</dt><dd>${date}</dd>
`
}${versions.map(
  ({ name, version }) => html`<dt>${name}</dt><dd>${version}</dd>
`,
)}</dl>
<p><em>holds</em>: everything was searched. <em>violated</em>: a property is broken, and the trace shows how. <em>unknown</em>: a bound was hit before the
search was complete. <em>model error</em>: the model cannot be judged.</p></section>
`;
  }

  #id(of: ReportScenario | ReportResult): string {
    return this.#ids.get(of)!;
  }

  #name(of: ReportScenario | ReportResult, wanted: string): void {
    const taken = new Set(this.#ids.values());
    let id = wanted;
    for (let count = 2; taken.has(id); count++) id = `${wanted}-${count}`;
    this.#ids.set(of, id);
  }
}

function lit(
  visits: StepVisits,
): Record<string, { s: readonly string[]; p?: readonly string[]; t?: readonly string[] }> {
  return Object.fromEntries(
    [...visits].map(([name, { states, passed, transitions }]) => [
      name,
      {
        s: states,
        ...(passed.length > 0 && { p: passed }),
        ...(transitions.length > 0 && { t: [...new Set(transitions)] }),
      },
    ]),
  );
}

function drawing(picture: Html | string): Html {
  return typeof picture === 'string'
    ? html`<p class="no-picture">${picture}</p>`
    : html`<div class="drawing">${picture}</div>`;
}

function badge(verdict: string): Html {
  return html`<span class="badge ${verdict}">${statusText(verdict)}</span>`;
}

function replayBlock(line: string): Html {
  return html`<div class="replay"><p>Run it again, on live XState actors:</p><pre tabindex="0"><code>${line}</code></pre><button type="button" class="copy" hidden>Copy</button><span role="status" class="copied"></span></div>
`;
}

function parametersTable({ parameters }: ReportScenario): Html {
  return html`<div class="wide"><table class="parameters"><caption>Parameters</caption>
<thead><tr><th scope="col">name</th><th scope="col">value</th><th scope="col">meaning</th><th scope="col">possible</th></tr></thead>
<tbody>${parameters.map(
    (parameter) =>
      html`<tr><th scope="row">${parameter.name}</th><td>${parameter.isDefault ? parameter.value : html`<strong>${parameter.value}</strong> (set)`}</td><td>${parameter.description}</td><td>${parameter.range}</td></tr>
`,
  )}</tbody></table></div>
`;
}

function propertiesTable({ properties }: ReportResult): Html | null {
  if (properties.length === 0) return null;
  return html`<div class="wide"><table class="properties"><caption>Properties</caption>
<thead><tr><th scope="col">property</th><th scope="col">verdict</th><th scope="col">what is meant</th></tr></thead>
<tbody>${properties.map(
    ({ name, kind, status }) =>
      html`<tr><th scope="row">${name}</th><td>${badge(status)}</td><td>${kindText(kind)}</td></tr>
`,
  )}</tbody></table></div>
`;
}

function explanationHtml({ explanation = [] }: ReportResult): Content {
  if (explanation.length === 0) return null;
  return html`<div class="why">${explanation.map(
    ({ head, items }) => html`<p>${head}</p>
${items.length > 0 && html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`}`,
  )}</div>
`;
}

function otherViolations({ violations, property }: ReportResult): Content {
  const others = (violations ?? []).filter((one) => one.property !== property);
  if (others.length === 0) return null;
  return html`<p>Violated as well, each by its shortest trace:</p><ul>${others.map(
    (one) => html`<li>${otherViolationText(one)}${one.replay !== null && html`: <code>${one.replay}</code>`}</li>`,
  )}</ul>
`;
}

function growthList({ growth }: ReportResult): Content {
  if (growth === null) return null;
  if (growth.length === 0) return html`<p>Nothing keeps growing: a higher bound probably decides it.</p>`;
  return html`<p>What keeps growing, fastest first:</p><ul>${growth.map(
    ({ name, kind, field }) => html`<li>${kind} ${name}${field !== null && `, ${field}`}</li>`,
  )}</ul>
`;
}

function costlyList({ costly, states }: ReportResult): Content {
  if (costly.length === 0) return null;
  return html`<p>What made the search slow:</p><ul>${costly.map(
    ({ name, kind, values, advice }) =>
      html`<li>${kind} ${name}, ${counted(values, 'value')} in ${counted(states, 'state')}: ${advice}</li>`,
  )}</ul>
`;
}

/** As an image of its own: its styles stay in it, and it still follows the reader to the dark. */
function dataAddress(svg: string): string {
  const signs = /[%#<>?"`{}|\\^\s]/gu;
  return `data:image/svg+xml,${svg.replaceAll(signs, (sign) => encodeURIComponent(sign))}`;
}
