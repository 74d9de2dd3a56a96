import { expect, test } from 'vitest';
import { html, joined, webLink, type Content } from '../../src/page/html.ts';

test.each([
  ['<b>&amp;"\'', '<i title="&lt;b&gt;&amp;amp;&quot;&#39;">&lt;b&gt;&amp;amp;&quot;&#39;</i>'],
  ['a\u202Eb\u2066c', '<i title="a\uFFFDb\uFFFDc">a\uFFFDb\uFFFDc</i>'],
  ['a\u0000\u001Bb', '<i title="a  b">a  b</i>'],
  ['half \uD83D', '<i title="half \uFFFD">half \uFFFD</i>'],
])('escapes %j in text and in attributes', (text, markup) => {
  expect(String(html`<i title="${text}">${text}</i>`)).toBe(markup);
});

test('takes markup of its own as it is, and lists without anything between their items', () => {
  const items = ['<', 1, undefined].map((item) => html`<b>${item}</b>`);
  expect(String(html`<i>${items}</i>`)).toBe('<i><b>&lt;</b><b>1</b><b></b></i>');
  expect(String(html`${joined(['a', 'b', 'c'], ', ')}`)).toBe('a, b, c');
});

test('leaves white space of values alone', () => {
  expect(String(html`<pre>${'  a\n\n  <li>\n'}</pre>`)).toBe('<pre>  a\n\n  &lt;li&gt;\n</pre>');
});

const linked = (url: string | undefined): Content => String(html`${webLink(url, 'text')}`);

test('links to addresses of the web', () => {
  expect(linked('https://example.com/a b?"x"#L1')).toBe(
    '<a href="https://example.com/a%20b?%22x%22#L1">text</a>',
  );
  expect(linked('http://example.com')).toBe('<a href="http://example.com/">text</a>');
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  ' JaVaScRiPt:x',
  '//example.com',
  'x',
  '',
  undefined,
])('does not link to %j', (url) => {
  expect(linked(url)).toBe('text');
});
