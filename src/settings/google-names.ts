/** A Google Cloud project's id, with its domain where it has one: `example.com:some-project`. */
const PROJECT = /^(?:[a-z0-9][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const REGION = /^[a-z]+-[a-z]+[0-9]+$/;
/** A region, or a multi-region such as `us`. */
const LOCATION = /^[a-z]+(?:-[a-z]+[0-9]+)?$/;
const REPOSITORY_ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const TRIGGER = /^projects\/[^/\s]+\/locations\/[^/\s]+\/triggers\/[A-Za-z0-9-]{1,64}$/;

// Mail addresses in lower case: Google writes them so, and the difference would never go away.
const MEMBER =
  /^(?:(?:user|group|serviceAccount):[^\s:@A-Z]+@[^\s:@A-Z]+|domain:[^\s:@A-Z]+|principal(?:Set)?:\/\/\S+)$/;
const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];

export function isProject(text: string): boolean {
  return PROJECT.test(text);
}

export function isRegion(text: string): boolean {
  return REGION.test(text);
}

export function isLocation(text: string): boolean {
  return LOCATION.test(text);
}

/** "Repository names": lower-case letters, digits and hyphens, 63 of them at most, a letter first. */
export function isRepositoryId(text: string): boolean {
  return REPOSITORY_ID.test(text);
}

/** The full name of a Cloud Build trigger. */
export function isTrigger(text: string): boolean {
  return TRIGGER.test(text);
}

/** Somebody by name: an account, a group, a domain, or a federated identity ("IAM principals"). */
export function isNamedMember(text: string): boolean {
  return MEMBER.test(text);
}

/** Somebody by name, or everybody. */
export function isMember(text: string): boolean {
  return PUBLIC.includes(text) || isNamedMember(text);
}

/** A time zone of the tz database, such as `Etc/UTC` or `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  // Offsets such as `+02:00` are taken by Intl as well, and by Cloud Scheduler not.
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Where Docker finds a repository of the project: a domain's colon is no character of a path. */
export function repositoryPath(project: string, repositoryId: string): string {
  return `${project.replace(':', '/')}/${repositoryId}`;
}

/** The address of a service account of the project: in a project of a domain, that comes last. */
export function serviceAccountEmail(accountId: string, project: string): string {
  const [id = '', domain] = project.split(':').reverse();
  const host = domain === undefined ? id : `${id}.${domain}`;
  return `${accountId}@${host}.iam.gserviceaccount.com`;
}
