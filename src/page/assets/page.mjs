// What the page can do with a script: search and filters of the overview, and buttons that copy.

const form = document.getElementById('filters');
if (form instanceof HTMLFormElement) startFilters(form);
for (const element of document.querySelectorAll('.pull code, .snippet pre, .ids code'))
  addCopyButton(element);

/** Shows only the rows that match; the address has the choice, so that a link can be passed on. */
function startFilters(form) {
  const rows = [...document.querySelectorAll('#list tbody tr')];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const count = form.querySelector('output');

  const restore = () => {
    const chosen = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) {
      field.value = chosen.get(field.name) ?? '';
      // A choice that is no longer there.
      if (field.selectedIndex === -1) field.selectedIndex = 0;
    }
  };
  const apply = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value.trim() !== '');
    for (const row of rows) {
      row.hidden = !chosen.every(([name, value]) =>
        name === 'text'
          ? value
              .toLowerCase()
              .trim()
              .split(/\s+/)
              .every((word) => texts.get(row).includes(word))
          : row.dataset[name].split('\n').includes(value),
      );
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.value = `${shown} of ${rows.length} images`;
    return new URLSearchParams(chosen).toString();
  };
  const change = () => {
    const hash = apply();
    history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`);
  };

  form.addEventListener('input', change);
  form.addEventListener('submit', (event) => event.preventDefault());
  // The fields are empty only after the event.
  form.addEventListener('reset', () => setTimeout(change));
  addEventListener('hashchange', () => {
    // Other addresses are places of the page.
    if (!location.hash.includes('=')) return;
    restore();
    apply();
  });
  restore();
  apply();
  form.hidden = false;
}

/** Browsers have a clipboard for pages over https and of this machine. */
function addCopyButton(element) {
  if (!navigator.clipboard) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copies';
  button.textContent = 'Copy';
  const text = element.textContent;
  button.setAttribute('aria-label', `Copy ${text.split('\n')[0]}`);
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(text).then(() => (button.textContent = 'Copied'));
  });
  element.before(button);
}
