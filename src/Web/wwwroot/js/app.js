// What only the browser can do. Everything here is called by Shell/Browser.cs; decisions stay in C#.

// ---- Theme -----------------------------------------------------------------------------------------------------

export const isDark = () => document.documentElement.dataset.theme === 'dark';

// 'system' forgets the choice.
export function setTheme(name) {
  store('theme', name === 'system' ? null : name);
  dispatchEvent(new Event('throughline-theme-chosen'));
}

export const chosenTheme = () => recall('theme') ?? 'system';

// ---- Coming back -----------------------------------------------------------------------------------------------

export function onReturn(page) {
  const returned = () => { if (!document.hidden) page.invokeMethodAsync('ReturnedAsync'); };
  document.addEventListener('visibilitychange', returned);
  return { stop() { document.removeEventListener('visibilitychange', returned); } };
}

// ---- What this device remembers ----------------------------------------------------------------------------------

export function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
  } catch { /* Storage is switched off: the page works, it only forgets. */ }
}

export function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

// ---- Keys ------------------------------------------------------------------------------------------------------

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
export const usesCommandKey = () => isMac;

const inField = e => e.target instanceof HTMLElement && (e.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName));

function shortcutOf(e) {
  if ((isMac ? e.metaKey : e.ctrlKey) && !e.altKey && e.key.toLowerCase() === 'k') return 'search';
  if (e.altKey && !e.ctrlKey && !e.metaKey) {
    // By code, for Alt changes what the key types on a Mac.
    if (e.code === 'KeyN') return 'new-thread';
    if (e.code === 'KeyU') return 'attach';
    if (e.key === 'ArrowUp') return 'thread-above';
    if (e.key === 'ArrowDown') return 'thread-below';
    return null;
  }
  if (e.key === 'Escape') return 'escape';
  if (e.ctrlKey || e.metaKey || inField(e)) return null;
  if (e.key === '/') return 'composer';
  if (e.key === '?') return 'shortcuts';
  return null;
}

export function onShortcut(shell) {
  document.addEventListener('keydown', e => {
    if (e.defaultPrevented || e.isComposing) return;
    const name = shortcutOf(e);
    if (!name) return;
    // An open dialog or menu handles Escape itself, and no other shortcut reaches below a dialog.
    if (document.querySelector('.mud-dialog') || (name === 'escape' && document.querySelector('.menu-list'))) return;
    if (name !== 'escape') e.preventDefault();
    shell.invokeMethodAsync('ShortcutAsync', name);
  });
}

// ---- Composer --------------------------------------------------------------------------------------------------

function grow(field) {
  field.style.height = 'auto';
  field.style.height = `${Math.min(field.scrollHeight, 8 * 22 + 10)}px`;
}

export function attachComposer(field, composer) {
  field.addEventListener('input', () => grow(field));
  field.addEventListener('keydown', e => {
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing || e.altKey) return;
    e.preventDefault();
    composer.invokeMethodAsync('EnterAsync', field.value);
  });
  grow(field);
}

export function setText(field, text) {
  field.value = text;
  grow(field);
}

// ---- Focus and scrolling ---------------------------------------------------------------------------------------

export function focusOn(selector) {
  document.querySelector(selector)?.focus({ preventScroll: true });
}

export const isAtEnd = box => !box || box.scrollHeight - box.scrollTop - box.clientHeight < 80;

export function scrollToEnd(box) {
  if (box) box.scrollTop = box.scrollHeight;
}

export function scrollToRun(box, id) {
  const run = document.getElementById(id);
  if (box && run) box.scrollTop = run.offsetTop - box.offsetTop - 24;
}

export function onScroll(box, page) {
  let was = true;
  box.addEventListener('scroll', () => {
    const is = isAtEnd(box);
    if (is !== was) { was = is; page.invokeMethodAsync('AtEndChanged', is); }
  }, { passive: true });
}

// ---- The source of a figure ------------------------------------------------------------------------------------

// Below the figure, else above, else beside: never over it. A lead joins the two.
export function placeSource(figure, source, lead) {
  if (!figure?.isConnected || !source?.isConnected) return;
  const rects = figure.getClientRects();
  const at = rects.length ? rects[rects.length - 1] : figure.getBoundingClientRect();
  const width = source.offsetWidth, height = source.offsetHeight;
  let left = Math.max(12, Math.min(at.left - 18, innerWidth - width - 12));
  let top, line = [at.right, at.bottom - 1.5, 1.5, 14];
  if (at.bottom + height + 24 < innerHeight) {
    top = at.bottom + 12;
  } else if (at.top - height > 22) {
    top = at.top - height - 10;
    line = [at.right, at.top - 10, 1.5, at.height + 9];
  } else {
    top = Math.max(12, Math.min(at.top - 150, innerHeight - height - 12));
    if (at.right + width + 28 < innerWidth) {
      left = at.right + 16;
      line = [at.right, at.bottom - 1.5, 16, 1.5];
    } else {
      left = Math.max(12, at.left - width - 16);
      line = [at.left - 16, at.bottom - 1.5, 16, 1.5];
    }
  }
  source.style.left = `${left}px`;
  source.style.top = `${top}px`;
  lead.hidden = false;
  ['left', 'top', 'width', 'height'].forEach((side, i) => { lead.style[side] = `${line[i]}px`; });
}

