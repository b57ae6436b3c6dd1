/** A report in a real browser, from a file: Debian's Chromium, without a network. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { peterson } from '../../machines/textbook/peterson.ts';
import { renderReport } from '../../src/report/page.ts';
import { EVIL, nastySystem, reportOf, resultOf } from './nasty.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const isMissing = !existsSync(CHROMIUM);
if (isMissing) {
  const message = `${CHROMIUM} not installed: reports are not tried in a browser`;
  if (process.env.FAULTLINE_REQUIRE_TOOLS === '1') throw new Error(message);
  console.warn(message);
}

describe.skipIf(isMissing)('in Chromium', () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let url: string;
  let nastyUrl: string;
  let steps: number;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-report-'));
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return pathToFileURL(join(folder, name)).href;
    };
    const drop = await resultOf(boundedFifo.build({ ...defaults(boundedFifo), capacity: 2 }, 'drop'), {
      variant: 'drop',
    });
    const flags = await resultOf(peterson.build({}, 'flags-only'), { variant: 'flags-only' });
    steps = drop.trace!.steps.length;
    url = write('report.html', await renderReport(reportOf('textbook', drop, flags)));
    nastyUrl = write('nasty.html', await renderReport(reportOf(EVIL, await resultOf(nastySystem(), { title: EVIL }))));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    complaints.length = 0;
    page = await opened(url);
    return async () => {
      await page.close();
      expect(complaints).toEqual([]);
    };
  });

  /** Everything that a page complains about, or asks of a network, is noted. */
  async function opened(address: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    // Without motion nothing has to be waited for.
    const opened = await browser.newPage({ reducedMotion: 'reduce', ...options });
    opened.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    opened.on('pageerror', (error) => complaints.push(String(error)));
    opened.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
    });
    await opened.goto(address);
    return opened;
  }

  const drop = () => page.locator('#textbook--drop--trace');
  const where = () => drop().locator('.where').textContent();
  const shownDetail = () => drop().locator('.detail:visible').getAttribute('data-step');

  test('a trace is clicked through, forwards and back', async () => {
    expect(await where()).toContain('Start');
    const go = (name: string) => drop().getByRole('button', { name }).click();
    for (let at = 1; at <= steps; at++) {
      await go('Next step');
      expect(await where()).toContain(`Step ${at} of ${steps}`);
      expect(await shownDetail()).toBe(String(at));
      expect(await drop().locator('[aria-current=step]').count()).toBe(1);
      expect(page.url()).toMatch(new RegExp(`#textbook--drop--step-${at}$`));
    }
    await drop().getByRole('button', { name: 'Next step' }).click({ force: true });
    expect(await where()).toContain(`Step ${steps} of ${steps}`);
    expect(await drop().getByRole('button', { name: 'Next step' }).getAttribute('aria-disabled')).toBe('true');
    await go('Previous step');
    expect(await where()).toContain(`Step ${steps - 1} of`);
    await go('First step');
    expect(await where()).toContain('Start');
    await drop().locator('.step-name').nth(2).click();
    expect(await where()).toContain('Step 2 of');
  });

  test('the keyboard does the same, and the other trace stays where it is', async () => {
    await drop().getByRole('button', { name: 'Next step' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await shownDetail()).toBe('2');
    await page.keyboard.press('End');
    expect(await shownDetail()).toBe(String(steps));
    await page.keyboard.press('ArrowLeft');
    expect(await shownDetail()).toBe(String(steps - 1));
    await page.keyboard.press('Home');
    expect(await shownDetail()).toBe('0');
    await page.keyboard.press('Enter');
    expect(await shownDetail()).toBe('1');
    expect(await page.locator('#textbook--flags-only--trace .where').textContent()).toContain('Start');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(outline).toBe('solid');
  });

  test('diagrams light the states of the step, one of them can be kept, and enlarged', async () => {
    const select = drop().getByLabel('Diagrams');
    const [, , first] = await select.locator('option').all();
    await select.selectOption((await first!.getAttribute('value'))!);
    const lit = () => drop().locator('.gallery .lit[data-state]').count();
    expect(await lit()).toBeGreaterThan(0);
    await drop().getByRole('button', { name: 'Last step' }).click();
    expect(await lit()).toBeGreaterThan(0);
    expect(await drop().locator('.gallery svg').count()).toBe(1);
    const [plain, marked] = await drop()
      .locator('.gallery .lit[data-state] > path, .gallery .lit[data-state] > polygon')
      .evaluateAll((shapes) => shapes.map((shape) => [getComputedStyle(shape).fill, shape.getAttribute('fill')]))
      .then((fills) => fills[0]!);
    expect(plain).not.toBe(marked);
    await drop()
      .getByRole('button', { name: /^Enlarge/ })
      .click();
    await page.locator('dialog svg').waitFor({ state: 'visible', timeout: 60_000 });
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'hidden', timeout: 60_000 });
    await select.selectOption('*');
    expect(await drop().locator('.gallery .actor.lit').count()).toBeGreaterThan(0);
  });

  test('an address leads to its step, and links open what they lead to', async () => {
    const other = await opened(`${url}#textbook--drop--step-3`);
    expect(await other.locator('#textbook--drop--trace .where').textContent()).toContain('Step 3 of');
    await other.close();
    await page.evaluate(() => {
      document.querySelector<HTMLDetailsElement>('#textbook--drop')!.open = false;
    });
    await page.locator('.verdicts a').first().click();
    // The page hears of the new address a moment later.
    await drop().waitFor({ state: 'visible', timeout: 60_000 });
  });

  test('machines show what was covered', async () => {
    const machine = page.locator('.machine').first();
    await machine.locator('summary').first().click();
    await expect.poll(() => machine.locator('.seen:visible').count()).toBeGreaterThan(0);
  });

  test('light, dark, wide and narrow: text can be told from its background, and nothing sticks out', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        const shown = await opened(url, { colorScheme, viewport: { width, height: 800 } });
        for (let at = 0; at < 3; at++) await shown.getByRole('button', { name: 'Next step' }).first().click();
        expect(await shown.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        expect(await shown.evaluate(lowContrast)).toEqual([]);
        await shown.close();
      }
    }
  });

  test('on paper there are all steps, and it is light', async () => {
    const shown = await opened(url, { colorScheme: 'dark' });
    await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await shown.locator('#textbook--drop--trace .detail:visible').count()).toBe(steps + 1);
    expect(await shown.locator('.controls:visible, .lights:visible, nav:visible').count()).toBe(0);
    expect(await shown.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect((await shown.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
    await shown.close();
  });

  test('a model cannot run scripts', async () => {
    const shown = await opened(nastyUrl);
    await shown.getByRole('button', { name: 'Next step' }).first().click();
    expect(await shown.locator('.gallery .lit[data-state]').count()).toBeGreaterThan(0);
    expect(await shown.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await shown.locator('img').count()).toBe(0);
    await shown.close();
  });

  test('without scripts everything is there', async () => {
    const shown = await opened(url, { javaScriptEnabled: false });
    expect(await shown.locator('#textbook--drop--trace .detail:visible').count()).toBe(steps + 1);
    expect(await shown.locator('.controls:visible').count()).toBe(0);
    await shown.close();
  });
});

function defaults(scenario: typeof boundedFifo): Record<string, unknown> {
  return scenario.parameters.parse({}) as Record<string, unknown>;
}

/** Runs in the page: visible HTML text whose contrast is less than 4.5 to 1. */
function lowContrast(): string[] {
  const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (rgb: number[]) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const backgroundOf = (element: Element): number[] => {
    for (let at: Element | null = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => element instanceof HTMLElement && element.checkVisibility() && element.tagName !== 'SCRIPT')
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim() !== ''))
    .flatMap((element) => {
      const [one, other] = [luminance(parse(getComputedStyle(element).color)), luminance(backgroundOf(element))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return ratio >= 4.5
        ? []
        : [`${element.tagName}.${element.className} ${ratio.toFixed(2)}: ${element.textContent!.slice(0, 40)}`];
    });
}
