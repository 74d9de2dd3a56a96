import type { ValueRule } from '../yaml/document-problem.ts';

const ADDRESS_REMEDY = 'write the path of a clone, or a URL: https://, ssh:// or file://';

const ADDRESS_PROBLEMS: readonly (readonly [pattern: RegExp, problem: string, remedy?: string])[] =
  [
    [/^$|^-|\p{Cc}/u, 'this is neither a path nor a URL'],
    [/::/, 'git would run a program of that name'],
    [
      /^(?!(?:https|ssh|file):\/\/)[A-Za-z][A-Za-z0-9+.-]*:\/\//,
      'this protocol does not protect the content on its way',
    ],
    [
      // A user alone is usual for ssh; over https it is often a token.
      /^(?:https:\/\/[^/]*|[a-z]+:\/\/[^/@]*:[^/@]*)@/i,
      'there is an account in the address',
      "take it out, revoke it if it is secret, and use git's own credentials",
    ],
  ];

/** A clone's path, or a URL that git fetches from. Problems do not quote the address, which may have a password in it. */
export const addressRule: ValueRule<'INVALID_REPOSITORY'> = (text) => {
  const found = ADDRESS_PROBLEMS.find(([pattern]) => pattern.test(text));
  if (found === undefined) return undefined;
  const [, problem, remedy = ADDRESS_REMEDY] = found;
  return { code: 'INVALID_REPOSITORY', problem, remedy };
};
