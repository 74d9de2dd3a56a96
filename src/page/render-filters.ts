import { html, type Html } from './html.ts';
import { keyOf } from './links.ts';
import { STATE_MEANINGS } from './marks.ts';
import type { PageData } from './page-data.ts';

/** Search and filters of the overview, for the script, which shows them: without it they would do nothing. */
export function renderFilters({ images, branches }: PageData): Html {
  const declared = images.flatMap((image) => image.declared ?? []);
  const choices = (values: readonly string[]) =>
    [...new Set(values)].toSorted().map((value) => [value, value] as const);
  const states = images.flatMap((image) => image.states);
  const known = Object.keys(STATE_MEANINGS).filter((state) => states.some((one) => one === state));
  return html`<form id="filters" role="search" hidden>
    <label>Search <input type="search" name="text" autocomplete="off" /></label>
    ${select('Distribution', choices(declared.map(({ distribution }) => distribution)))}
    ${select('Kind', choices(declared.map(({ kind }) => kind)))}
    ${select(
      'Branch',
      branches.map((name) => [keyOf(name), keyOf(name)]),
    )}
    ${select(
      'State',
      known.map((state) => [state, state]),
    )}
    <button type="reset">Clear</button>
    <output id="count"></output>
  </form>`;
}

function select(name: string, choices: readonly (readonly [value: string, text: string])[]): Html {
  return html`<label
    >${name}
    <select name="${name.toLowerCase()}">
      <option value="">all</option>
      ${choices.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select></label
  >`;
}
