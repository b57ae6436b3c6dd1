/** What every page has around it: it loads nothing, and its policy would forbid it to. */
import { createHash } from 'node:crypto';
import { type Html, html, trusted } from './html.ts';

/** @param script of the page, if it has one; no other runs */
export function pageFrame(title: string, style: string, body: Html, script?: string): Html {
  const scripts =
    script === undefined ? '' : ` script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`;
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline';${scripts} base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="faultline">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
${body}${
  script !== undefined &&
  html`
<script>${trusted(script)}</script>`
}
</body>
</html>
`;
}
