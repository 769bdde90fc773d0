// What people do at a browser, done by one: `cargo xtask browser`, or
// `BURSAR_BINARY=… node run.mjs [FOLDER FOR PICTURES]`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { focused, inspect, open, tab, tabTo } from './look.mjs';
import { DEMO, TRIES, start } from './server.mjs';
import { totp } from './totp.mjs';

const pictures = process.argv[2] && resolve(process.argv[2]);
const ADA = { email: 'ada@example.com', password: 'analytical engine', display_name: 'Ada Lovelace' };
const ORGANIZATION = 'Analytical Engines';
const GRACE = { email: 'grace@example.com', password: 'violet trombones at dusk', name: 'Grace Hopper' };
const GUEST = { email: 'guest@example.com', password: 'seven otters juggling', name: 'A Guest' };

let server;
let browser;
let ada;

before(async () => {
  assert.ok(process.env.BURSAR_BINARY, 'BURSAR_BINARY names the program to try');
  server = await start(process.env.BURSAR_BINARY);
  browser = await open();
  ada = await call('POST', '/auth/register', { ...ADA, organization_name: ORGANIZATION });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/// A call of an API, which must succeed.
async function call(method, path, body, token) {
  const headers = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(server.url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/// The path of a new checkout of ada's organization.
async function checkout(amountCents = 2500) {
  const { organization_id: organization } = ada.user;
  const { data } = await call(
    'POST',
    `/api/v1/organizations/${organization}/credits/checkout`,
    { amountCents, successUrl: `${server.url}/account`, cancelUrl: `${server.url}/account` },
    ada.access_token,
  );
  return new URL(data.checkoutUrl).pathname;
}

async function signIn(page, { email, password }) {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/account');
}

test('a checkout is declined, then paid, and brings its credits', async () => {
  const { page, close } = await tab(browser, server);
  await page.goto(await checkout());
  await page.getByRole('heading', { name: '25.00 USD' }).waitFor();
  await inspect(page, 'checkout', pictures);

  await page.getByRole('button', { name: /^4000 0000 0000 0002/ }).click();
  await page.getByRole('alert').getByText('The card was declined.').waitFor();
  await inspect(page, 'checkout-declined', pictures);
  await page.getByRole('button', { name: /^4000 0000 0000 9995/ }).click();
  await page.getByRole('alert').getByText('The card has insufficient funds.').waitFor();

  await page.getByRole('button', { name: /^4242/ }).click();
  await page.getByRole('status').getByText('Paid. Thank you.').waitFor();
  assert.equal(await page.getByRole('button').count(), 0, 'a paid checkout asks for no card');
  await inspect(page, 'checkout-paid', pictures);

  // The credits follow by the outbox and the webhook.
  const path = `/api/v1/organizations/${ada.user.organization_id}/balance`;
  const arrived = async () => (await call('GET', path, undefined, ada.access_token)).data.balance;
  for (let tries = 0; (await arrived()) !== 25_000_000; tries += 1) {
    assert.ok(tries < 100, `${await arrived()} micro-USD have come`);
    await new Promise((done) => setTimeout(done, 100));
  }
  await close();
});

test("a card's holder denies a payment, then approves it", async () => {
  const { page, close } = await tab(browser, server);
  await page.goto(await checkout(1250));
  const asking = page.getByRole('heading', { name: 'is it you?' });
  await page.getByRole('button', { name: /^4000 0025/ }).click();
  await asking.waitFor();
  await inspect(page, 'checkout-authentication', pictures);
  await page.getByRole('button', { name: 'No, decline' }).click();
  await page.getByRole('alert').getByText('did not approve').waitFor();
  await page.getByRole('button', { name: /^4000 0025/ }).click();
  await asking.waitFor();
  await page.getByRole('button', { name: 'Yes, pay' }).click();
  await page.getByRole('status').getByText('Paid. Thank you.').waitFor();
  await close();
});

test('a checkout is paid by the keyboard alone, without scripts', async () => {
  const { page, close } = await tab(browser, server, { javaScriptEnabled: false });
  await page.goto(await checkout());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Paid. Thank you.').waitFor();
  await close();
});

test('an expired checkout and an unknown one say so', async () => {
  const { page, close } = await tab(browser, server, { expected: [404] });
  const path = await checkout();
  // Nobody waits a day: the row is as it will be.
  const id = path.split('/').at(-1);
  const age = `UPDATE sandbox_checkout SET expires_at = 1 WHERE id = '${id}'; SELECT changes();`;
  const changed = execFileSync('sqlite3', ['-cmd', '.timeout 5000', server.database, age], { encoding: 'utf8' });
  assert.equal(changed.trim(), '1');
  await page.goto(path);
  await page.getByRole('status').getByText('This checkout has expired.').waitFor();
  assert.equal(await page.getByRole('button').count(), 0);
  await inspect(page, 'checkout-expired', pictures);

  await page.goto('/sandbox/checkout/cs_sandbox_none');
  await page.getByRole('heading', { name: 'There is no such checkout' }).waitFor();
  await inspect(page, 'failure', pictures);
  await close();
});

test('a person signs in by the keyboard, sees the account and signs out', async () => {
  const { page, context, close } = await tab(browser, server, { expected: [401] });
  await page.goto('/account');
  await page.waitForURL('**/sign-in?return_to=%2Faccount');
  await inspect(page, 'sign-in', pictures);

  assert.equal(await focused(page), 'email');
  await page.keyboard.type(ADA.email);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'password');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Invalid email or password.').waitFor();
  assert.equal(await page.getByLabel('E-mail').inputValue(), ADA.email, 'what was typed is kept');
  assert.equal(await page.getByLabel('Password').inputValue(), '', 'but for the password');
  await inspect(page, 'sign-in-refused', pictures);

  assert.equal(await focused(page), 'password');
  await page.keyboard.type(ADA.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/account');
  const shown = await page.getByRole('main').innerText();
  for (const told of [ADA.display_name, ADA.email, ORGANIZATION, 'owner', 'USD']) assert.ok(shown.includes(told), told);
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['bursar_session', true, 'Lax']);
  assert.equal(await page.evaluate(() => document.cookie), '', 'no script can read it');
  await inspect(page, 'account', pictures);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('status').getByText('You are signed out.').waitFor();
  await context.addCookies([cookie]);
  await page.goto('/account');
  await page.waitForURL('**/sign-in?**', { timeout: 5_000 });
  await close();
});

test('a person signs in and out without scripts, and a sign-in leads back to pages of ours only', async () => {
  const { page, close } = await tab(browser, server, { javaScriptEnabled: false });
  await signIn(page, DEMO);
  await page.getByText(DEMO.email).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.goto('/sign-in?return_to=https%3A%2F%2Fevil.example%2F');
  await page.getByLabel('E-mail').fill(DEMO.email);
  await page.getByLabel('Password').fill(DEMO.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/account`);
  await close();
});

/// Follows the newest mail to an address as far as its link, in the sandbox's mailbox.
async function followMail(page, to, subject) {
  const row = page.getByRole('listitem').filter({ hasText: to }).filter({ hasText: subject }).first();
  for (let tries = 0; ; tries += 1) {
    await page.goto('/sandbox/mail');
    if (await row.count()) break;
    assert.ok(tries < 100, `no mail "${subject}" to ${to}`);
    // It leaves by the outbox.
    await new Promise((done) => setTimeout(done, 100));
  }
  await row.getByRole('link').click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page.locator('.letter').getByRole('link').first();
}

test('a person signs up by the keyboard and verifies the address by mail', async () => {
  const { page, close } = await tab(browser, server, { expected: [400] });
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByRole('heading', { name: 'Create an account' }).waitFor();
  await inspect(page, 'sign-up', pictures);
  assert.equal(await focused(page), 'name');
  await page.keyboard.type(GRACE.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(GRACE.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type('password1');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Compilers');
  await tabTo(page, 'Create account');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The password is too easy to guess').waitFor();
  assert.equal(await page.getByLabel('E-mail').inputValue(), GRACE.email, 'what was typed is kept');
  assert.equal(await page.getByLabel('Password').inputValue(), '', 'but for the password');
  await inspect(page, 'sign-up-refused', pictures);
  assert.equal(await focused(page), 'password');
  await page.keyboard.type(GRACE.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/account');
  await page.getByText('Grace Hopper', { exact: true }).waitFor();

  const link = await followMail(page, GRACE.email, /./);
  await inspect(page, 'mail', pictures);
  await page.goto('/sandbox/mail');
  await inspect(page, 'mailbox', pictures);
  await page.goBack();
  await link.click();
  await page.getByRole('heading', { name: 'Verify your e-mail address' }).waitFor();
  await inspect(page, 'email-verify', pictures);
  await tabTo(page, 'Verify');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Your e-mail address is verified.').waitFor();
  await inspect(page, 'security', pictures);
  await inspect(page, 'security-sessions', pictures, page.getByRole('heading', { name: 'Sessions' }));
  await close();
});

test('a second factor is set up, and asked for after the password', async () => {
  const { page, close } = await tab(browser, server, { expected: [400] });
  await signIn(page, GRACE);
  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'Set up the second factor' }).waitFor();
  await inspect(page, 'second-factor', pictures);
  const secret = (await page.locator('.secret').innerText()).replace(/\s/g, '');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('alert').getByText('The code is not right.').waitFor();
  await inspect(page, 'second-factor-refused');
  await page.getByLabel('Code', { exact: true }).fill(totp(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('heading', { name: 'The second factor is on' }).waitFor();
  await inspect(page, 'recovery-codes', pictures);
  const codes = await page.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.getByText('10 recovery codes are left.').waitFor();
  await inspect(page, 'security-on', pictures, page.getByRole('heading', { name: 'Second factor' }));
  await page.getByRole('button', { name: 'Sign out' }).click();

  await page.getByLabel('E-mail').fill(GRACE.email);
  await page.getByLabel('Password').fill(GRACE.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(`You sign in as ${GRACE.email}.`).waitFor();
  assert.equal(await focused(page), 'code');
  await inspect(page, 'sign-in-code', pictures);
  assert.ok(!(await page.content()).includes(GRACE.password), 'no page shows a password');
  // The code of now was used up when the factor was turned on.
  await page.keyboard.type(totp(secret, 1));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/account');

  await page.goto('/step-up?return_to=/security');
  await inspect(page, 'step-up', pictures);
  await page.getByLabel('Password').fill(GRACE.password);
  await page.getByLabel('Code', { exact: true }).fill(codes[0]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL('**/security');
  await page.getByLabel('A code of it').fill(codes[1]);
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('status').getByText('The second factor is off.').waitFor();
  await close();
});

test('somebody is invited, signs up from the mail and is a member', async () => {
  const { page, close } = await tab(browser, server, { expected: [409] });
  await signIn(page, GRACE);
  await page.getByRole('navigation').getByRole('link', { name: 'Compilers' }).click();
  await page.getByRole('heading', { name: 'Compilers' }).waitFor();
  await page.getByLabel('Invite by mail').fill(GRACE.email);
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('alert').getByText('This person is a member already.').waitFor();
  await inspect(page, 'organization-refused');
  await page.getByLabel('Invite by mail').fill(GUEST.email);
  await page.getByLabel('As').selectOption('admin');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('status').getByText('The invite is on its way.').waitFor();
  await page.getByText('2 of 3 taken').waitFor();

  await (await followMail(page, GUEST.email, 'Compilers')).click();
  await page.getByRole('alert').getByText(`You are signed in as ${GRACE.email}.`).waitFor();
  await inspect(page, 'invite-other', pictures);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Join Compilers?' }).waitFor();
  await inspect(page, 'invite', pictures);
  await page.getByRole('link', { name: 'Create an account' }).click();
  assert.equal(await page.getByLabel('E-mail').inputValue(), GUEST.email);
  await page.getByLabel('Name').fill(GUEST.name);
  await page.getByLabel('Password').fill(GUEST.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await tabTo(page, 'Join');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Welcome: you are a member now.').waitFor();
  await inspect(page, 'organization-admin');
  await close();
});

test('an owner runs the organization and reads who did what', async () => {
  const { page, close } = await tab(browser, server);
  await signIn(page, GRACE);
  await inspect(page, 'account-of-a-person');
  await page.getByRole('navigation').getByRole('link', { name: 'Compilers' }).click();
  await page.getByLabel('Invite by mail').fill('third@example.com');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByText('good until').waitFor();
  await page.getByRole('heading', { name: 'Compilers' }).waitFor();
  await page.goto(new URL(page.url()).pathname);
  await inspect(page, 'organization', pictures);
  await inspect(page, 'organization-invites', pictures, page.getByRole('heading', { name: 'Invites' }));

  await page.getByRole('button', { name: 'Take back the invite for third@example.com' }).click();
  await page.getByRole('status').getByText('The invite is taken back.').waitFor();
  await page.getByLabel(`Role of ${GUEST.name}`, { exact: true }).selectOption('member');
  await page.getByRole('button', { name: `Change the role of ${GUEST.name}` }).click();
  await page.getByRole('status').getByText('The role is changed.').waitFor();

  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('cell', { name: 'Set member role' }).waitFor();
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
  await inspect(page, 'audit-log', pictures);
  await page.locator('details').first().locator('summary').click();
  await inspect(page, 'audit-log-details');
  await page.getByLabel('What was done').selectOption('create_invites');
  await tabTo(page, 'Show');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/audit-log?operation=create_invites**');
  assert.equal(await page.getByRole('cell', { name: 'Set member role' }).count(), 0);
  await page.goBack();
  await page.getByRole('navigation').getByRole('link', { name: 'Compilers' }).click();

  await page.getByRole('link', { name: `Remove ${GUEST.name}` }).click();
  await page.getByRole('heading', { name: `Remove ${GUEST.name}?` }).waitFor();
  await inspect(page, 'remove-member', pictures);
  await tabTo(page, 'Remove');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('The member is removed.').waitFor();
  await page.getByRole('link', { name: 'Delete the organization' }).click();
  await inspect(page, 'delete-organization', pictures);
  await page.getByLabel('Type “Compilers” to confirm').fill('Compilers');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('status').getByText('The organization is deleted.').waitFor();
  await page.getByLabel('What others see').fill('Rear Admiral Hopper');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('status').getByText('The name is changed.').waitFor();
  await close();
});

test('a person makes a key, keeps its text and finds it in the list with its limits', async () => {
  const { page, close } = await tab(browser, server, { expected: [400] });
  await signIn(page, ADA);
  await page.getByRole('navigation').getByRole('link', { name: 'API keys' }).click();
  await page.getByText('You have no key yet.').waitFor();
  await inspect(page, 'keys-empty', pictures);

  await page.getByRole('link', { name: 'New key', exact: true }).click();
  await page.getByRole('heading', { name: 'New key' }).waitFor();
  await inspect(page, 'keys-new', pictures);
  const networks = page.getByLabel('Only from these addresses or networks');
  await page.getByLabel('Name', { exact: true }).fill('nightly report');
  await page.getByLabel('Report usage').check();
  await page.getByLabel('Expires', { exact: true }).selectOption('90');
  await networks.fill('home');
  await page.getByLabel('Uses a minute, at most').fill('60');
  await page.getByLabel('Spends at most, in USD').fill('25');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByRole('alert').getByText('“home” is neither.').waitFor();
  assert.equal(await focused(page), 'networks');
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'nightly report', 'what was typed is kept');
  assert.ok(await page.getByLabel('Report usage').isChecked(), 'and what was ticked');
  await inspect(page, 'keys-refused', pictures, networks);
  await networks.fill('203.0.113.0/24\n2001:db8::/32');
  await tabTo(page, 'Make the key');
  await page.keyboard.press('Enter');

  await page.getByText('This is the only time that it is shown').waitFor();
  await inspect(page, 'keys-shown-once', pictures);
  const field = page.getByLabel('The key', { exact: true });
  const key = await field.inputValue();
  assert.match(key, /^sk_[0-9A-Za-z]{38}$/);
  await tabTo(page, 'The key');
  const selected = await field.evaluate((it) => it.value.slice(it.selectionStart, it.selectionEnd));
  assert.equal(selected, key, 'by the keyboard the whole is selected');
  await page.locator('.whole').click();
  assert.equal(await page.evaluate(() => String(getSelection()).trim()), key, 'and by one click');
  await page.reload();

  await page.goto('/keys');
  assert.equal(await page.getByRole('link', { name: 'nightly report' }).count(), 1, 'a reload makes no second key');
  await page.getByText('60 uses a minute').waitFor();
  assert.ok(!(await page.content()).includes(key), 'no other page shows it');
  await inspect(page, 'keys', pictures);
  await page.getByRole('link', { name: 'nightly report' }).click();
  await page.getByRole('heading', { name: 'nightly report' }).waitFor();
  assert.ok(!(await page.content()).includes(key), 'no other page shows it');
  await inspect(page, 'keys-change', pictures);
  await inspect(page, 'keys-change-below', pictures, page.getByRole('heading', { name: 'Turn it off' }));
  await close();
});

test('a key is turned off and on, rotated and revoked, without scripts', async () => {
  const { page, close } = await tab(browser, server, { javaScriptEnabled: false });
  await signIn(page, ADA);
  await page.goto('/keys');
  await page.getByRole('link', { name: 'nightly report' }).click();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('The key is off: it is refused until it is turned on again.').waitFor();
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('The key is on.').waitFor();
  await page.getByLabel('The present text').selectOption('day');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByText('The text before it works until').waitFor();
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await page.getByRole('link', { name: 'nightly report' }).click();
  await page.getByLabel('Why, for the audit log').fill('the report is no more');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('You have no key yet.').waitFor();
  await close();
});

test("an owner looks at the organization's key, replaces it and makes a further one", async () => {
  const { page, close } = await tab(browser, server);
  await signIn(page, ADA);
  await page.goto('/keys');
  await page.getByRole('link', { name: `Show the key of ${ORGANIZATION}` }).click();
  await page.getByRole('heading', { name: `The key of ${ORGANIZATION}` }).waitFor();
  await inspect(page, 'keys-organization', pictures);
  const field = page.getByLabel('The key', { exact: true });
  const key = await field.inputValue();
  assert.match(key, /^ak_[0-9A-Za-z]{37}$/);
  await page.getByRole('link', { name: 'Regenerate' }).click();
  await page.getByRole('heading', { name: `Another key for ${ORGANIZATION}?` }).waitFor();
  await inspect(page, 'keys-regenerate', pictures);
  await tabTo(page, 'Regenerate');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('The organization has a new key').waitFor();
  assert.notEqual(await field.inputValue(), key);

  await page.goto('/keys');
  assert.ok(!(await page.content()).includes(key), 'the list shows its ends only');
  await page.getByRole('link', { name: `New key of ${ORGANIZATION}` }).click();
  await inspect(page, 'keys-new-of-organization');
  await page.getByLabel('Name', { exact: true }).fill('shared');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('This is the only time that it is shown').waitFor();
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await page.getByRole('link', { name: 'shared' }).waitFor();
  await inspect(page, 'keys-of-organization', pictures, page.getByRole('heading', { name: /^Further keys/ }));
  await close();
});

test('a forgotten password is replaced, and a mailed link signs in, without scripts', async () => {
  const { page, close } = await tab(browser, server, { expected: [410], javaScriptEnabled: false });
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail').fill(GUEST.email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
  await (await followMail(page, GUEST.email, 'password')).click();
  await page.getByLabel('New password').fill('eight otters juggling');
  const used = page.url();
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your password is changed. Sign in with it.').waitFor();
  await page.goto(used);
  await page.getByLabel('New password').fill('nine otters juggling');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('This link has expired or was used.').waitFor();

  await page.goto('/sign-in/mail');
  await page.getByLabel('E-mail').fill(GUEST.email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
  await (await followMail(page, GUEST.email, /[Ss]ign in/)).click();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/account');
  await page.getByText(GUEST.email).waitFor();
  await close();
});

test('the pages around mailed links are as every page must be', async () => {
  const { page, close } = await tab(browser, server, { expected: [404] });
  for (const [path, name] of [
    ['/password/forgot', 'password-forgot'],
    ['/password/forgot?sent=true', 'mail-sent'],
    ['/password/reset?token=x', 'password-reset'],
    ['/sign-in/mail', 'sign-in-mail'],
    ['/sign-in/link?token=x', 'sign-in-link'],
    ['/email/change?token=x', 'email-change'],
    ['/invites/accept?token=x', 'invite-over'],
  ]) {
    await page.goto(path);
    await inspect(page, name, pictures);
  }
  await close();
});

test('who tries too often is told when to try again', async () => {
  const { page, close } = await tab(browser, server, { expected: [401, 429] });
  await page.goto('/sign-in');
  for (let tries = 0; tries <= TRIES; tries += 1) {
    await page.getByLabel('E-mail').fill('nobody@example.com');
    await page.getByLabel('Password').fill('a guess');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const answer = await answered;
    assert.equal(answer.status(), tries < TRIES ? 401 : 429);
    if (tries === TRIES) assert.match(answer.headers()['retry-after'], /^\d+$/);
  }
  await page.getByRole('alert').getByText(/^Too many attempts\. Try again in /).waitFor();
  await inspect(page, 'sign-in-limited');
  await close();
});

test('a form of another site does nothing', async () => {
  const { page, context, close } = await tab(browser, server, { expected: [403] });
  await signIn(page, DEMO);
  const foreign = await site((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<title>evil</title><form method=post action="${server.url}/sign-out"><button>Win</button></form>`);
  });
  await page.goto(foreign.url);
  await page.getByRole('button', { name: 'Win' }).click();
  await page.getByRole('heading', { name: 'This form is taken from' }).waitFor();
  assert.equal((await context.cookies(server.url)).length, 1);
  await page.goto('/account');
  await page.getByText(DEMO.email).waitFor();
  foreign.close();
  await close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`a person lets a program in, and another not${javaScriptEnabled ? '' : ', without scripts'}`, async () => {
    const came = [];
    const program = await site((request, response) => {
      if (request.url.startsWith('/callback')) came.push(new URL(request.url, 'http://127.0.0.1'));
      response.setHeader('content-type', 'text/html');
      response.end('<title>done</title><link rel=icon href=data:,><p>You can close this window.');
    });
    const callback = `${program.url}/callback`;
    const verifier = randomBytes(32).toString('base64url');
    const asked = new URLSearchParams({
      client_type: 'extension',
      callback_url: callback,
      redirect_uri: callback,
      state: 'a&b',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    // The program asks first and hands the page's address to a browser.
    const led = await fetch(`${server.url}/api/v1/auth/authorize?${asked}`, { redirect: 'manual' });
    assert.equal(led.status, 303);
    const address = led.headers.get('location');
    assert.ok(address.startsWith(`${server.url}/authorize?`), address);

    const { page, close } = await tab(browser, server, { javaScriptEnabled });
    await page.goto(address);
    await page.getByLabel('E-mail').fill(ADA.email);
    await page.getByLabel('Password').fill(ADA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(program.url).waitFor();
    if (javaScriptEnabled) await inspect(page, 'authorize', pictures);
    assert.equal(came.length, 0, 'nothing goes out before the click');

    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('You can close this window.').waitFor();
    assert.equal(came[0].searchParams.get('error'), 'access_denied');
    assert.equal(came[0].searchParams.get('state'), 'a&b');

    await page.goto(address);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('You can close this window.').waitFor();
    const told = Object.fromEntries(came[1].searchParams);
    assert.deepEqual([told.provider, told.state], ['bursar', 'a&b']);
    const exchanged = await call('POST', '/api/v1/auth/token', {
      grant_type: 'authorization_code',
      code: told.code,
      client_type: 'extension',
      redirect_uri: callback,
      code_verifier: verifier,
    });
    const me = await call('GET', '/api/v1/users/me', undefined, exchanged.data.accessToken);
    assert.equal(me.data.email, ADA.email);
    await page.goto('about:blank');
    program.close();
    await close();
  });
}

test('no code goes to an address on the web', async () => {
  const { page, close } = await tab(browser, server, { expected: [400] });
  await signIn(page, DEMO);
  await page.goto('/authorize?callback_url=https%3A%2F%2Fevil.example%2F');
  await page.getByRole('heading', { name: 'callback_url must be http:// on a loopback address' }).waitFor();
  assert.equal(await page.getByRole('button').count(), 0);
  await close();
});

test('the documents show every operation of every family, and calls can be tried', async () => {
  const { page, close } = await tab(browser, server, { expected: [401] });
  await signIn(page, DEMO);
  await page.goto('/');
  await page.waitForURL('**/docs/accounts');
  const families = page.getByRole('navigation', { name: 'API families' });
  for (const family of ['accounts', 'auth', 'platform', 'webhooks']) {
    await families.getByRole('link', { name: family }).click();
    await page.waitForURL(`**/docs/${family}`);
    const { paths } = await call('GET', `/openapi/${family}.json`);
    const operations = Object.values(paths).flatMap((path) => Object.values(path)).map((it) => it.operationId);
    const shown = await page.locator('details.operation').evaluateAll((all) => all.map(({ id }) => id));
    assert.deepEqual(shown.sort(), operations.sort(), family);
    await page.evaluate(() => document.querySelectorAll('details').forEach((each) => (each.open = true)));
    await inspect(page, `docs-${family}`);
  }
  await page.goto('/docs/accounts');
  await inspect(page, 'docs', pictures);

  const tried = async (address, fill) => {
    await page.goto('about:blank');
    await page.goto(address);
    const operation = page.locator(`details[open]${new URL(address, server.url).hash}`);
    await fill?.(operation);
    await operation.getByRole('button', { name: 'Send' }).click();
    const status = operation.getByRole('status');
    await status.locator('strong').waitFor();
    return status.innerText();
  };
  const inSession = await tried('/docs/accounts#getMe');
  assert.ok(inSession.startsWith('200') && inSession.includes(DEMO.email), inSession);
  await inspect(page, 'docs-tried', pictures, page.getByRole('heading', { name: 'Try it' }));
  const user = JSON.parse(inSession.slice(inSession.indexOf('{'))).data.id;
  const inPath = await tried('/docs/accounts#getUserBalance', (it) => it.getByLabel('id').fill(user));
  assert.ok(inPath.startsWith('200') && inPath.includes('"balance"'), inPath);
  const written = await tried('/docs/accounts#createOrganization', (it) =>
    it.getByLabel('Body').fill('{"name": "Tried <b>out</b>"}'),
  );
  assert.ok(written.startsWith('201') && written.includes('Tried <b>out</b>'), written);
  const byToken = await tried('/docs/accounts#getMe', () =>
    page.getByLabel('Access token or API key').fill(ada.access_token),
  );
  assert.ok(byToken.startsWith('200') && byToken.includes(ADA.email), byToken);
  const refused = await tried('/docs/accounts#getMe', () =>
    page.getByLabel('Access token or API key').fill('no.good.token'),
  );
  assert.ok(refused.startsWith('401'), refused);
  await close();
});

test('the documents are read without scripts', async () => {
  const { page, close } = await tab(browser, server, { javaScriptEnabled: false });
  await page.goto('/docs/platform');
  await page.getByText('Report usage', { exact: true }).click();
  await page.getByText('One CloudEvent').or(page.getByText('CloudEvents 1.0')).first().waitFor();
  assert.equal(await page.getByRole('button').count(), 0, 'what needs a script is not offered');
  await close();
});

/// Another server on this machine.
async function site(answer) {
  const other = createServer(answer).listen(0, '127.0.0.1');
  await once(other, 'listening');
  return { url: `http://127.0.0.1:${other.address().port}`, close: () => other.closeAllConnections() ?? other.close() };
}
