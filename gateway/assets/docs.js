// Sends the forms of the documentation page. The page reads well without it.

'use strict';

for (const hidden of document.querySelectorAll('.try')) hidden.hidden = false;

/// The request that a form describes.
function request(form) {
  const headers = {};
  const query = new URLSearchParams();
  let path = form.dataset.path;
  for (const { name, value, dataset } of form.querySelectorAll('input')) {
    if (value === '') continue;
    if (dataset.place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (dataset.place === 'query') query.set(name, value);
    else headers[name] = value;
  }
  const credential = document.getElementById('credential').value.trim();
  if (credential) headers.authorization = `Bearer ${credential}`;
  const body = form.querySelector('textarea');
  if (body?.value) headers['content-type'] = body.dataset.type;
  const search = query.size ? `?${query}` : '';
  return new Request(path + search, {
    method: form.dataset.method,
    headers,
    body: body?.value || undefined,
    // Two credentials at once would be refused.
    credentials: credential ? 'omit' : 'same-origin',
    redirect: 'manual',
  });
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/// Shows what came back. Texts are set as texts, whatever they hold.
function show(place, status, text) {
  const title = document.createElement('p');
  title.append(Object.assign(document.createElement('strong'), { textContent: status }));
  place.replaceChildren(title);
  if (text) {
    const shown = Object.assign(document.createElement('pre'), { textContent: readable(text), tabIndex: 0 });
    place.append(shown);
  }
  place.hidden = false;
}

document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const place = form.querySelector('[role=status]');
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const response = await fetch(request(form));
    if (response.type === 'opaqueredirect') show(place, 'It leads to another page', '');
    else show(place, `${response.status} ${response.statusText}`, await response.text());
  } catch (error) {
    show(place, 'No answer', String(error));
  } finally {
    button.disabled = false;
  }
});

/// An operation that an address names is opened.
function open() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

addEventListener('hashchange', open);
open();
