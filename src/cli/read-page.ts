import process from 'node:process';
import { acceptanceOf } from './acceptance.ts';
import { findStale } from './find-stale.ts';
import { forecastFor, isDangerous } from './forecast-for.ts';
import { forecastWarnings } from './format-forecast.ts';
import { readDetails } from './read-details.ts';
import { readInventoryOf } from './read-inventory.ts';
import { openRegistry } from './read-registry.ts';
import { planCheckout } from './read-stack.ts';
import { namesOf } from '../branches/branch-alias.ts';
import { findReferences } from '../branches/find-references.ts';
import type { References } from '../branches/references.ts';
import { DAY_MS, formatDay } from '../dates.ts';
import type { Environment } from '../environment.ts';
import { changedPaths, localCommit } from '../git/checkout-state.ts';
import { sourceOpener } from '../git/open-source.ts';
import { GitError } from '../git/run-git.ts';
import { workingTree } from '../git/working-tree.ts';
import type { PageForecast } from '../page/describe-branches.ts';
import { describePage } from '../page/describe-page.ts';
import type { PageData } from '../page/page-data.ts';
import {
  publicationsByImage,
  withoutDeleted,
  withoutForecast,
  type Publication,
} from '../page/publications.ts';
import { pagePlaces, type CheckoutOrigin } from '../page/web-address.ts';
import type { StackPlan } from '../plan/plan-stack.ts';
import { provenance } from '../plan/provenance.ts';
import { CodedError, InvalidInputError } from '../problem.ts';

export interface PageOptions {
  /** `YYYY-MM-DD`; today or later. */
  readonly day: string;
  /** Whether publishers are asked for newer bases and disks. */
  readonly isLookup: boolean;
  /** Takes a line about each thing that could not be read, as whoever runs this may know it. */
  readonly note: (line: string) => void;
}

export interface ReadPage {
  readonly data: PageData;
  /** Whether everything could be read that other commands need. */
  readonly isWhole: boolean;
  /** Whether a version that a branch needs is lost or would be deleted. */
  readonly isDangerous: boolean;
}

const NO_REFERENCES: References = { branches: [], needs: [] };

/**
 * Reads all that the page shows. What cannot be read leaves a warning on the page, with no more than its code: a message
 * may have paths and addresses of whoever runs this. Throws an InvalidInputError for problems of the checkout.
 */
export async function readPage(
  root: string,
  stack: string,
  { day, isLookup, note }: PageOptions,
): Promise<ReadPage> {
  const tree = workingTree(root);
  const plan = planCheckout(root, stack);
  const { images, retention, settings } = plan;
  const { catalogFile, registry, repositoryPrefix } = settings;
  const failures: string[] = [];
  const fail = (sentence: string, error: Error) => {
    failures.push(sentence);
    for (const line of error.message.split('\n')) note(line);
  };

  const references = readReferences(root, plan, fail);
  for (const warning of references?.warnings ?? []) note(warning);
  const isSigned = settings.signing !== undefined;
  const rules = { retention, references: references ?? NO_REFERENCES, images, isSigned };
  const inventory = await readInventoryOf(tree, stack, settings, rules, root).catch(
    (error: unknown) => {
      if (!(error instanceof CodedError)) throw error;
      fail(`The registry could not be read (${String(error.code)}).`, error);
      return undefined;
    },
  );
  const today = formatDay(new Date());
  const times = { now: endOf(today), at: endOf(day) };
  const forecast = inventory && references && forecastFor(inventory, rules, times);
  const isDryRun = inventory?.isDryRun ?? retention.dryRun;
  const shown: PageForecast | undefined = forecast
    ? {
        ...forecast,
        versions: isDryRun ? forecast.versions : withoutDeleted(forecast.versions, { today, day }),
      }
    : inventory && withoutForecast(inventory.versions);
  const dangers = forecast === undefined ? [] : dangersOf(forecast, isDryRun, inventory);
  for (const line of dangers) note(line);

  const client = shown && (await openRegistry(tree, stack, settings));
  const publications = publicationsByImage(shown?.versions ?? []);
  const found =
    client &&
    (await readDetails(publications, {
      client,
      prefix: repositoryPrefix,
      acceptance: acceptanceOf(plan),
      isNamed: namedIn(plan, shown),
    }));
  for (const sentence of found?.failures ?? []) note(sentence);
  const stale = isLookup ? await findStale(root, tree, catalogFile, today) : NOT_LOOKED_UP;
  for (const sentence of stale.warnings) note(sentence);

  const data = describePage({
    day,
    registry: `${registry}/${repositoryPrefix}`,
    catalogFile,
    images,
    references,
    forecast: shown,
    isDryRun,
    details: found?.details ?? new Map(),
    stale: stale.names,
    places: pagePlaces(retention.sources, originOf(root, settings), hostsOf(process.env)),
    warnings: [...failures, ...(found?.failures ?? []), ...stale.warnings],
    notes: [...dangers, ...stale.notes],
  });
  return {
    data,
    isWhole: failures.length === 0 && found?.failures.length === 0,
    isDangerous: forecast !== undefined && isDangerous(forecast, isDryRun),
  };
}

const NOT_LOOKED_UP = {
  names: new Set<string>(),
  warnings: [],
  notes: ['Newer bases and disks were not looked up.'],
};

/** `undefined` where not all branches can be read: a part of the needs is no basis for a verdict. */
function readReferences(
  root: string,
  { retention, settings }: StackPlan,
  fail: (sentence: string, error: Error) => void,
) {
  try {
    return findReferences(retention, settings.retentionFile, sourceOpener({ checkout: root }));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const codes = error.problems.map(({ code, file, line }) =>
      [code, [file, line].filter((part) => part !== undefined).join(':')].join(' at '),
    );
    fail(`Not all branches could be read (${[...new Set(codes)].join(', ')}).`, error);
    return undefined;
  }
}

/** Whole days: the same inputs give the same page at any time of a day. */
function endOf(day: string): Date {
  return new Date(Date.parse(day) + DAY_MS - 1);
}

function dangersOf(...args: Parameters<typeof forecastWarnings>): readonly string[] {
  return forecastWarnings(...args).map((line) => line.replace(/^warning: /, ''));
}

/** Whether people or the catalog name a publication, or a branch needs it. */
function namedIn({ images }: StackPlan, { resolved }: Pick<PageForecast, 'resolved'>) {
  const tags = new Set<string>(images.map(({ name, tag }) => `${name}:${tag}`));
  const needed = new Set(resolved.values());
  return ({ version, parts }: Publication) =>
    namesOf(version).length > 0 ||
    version.tags.some((tag) => tags.has(`${version.packageName}:${tag}`)) ||
    parts.some((part) => needed.has(part.version));
}

/**
 * The repository and the commit that links lead to. No commit where git does not have the catalog as it is, such as in a
 * sandbox: the line numbers would be wrong.
 */
function originOf(root: string, { source, catalogFile }: StackPlan['settings']): CheckoutOrigin {
  const origin = provenance(process.env, { ...localCommit(root), dirty: false }, source);
  try {
    const isCommitted = changedPaths(root, '--ignored', '--', catalogFile).length === 0;
    return isCommitted ? origin : { ...origin, revision: '' };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { ...origin, revision: '' };
  }
}

/** The host of a pipeline is a GitLab or a GitHub, whatever its name. */
function hostsOf({ CI_SERVER_URL: gitlab = '', GITHUB_SERVER_URL: github = '' }: Environment) {
  return {
    [URL.parse(gitlab)?.host ?? '']: 'gitlab',
    [URL.parse(github)?.host ?? '']: 'github',
  } as const;
}
