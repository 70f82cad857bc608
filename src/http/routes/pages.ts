/**
 * What a browser is shown: the start page and the documentation, with all they need from this process.
 *
 * Owns: `/`, `/docs`, `/openapi.json`, `/assets/*`. Files are read once and named after their content, so a browser
 * may keep them for ever; no page refers to another host.
 */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { notFound } from '../errors.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

interface Asset {
  type: string;
  bytes: Buffer;
  zipped: Buffer;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const HTML = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' };
const FOREVER = 'public, max-age=31536000, immutable';

const own = (name: string) => new URL(`../static/${name}`, import.meta.url);
const FILES: Readonly<Record<string, { url: URL; type: string }>> = {
  'home.css': { url: own('home.css'), type: STYLE },
  'docs.js': { url: own('docs.js'), type: SCRIPT },
  'swagger-ui.css': { url: new URL(import.meta.resolve('swagger-ui-dist/swagger-ui.css')), type: STYLE },
  'swagger-ui-bundle.js': { url: new URL(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js')), type: SCRIPT },
};

/** What the examples on the page call, unless the browser came by another name. */
const EXAMPLE_ORIGIN = 'http://localhost:3000';

/** The origin the page was asked for under, if it is one that is safe to show and to paste into a shell. */
function originOf(request: Request): string {
  const { origin } = new URL(request.url);
  return /^https?:\/\/[a-z0-9.:[\]-]+$/.test(origin) ? origin : EXAMPLE_ORIGIN;
}

/** Pages and assets, read when the first browser comes: a process that serves only machines never holds them. */
class Pages {
  readonly #assets = new Map<string, Promise<Asset>>();
  #hashed: Promise<ReadonlyMap<string, string>> | undefined;

  /** A page with the hashed names of its assets. */
  async page(name: string): Promise<string> {
    let html = await readFile(own(name), 'utf8');
    for (const [plain, hashed] of await this.#names()) html = html.replaceAll(`/assets/${plain}`, `/assets/${hashed}`);
    return html;
  }

  /** Undefined for a name, or a version, that is not known. */
  async asset(hashedName: string): Promise<Asset | undefined> {
    for (const [plain, hashed] of await this.#names()) if (hashed === hashedName) return this.#read(plain);
    return undefined;
  }

  #names(): Promise<ReadonlyMap<string, string>> {
    this.#hashed ??= Promise.all(Object.keys(FILES).map((name) => this.#hash(name))).then((names) => new Map(names));
    return this.#hashed;
  }

  /** `home.css` as `home.<hash>.css`. */
  async #hash(name: string): Promise<[string, string]> {
    const dot = name.lastIndexOf('.');
    const { bytes } = await this.#read(name);
    return [name, `${name.slice(0, dot)}.${hash('sha256', bytes, 'hex').slice(0, 16)}${name.slice(dot)}`];
  }

  #read(name: string): Promise<Asset> {
    const { url, type } = FILES[name] as (typeof FILES)[string];
    let asset = this.#assets.get(name);
    if (!asset) {
      asset = readFile(url).then(async (bytes) => ({ type, bytes, zipped: await promisify(gzip)(bytes) }));
      this.#assets.set(name, asset);
    }
    return asset;
  }
}

const common = { method: 'GET', access: 'open', limit: 'none', tag: 'Documentation' } as const;
const html = { 200: { description: 'The page', contentType: 'text/html' } };

/** The start page and the documentation. @param document the OpenAPI document, made when it is first asked for */
export function pageRoutes(document: () => object): Route[] {
  const pages = new Pages();
  const home = route({
    ...common,
    path: '/',
    summary: 'Start page',
    responses: html,
    async handler({ request }: Call) {
      const html = await pages.page('home.html');
      return new Response(html.replaceAll(EXAMPLE_ORIGIN, originOf(request)), { headers: HTML });
    },
  });
  return [home, ...documentation(pages, document)];
}

/** The documentation alone, for a surface without a start page. */
export function documentationRoutes(document: () => object): Route[] {
  return documentation(new Pages(), document);
}

function documentation(pages: Pages, document: () => object): Route[] {
  return [
    route({
      ...common,
      path: '/docs',
      summary: 'This documentation as a page',
      responses: html,
      handler: async () => new Response(await pages.page('docs.html'), { headers: HTML }),
    }),
    route({
      ...common,
      path: '/openapi.json',
      summary: 'This documentation as OpenAPI 3.1',
      responses: { 200: { description: 'The document', schema: shape.anyObject } },
      handler: () => ({ status: 200, body: document() }),
    }),
    route({
      ...common,
      path: '/assets/:file',
      summary: 'Files of the pages, named after their content',
      names: { file: /^[a-z0-9-]{1,64}\.[0-9a-f]{16}\.(?:css|js)$/ },
      responses: { 200: { description: 'The file', contentType: '*/*' } },
      errors: [404],
      async handler({ params: { file = '' }, request }: Call) {
        const asset = await pages.asset(file);
        if (!asset) throw notFound(file);
        const zip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
        const headers = { 'Content-Type': asset.type, 'Cache-Control': FOREVER, Vary: 'Accept-Encoding' };
        const bytes = new Uint8Array(zip ? asset.zipped : asset.bytes);
        return new Response(bytes, { headers: zip ? { ...headers, 'Content-Encoding': 'gzip' } : headers });
      },
    }),
  ];
}