export function keepSourcePlaced(figure, source, lead, board) {
  const place = () => placeSource(figure, source, lead);
  const resized = new ResizeObserver(place);
  resized.observe(source);
  const outside = e => { if (!source.contains(e.target) && !e.target.closest('.figure')) board.invokeMethodAsync('Dismiss', false); };
  // On a phone the source is a sheet: focus stays in it, as in any dialog.
  const trap = e => {
    if (e.key !== 'Tab' || innerWidth > 860) return;
    const stops = [...source.querySelectorAll('button, a[href], [tabindex="0"]')].filter(x => x.offsetParent);
    if (!stops.length) return;
    const first = stops[0], last = stops[stops.length - 1], active = document.activeElement;
    if (e.shiftKey && (active === first || active === source)) { e.preventDefault(); last.focus(); }
    else if (!e.shiftKey && active === last) { e.preventDefault(); first.focus(); }
  };
  addEventListener('resize', place);
  addEventListener('scroll', place, true);
  addEventListener('pointerdown', outside);
  source.addEventListener('keydown', trap);
  place();
  return {
    stop() {
      resized.disconnect();
      removeEventListener('resize', place);
      removeEventListener('scroll', place, true);
      removeEventListener('pointerdown', outside);
      source.removeEventListener('keydown', trap);
    },
  };
}

export function openFigure(factId) {
  const figure = document.querySelector(`.figure[data-fact="${CSS.escape(factId)}"]`);
  figure?.scrollIntoView({ block: 'center' });
  figure?.click();
}

export function focusElement(element) {
  element?.focus({ preventScroll: true });
}

// ---- Files -----------------------------------------------------------------------------------------------------

const files = new Map();
const uploads = new Map();
let nextFile = 0;

function offer(list, page) {
  for (const file of list) {
    const id = ++nextFile;
    files.set(id, file);
    page.invokeMethodAsync('FileOfferedAsync', id, file.name, file.size);
  }
}

const pickers = new Set();

export function attachFiles(page) {
  let depth = 0;
  const carries = e => [...(e.dataTransfer?.types ?? [])].includes('Files');
  const show = over => page.invokeMethodAsync('DragChanged', over);
  const enter = e => { if (carries(e) && ++depth === 1) show(true); };
  const leave = e => { if (carries(e) && --depth <= 0) { depth = 0; show(false); } };
  const over = e => { if (carries(e)) e.preventDefault(); };
  const drop = e => {
    if (!carries(e)) return;
    e.preventDefault();
    depth = 0;
    show(false);
    offer(e.dataTransfer.files, page);
  };
  const on = { dragenter: enter, dragleave: leave, dragover: over, drop };
  for (const [name, handler] of Object.entries(on)) addEventListener(name, handler);
  return {
    pick() {
      const input = document.createElement('input');
      input.type = 'file';
      input.multiple = true;
      input.accept = '.csv,.json,.jsonl,.ndjson,.parquet,.gz,.txt';
      input.hidden = true;
      input.addEventListener('change', () => { offer(input.files, page); input.remove(); });
      input.addEventListener('cancel', () => input.remove());
      pickers.forEach(old => old.remove());
      pickers.clear();
      pickers.add(input);
      document.body.append(input);
      input.click();
    },
    stop() { for (const [name, handler] of Object.entries(on)) removeEventListener(name, handler); },
  };
}

// XMLHttpRequest, for fetch cannot tell how much of a body has been sent; and a file of 2 GiB never passes through .NET.
export function upload(id, address, token, page) {
  const file = files.get(id);
  return new Promise(resolve => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append('file', file, file.name);
    uploads.set(id, request);
    let last = 0;
    request.upload.onprogress = e => {
      const now = performance.now();
      if (now - last < 100 && e.loaded !== e.total) return;
      last = now;
      page.invokeMethodAsync('UploadProgress', id, e.loaded, e.total);
    };
    const done = status => {
      uploads.delete(id);
      files.delete(id);
      resolve({ status, body: status > 0 ? request.responseText : '' });
    };
    request.onload = () => done(request.status);
    request.onerror = () => done(0);
    request.onabort = () => done(-1);
    request.open('POST', address);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.send(body);
  });
}

export function cancelUpload(id) {
  uploads.get(id)?.abort();
}

// ---- Out of the page -------------------------------------------------------------------------------------------

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('aria-hidden', 'true');
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

export function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export const userAgent = () => navigator.userAgent;

export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';
