import { html, joined, type Content, type Html } from './html.ts';
import { shortName, type Links } from './links.ts';
import { checkMark, verificationMark } from './marks.ts';
import type { PageDetails, PageImage, PageVersion } from './page-data.ts';

/**
 * Draws what is known of each version beyond its row. Labels and inputs are whole at the newest version that has them;
 * others show what differs from it, since most of them are the same for years.
 */
export function detailsRenderer(image: PageImage, links: Links) {
  const newest = image.versions.find(({ details }) => details !== undefined);
  return (version: PageVersion): Html => {
    const { details } = version;
    return html`<details>
      <summary>${details === undefined ? 'Digests' : summary(details)}</summary>
      <dl>
        ${pair('Tag', version.tag && html`<code class="copy">${version.tag}</code>`)}
        ${pair('Digest', html`<code class="copy">${version.digest}</code>`)}
        ${version.platforms.map(({ platform, digest }) =>
          pair(platform, html`<code>${digest}</code>`),
        )}
        ${details && known(details)}
      </dl>
      ${details && values(image, version, details, newest, links)}
    </details>`;
  };
}

function summary({ signature, provenance, verification, changes }: PageDetails): Content {
  const marks = [
    checkMark(signature.state, 'signature'),
    checkMark(provenance.state, 'provenance'),
    verification && verificationMark(verification.isUp),
    changes && `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`,
  ];
  const shown = marks.filter((each) => each !== undefined);
  return html`Details: ${joined(shown, ' ')}`;
}

function known({ signature, provenance, packages, verification }: PageDetails): Content {
  return [
    pair('Signature', html`${checkMark(signature.state, signature.state)} ${signature.text}`),
    pair('Provenance', html`${checkMark(provenance.state, provenance.state)} ${provenance.text}`),
    Object.entries(packages).map(([platform, text]) => pair(`Packages, ${platform}`, text)),
    verification &&
      pair(
        'Verification',
        html`${verificationMark(verification.isUp)} ${verification.text}, ${verification.day}`,
      ),
  ];
}

function values(
  image: PageImage,
  version: PageVersion,
  { labels, inputs, changes }: PageDetails,
  newest: PageVersion | undefined,
  links: Links,
): Content {
  const isNewest = newest === version;
  const base = isNewest ? undefined : newest?.details;
  const rest =
    newest === undefined || isNewest
      ? undefined
      : html`<p>
          Other inputs and labels are those of
          ${links.version(image.name, newest.digest, shortName(newest))}.
        </p>`;
  return html`${
    changes && list('Changed since the version before', changes.length > 0 ? changes : ['nothing'])
  }
  ${table('Build inputs', inputs, base?.inputs)} ${table('Labels', labels, base?.labels)} ${rest}`;
}

function list(title: string, lines: readonly string[]): Html {
  return html`<h4>${title}</h4>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}

type Values = Readonly<Record<string, string>>;

/** The values that differ from others, or all. */
function table(title: string, values: Values, others: Values = {}): Content {
  const names = [...new Set([...Object.keys(values), ...Object.keys(others)])];
  const shown = names.filter((name) => values[name] !== others[name]);
  if (shown.length === 0) return undefined;
  return html`<h4>${title}</h4>
    <dl>${shown.map((name) => pair(name, html`<code>${values[name] ?? 'none'}</code>`))}</dl>`;
}

function pair(term: string, content: Content): Content {
  return (
    content &&
    html`<dt>${term}</dt>
      <dd>${content}</dd>`
  );
}
