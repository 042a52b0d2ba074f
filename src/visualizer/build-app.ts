// Builds the browser app into one script and one style sheet. Run by `npm ci` (the `prepare` script); the result is not checked in.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const source = join(import.meta.dirname, 'app');
const out = join(import.meta.dirname, 'app-dist');

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: [join(source, 'main.tsx'), join(source, 'main.css')],
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'linked',
  logLevel: 'warning',
});
for (const name of ['index.html', 'icon.svg']) cpSync(join(source, name), join(out, name));
