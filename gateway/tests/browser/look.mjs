// A browser that forgives nothing, and what every page must be.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };
const SCHEMES = ['light', 'dark'];
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function open() {
  const executablePath = process.env.BURSAR_CHROMIUM ?? PROGRAMS.find(existsSync);
  assert.ok(executablePath, 'no Chromium: install it, or name it in BURSAR_CHROMIUM');
  return chromium.launch({
    executablePath,
    // As root, in a container, Chromium has no sandbox of its own. The rest keeps it off the network.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/// A tab of a person of its own, which notes everything that goes wrong in it. What a walk brings
/// about on purpose it names by its status.
export async function tab(browser, server, { expected = [], ...options } = {}) {
  const context = await browser.newContext({ baseURL: server.url, viewport: DESK, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const faults = [];
  const isExpected = (text) => expected.some((status) => text.includes(`status of ${status} `));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isExpected(message.text())) {
      faults.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => faults.push(`script: ${error}`));
  page.on('response', (response) => {
    if (response.status() >= 400 && !expected.includes(response.status())) {
      faults.push(`${response.status()} ${response.url()}`);
    }
  });
  const elsewhere = (url) => !/^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(url);
  page.on('request', (request) => {
    if (elsewhere(request.url())) faults.push(`asked elsewhere: ${request.url()}`);
  });
  const close = async () => {
    await context.close();
    assert.deepEqual(faults, []);
  };
  return { page, context, faults, close };
}

/// What every page must be, whatever its size and colours: no wider than the screen, and clean to
/// axe, with a picture of each where they are wanted, of the top or of a place further down.
export async function inspect(page, name, pictures, place) {
  for (const [size, viewport] of [['desk', DESK], ['phone', PHONE]]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const at = `${name}, ${size}, ${colorScheme}`;
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(widths[0] <= widths[1], `${at}: ${widths[0]} px wide on ${widths[1]}`);
      assert.deepEqual(await axe(page), [], at);
      if (pictures && (size === 'desk' || colorScheme === 'light')) {
        mkdirSync(pictures, { recursive: true });
        await place?.evaluate((element) => element.scrollIntoView());
        const kind = size === 'phone' ? 'phone' : colorScheme;
        await page.screenshot({ path: join(pictures, `${name}-${kind}.png`), caret: 'hide' });
      }
    }
  }
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: 'light' });
}

/// What axe finds, of any weight, as lines.
async function axe(page) {
  // By the browser's own console, which no policy of a page forbids.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${impact} ${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/// Where the keyboard is, which must be seen.
export async function focused(page) {
  const { name, outline } = await page.evaluate(() => {
    const element = document.activeElement;
    return { name: element.name || element.textContent.trim(), outline: getComputedStyle(element).outlineStyle };
  });
  assert.notEqual(outline, 'none', `the focus on ${name} is not seen`);
  return name;
}

/// Goes by Tab alone to what has this name, as somebody without a mouse does.
export async function tabTo(page, name) {
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const reached = await page.evaluate(() => {
      const { activeElement: at } = document;
      return at?.getAttribute('aria-label') ?? at?.labels?.[0]?.textContent.trim() ?? at?.textContent.trim();
    });
    if (reached === name) return;
  }
  assert.fail(`Tab never reaches ${name}`);
}
