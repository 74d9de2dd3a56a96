import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** This repository's own `config/`, as it is in the checkout: path → text. */
export const OWN_CONFIG: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(ROOT, 'config'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [relative(ROOT, path), readFileSync(path, 'utf8')]),
);
