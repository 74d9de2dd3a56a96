import { z } from 'zod';
import { unknownKey, type EntryProblem } from './entry-problem.ts';
import { normalPlatform, PLATFORMS } from '../platforms.ts';
import { isLoopback } from '../url.ts';

/** A Docker Engine that builds images. */
export interface Builder {
  readonly name: string;
  /** `ssh://`, `tcp://` or `unix://`; absent for the local one. */
  readonly host?: string | undefined;
  /** A folder with `ca.pem`, `cert.pem` and `key.pem`. */
  readonly certPath?: string | undefined;
  /** What it builds for, such as `linux/arm64`. */
  readonly platforms: readonly string[];
  /** How many images it builds at once; absent for no limit of its own. */
  readonly parallel?: number | undefined;
}

/** The part of a resource's name. */
const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const SOCKET = /^unix:\/\/\/[^\s?#]+$/;
/** A hyphen at the start would make an option of what becomes an argument of `ssh`. */
const HOST_NAME = /^(?:\[[0-9a-f:.]+\]|[a-z0-9][\w.-]*)$/i;
const ACCOUNT = /^(?:[a-z0-9_][\w.-]*)?$/i;

const BuilderValues = z.strictObject({
  name: z.string().regex(NAME),
  host: z.string().refine(isAddress).optional(),
  certPath: z
    .string()
    .regex(/^[^~\s]/)
    .optional(),
  platforms: z.array(z.string().transform(normalPlatform).pipe(z.enum(PLATFORMS))).min(1),
  parallel: z.int().min(1).max(100).optional(),
});

const Named = z.object({ name: z.string() });

type BuilderKey = keyof typeof BuilderValues.shape;

const REMEDIES = {
  name: 'write up to 32 lower-case letters, digits and hyphens, a letter first',
  host: 'write ssh://[account@]host[:port], tcp://host:port or unix:///path, without a password, or leave it out for the local Docker Engine',
  certPath: 'write the path of a folder with ca.pem, cert.pem and key.pem, without ~',
  platforms: 'write a list such as [linux/amd64, linux/arm64]',
  parallel: 'write a whole number from 1 to 100, or leave it out',
} as const satisfies Record<BuilderKey, string>;

const KEYS = Object.keys(REMEDIES) as readonly BuilderKey[];

/**
 * Parses the setting `builders`. No problem quotes a value. The codes are MISSING_SETTING, INVALID_SETTING,
 * CONFLICTING_SETTINGS and UNKNOWN_SETTING.
 */
export function parseBuilders(list: readonly unknown[]): {
  readonly builders: readonly Builder[];
  readonly problems: readonly EntryProblem[];
} {
  const builders: Builder[] = [];
  const problems: EntryProblem[] = [];
  const names = new Set<string>();
  for (const [index, value] of list.entries()) {
    const { data, error } = BuilderValues.safeParse(value);
    problems.push(...(error?.issues.flatMap((issue) => problemsOf(issue, index, value)) ?? []));
    const { name } = Named.safeParse(value).data ?? {};
    if (name !== undefined && names.has(name)) {
      const problem = 'another builder has this name';
      const remedy = 'give each a name of its own';
      problems.push({ code: 'INVALID_SETTING', at: [index, 'name'], problem, remedy });
    }
    if (name !== undefined) names.add(name);
    if (data === undefined) continue;
    problems.push(...checkCertificates(data, index));
    builders.push(data);
  }
  return { builders, problems };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  index: number,
  value: unknown,
): readonly EntryProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey('a builder', [index, key], KEYS));
  }
  const [name, item] = issue.path;
  const key = KEYS.find((known) => known === name);
  if (key === undefined) {
    const remedy = `write a mapping with ${KEYS.join(', ')}`;
    return [{ code: 'INVALID_SETTING', at: [index], problem: 'is no builder', remedy }];
  }
  const isMissing = (value as Record<string, unknown>)[key] === undefined;
  const code = isMissing ? 'MISSING_SETTING' : 'INVALID_SETTING';
  const problem = isMissing ? 'is not set' : 'has a value it can not have';
  const at = typeof item === 'number' ? [index, key, item] : [index, key];
  return [{ code, at, problem, remedy: REMEDIES[key] }];
}

function checkCertificates({ host, certPath }: Builder, index: number): readonly EntryProblem[] {
  const at = [index, 'certPath'];
  const url = URL.parse(host ?? '');
  if (url?.protocol === 'tcp:') {
    if (certPath !== undefined || isLoopback(url.hostname)) return [];
    const problem = 'is not set, and whoever reaches this address without TLS is root there';
    const remedy = 'set the folder with the certificates, or use ssh://';
    return [{ code: 'MISSING_SETTING', at, problem, remedy }];
  }
  if (certPath === undefined) return [];
  const problem = 'is set for an address without TLS, and Docker would use TLS there';
  const remedy = 'leave it out, or write a tcp:// address';
  return [{ code: 'CONFLICTING_SETTINGS', at, problem, remedy }];
}

function isAddress(text: string): boolean {
  if (SOCKET.test(text)) return true;
  const url = URL.parse(text);
  if (url === null) return false;
  const { protocol, hostname, port, username, password, pathname, search, hash } = url;
  if (!HOST_NAME.test(hostname) || password !== '' || pathname + search + hash !== '') return false;
  if (protocol === 'ssh:') return ACCOUNT.test(username);
  return protocol === 'tcp:' && port !== '' && username === '';
}

/** A builder with its address, for messages. */
export function describeBuilder({ name, host }: Builder): string {
  return `builder ${name} (${host ?? 'the local Docker Engine'})`;
}
