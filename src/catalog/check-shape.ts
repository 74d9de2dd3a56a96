import type { z } from 'zod';
import type { DocumentPath } from '../document/document-path.ts';
import { explainIssues, isMapping } from '../document/explain-issues.ts';
import type { YamlDocument } from '../document/yaml-document.ts';
import { MAX_FINDINGS } from '../document/finding.ts';
import type { Finding } from './finding.ts';
import { CATALOG_PROBLEM_CODES } from './problem-code.ts';
import { Fields } from './schema.ts';

/** A part of the catalog: the keys that hold what they should, and findings about the others. */
export interface CheckedShape {
  readonly fields: Fields;
  /** Keys that are there and wrong; all of them when the part is no mapping at all. */
  isBroken(key: string): boolean;
  readonly findings: readonly Finding[];
}

/**
 * Checks the part of a catalog at `path` against its schema, key by key: what is wrong with one key
 * leaves the others usable for the checks that come later.
 */
export function checkShape(
  schema: z.ZodObject,
  raw: unknown,
  path: DocumentPath,
  sourceOf: YamlDocument['sourceOf'],
): CheckedShape {
  const result = schema.safeParse(raw);
  const issues = result.error?.issues ?? [];
  const examined = issues.slice(0, MAX_FINDINGS);
  const findings = explainIssues(examined, { raw, path, sourceOf }, schema, CATALOG_PROBLEM_CODES)
    .slice(0, MAX_FINDINGS)
    .map((finding) => inCatalogWords(finding, schema));
  if (!isMapping(raw)) return { fields: {}, isBroken: () => true, findings };

  const broken = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : String(issue.path[0]),
    ),
  );
  const sound = Object.entries(raw).filter(([key]) => !broken.has(key));
  const isBroken = (key: string) => Object.hasOwn(raw, key) && broken.has(key);
  return { fields: Fields.parse(Object.fromEntries(sound)), isBroken, findings };
}

/** What the general explanation can't know: that a version is no mere text, and where keys belong. */
function inCatalogWords(finding: Finding, schema: z.ZodObject): Finding {
  const key = String(finding.path.at(-1));
  if (finding.code === 'UNQUOTED_VALUE' && key === 'version') {
    return { ...finding, code: 'UNQUOTED_VERSION' };
  }
  const isBesideVersions = 'versions' in schema.shape && ['version', 'base', 'name'].includes(key);
  if (finding.code === 'UNKNOWN_KEY' && isBesideVersions) {
    return { ...finding, remedy: 'move it into an item of versions, or delete versions' };
  }
  return finding;
}
