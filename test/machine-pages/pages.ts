/** `docs/machines`: a page for every machine that `faultline/machines` exports, an index of them, and the same as data. */
import { MACHINE_PAGES } from '../../src/cli/machine-pages.ts';
import { machinesDocument } from './document.ts';
import { indexOf, pageOf } from './page.ts';
import { wiringsPage } from './wirings.ts';

const HEAD = `
<!-- Written by \`npm run generate\`. -->

# Machines

Every machine that \`faultline/machines\` exports, by the folder of its source. \`faultline list --machines\` prints this list, with a name a
machine's page, and with \`--json\` what they are made of ([machines.json](machines.json)). Wirings of several machines,
properties, and helpers for machines of your own are in [wirings.md](wirings.md).

## How to read a page

A page is written from the machine's source and from the scenarios that have it, so it is as true as these.

- **The text** is the head of the source file. What its comments cite of kernels and specifications is listed below it.
- **Input** is what \`actor(machine, { input })\` wants. A \`string\` is mostly the name of another actor: machines find each other by name, so
  that one machine serves many systems. A member with \`?\` is optional.
- **Events that it takes**: each with the members of its payload, the states that have a transition for it (\`all\` for what the machine
  takes wherever it is), and the machines that were seen to send it. _A choice_ is an event that some system lists under \`choices\`, so
  that a scheduler or the outside world starts it. \`by\` in a payload is the name of the actor that wants the reply.
- **Messages that it sends**: to whom they went, and through which channel if that was not within the same step. That is read from
  a search of some variants that have the machine. Where not all states were looked at, something rare can be missing. The
  receiver has to have a transition for a message at that time: otherwise it is a model error, or, if the message is blocking, the
  sender's step is not possible yet.
- **Blocking**: the types that go under \`blocking\` of \`defineSystem\`. One that is so _in every system_ you most probably need as well; the text
  says why.
- **Rest** is what systems give as \`rest\`: where the actor may stay for ever without it being a deadlock.
- **Simplifications** say what is left out. If your doubt is about one of these, the machine is the wrong one, or it needs a version.
- **Where it is used**: \`npx faultline check SCENARIO --variant VARIANT\` runs it, \`npx faultline diagram SCENARIO#ACTOR\` draws it.

A version of a machine that differs in few states is made of the parts of another one: the file exports its setup, its config and its
states, and the version replaces some of them. A page says so, and what it does not say is on the other one's page.
`;

/** By file in `docs/machines`; what else is there does not belong there. */
export function machinePages(): ReadonlyMap<string, string> {
  const document = machinesDocument();
  const { machines } = document;
  const names = new Set(machines.map(({ name }) => name));
  return new Map([
    ['README.md', indexOf(HEAD, machines)],
    ['wirings.md', wiringsPage()],
    [MACHINE_PAGES, `${JSON.stringify(document, null, 1)}\n`],
    ...machines.map((machine) => [`${machine.name}.md`, pageOf(machine, names)] as const),
  ]);
}
