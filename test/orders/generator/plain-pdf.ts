/**
 * Writes small PDF files by hand: text at places in Helvetica, nothing else.
 *
 * Owns: the bytes, and a simple layout of a paper on as many pages as it takes. Needs no program, so tests can use it.
 */
import { encode } from './delimited.ts';
import { type Paper, textOf } from './paper.ts';

const WIDTH = 595;
const HEIGHT = 842;

interface Run {
  x: number;
  y: number;
  size: number;
  text: string;
}

/** Letterhead, blocks, facts, items and totals, one below the other. */
export function plainPdf(paper: Paper): { bytes: Uint8Array; visible: string } {
  const pages: Run[][] = [[]];
  let y = 50;
  const step = (by = 14) => {
    y += by;
    if (y <= HEIGHT - 50) return;
    pages.push([]);
    y = 50;
    tableHead();
  };
  const write = (x: number, text: string, size = 9) => pages.at(-1)?.push({ x, y, size, text });
  const columns = placeColumns(paper);
  let isInTable = false;
  function tableHead() {
    if (!isInTable) return;
    paper.columns.forEach(({ header, over }, i) => {
      write(columns[i] as number, over === '' ? header : `${over} ${header}`);
    });
    y += 14;
  }
  for (const line of paper.letterhead) {
    write(40, line);
    step();
  }
  step();
  write(40, paper.title, 15);
  step(22);
  for (const { label, value } of paper.facts) {
    write(40, `${label}:`);
    write(200, value.text);
    step();
  }
  for (const { label, lines } of paper.blocks) {
    step(8);
    write(40, label);
    step();
    for (const line of lines) {
      write(40, line);
      step();
    }
  }
  step(10);
  isInTable = true;
  tableHead();
  for (const row of paper.rows) {
    if (row.kind === 'section') write(40, row.text);
    if (row.kind === 'item') {
      row.cells.forEach(({ text }, i) => {
        if (text !== '') write(columns[i] as number, text);
      });
    }
    step();
  }
  isInTable = false;
  for (const { label, value } of paper.totals) {
    write(360, label);
    write(columns.at(-1) as number, value.text);
    step();
  }
  for (const line of [...paper.notes, ...paper.closing]) {
    step(4);
    write(40, line);
    step();
  }
  return { bytes: pdfBytes(pages), visible: textOf(paper) };
}

/** From the left, as wide as the longest text is. */
function placeColumns(paper: Paper): number[] {
  const longest = paper.columns.map(({ header, over }, i) => {
    const cells = paper.rows.map((row) => (row.kind === 'item' ? (row.cells[i]?.text.length ?? 0) : 0));
    return Math.max(header.length + over.length + 1, ...cells) + 2;
  });
  const unit = Math.min(5.4, (WIDTH - 70) / longest.reduce((sum, length) => sum + length, 0));
  let x = 40;
  return longest.map((length) => {
    const at = x;
    x += length * unit;
    return at;
  });
}

function pdfBytes(pages: readonly (readonly Run[])[]): Uint8Array {
  const objects: Uint8Array[] = [];
  const add = (text: string, stream?: Buffer) => {
    const body =
      stream === undefined
        ? Buffer.from(text, 'latin1')
        : Buffer.concat([Buffer.from(`${text}\nstream\n`, 'latin1'), stream, Buffer.from('\nendstream')]);
    objects.push(body);
  };
  const pageIds = pages.map((_, i) => 4 + i * 2);
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(`<< /Type /Pages /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] /Count ${pages.length} >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  pages.forEach((runs, i) => {
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + i * 2} 0 R >>`,
    );
    const content = Buffer.concat(runs.map(runBytes));
    add(`<< /Length ${content.length} >>`, content);
  });
  const chunks: Uint8Array[] = [Buffer.from('%PDF-1.4\n')];
  const offsets = objects.map((object, i) => {
    const at = chunks.reduce((sum, { length }) => sum + length, 0);
    chunks.push(Buffer.from(`${i + 1} 0 obj\n`), object, Buffer.from('\nendobj\n'));
    return at;
  });
  const start = chunks.reduce((sum, { length }) => sum + length, 0);
  const entries = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  chunks.push(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`));
  chunks.push(Buffer.from(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`));
  return Buffer.concat(chunks);
}

function runBytes({ x, y, size, text }: Run): Buffer {
  const simple = text.replaceAll('\u202f', '\u00a0').replaceAll('ş', 's').replaceAll('ı', 'i');
  const escaped = Buffer.from(encode(simple, 'windows-1252'))
    .toString('latin1')
    .replace(/[\\()]/g, '\\$&');
  return Buffer.from(`BT /F1 ${size} Tf ${x.toFixed(1)} ${(HEIGHT - y).toFixed(1)} Td (${escaped}) Tj ET\n`, 'latin1');
}
