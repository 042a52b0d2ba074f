// The story that an operator sees in the browser, told on the real program: fills, a statechart scrubbed back, a refusal read, a connector
// killed and back, the kill switch tripped with the protective stop still there, and recovery; with pictures of every page.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './browser.ts';
import { type BrowserContext, expect, type Page } from './expect.ts';

export interface Chapter {
  readonly name: string;
  readonly tell: (page: Page, program: Program) => Promise<void>;
}

export const chapters: readonly Chapter[] = [
  {
    name: 'the link opens the overview without a login, and the token leaves the address',
    tell: async (page, { link }) => {
      await page.goto(link);
      await page.getByText('PAPER', { exact: true }).waitFor();
      expect(!page.url().includes('token'), `no token in the address ${page.url()}`);
    },
  },
  {
    name: 'the first fill is seen within ten seconds of the start',
    tell: async (page, { startedMs }) => {
      await page.locator('.lines .line-fill').first().waitFor({ timeout: 15_000 });
      const tookMs = performance.now() - startedMs;
      expect(tookMs < 10_000, `the first fill came after ${Math.round(tookMs)} ms`);
    },
  },
  {
    name: "an order's statechart opens from a fill, with its path lit and its regions in their last states",
    tell: async (page) => {
      await page.locator('.lines .line-fill a').last().click();
      await page.locator('.state.current[data-state="venue.filled"]').waitFor({ timeout: 20_000 });
      expect((await page.locator('figure.region').count()) === 3, 'three regions are drawn');
      expect((await page.locator('path.edge.taken, path.edge.last').count()) >= 3, 'taken edges are lit');
    },
  },
  {
    name: 'scrubbing back shows the earlier state under a permanent address',
    tell: async (page) => {
      await page.getByRole('slider').focus();
      await page.keyboard.press('Home');
      await page.locator('.state.current[data-state="venue.initialized"]').waitFor();
      expect(/\?seq=\d+$/.test(page.url()), `the address names the record: ${page.url()}`);
      await page.reload();
      await page.locator('.state.current[data-state="venue.initialized"]').waitFor({ timeout: 20_000 });
      await page.getByRole('slider').focus();
      await page.keyboard.press('ArrowRight');
      await page.locator('.state.current[data-state="venue.submitted"]').waitFor();
    },
  },
  {
    name: 'an order without a stop is refused, and the page says by which rule, at which limit, for which value',
    tell: async (page) => {
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.getByLabel('Quantity').fill('0.001');
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.locator('.ticket').getByText('STOP_LOSS_MISSING').waitFor();
      const said = await page.locator('.ticket .outcome').innerText();
      for (const part of ['stop-loss', 'value', 'limit', 'entry'])
        expect(said.includes(part), `the refusal tells ${part}: ${said}`);
    },
  },
  {
    name: 'a killed connector is seen crashing, backing off and coming back, with its breaker opening and closing',
    tell: async (page) => {
      const row = page.locator('tr[data-actor="venue/paper/session"]');
      await row.getByRole('button').click();
      await page.locator('.line-actor', { hasText: 'venue/paper/session crashed' }).first().waitFor();
      await page.locator('[data-breaker="feed/paper"] .badge.breaker-open').waitFor();
      await row.getByText('↻1').waitFor({ timeout: 15_000 });
      await row.getByText('running').waitFor({ timeout: 15_000 });
      await page.locator('[data-breaker="feed/paper"] .badge.breaker-closed').waitFor({ timeout: 15_000 });
      await page.locator('.line-state', { hasText: 'breaker feed/paper halfOpen' }).first().waitFor();
    },
  },
  {
    name: 'the kill switch halts new risk, keeps the protective stop, and trading comes back by a plan that a person approves',
    tell: async (page) => {
      await untilProtected(page);
      await page.getByRole('button', { name: 'Kill switch' }).click();
      await page.getByRole('button', { name: 'Trip it' }).click();
      await page.getByText('Kill switch tripped: operator.').waitFor();
      await page.getByLabel('Quantity').fill('0.001');
      await page.getByLabel('Stop-loss').fill('50000');
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.locator('.ticket').getByText('TRADING_HALTED').waitFor();
      await page.getByRole('link', { name: 'Orders' }).click();
      await page.getByRole('button', { name: 'open', exact: true }).click();
      await page.locator('tr', { hasText: '.s1' }).locator('.badge.venue-emulated').first().waitFor();
      await page.getByRole('link', { name: 'To the recovery' }).click();
      await page.getByRole('button', { name: 'Start the aggressive plan' }).click();
      await page.locator('dialog[open]').getByRole('button', { name: 'Start the aggressive plan' }).click();
      await page.locator('[aria-current="step"]', { hasText: 'Cool-down' }).waitFor();
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.locator('dialog[open]').getByRole('button', { name: 'Approve' }).click();
      await page.locator('[aria-current="step"]', { hasText: '50%' }).waitFor();
      await page.locator('[aria-current="step"]', { hasText: '100%' }).waitFor();
      await page.locator('.recovery').waitFor({ state: 'detached' });
    },
  },
  {
    name: 'a core that dies is said, and the page is whole again after its restart',
    tell: async (page, { link }) => {
      const token = new URL(link).hash.slice('#token='.length);
      await page.getByRole('link', { name: 'Overview' }).click();
      const answer = await fetch(new URL('/v1/chaos', link), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'killCore' }),
      });
      expect(answer.ok, `chaos answered ${answer.status}`);
      await page.locator('.line-state', { hasText: 'core lost' }).first().waitFor();
      await page.locator('.line-state', { hasText: 'core running' }).first().waitFor({ timeout: 15_000 });
      await page.locator('tr[data-actor="risk"]').getByText('running').waitFor({ timeout: 15_000 });
    },
  },
];

