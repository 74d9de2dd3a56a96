import type { z } from 'zod';
import type { DocumentPath } from '../yaml/document-path.ts';
import { explainIssues, isMapping } from '../yaml/explain-issues.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';
import { MAX_FINDINGS } from '../yaml/finding.ts';
import type { Finding } from './finding.ts';
import { OWN_KEYS, otherOwner } from './kind.ts';
import type { Kind } from './kind.ts';
import { CATALOG_PROBLEM_CODES } from './problem-code.ts';
import { ENTRIES, Fields } from './schema.ts';
import { quote } from '../yaml/wording.ts';

/** A part of the catalog: the keys that hold what they should, and findings about the others. */
export interface CheckedShape {
  readonly fields: Fields;
  /** Keys that are there and wrong; all of them when the part is no mapping at all. */
  isBroken(key: string): boolean;
  readonly findings: readonly Finding[];
}

/**
 * Checks the part of a catalog at `path` against its schema, key by key: what is wrong with one key
 * leaves the others usable for the checks that come later. `kind` is what the image is, if it is one
 * and that is known.
 */
export function checkShape(
  schema: z.ZodObject,
  raw: unknown,
  path: DocumentPath,
  sourceOf: YamlDocument['sourceOf'],
  kind?: Kind,
): CheckedShape {
  const result = schema.safeParse(raw);
  const issues = result.error?.issues ?? [];
  const examined = issues.slice(0, MAX_FINDINGS);
  const explained = explainIssues(examined, { raw, path, sourceOf }, schema, CATALOG_PROBLEM_CODES)
    .slice(0, MAX_FINDINGS)
    .map((finding) => inCatalogWords(finding, schema, kind));
  const findings = kind === undefined ? explained : withoutEcho(explained, kind);
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
function inCatalogWords(finding: Finding, schema: z.ZodObject, kind: Kind | undefined): Finding {
  const key = String(finding.path.at(-1));
  if (finding.code === 'UNQUOTED_VALUE' && key === 'version') {
    return { ...finding, code: 'UNQUOTED_VERSION' };
  }
  if (finding.code !== 'UNKNOWN_KEY' || kind === undefined) return finding;
  const owner = otherOwner(key, kind);
  if (owner !== undefined) {
    const problem = `${quote(key)} is for a ${owner}, and this is a ${kind}`;
    const remedy = `delete it, or write kind: ${owner} in this entry of images`;
    return { ...finding, code: 'KEY_OF_OTHER_KIND', problem, remedy };
  }
  const isBesideVersions = 'versions' in schema.shape && key in ENTRIES[kind].version.shape;
  if (!isBesideVersions) return finding;
  return { ...finding, remedy: 'move it into an item of versions, or delete versions' };
}

/** A forgotten `kind` makes some keys wrong and others missing: one of the two is enough to say so. */
function withoutEcho(findings: readonly Finding[], kind: Kind): readonly Finding[] {
  if (!findings.some(({ code }) => code === 'KEY_OF_OTHER_KIND')) return findings;
  const own: readonly string[] = OWN_KEYS[kind];
  return findings.filter(
    ({ code, path }) => code !== 'MISSING_KEY' || !own.includes(String(path.at(-1))),
  );
}
