/** Every study has a page that shows what it gives. Whether the figures are those of a run is seen by `npm run studies`, which takes minutes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { studyNamed, studyNames } from '../../machines/studies/by-name.ts';
import { STUDY_PAGES, studyIndex, studyOfPage } from '../study-pages.ts';

const textOf = (file: string) => readFileSync(`${STUDY_PAGES}${file}`, 'utf8');

describe.each(studyNames)('%s', (name) => {
  it('has a page with its question, its command, its tables and its plots', async () => {
    const page = textOf(`${name}.md`);
    const { question } = (await studyNamed(name))!;
    expect(studyOfPage(page)).toBe(name);
    expect(page.replaceAll(/\s+/g, ' ')).toContain(question.replaceAll(/\s+/g, ' '));
    expect(page).toContain(`npx faultline simulate ${name}`);
    expect(page, 'npm run studies').toMatch(/<!-- study: .* -->\n\n[\s\S]*\|---[\s\S]*± is half[\s\S]*<!-- end -->/);
    const plots = [...page.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file]) => file!);
    expect(plots.length).toBeGreaterThan(0);
    for (const file of plots)
      expect(existsSync(`${STUDY_PAGES}${file}`), `${file}: npm run studies -- ${name}`).toBe(true);
  });
});

it('docs/studies holds nothing else', async () => {
  const pages = readdirSync(STUDY_PAGES).filter((file) => file.endsWith('.md'));
  expect(pages.sort()).toEqual([...studyNames.map((name) => `${name}.md`), 'README.md', 'constants.md'].sort());
  const shown = new Set(
    pages.flatMap((file) => [...textOf(file).matchAll(/\]\(([^)]+\.svg)\)/g)].map(([, svg]) => svg)),
  );
  expect(readdirSync(STUDY_PAGES).filter((file) => file.endsWith('.svg') && !shown.has(file))).toEqual([]);
});

it('docs/studies/README.md lists them', async () => {
  expect(textOf('README.md'), 'npm run generate').toBe(await studyIndex());
});
