/**
 * What a report does in a browser: steps through traces, lights states in diagrams, opens what an address points at.
 *
 * It is a text and not a module, since a page that opens from a file may not import one, and it is plain JavaScript as
 * browsers have had it for years. Everything that it shows is in the page without it; it hides what is not the current step.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const dataOf = (root) => JSON.parse(root.querySelector(':scope > script[type="application/json"]').textContent);
  const dialog = document.getElementById('enlarged');
  const reduced = matchMedia('(prefers-reduced-motion: reduce)');
  const viewers = [];
  let lastUsed = null;

  // --- diagrams ---

  const copyOf = (id) => {
    const svg = document.querySelector('#' + CSS.escape(id) + ' .drawing > svg');
    return svg && svg.cloneNode(true);
  };

  const light = (svg, visit) => {
    for (const node of all(svg, '[data-state], [data-transition]')) {
      const { state, transition } = node.dataset;
      if (state !== undefined) {
        node.classList.toggle('lit', visit.s.includes(state));
        node.classList.toggle('passed', (visit.p || []).includes(state));
      } else {
        node.classList.toggle('lit', (visit.t || []).includes(transition));
      }
    }
  };

  const enlarge = (svg) => {
    const box = dialog.querySelector('.drawing');
    const copy = svg.cloneNode(true);
    box.replaceChildren(copy);
    dialog.setAttribute('aria-label', svg.getAttribute('aria-label'));
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute('open', '');
  };

  const figureOf = (svg, text) => {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    const words = document.createElement('span');
    words.textContent = text;
    caption.append(words);
    if (svg) {
      const box = document.createElement('div');
      box.className = 'drawing';
      box.append(svg);
      svg.setAttribute('aria-label', svg.getAttribute('aria-label') + '. ' + text);
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Enlarge';
      button.setAttribute('aria-label', 'Enlarge the diagram: ' + text);
      button.addEventListener('click', () => enlarge(svg));
      caption.append(button);
      figure.append(caption, box);
    } else {
      figure.append(caption);
    }
    return figure;
  };

  // --- traces ---

  class Viewer {
    constructor(root) {
      this.root = root;
      this.data = null;
      this.at = -1;
      this.count = Number(root.dataset.steps);
      this.steps = all(root, '.step');
      this.details = all(root, '.detail');
      this.scroller = root.querySelector('.chart-scroll');
      this.where = root.querySelector('.where');
      this.select = root.querySelector('.lights select');
      this.gallery = root.querySelector('.gallery');
      root.classList.add('stepping');
      root.querySelector('.controls').hidden = false;
      root.querySelector('.lights').hidden = false;
      for (const button of all(root, '[data-go]')) button.addEventListener('click', () => this.move(button.dataset.go));
      for (const step of this.steps)
        step.querySelector('.step-name').addEventListener('click', () => this.go(Number(step.dataset.step)));
      root.addEventListener('keydown', (event) => this.key(event));
      root.addEventListener('focusin', () => { lastUsed = this; });
    }

    /** Only when it is looked at: a page may have fifty traces. */
    start() {
      if (this.data) return;
      this.data = dataOf(this.root);
      const names = Object.keys(this.data.machines);
      const option = (value, text) => {
        const made = document.createElement('option');
        made.value = value;
        made.textContent = text;
        this.select.append(made);
      };
      option('', 'of those that act in the step');
      option('*', 'of the whole system: who acts');
      names.forEach((name, index) => option(String(index), 'of ' + name));
      this.select.addEventListener('change', () => this.draw());
      if (this.at < 0) this.show(0);
    }

    key(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (/^(SELECT|INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
      const way = { ArrowLeft: 'previous', ArrowRight: 'next', Home: 'first', End: 'last' }[event.key];
      if (!way) return;
      event.preventDefault();
      this.move(way);
    }

    move(way) {
      const to = { first: 0, previous: this.at - 1, next: this.at + 1, last: this.count }[way];
      this.go(Math.max(0, Math.min(this.count, to)));
    }

    /** Shows a step and lets the address say which. */
    go(at) {
      this.show(at);
      lastUsed = this;
      try {
        history.replaceState(null, '', '#' + this.steps[at].id);
      } catch {
        // Some browsers keep the addresses of files from being changed.
      }
    }

    show(at) {
      this.start();
      if (at === this.at) return;
      this.at = at;
      for (const step of this.steps) {
        const now = Number(step.dataset.step) === at;
        step.classList.toggle('now', now);
        const button = step.querySelector('.step-name');
        if (now) button.setAttribute('aria-current', 'step');
        else button.removeAttribute('aria-current');
      }
      for (const detail of this.details) detail.classList.toggle('now', Number(detail.dataset.step) === at);
      const name = this.steps[at].querySelector('.step-name').lastChild.textContent.trim();
      this.where.textContent = at === 0 ? 'Start, before ' + this.count + (this.count === 1 ? ' step' : ' steps') : 'Step ' + at + ' of ' + this.count + ': ' + name;
      // A button that is focused stays so at the end of the trace, where it would do nothing.
      for (const button of all(this.root, '[data-go]')) {
        const ends = /first|previous/.test(button.dataset.go) ? at === 0 : at === this.count;
        button.setAttribute('aria-disabled', String(ends));
      }
      this.reveal(this.steps[at]);
      this.draw();
    }

    /** Scrolls the chart and nothing else, to where the step's messages are. */
    reveal(step) {
      const box = this.scroller;
      const head = box.querySelector('.lanes').offsetHeight;
      const top = step.offsetTop - head;
      const bottom = step.offsetTop + step.offsetHeight;
      const isSeen = top >= box.scrollTop && bottom <= box.scrollTop + box.clientHeight;
      const marks = all(step, '.messages i, .pills span').map((mark) => mark.getBoundingClientRect());
      const from = box.getBoundingClientRect().left - box.scrollLeft;
      const left = Math.min(...marks.map((mark) => mark.left - from));
      const right = Math.max(...marks.map((mark) => mark.right - from));
      const isBeside = marks.length > 0 && (left < box.scrollLeft || right > box.scrollLeft + box.clientWidth);
      if ((isSeen && !isBeside) || !box.scrollTo) return;
      box.scrollTo({
        top: isSeen ? box.scrollTop : Math.max(0, top - 12),
        left: isBeside ? Math.max(0, Math.min(left - 60, right + 60 - box.clientWidth)) : box.scrollLeft,
        behavior: reduced.matches ? 'auto' : 'smooth',
      });
    }

    /** What each actor is in after the current step, and what it did in it. */
    visits() {
      const { start, steps } = this.data;
      const visits = {};
      for (const name of Object.keys(start)) visits[name] = { s: start[name].s };
      for (let at = 0; at < this.at; at++) {
        for (const [name, visit] of Object.entries(steps[at])) visits[name] = at === this.at - 1 ? visit : { s: visit.s };
      }
      return this.at === 0 ? start : visits;
    }

    draw() {
      const { machines, overview, steps } = this.data;
      const visits = this.visits();
      const acting = this.at === 0 ? [] : Object.keys(steps[this.at - 1]);
      this.gallery.replaceChildren();
      if (this.select.value === '*') {
        const svg = copyOf(overview);
        if (svg) for (const box of all(svg, '[data-actors]'))
          box.classList.toggle('lit', box.dataset.actors.split(' ').some((name) => acting.includes(name)));
        this.gallery.append(figureOf(svg, acting.length === 0 ? 'Nobody has acted yet.' : 'Acting: ' + acting.join(', ')));
        return;
      }
      const names = Object.keys(machines);
      const chosen = this.select.value === '' ? names.filter((name) => acting.includes(name)) : [names[Number(this.select.value)]];
      for (const name of chosen) {
        const visit = visits[name];
        const svg = copyOf(machines[name]);
        if (svg && visit) light(svg, visit);
        const inner = visit ? visit.s.filter((path) => !visit.s.some((other) => other.startsWith(path + '.'))) : [];
        const state = inner.length === 1 && inner[0] === '(root)' ? '' : ': ' + inner.join(', ');
        const passed = visit && visit.p ? ', through ' + visit.p.join(', ') : '';
        this.gallery.append(figureOf(svg, name + state + passed));
      }
      if (chosen.length === 0) {
        const hint = document.createElement('p');
        hint.textContent = this.at === 0 ? 'Nobody has acted yet: go to the next step, or choose whose diagram to see.' : 'No machine changes in this step.';
        this.gallery.append(hint);
      }
    }
  }

  for (const root of all(document, '.trace')) {
    const viewer = new Viewer(root);
    viewers.push(viewer);
    const result = root.closest('details.result');
    if (result.open) viewer.start();
    result.addEventListener('toggle', () => { if (result.open) viewer.start(); });
  }
  if (viewers.length === 1) lastUsed = viewers[0];

  // Without anything focused, the arrows are for the trace that was used last; Home and End stay the page's.
  document.addEventListener('keydown', (event) => {
    if (event.target !== document.body || !lastUsed || !/^Arrow(Left|Right)$/.test(event.key)) return;
    if (dialog.open || !lastUsed.root.closest('details.result').open) return;
    lastUsed.key(event);
  });

  // --- coverage ---

  const coverMachine = (machine) => {
    if (machine.dataset.coloured || !machine.querySelector(':scope > script')) return;
    machine.dataset.coloured = 'yes';
    const { states, transitions } = dataOf(machine);
    // Copies for the traces are made of the picture as it is drawn, so the colours go on a copy as well.
    const box = machine.querySelector('.drawing');
    if (!box) return;
    const plain = box.querySelector('svg');
    const coloured = plain.cloneNode(true);
    for (const node of all(coloured, '[data-state], [data-transition]')) {
      const { state, transition } = node.dataset;
      const seen = state !== undefined ? states.includes(state) : transitions.includes(transition);
      node.classList.add(seen ? 'seen' : state !== undefined ? 'missed-state' : 'missed-transition');
    }
    const view = document.createElement('div');
    view.className = 'drawing';
    view.append(coloured);
    box.hidden = true;
    box.after(view);
  };
  for (const machine of all(document, '.machine')) {
    machine.addEventListener('toggle', () => { if (machine.open) coverMachine(machine); });
  }

  // --- copying ---

  for (const button of all(document, '.copy')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const code = button.parentElement.querySelector('code');
      const said = button.parentElement.querySelector('.copied');
      try {
        await navigator.clipboard.writeText(code.textContent);
        said.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(code);
        said.textContent = 'Selected: copy it with Ctrl+C';
      }
    });
  }

  // --- addresses, and paper ---

  const openTo = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    const viewer = viewers.find(({ root }) => root.contains(target));
    if (viewer && target.dataset.step !== undefined) viewer.show(Number(target.dataset.step));
    target.scrollIntoView({ block: viewer ? 'nearest' : 'start' });
  };
  addEventListener('hashchange', openTo);
  openTo();

  let closed = [];
  addEventListener('beforeprint', () => {
    closed = all(document, 'details:not([open])');
    for (const details of closed) details.open = true;
    for (const machine of all(document, '.machine')) coverMachine(machine);
  });
  addEventListener('afterprint', () => {
    for (const details of closed) details.open = false;
  });
})();
`;
