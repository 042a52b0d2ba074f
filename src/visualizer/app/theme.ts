// Light, dark, or as the system says; kept in this browser.
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const themeKey = 'bot4-theme';
const names: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(names.find((name) => name === localStorage.getItem(themeKey)) ?? 'system');

export function applyTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
}

export function nextTheme(): void {
  theme.value = names[(names.indexOf(theme.value) + 1) % names.length] ?? 'system';
  localStorage.setItem(themeKey, theme.value);
  applyTheme();
}
