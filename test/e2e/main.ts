// `npm run e2e [-- --pictures <folder>]`: tells the browser's stories on the real program, one after the other, and counts them.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, startProgram } from './browser.ts';
import { chapters, takePictures, takeRecoveryPictures } from './story.ts';

const { values } = parseArgs({ options: { pictures: { type: 'string' } } });
const pictures = values.pictures ?? mkdtempSync(join(tmpdir(), 'bot4-pictures-'));
const browser = await launch();
const program = await startProgram('--config', join(import.meta.dirname, 'paper.yaml'));
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
page.setDefaultTimeout(10_000);
const complaints: string[] = [];
page.on('pageerror', ({ message }) => complaints.push(`error: ${message}`));
page.on('console', (line) => {
  // A refused order is an answer, which the browser's console calls an error.
  if (line.type() === 'error' && !/status of (422|503)/.test(line.text())) complaints.push(line.text());
});
page.on('request', (request) => {
  if (!request.url().startsWith(program.url)) complaints.push(`asked outside: ${request.url()}`);
});
let passed = 0;
let failed = 0;
for (const { name, tell } of chapters) {
  try {
    await tell(page, program);
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    await page.screenshot({ path: join(pictures, `failed-${failed}.png`) });
    console.log(`FAILED  ${name}\n        ${error instanceof Error ? error.message : error}`);
  }
}
const open = ({ width, height, theme }: { width: number; height: number; theme: 'light' | 'dark' }) =>
  browser.newContext({ viewport: { width, height }, colorScheme: theme });
const taken = (await takePictures(open, program, pictures)) + (await takeRecoveryPictures(open, program, pictures));
for (const complaint of complaints) console.log(`complaint: ${complaint}`);
await browser.close();
const code = await program.stop();
if (code !== 0) console.log(`the program ended with code ${code}`);
const ok = failed === 0 && complaints.length === 0 && code === 0;
console.log(`${passed} passed, ${failed} failed, ${complaints.length} complaints, ${taken} pictures in ${pictures}`);
process.exitCode = ok ? 0 : 1;
