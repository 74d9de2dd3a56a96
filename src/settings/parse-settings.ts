import type { z } from 'zod';
import { parseBuilders } from './builders.ts';
import { useOneOf, type EntryProblem } from './entry-problem.ts';
import { isKeySigner, parseSigners } from './signers.ts';
import { ENCRYPTED, SETTING_REMEDIES, SettingValues, type SettingKey } from './setting-values.ts';
import { settingsOf, type Settings } from './settings.ts';
import { isLoopback } from '../url.ts';
import { formatDocumentPath, type DocumentPath } from '../yaml/document-problem.ts';
import { parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';

export const SETTING_KEYS = Object.keys(SETTING_REMEDIES) as readonly SettingKey[];

const OTHERS_GRANT = 'others decide who may use it';

const NO_GOOGLE_LOGIN = 'Google gives no login for it';

/** The settings, or all their problems. */
export type ParsedSettings =
  | { readonly settings: Settings }
  | {
      readonly problems: readonly Problem[];
      /** Paths, where that much is known, so that these files can be checked as well. */
      readonly catalogFile?: string;
      readonly retentionFile?: string;
    };

/** Where a setting is written. */
export type SettingPlace = Pick<Problem, 'file' | 'line' | 'column'>;

/**
 * Parses the settings of a stack. The project's own are keyed without its name; those of plug-ins that
 * count here, such as `gcp:project`, with their prefix. `undefined` and the empty string
 * both mean that a setting is left out, and `ENCRYPTED` that it is a secret. The problems' codes are
 * MISSING_SETTING, INVALID_SETTING, CONFLICTING_SETTINGS and UNKNOWN_SETTING; none of them quotes a value,
 * since any could have been mixed up with a secret.
 *
 * `placeOf` says where a key is written, if it is, or a value inside its own (`[1, 'host']`); `file` is where one should be added.
 */
export function parseSettings(
  values: Readonly<Record<string, unknown>>,
  file: string,
  placeOf: (key: string, at?: DocumentPath) => SettingPlace | undefined = () => undefined,
): ParsedSettings {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const given = Object.fromEntries(present);
  const result = SettingValues.safeParse(given);
  const found = [
    ...(result.error?.issues.flatMap((issue) => problemsOf(issue, given)) ?? []),
    ...checkDestination(given),
    ...checkStart(given),
    ...checkLogins(given),
    ...checkEntries('builders', given, parseBuilders),
    ...checkEntries('signers', given, parseSigners),
    ...(result.data === undefined ? [] : checkSigning(result.data)),
    ...(result.data?.part === 'daily' ? checkDaily(result.data) : []),
  ];
  const settings = result.success && found.length === 0 ? settingsOf(result.data) : undefined;
  const conflicts = settings === undefined ? [] : checkMirrors(settings);
  if (settings !== undefined && conflicts.length === 0) return { settings };
  // One problem of a code for each key: a text that is no number is also out of range.
  const problems = [
    ...new Map([...found, ...conflicts].map((one) => [`${one.path} ${one.code}`, one])).values(),
  ];
  return {
    problems: problems.map(({ key, at, ...problem }) => {
      const place = placeOf(key, at) ?? { file };
      // What is missing is to be added to the stack's file, wherever its default is.
      const isDefault = problem.code === 'MISSING_SETTING' && place.file !== file;
      return { ...(isDefault ? { file } : place), ...problem };
    }),
    catalogFile: SettingValues.shape.catalog.safeParse(given['catalog']).data,
    retentionFile: SettingValues.shape.retention.safeParse(given['retention']).data,
  };
}

/** A problem of a setting, still without its place. */
interface SettingProblem extends Pick<Problem, 'code' | 'path' | 'problem' | 'remedy'> {
  /** The setting that gives the place: the one with the problem, or one that it belongs to. */
  readonly key: string;
  /** Where in that setting; absent for all of it. */
  readonly at?: DocumentPath;
}

function conflict(key: string, problem: string, remedy: string): SettingProblem {
  return { key, code: 'CONFLICTING_SETTINGS', path: key, problem, remedy };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): readonly SettingProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownSetting);
  const [name, item] = issue.path;
  const key = SETTING_KEYS.find((candidate) => candidate === name);
  if (key === undefined) throw new Error(`no such setting: ${String(name)}`);
  const remedy = SETTING_REMEDIES[key];
  if (!Object.hasOwn(given, key)) return [missingSetting(key)];
  const path = typeof item === 'number' ? `${key}[${item}]` : key;
  const plain = key === 'refreshPipelineToken' ? 'is in plain text' : 'has a value it can not have';
  const problem = given[key] === ENCRYPTED ? 'is encrypted but no secret' : plain;
  return [{ key, code: 'INVALID_SETTING', path, problem, remedy }];
}

