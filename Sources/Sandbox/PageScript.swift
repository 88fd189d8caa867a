/// `/app.js`: follows the events, fetches the live part when something came, and replaces only the cards that changed.
enum PageScript {
    static let text = #"""
        'use strict';
        (() => {
          const byId = id => document.getElementById(id);
          const state = byId('state'), pause = byId('pause'), news = byId('news');
          let paused = sessionStorage.getItem('paused') === '1';
          let source = null, busy = false, again = false, lastSeen = Date.now(), announced = Date.now(), unannounced = 0;

          function show() {
            const is = paused ? 'paused' : source && source.readyState === 1 ? 'live' : 'lost';
            const text = { paused: 'Paused', live: 'Live', lost: 'Reconnecting' }[is];
            if (state.textContent !== text) state.textContent = text;
            if (is === 'live') lastSeen = Date.now();
            state.dataset.is = is;
            /* Beside the status, not in it: a screen reader shall not count seconds. */
            byId('age').textContent = is === 'live' ? '' : 'data ' + Math.round((Date.now() - lastSeen) / 1000) + ' s old';
            pause.textContent = paused ? 'Go on' : 'Pause';
          }

          async function refresh() {
            if (busy) { again = true; return; }
            busy = true; again = false;
            try {
              const answer = await fetch('/_wall' + location.search, { cache: 'no-store' });
              if (answer.ok && !paused) merge(await answer.text());
              lastSeen = Date.now();
            } catch (e) { show(); }
            setTimeout(() => { busy = false; if (again) refresh(); }, 300);
          }

          function merge(html) {
            const fresh = new DOMParser().parseFromString(html, 'text/html');
            const wall = byId('wall'), next = fresh.getElementById('wall');
            const came = Number(next.dataset.count) - Number(wall.dataset.count);
            wall.dataset.count = next.dataset.count;
            byId('counts').replaceWith(fresh.getElementById('counts'));
            if (byId('empty') && !fresh.getElementById('empty')) byId('empty').remove();
            for (const id of ['people', 'inboxes']) {
              const list = byId(id), other = fresh.getElementById(id);
              if (!list && other) { wall.append(other.previousElementSibling, other); continue; }
              if (list && other) cards(list, other);
            }
            cards(byId('board'), fresh.getElementById('board'));
            if (came > 0) announce(came);
          }

          function cards(list, other) {
            const wanted = new Set();
            for (const card of [...other.children]) {
              wanted.add(card.id);
              const old = byId(card.id);
              if (!old) { card.classList.add('new'); list.append(card); continue; }
              const focused = old.contains(document.activeElement) ? document.activeElement : null;
              if (old.dataset.version === card.dataset.version || focused && !focused.classList.contains('screen')) continue;
              if (old.querySelector('details[open] form')) {   /* being filled in: the count alone */
                old.querySelector('h3').replaceWith(card.querySelector('h3'));
                continue;
              }
              for (const d of card.querySelectorAll('details[data-key]')) {
                const was = old.querySelector('details[data-key="' + d.dataset.key + '"]');
                if (was) d.open = was.open;
              }
              card.classList.add('new');
              old.replaceWith(card);
              const screen = card.querySelector('.screen');
              if (screen) screen.scrollTop = screen.scrollHeight;
              if (screen && focused) screen.focus({ preventScroll: true });
            }
            for (const card of [...list.children]) if (!wanted.has(card.id)) card.remove();
          }

          /* One summary at most every 30 s for those who listen instead of look. */
          function announce(n) {
            unannounced += n;
            if (Date.now() - announced < 30000) return;
            news.textContent = unannounced + (unannounced === 1 ? ' new message' : ' new messages');
            announced = Date.now(); unannounced = 0;
          }

          function open() {
            if (source || paused || document.hidden) return show();
            source = new EventSource('/_events?after=' + byId('wall').dataset.count);
            source.onopen = () => { lastSeen = Date.now(); refresh(); show(); };
            source.onerror = show;
            source.addEventListener('row', refresh);
            source.addEventListener('inbox', refresh);
            show();
          }
          function close() { if (source) source.close(); source = null; show(); }

          pause.hidden = false;
          pause.addEventListener('click', () => {
            paused = !paused;
            sessionStorage.setItem('paused', paused ? '1' : '0');
            paused ? close() : open();
          });
          byId('refresh').addEventListener('click', event => { event.preventDefault(); location.reload(); });
          document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
          document.querySelectorAll('.screen').forEach(s => { s.scrollTop = s.scrollHeight; });
          setInterval(show, 1000);
          open();
        })();
        """#
}
