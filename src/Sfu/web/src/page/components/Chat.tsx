import { useEffect, useRef, useState } from 'preact/hooks';
import { SendHorizontal, X } from 'lucide-preact';
import { chat, sendChat, showPanel } from '../call.js';
import { t } from '../i18n/index.js';

export function Chat() {
  const [text, setText] = useState('');
  const list = useRef<HTMLDivElement>(null), input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => { list.current!.scrollTop = list.current!.scrollHeight; }, [chat.value]);
  const send = async () => {
    const trimmed = text.trim();
    if (!trimmed) return;
    // What could not be sent stays in the box; the reason is shown as a toast.
    await sendChat(trimmed).then(() => setText(''), () => undefined);
  };
  return (
    <aside class="panel" aria-label={t.chat}>
      <header><h2>{t.chat}</h2><button class="icon-button" aria-label={t.close} onClick={() => showPanel(null)}><X /></button></header>
      <div class="messages" ref={list} role="log" tabIndex={0} aria-label={t.chat}>
        {chat.value.length === 0 && <p class="dim">{t.chatEmpty}</p>}
        {chat.value.map(line => <p key={line.id} class={`message${line.own ? ' own' : ''}`}><span class="from">{line.own ? t.you : line.from}</span>{line.text}</p>)}
      </div>
      <form class="composer" onSubmit={event => { event.preventDefault(); void send(); }}>
        <textarea ref={input} rows={1} maxLength={4000} aria-label={t.chatPlaceholder} placeholder={t.chatPlaceholder} value={text}
          onInput={event => setText(event.currentTarget.value)}
          onKeyDown={event => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); void send(); } if (event.key === 'Escape') showPanel(null); }} />
        <button class="icon-button" aria-label={t.chatSend} title={t.chatSend}><SendHorizontal /></button>
      </form>
    </aside>
  );
}
