// Git's grammar (git-check-ref-format), as far as branches that anybody makes need it.
const NOT_IN_BRANCH = /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|^[-/.]|[/.]$|^@$/u;

const LONGEST = 200;

/** Whether git takes this as a branch's name, such as `release-2.31` or `feature/x`. */
export function isBranchName(text: string): boolean {
  return text !== '' && text.length <= LONGEST && !NOT_IN_BRANCH.test(text);
}
