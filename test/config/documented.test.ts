// Promise: the configurations that docs/configuration.md shows are taken, and the one with contracts trades them. Method: its yaml blocks
// are parsed as they stand there; the program is opened with them and played on its virtual clock.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '#config/load.ts';
import { openInline } from '#src/engine.ts';
import { openProgram } from '#src/paper/paper-program.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

test('every example is a configuration', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(3);
  for (const text of blocks) expect(() => parseConfig(text, 'docs/configuration.md')).not.toThrow();
});

test('inverse and hedged symbols trade with fees in a coin', async () => {
  const text = blocks.find((block) => block.includes('XBTUSD'));
  const directory = mkdtempSync(join(tmpdir(), 'bot4-documented-'));
  try {
    const config = parseConfig(`${text}\nlog: { level: silent }`, 'docs/configuration.md');
    const program = await openInline(await openProgram({ config, directory, durationSeconds: 60 }));
    const { engine } = program;
    const charged = new Set<string>();
    engine.subscribe((news) => {
      for (const event of news.type === 'record' ? news.record.events : []) {
        if (event.type === 'OrderFilled') charged.add(`${event.symbol} ${event.feeCurrency}`);
      }
    });
    await engine.start();
    await program.control('played');
    expect([...charged].sort()).toEqual(['ETHUSDT BNB', 'XBTUSD BNB']);
    const { currencies } = await engine.account();
    expect(currencies.map(({ currency }) => currency).sort()).toEqual(['BNB', 'ETH', 'USDT', 'XBT']);
    await engine.stop('the test ends');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);
