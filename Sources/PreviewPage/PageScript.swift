/// `/app.js`: follows the form and the files without loading the page anew. Without it the form has its button.
enum PageScript {
    static let text = #"""
        'use strict';
        (() => {
          const byId = id => document.getElementById(id);
          const form = byId('switches');
          if (!form) return;
          let source = null, asked = 0;

          function address() {
            const fields = new URLSearchParams(new FormData(form));
            for (const [name, value] of [...fields]) if (!value) fields.delete(name);
            return form.getAttribute('action') + '?' + fields;
          }

          /* Parts that differ are put in place of the old ones. What has the focus stays, or has it again. */
          function merge(html) {
            const fresh = new DOMParser().parseFromString(html, 'text/html');
            const focused = document.activeElement && document.activeElement.id;
            document.title = fresh.title;
            const old = byId('fields'), next = fresh.getElementById('fields');
            const names = list => [...list.children].map(field => field.id + field.tagName).join();
            if (names(old) !== names(next)) old.replaceWith(next);
            for (const part of [...fresh.querySelectorAll('[data-part]')]) {
              const was = byId(part.id);
              if (!was || was.outerHTML === part.outerHTML) continue;
              if (part.closest('#fields') && was.contains(document.activeElement)) continue;
              was.replaceWith(part);
            }
            if (focused && document.activeElement.id !== focused && byId(focused)) byId(focused).focus({ preventScroll: true });
          }

          async function show(url, words) {
            const mine = ++asked;
            try {
              const answer = await fetch(url, { cache: 'no-store' });
              const text = await answer.text();
              if (mine !== asked) return;
              if (!answer.ok) { location.assign(url); return; }
              merge(text);
              const count = Number(byId('problems').dataset.count);
              const mistakes = count ? ', ' + count + (count === 1 ? ' mistake' : ' mistakes') : '';
              /* For those who listen instead of look. */
              if (words) byId('news').textContent = words + byId('h-shown').textContent + mistakes;
            } catch (e) { state(); }
          }

          function choose() {
            const url = address();
            history.pushState(null, '', url);
            show(url, 'Shown: ');
          }
          document.addEventListener('change', event => { if (event.target.form === form) choose(); });
          form.addEventListener('submit', event => { event.preventDefault(); choose(); });
          window.addEventListener('popstate', () => location.reload());
          byId('show').hidden = true;

          function state() {
            const is = source && source.readyState === 1 ? 'live' : 'lost';
            const text = { live: 'Live: shows every save', lost: 'Not connected' }[is];
            if (byId('state').textContent !== text) byId('state').textContent = text;
            byId('state').dataset.is = is;
          }
          function open() {
            if (source || document.hidden) return;
            source = new EventSource('/events');
            /* What was saved in between. */
            source.addEventListener('open', () => { state(); show(location.href, ''); });
            source.addEventListener('error', state);
            source.addEventListener('changed', () => show(location.href, 'Saved: '));
          }
          function close() { if (source) source.close(); source = null; }
          document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
          open();
        })();
        """#
}
