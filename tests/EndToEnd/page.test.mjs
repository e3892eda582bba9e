// The meeting page as people use it: wide and phone-sized, by keyboard, with a screen reader's rules (axe), in English and Chinese;
// chat, mute, screen share, lobby, lock, mute all and remove. Screenshots go to artifacts/screenshots.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage } from './lib/browsers.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

const shots = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wide = { width: 1280, height: 800 }, phone = { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
let server, chromium;

before(async () => {
  await mkdir(shots, { recursive: true });
  [server, chromium] = await together(Server.start(), launchChromium('--auto-select-desktop-capture-source=Entire screen', '--auto-accept-this-tab-capture'));
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const host = (room, name) => server.token(name, room, { roomCreate: true, roomAdmin: true, canPublish: true, canSubscribe: true });
const shows = (page, text) => page.evaluate(text => document.body.innerText.includes(text), text);
const labelled = (page, label) => page.evaluate(label => [...document.querySelectorAll('[aria-label]')].some(e => e.getAttribute('aria-label').includes(label)), label);
// By script: the browser's own click waits for frames that a page in the background does not draw.
const press = (page, label) => until(() => page.evaluate(label => {
  const button = document.querySelector(`button[aria-label="${label}"]`);
  button?.click();
  return button !== null;
}, label), { what: `the button “${label}”` });
const decodes = (page, videos) => until(async () => (await inbound(page)).filter(r => r.kind === 'video' && r.framesDecoded > 5).length >= videos,
  { what: `${videos} decoded videos`, timeout: 30_000, every: 200, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-3000)}` });

/** Breaches of WCAG A and AA that axe finds, in a few words each. */
async function breaches(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => (await window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
    .violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`));
}

const sideways = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function join(room, name, { viewport = wide, token, prepare } = {}) {
  const page = await newPage(chromium, { viewport });
  await prepare?.(page);
  await page.goto(server.page(room, name, { token }));
  return page;
}

test('a call on a wide screen and on a phone: pictures, names, chat, mute by keyboard, no accessibility breaches', { timeout: 120_000 }, async () => {
  const ann = await join('page', 'Ann Lee', { token: host('page', 'Ann Lee') }), bob = await join('page', 'Bob', { viewport: phone });
  await Promise.all([decodes(ann, 1), decodes(bob, 1)]);
  await until(() => shows(ann, 'Bob'), { what: 'Bob\'s name' });
  assert.equal(await ann.evaluate(() => document.querySelectorAll('article.tile').length), 2);
  assert.equal(await ann.evaluate(() => document.documentElement.lang), 'en');

  await ann.keyboard.press('m');
  await until(() => labelled(bob, 'Ann Lee, microphone muted'), { what: 'Bob to see that Ann is muted', describe: () => ann.errors.join('\n') });
  await ann.keyboard.press('m');
  await until(async () => !await labelled(bob, 'Ann Lee, microphone muted'), { what: 'Bob to see that Ann speaks again' });

  await ann.keyboard.press('c');
  await until(() => ann.evaluate(() => document.activeElement?.tagName === 'TEXTAREA'), { what: 'the chat to take the keyboard' });
  await ann.keyboard.type('Good morning, 早上好 <b>not bold</b>');
  await ann.keyboard.press('Enter');
  await press(bob, 'Chat');
  await until(() => shows(bob, '早上好 <b>not bold</b>'), { what: 'the chat message' });
  await ann.screenshot({ path: `${shots}call-chat-wide.png` });
  await bob.screenshot({ path: `${shots}chat-phone.png` });
  assert.deepEqual(await breaches(ann), []);
  await ann.keyboard.press('Escape');
  await bob.evaluate(() => document.querySelector('aside.panel header button').click());
  await until(async () => !await bob.$('aside.panel'), { what: 'the chat to close' });
  await ann.screenshot({ path: `${shots}call-wide.png` });
  await bob.screenshot({ path: `${shots}call-phone.png` });
  for (const page of [ann, bob]) {
    assert.deepEqual(await breaches(page), []);
    assert.equal(await sideways(page), 0, 'nothing to scroll sideways');
    assert.deepEqual(page.errors, []);
  }
  await ann.keyboard.press('p');
  await until(() => shows(ann, '2 people'), { what: 'the list of people' });
  assert.deepEqual(await breaches(ann), []);
  await ann.screenshot({ path: `${shots}people-wide.png` });
  await press(bob, 'Leave call');
  await until(() => shows(bob, 'You left the call'), { what: 'the end' });
  await until(async () => (await ann.evaluate(() => document.querySelectorAll('article.tile').length)) === 1, { what: 'Bob\'s tile to go' });
  await Promise.all([ann.close(), bob.close()]);
});