function missingSetting(key: SettingKey): SettingProblem {
  const remedy = SETTING_REMEDIES[key];
  return { key, code: 'MISSING_SETTING', path: key, problem: 'is not set', remedy };
}

function unknownSetting(key: string): SettingProblem {
  const remedy = useOneOf(key, SETTING_KEYS);
  return { key, code: 'UNKNOWN_SETTING', path: key, problem: 'there is no such setting', remedy };
}

/** Settings of Google's, which a plain destination can't have: the reason, and the remedy. */
const NOT_PLAIN = {
  repositoryId: ['the path says where images go', 'write it into the path of destination'],
  location: ['the host says where images go', 'leave it out'],
  registry: ['destination names the host', 'write the host into destination'],
  readers: [OTHERS_GRANT, 'let them in at the registry itself, and leave it out'],
  writers: [OTHERS_GRANT, 'let them in at the registry itself, and leave it out'],
  gitlabProject: [
    NO_GOOGLE_LOGIN,
    'give the pipeline an account of the registry, and leave it out',
  ],
  githubRepository: [
    NO_GOOGLE_LOGIN,
    'give the workflow an account of the registry, and leave it out',
  ],
} as const satisfies Partial<Record<SettingKey, readonly [string, string]>>;

const NOT_BORROWED = {
  readers: [OTHERS_GRANT, 'have the owners of the repository let them in, and leave it out'],
  writers: [OTHERS_GRANT, 'have the owners of the repository let them in, and leave it out'],
} as const satisfies Partial<Record<SettingKey, readonly [string, string]>>;

/**
 * Checks which settings go with the kind of the destination: what it needs is a MISSING_SETTING, and what it can't have
 * CONFLICTING_SETTINGS. An invalid destination decides nothing.
 */
function checkDestination(given: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
  const { success, data } = SettingValues.shape.destination.safeParse(given['destination']);
  if (!success) return [];
  const kind = data?.kind ?? 'managed';
  const isSet = (key: string) => Object.hasOwn(given, key) && !isEmptyList(given[key]);
  const isScheduled = isSet('refreshTrigger') || isSet('refreshPipeline');
  const ofGoogle = ['gcp:project', 'gcp:region'] as const;
  const ofSchedule = isScheduled ? ofGoogle : [];
  const needed = kind === 'plain' ? ofSchedule : ([...ofGoogle, 'repositoryId'] as const);
  const missing = needed.filter((key) => !isSet(key)).map(missingSetting);
  const refused: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
    plain: NOT_PLAIN,
    borrowed: NOT_BORROWED,
    managed: {},
  }[kind];
  const conflicts = Object.entries(refused).flatMap(([key, [why, remedy]]) =>
    isSet(key) ? conflict(key, `is set with a ${kind} destination, and ${why}`, remedy) : [],
  );
  const trusts = isSet('gitlabProject') || isSet('githubRepository');
  if (kind !== 'managed' && given['part'] === 'access' && !isScheduled && !trusts) {
    const problem = `is access with a ${kind} destination, for which this stack declares nothing`;
    const remedy = 'remove this stack, or set its schedule';
    conflicts.push(conflict('part', problem, remedy));
  }
  return [...missing, ...conflicts];
}

/** Checks that no mirror is the place where the stack publishes, or another mirror. */
function checkMirrors({ mirrors, registry, repositoryPrefix }: Settings) {
  const seen = new Set([`${registry}/${repositoryPrefix}`]);
  return mirrors.flatMap(({ registry: host, path }, at): readonly SettingProblem[] => {
    const place = `${host}/${path}`;
    if (!seen.has(place)) {
      seen.add(place);
      return [];
    }
    const isOwn = place === `${registry}/${repositoryPrefix}`;
    const problem = isOwn ? 'is where the stack publishes' : 'is there twice';
    const remedy = 'write another place, or remove it';
    return [{ ...conflict('mirrors', problem, remedy), path: `mirrors[${at}]`, at: [at] }];
  });
}

function isEmptyList(value: unknown): boolean {
  const list = typeof value === 'string' ? parseJson(value) : value;
  return Array.isArray(list) && list.length === 0;
}

const LOGINS = [
  'gcp:accessToken',
  'gcp:credentials',
  'gcp:externalCredentials',
  'docker:registryAuth',
] as const;

