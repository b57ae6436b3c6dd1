/** What `simulate` found as one HTML page that loads nothing: the answer, tables, plots, and where a measured time goes. */
import type { TopLevelSpec } from 'vega-lite';
import { INK } from '../diagram/palette.ts';
import { pageFrame } from '../report/frame.ts';
import { type Html, html, slug, trusted } from '../report/html.ts';
import { PAGE_STYLE } from '../report/style.ts';
import type { Cell } from '../simulate/study.ts';
import type { SimulateDocument } from './documents.ts';
import { drawn } from './plots.ts';
import { studyPlots } from './simulate-plots.ts';
import {
  breakdownExtent,
  breakdownTable,
  cellText,
  extentOf,
  summaryTablesOf,
  takenText,
  titleOf,
  violationText,
} from './simulate-text.ts';

export async function simulateReport(document: SimulateDocument): Promise<string> {
  const { question, answer, tables, notes, violated, unused, summary, unit, parameters } = document;
  const plots = await studyPlots(document);
  const passages = await Promise.all((document.breakdowns ?? []).map(breakdownHtml));
  const settings = Object.entries(parameters);
  const body = html`<main>
<h1>${titleOf(document)}</h1>
${question !== null && html`<p class="lead">${question}</p>`}
<p class="sources">${extentOf(document)}. A simulation looks at some runs only: it never says that something holds.</p>
${settings.length > 0 && html`<p class="sources">Parameters: ${settings.map(([name, value]) => `${name}=${String(value)}`).join(', ')}</p>`}
${answer.map((sentence) => html`<p>${sentence}</p>`)}
${violated.map((one) => html`<p class="alarm">${violationText(one)}</p>`)}
${tables.map(({ title, head, rows }) => tableHtml(title, head, rows))}
${summary && summaryTablesOf(summary, unit ?? 'us').map(({ head, rows }) => tableHtml(null, head, rows))}
${plots.map(({ name, title, svg }) => html`<figure id="${slug('plot', name)}" role="img" aria-label="${title}"><div class="wide">${trusted(svg)}</div></figure>`)}
${passages}
${notes.length > 0 && html`<h2>Notes</h2><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${unused.length > 0 && html`<p>Timed nothing in any run: ${unused.join('; ')}</p>`}
<p class="sources">± is half of the 95 % interval, over the seeds.</p>
</main>`;
  return pageFrame(titleOf(document), PAGE_STYLE + STYLE, body).markup;
}

const STYLE = `
figure{margin:1rem 0}
figure svg{max-width:100%;height:auto}
`;

function tableHtml(title: string | null, head: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<div class="wide"><table>${title !== null && html`<caption>${title}</caption>`}
<thead><tr>${head.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td class="${typeof cell === 'string' ? 'text' : 'number'}">${cellText(cell)}</td>`)}</tr>`)}</tbody></table></div>
`;
}

type Breakdown = NonNullable<SimulateDocument['breakdowns']>[number];

async function breakdownHtml(breakdown: Breakdown): Promise<Html> {
  const { name, seed, unit, typical } = breakdown;
  const { head, rows } = breakdownTable(breakdown);
  const length = (typical.to - typical.from).toPrecision(4);
  const svg = await drawn(
    gantt(breakdown),
    `${name}: one that takes ${length} ${unit}, the median`,
    [`seed ${seed}, from ${typical.from.toPrecision(6)} ${unit} on`],
    LINE_HEIGHT * new Set(typical.segments.map(({ actor }) => actor)).size,
  );
  return html`<h2>Where the time goes: ${name}</h2>
${tableHtml(breakdownExtent(breakdown), head, rows)}
<figure role="img" aria-label="One ${name} through all components"><div class="wide">${trusted(svg)}</div></figure>
`;
}

const LINE_HEIGHT = 40;
/** How much of the whole a letter takes: what is too short for its name has none. */
const LETTER = 0.0115;

/** A line for each actor, from the first that takes part to the last. */
function gantt({ typical, unit }: Breakdown): TopLevelSpec {
  const values = typical.segments.map(({ actor, kind, from, to, ...taken }) => ({
    actor,
    what: kind === 'works' ? 'works' : 'waits',
    from: from - typical.from,
    to: to - typical.from,
    label: to - from >= LETTER * takenText(taken).length * (typical.to - typical.from) ? takenText(taken) : '',
  }));
  const y = { field: 'actor', type: 'nominal', sort: null, title: null, axis: { labelLimit: 200 } } as const;
  const x = { field: 'from', type: 'quantitative', title: unit, scale: { zero: true, nice: false } } as const;
  return {
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 16 },
        encoding: {
          x,
          x2: { field: 'to' },
          y,
          color: {
            field: 'what',
            type: 'nominal',
            scale: { domain: ['waits', 'works'], range: [INK.guard, INK.action] },
            legend: { title: null, orient: 'bottom' },
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dy: -14, fontSize: 10, color: INK.faint },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  } as TopLevelSpec;
}
