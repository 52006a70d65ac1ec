// Light or dark as the reader's system is, or as they choose here.
import { el } from './dom.ts';

const KEY = 'docker-tidy-report-theme';

export function themeButton(): HTMLElement {
  const button = el('button', { type: 'button', class: 'theme' });
  const root = document.documentElement;
  const dark = () =>
    (root.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) ===
    'dark';
  const label = () => {
    button.textContent = dark() ? 'Light colours' : 'Dark colours';
  };
  const chosen = remembered();
  if (chosen) root.dataset['theme'] = chosen;
  label();
  button.addEventListener('click', () => {
    root.dataset['theme'] = dark() ? 'light' : 'dark';
    remember(root.dataset['theme']);
    label();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
  return button;
}

/** A page in a file may have no storage; then the choice lasts as long as the page. */
function remembered(): string | undefined {
  try {
    const found = localStorage.getItem(KEY);
    return found === 'light' || found === 'dark' ? found : undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // it lasts as long as the page
  }
}