/**
 * A login in the settings of a plug-in is an INVALID_SETTING: these are inputs of a provider, and so in the
 * state. The login to an emulator on this machine opens nothing.
 */
function checkLogins(given: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
  const endpoint = URL.parse(String(given['gcp:artifactRegistryCustomEndpoint']));
  if (endpoint !== null && isLoopback(endpoint.hostname)) return [];
  const problem = 'would be in the state of the stack';
  return LOGINS.filter((key) => Object.hasOwn(given, key)).map((key) => {
    return { key, code: 'INVALID_SETTING', path: key, problem, remedy: SETTING_REMEDIES[key] };
  });
}

function checkEntries(
  key: 'builders' | 'signers',
  given: Readonly<Record<string, unknown>>,
  parse: (list: readonly unknown[]) => { readonly problems: readonly EntryProblem[] },
): readonly SettingProblem[] {
  const list = SettingValues.shape[key].safeParse(given[key]).data ?? [];
  return parse(list).problems.map((problem) => {
    const path = formatDocumentPath([key, ...problem.at]);
    return { key, path, ...problem };
  });
}

/**
 * Checks together the settings about signatures. Without a signer nothing that is signed would be accepted, and a
 * Fulcio of one's own certifies for a log and a root of one's own.
 */
function checkSigning(values: SettingValues): readonly SettingProblem[] {
  const { signing, adopt, signingFulcio, signingRekor, signingTrustedRoot } = values;
  const { signers } = parseSigners(values.signers);
  const problems: SettingProblem[] = [];
  const missing = (key: SettingKey, path: SettingKey, why: string) => {
    const remedy = SETTING_REMEDIES[path];
    problems.push({ key, code: 'MISSING_SETTING', path, problem: `is not set, ${why}`, remedy });
  };
  if (values.signers.length === 0) {
    if (signing !== undefined) missing('signing', 'signers', 'and who signs must be accepted');
    else if (adopt === 'signed') missing('adopt', 'signers', 'and nothing would be adopted');
  } else if (signing === 'keyless' && signers.every(isKeySigner)) {
    missing('signing', 'signers', 'as an issuer and an identity, for `keyless`');
  }
  if (signingFulcio !== undefined && signingRekor === undefined) {
    missing('signingFulcio', 'signingRekor', 'and the public log must not have what is signed');
  }
  if (signingFulcio !== undefined && signingTrustedRoot === undefined) {
    missing('signingFulcio', 'signingTrustedRoot', 'and the public one does not know this Fulcio');
  }
  return problems;
}

/** Settings of a stack whose part is `access`. */
const OF_ACCESS = [
  'readers',
  'writers',
  'gitlabProject',
  'githubRepository',
  'refreshTrigger',
  'refreshPipeline',
  'refreshPipelineToken',
] as const;

/**
 * Each setting that only takes effect in the other stack is CONFLICTING_SETTINGS: who reads the state of this one
 * must not be able to decrypt the token.
 */
function checkDaily(values: SettingValues): readonly SettingProblem[] {
  const problem = 'is set in a stack whose part is daily, and only an owner may change it';
  const remedy = 'move it to the settings of the stack whose part is access';
  return OF_ACCESS.filter((key) => values[key] !== undefined && values[key].toString() !== '').map(
    (key) => conflict(key, problem, remedy),
  );
}

/**
 * Checks together the settings that start a refresh on a schedule: two ways to start it are
 * CONFLICTING_SETTINGS, and GitLab's way without its token is a MISSING_SETTING. A token that nothing
 * uses is no problem: it stays when the schedule goes for a while.
 */
function checkStart(given: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
  const isSet = (key: SettingKey) => Object.hasOwn(given, key);
  const problems: SettingProblem[] = [];
  // Both are placed at the pipeline: Pulumi.yaml, which describes the token, is no place for it.
  const key = 'refreshPipeline';
  if (isSet(key) && isSet('refreshTrigger')) {
    const problem = 'refreshTrigger is set as well, and a schedule starts one of them';
    const remedy = "keep refreshTrigger for Cloud Build, or refreshPipeline for GitLab's pipeline";
    problems.push(conflict(key, problem, remedy));
  }
  if (isSet(key) && !isSet('refreshPipelineToken')) {
    const path = 'refreshPipelineToken';
    const problem = 'is not set, and the pipeline is started with it';
    const remedy = SETTING_REMEDIES[path];
    problems.push({ key, code: 'MISSING_SETTING', path, problem, remedy });
  }
  return problems;
}