test('before joining: preview, name, keyboard only, in Chinese by browser language', { timeout: 60_000 }, async () => {
  for (const [language, title, button] of [['en-US', 'Ready to join?', 'Join now'], ['zh-CN', '', '']]) {
    const page = await newPage(chromium, { viewport: phone });
    await page.evaluateOnNewDocument(language => {
      Object.defineProperty(navigator, 'language', { get: () => language });
      Object.defineProperty(navigator, 'languages', { get: () => [language] });
    }, language);
    await page.goto(`${server.base}/?room=lobby&token=${server.token('Cai', 'lobby', { roomCreate: true })}`);
    await until(() => page.$('form input'), { what: 'the form' });
    const text = await page.evaluate(() => document.body.innerText);
    if (title) assert.ok(text.includes(title) && text.includes(button), text);
    else {
      assert.match(text, /[\u4e00-\u9fff]{2}/, 'Chinese text');
      assert.doesNotMatch(text, /Ready|Join|name/, 'no English left');
      assert.match(await page.evaluate(() => document.documentElement.lang), /^zh/);
    }
    assert.deepEqual(await breaches(page), []);
    assert.equal(await sideways(page), 0);
    await page.screenshot({ path: `${shots}prejoin-${language}.png` });
    await page.focus('form input');
    await page.keyboard.type('Cai');
    await page.keyboard.press('Enter');
    await until(() => page.$('article.tile'), { what: 'the call after Enter', describe: () => page.errors.join('\n') });
    await page.close();
  }
});

test('a host shares the screen, admits from the lobby, mutes all, locks the room and removes', { timeout: 120_000 }, async () => {
  const room = 'hosted';
  const created = await server.fetch('/v1/rooms', {
    method: 'POST', bearer: server.token('backend', undefined, { roomCreate: true }), headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: room, lobby: true }),
  });
  assert.equal(created.status, 201, await created.text());
  const ann = await join(room, 'Ann', { token: host(room, 'Ann') });
  await until(() => ann.$('article.tile'), { what: 'Ann\'s call', timeout: 20_000, describe: () => server.log.slice(-3000) });

  const bob = await join(room, 'Bob');
  await until(() => shows(bob, 'Please wait'), { what: 'Bob to wait' });
  await until(() => shows(ann, 'Bob waits to join'), { what: 'Ann to be told' });
  await ann.evaluate(() => [...document.querySelectorAll('.toast button')].find(b => b.textContent === 'Admit').click());
  await Promise.all([decodes(ann, 1), decodes(bob, 1)]);

  await ann.keyboard.press('s');
  await until(() => shows(bob, 'Ann is presenting'), { what: 'the shared screen', timeout: 15_000, describe: () => ann.errors.join('\n') });
  await decodes(bob, 2);
  await bob.screenshot({ path: `${shots}screen-wide.png` });
  await ann.keyboard.press('s');
  await until(async () => !await bob.$('article.tile.screen'), { what: 'the screen share to end' });

  await ann.keyboard.press('p');
  await until(() => shows(ann, 'Mute everybody'), { what: 'the host\'s buttons' });
  const click = text => ann.evaluate(text => [...document.querySelectorAll('button')].find(b => b.textContent.includes(text)).click(), text);
  await click('Mute everybody');
  await until(() => shows(bob, 'The host muted you'), { what: 'Bob to be told that he was muted' });
  await until(() => bob.$('button[aria-label="Unmute microphone"]'), { what: 'Bob\'s button to show it' });
  await click('Lock room');
  const cai = await join(room, 'Cai');
  await until(() => shows(cai, 'The room is locked.'), { what: 'Cai to be refused', describe: () => cai.errors.join('\n') });
  await press(ann, 'Remove Bob from the call');
  await until(() => shows(bob, 'You were removed from the call'), { what: 'Bob to be removed' });
  await Promise.all([ann.close(), bob.close(), cai.close()]);
});
