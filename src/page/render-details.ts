import { html, joined, type Content, type Html } from './html.ts';
import { counted, shortName, versionId } from './links.ts';
import { checkMark, verificationMark } from './marks.ts';
import type { PageCheck, PageDetails, PageImage, PageVersion } from './page-data.ts';

/**
 * Draws what is known of each version beyond its row. Inputs and labels are whole at the newest version that has them;
 * others show what differs from it, since most of them are the same for years.
 */
export function detailsRenderer({ versions }: PageImage) {
  const newest = versions.find(({ details }) => details !== undefined);
  const olderThan = (version: PageVersion) => {
    const at = versions.findIndex(({ digest }) => digest === version.details?.before);
    return at === versions.indexOf(version) + 1 ? undefined : versions[at];
  };
  return (version: PageVersion, details: PageDetails): Html =>
    html`<details>
      <summary>Details: ${summary(details)}</summary>
      ${identity(version, details)}
      ${details.changes && changeList(details, details.changes, olderThan(version))}
      ${
        newest === version || newest?.details === undefined
          ? values('Inputs and labels', valuesOf(version, details), new Map())
          : values(
              html`Inputs and labels unlike those of
                <a href="#${versionId(newest.digest)}">${shortName(newest)}</a>`,
              valuesOf(version, details),
              valuesOf(newest, newest.details),
            )
      }
    </details>`;
}

const CHECKED: Readonly<Record<PageCheck['state'], (what: string) => string>> = {
  ok: (what) => what,
  missing: (what) => `no ${what}`,
  wrong: (what) => `wrong ${what}`,
  unknown: (what) => `${what} unknown`,
};

function summary(details: PageDetails): Content {
  const { signature, provenance, verification, changes, otherChanges = 0 } = details;
  const check = ({ state }: PageCheck, what: string) => checkMark(state, CHECKED[state](what));
  const marks = [
    check(signature, 'signature'),
    check(provenance, 'provenance'),
    verification && verificationMark(verification.isUp),
    changes && counted(changes.length + otherChanges, 'change'),
  ];
  return joined(
    marks.filter((each) => each !== undefined),
    ' ',
  );
}

function identity({ tag, digest, platforms }: PageVersion, details: PageDetails): Html {
  const { signature, provenance, packages, verification } = details;
  return html`<dl class="ids">
    ${tag && pair('Tag', html`<code>${tag}</code>`)} ${pair('Digest', html`<code>${digest}</code>`)}
    ${platforms.map((one) => {
      const known = packages[one.platform];
      return pair(
        one.platform,
        html`<code>${one.digest}</code>${known === undefined ? undefined : `, packages: ${known}`}`,
      );
    })}
    ${pair('Signature', signature.text)} ${pair('Provenance', provenance.text)}
    ${verification && pair('Verification', `${verification.text}, ${verification.day}`)}
  </dl>`;
}

/** `older` is what the version is compared with, unless that is the next one of the page. */
function changeList(
  { otherChanges = 0 }: PageDetails,
  changes: readonly string[],
  older: PageVersion | undefined,
): Html {
  const lines = changes.length > 0 ? changes : ['nothing'];
  const since =
    older === undefined
      ? 'the version before'
      : html`<a href="#${versionId(older.digest)}">${shortName(older)}</a>, the next older one that
          was read`;
  return html`<h3>Changed since ${since}</h3>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
      ${otherChanges > 0 ? html`<li>and ${otherChanges} more</li>` : undefined}
    </ul>`;
}

type Values = ReadonlyMap<string, string>;

/** Labels and inputs, except for values that repeat the tag, as one label of each image does. */
function valuesOf({ tag }: PageVersion, { inputs, labels }: PageDetails): Values {
  const all = Object.entries({ ...labels, ...inputs });
  return new Map(all.filter(([, value]) => value !== tag));
}

/** The values that differ from others. */
function values(title: Content, own: Values, others: Values): Content {
  const names = [...new Set([...own.keys(), ...others.keys()])];
  const shown = names.filter((name) => own.get(name) !== others.get(name));
  if (shown.length === 0) return undefined;
  return html`<h3>${title}</h3>
    <dl>${shown.map((name) => pair(name, html`<code>${own.get(name) ?? 'none'}</code>`))}</dl>`;
}

function pair(term: string, content: Content): Html {
  return html`<dt>${term}</dt>
    <dd>${content}</dd>`;
}
