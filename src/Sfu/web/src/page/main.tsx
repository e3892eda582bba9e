import { render } from 'preact';
import { join, ownName, view } from './call.js';
import { Call } from './components/Call.js';
import { Ended } from './components/Ended.js';
import { Prejoin, Waiting } from './components/Prejoin.js';
import { language, t } from './i18n/index.js';

function App() {
  switch (view.value) {
    case 'call': return <Call />;
    case 'waiting': return <Waiting />;
    case 'ended': return <Ended />;
    default: return <Prejoin />;
  }
}

document.documentElement.lang = language;
document.title = t.product;
render(<App />, document.getElementById('app')!);
if (new URLSearchParams(location.search).get('join') === '1' && ownName.value) void join();
