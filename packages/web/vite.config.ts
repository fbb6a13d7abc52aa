import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** CSP sources ('sha256-…') of every inline element of a kind in a page. */
function hashes(html: string, element: 'script' | 'style'): string {
  const pattern = new RegExp(`<${element}(?![^>]*application/json)[^>]*>([\\s\\S]*?)</${element}>`, 'g');
  const sources = [...html.matchAll(pattern)].map(
    ([, code]) => `'sha256-${createHash('sha256').update(code!).digest('base64')}'`,
  );
  return sources.length > 0 ? sources.join(' ') : "'none'";
}

/**
 * Locks the finished page: only the very script and style of this build run, and nothing can be fetched or sent.
 * A name from a profile that slipped through every escape would still not be executed.
 */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'tidemark:content-security-policy',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type !== 'asset' || !file.fileName.endsWith('.html')) continue;
          const html = String(file.source);
          const policy = [
            "default-src 'none'",
            `script-src ${hashes(html, 'script')}`,
            `style-src ${hashes(html, 'style')}`,
            'img-src data:',
            "base-uri 'none'",
            "form-action 'none'",
          ].join('; ');
          file.source = html.replace(
            '<meta charset="utf-8" />',
            (meta) => `${meta}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
          );
        }
      },
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), viteSingleFile(), contentSecurityPolicy()],
  // Packages of this workspace are read from their sources: no build order to keep.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: { input: fileURLToPath(new URL('report.html', import.meta.url)) },
  },
});
