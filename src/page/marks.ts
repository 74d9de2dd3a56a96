import { html, joined, type Content, type Html } from './html.ts';
import type { ImageState, PageCheck, PageNeed, PageVersion } from './page-data.ts';

/** What the style gives a shape and a colour; `none` is neither good nor bad. */
type Mark = 'good' | 'old' | 'risk' | 'bad' | 'none';

const IMAGE: Readonly<Record<ImageState, Mark>> = {
  published: 'good',
  'stale base': 'old',
  endangered: 'risk',
  missing: 'bad',
  unknown: 'none',
};

/** What each state means, for who sees it first. */
export const STATE_MEANINGS: Readonly<Record<ImageState, string>> = {
  published: 'the registry has the version that the catalog declares',
  'stale base': 'the publisher of the base or the disk has a newer one',
  endangered: 'a clean-up would delete a version that a branch needs',
  missing: 'the registry lacks the version of the catalog, or one that a branch needs',
  unknown: 'the registry could not be read',
};

const NEED: Readonly<Record<PageNeed['state'], Mark>> = {
  there: 'good',
  'not yet published': 'old',
  endangered: 'risk',
  missing: 'bad',
  unknown: 'none',
};

const VERDICT: Readonly<Record<PageVersion['verdict'], Mark>> = {
  keep: 'good',
  delete: 'old',
  unknown: 'none',
};

const CHECK: Readonly<Record<PageCheck['state'], Mark>> = {
  ok: 'good',
  missing: 'none',
  wrong: 'bad',
  unknown: 'none',
};

export function imageStates(states: readonly ImageState[]): Content {
  return joined(
    states.map((state) => mark(IMAGE[state], state)),
    ' ',
  );
}

export function needState(state: PageNeed['state']): Html {
  return mark(NEED[state], state);
}

export function verdictMark(verdict: PageVersion['verdict']): Html {
  return mark(VERDICT[verdict], verdict);
}

export function checkMark(state: PageCheck['state'], text: string): Html {
  return mark(CHECK[state], text);
}

export function verificationMark(isUp: boolean): Html {
  return mark(isUp ? 'good' : 'bad', isUp ? 'starts' : 'does not start');
}

function mark(kind: Mark, text: string): Html {
  return html`<b class="${kind}">${text}</b>`;
}