/** A position with its stop is open most of the time; the demo closes it now and then. */
async function untilProtected(page: Page): Promise<void> {
  await page.locator('.positions td', { hasText: 'whole' }).first().waitFor({ timeout: 30_000 });
}

const pages = [
  { name: 'overview', path: '/', ready: '.lines li' },
  { name: 'orders', path: '/orders', ready: 'tbody tr' },
  { name: 'statecharts', path: '/machines/circuit-breaker', ready: 'figure.region' },
] as const;

/** Every page in both themes, wide and narrow. */
export async function takePictures(
  open: (options: { width: number; height: number; theme: 'light' | 'dark' }) => Promise<BrowserContext>,
  { link }: Program,
  folder: string,
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  let taken = 0;
  for (const theme of ['light', 'dark'] as const) {
    for (const [size, width, height] of [
      ['wide', 1440, 900],
      ['narrow', 390, 844],
    ] as const) {
      const context = await open({ width, height, theme });
      const page = await context.newPage();
      await page.goto(link);
      const shoot = async (name: string): Promise<void> => {
        await page.screenshot({ path: join(folder, `${name}-${size}-${theme}.png`), fullPage: true });
        taken += 1;
      };
      for (const { name, path, ready } of pages) {
        await page.goto(new URL(path, link).href);
        await page.locator(ready).first().waitFor({ timeout: 20_000 });
        await shoot(name);
      }
      await page.goto(new URL('/orders?show=filled', link).href);
      await page.locator('tbody a.mono').last().click();
      await page.locator('.state.current').first().waitFor({ timeout: 20_000 });
      await shoot('order');
      await context.close();
    }
  }
  return taken;
}

/** The overview while the switch is tripped, waits for an approval, and ramps up; at the end it is armed again. */
export async function takeRecoveryPictures(
  open: (options: { width: number; height: number; theme: 'light' | 'dark' }) => Promise<BrowserContext>,
  { link }: Program,
  folder: string,
): Promise<number> {
  const token = new URL(link).hash.slice('#token='.length);
  const send = async (body: object): Promise<void> => {
    const answer = await fetch(new URL('/v1/kill-switch', link), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'for a picture', ...body }),
    });
    expect(answer.ok, `the kill switch answered ${answer.status}`);
  };
  const views = await Promise.all(
    (['light', 'dark'] as const).flatMap((theme) =>
      ([['wide', 1440, 900] as const, ['narrow', 390, 844] as const] as const).map(async ([size, width, height]) => {
        const context = await open({ width, height, theme });
        const page = await context.newPage();
        await page.goto(link);
        await page.locator('.lines li').first().waitFor({ timeout: 20_000 });
        return { page, context, name: `${size}-${theme}` };
      }),
    ),
  );
  const states = [
    { name: 'tripped', body: { action: 'trip' }, at: 'tripped' },
    { name: 'awaiting', body: { action: 'start', plan: 'aggressive' }, at: 'aggressive.awaitingApproval' },
    { name: 'ramp', body: { action: 'approve' }, at: 'aggressive.ramp50' },
  ];
  for (const { name, body, at } of states) {
    await send(body);
    await Promise.all(
      views.map(async ({ page, name: view }) => {
        await page.locator(`[data-switch="${at}"]`).waitFor({ timeout: 20_000 });
        await page.screenshot({ path: join(folder, `kill-switch-${name}-${view}.png`) });
      }),
    );
  }
  await views[0]?.page.locator('.recovery').waitFor({ state: 'detached', timeout: 30_000 });
  for (const { context } of views) await context.close();
  return states.length * views.length;
}
