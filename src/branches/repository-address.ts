const URL_START = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const SECURE = /^(?:https|ssh|file):\/\//;
/** `git@host:path`, which git reads as ssh. A path with a colon is written with `./` before it. */
const SCP = /^(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]+:/;

/** Whether a source's repository is fetched; otherwise it is the path of a clone. */
export function isUrl(repository: string): boolean {
  return URL_START.test(repository) || SCP.test(repository);
}

/** Why an address can't be used; `undefined` for one that can. */
export function addressFlaw(
  repository: string,
): { readonly problem: string; readonly remedy: string } | undefined {
  const remedy = 'write the path of a clone, or a URL: https://, ssh:// or file://';
  if (repository === '' || /^-|[\p{Cc}]/u.test(repository)) {
    return { problem: 'this is neither a path nor a URL', remedy };
  }
  if (repository.includes('::')) return { problem: 'git would run a program of that name', remedy };
  if (URL_START.test(repository) && !SECURE.test(repository)) {
    return { problem: 'what comes this way may have been changed on its way', remedy };
  }
  if (/^[a-z]+:\/\/[^/@]*:[^/@]*@/i.test(repository)) {
    return {
      problem: 'there is a password in the address',
      remedy: "take it out, revoke it, and use git's own credentials",
    };
  }
  return undefined;
}
