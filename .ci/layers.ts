// The import layers: every rule of .dependency-cruiser.mjs, and at most one outside library per adapter and per venue,
// which a pattern cannot count. Reads imports only; whether a layer is well designed is for people to judge.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface Module {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string; readonly dependencyTypes: readonly string[] }[];
}

interface Cruise {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
  readonly modules: readonly Module[];
}

const project = join(import.meta.dirname, '..');

/** Packages that speak the project's own formats (decimals, schemas) and are open to every adapter and venue. */
const commonPackages = new Set(['decimal.js', 'zod']);
const outsidePackagesMax = 1;

/** One line per forbidden import: `rule: from → to`. */
export function findLayerViolations(root: string): string[] {
  const { summary, modules } = cruise(root);
  const broken = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return [...broken, ...crowdedRooms(modules)].sort();
}

function cruise(root: string): Cruise {
  const folders = ['src', 'actors', 'machines', 'config'].filter((folder) => existsSync(join(root, folder)));
  const program = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(project, '.dependency-cruiser.mjs');
  const { stdout, stderr, error } = spawnSync(
    process.execPath,
    [program, '--config', config, '--output-type', 'json', ...folders],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (error !== undefined) throw error;
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no result: ${stderr}`);
  return JSON.parse(stdout);
}

function crowdedRooms(modules: readonly Module[]): string[] {
  const packagesByRoom = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const room = /^src\/(?:venues|adapters)\/[^/]+/.exec(source)?.[0];
    if (room === undefined) continue;
    const packages = packagesByRoom.get(room) ?? new Set();
    packagesByRoom.set(room, packages);
    for (const { resolved } of dependencies) {
      const name = /^node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)/.exec(resolved)?.[1];
      if (name !== undefined && !commonPackages.has(name)) packages.add(name);
    }
  }
  return [...packagesByRoom]
    .filter(([, packages]) => packages.size > outsidePackagesMax)
    .map(([room, packages]) => `one-outside-library: ${room} → ${[...packages].sort().join(', ')}`);
}
