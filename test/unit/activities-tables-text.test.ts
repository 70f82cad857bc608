import { describe, expect, it } from 'vitest';
import { chooseDelimiter } from '../../src/documents/activities/delimiter.ts';
import { cellsOf, readTables, refusalOf } from '../fixtures/activity-tables.ts';
import { encodeAs } from '../fixtures/encodings.ts';

describe('the encoding of a text file', () => {
  it.each([
    ['windows-1252', 'Tâche;Catégorie;Durée\nRevue;finance;1h30\n'],
    ['windows-1252', 'Aufgabe;Größe\nPrüfung – Müller;2\n'],
    ['windows-1252', 'Møde;Timer\nØkonomi på tværs;1\n'],
    ['windows-1252', 'Uppgift;Tid\nMöte på kontoret;1\n'],
    ['windows-1252', 'Tarefa;Duração\nReunião;1\n'],
    ['windows-1252', 'Tarea;Duración\nRevisión del año;1\n'],
    ['windows-1252', 'Task;Hours\nReview “draft” – it’s ok;1\n'],
    ['windows-1250', 'Task;Category;Minutes\nSprawdzanie faktur – łódź;księgowość;90\n'],
    ['windows-1250', 'Úkol;Hodiny\nKontrola faktur – žluťoučký kůň;1\n'],
    ['windows-1250', 'Feladat;Óra\nSzámla ellenőrzés, megbeszélés az ügyfélről;1\n'],
    ['iso-8859-2', 'Zadanie;Godziny\nŚledztwo w sprawie błędów źle;1\n'],
    ['iso-8859-15', 'Tâche;Coût €\ncœur;1\n'],
    ['windows-1251', 'Задача;Часы\nПроверка счета;1\n'],
    ['windows-1251', 'Завдання;Години\nПеревірка рахунків;1\n'],
    ['koi8-r', 'Задача;Часы\nПроверка счета;1\n'],
    ['ibm866', 'Задача;Часы\nПроверка счета;1\n'],
    ['windows-1253', 'Εργασία;Ώρες\nΈλεγχος τιμολογίου;1\n'],
    ['windows-1254', 'Görev;Süre\nToplantı – müşteri;1\n'],
    ['windows-1257', 'Užduotis;Valandos\nSąskaitų tikrinimas;1\n'],
    ['macintosh', 'Tâche;Durée\nRéunion;1\n'],
    ['shift_jis', '作業内容,分類,時間(分)\n請求書確認,経理,90\n'],
    ['euc-jp', '作業内容,時間(分)\n請求書の確認,90\n'],
    ['gb18030', '任务,工时,备注\n客户会议,1,每周例会\n'],
    ['big5', '工作項目,工時\n客戶會議,2\n'],
    ['euc-kr', '업무 내용,소요 시간\n고객 미팅,2\n'],
  ])('is found to be %s for %j', async (label, text) => {
    const tables = await readTables(encodeAs(text, label), 'a.csv');
    expect(tables.encoding).toBe(label);
    expect(tables.notes).toEqual([]);
    expect(tables.sheets[0]?.rows[0]?.cells.join(';')).toBe(text.split('\n')[0]?.replaceAll(',', ';'));
  });

  it('is UTF-16 by its zero bytes if there is no mark', async () => {
    const bytes = Buffer.from('Task\tHours\nCafé\t1,5\n', 'utf16le');
    expect(await readTables(bytes, 'a.txt')).toMatchObject({ encoding: 'utf-16le', delimiter: '\t' });
    expect(await readTables(bytes.swap16(), 'a.txt')).toMatchObject({ encoding: 'utf-16be', delimiter: '\t' });
  });

  it('is what its byte order mark says', async () => {
    expect(await cellsOf(Buffer.from('\ufeffTask;Hours\r\nCafé;1', 'utf16le'), 'a.csv')).toEqual([
      ['Task', 'Hours'],
      ['Café', '1'],
    ]);
    expect(await cellsOf('\ufeffTask;Hours\nCafé;1', 'a.csv')).toEqual([
      ['Task', 'Hours'],
      ['Café', '1'],
    ]);
  });

  it('is doubtful, and said to be, where a single letter could be of several', async () => {
    const { encoding, notes } = await readTables(
      encodeAs('Zadanie;Godziny\nRozmowa z księgową;1\n', 'windows-1250'),
      'a.csv',
    );
    expect(encoding).toBe('windows-1250');
    expect(notes).toEqual([{ sentence: expect.stringMatching(/read as windows-1250\..*encoding/) }]);
  });

  it('stays UTF-8 if few of its characters are damaged', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`Task;Hours\n${'Prüfung;1\n'.repeat(20)}`),
      Buffer.from([0xc3]),
      Buffer.from(';2\n'),
    ]);
    const { encoding, notes } = await readTables(bytes, 'a.csv');
    expect(encoding).toBe('utf-8');
    expect(notes[0]?.sentence).toContain('1 damaged');
  });

  it('is the one that the caller gives', async () => {
    const bytes = encodeAs('Zadanie;Godziny\nRozmowa z księgową;1\n', 'windows-1250');
    expect(await readTables(bytes, 'a.csv', { encoding: 'latin1' })).toMatchObject({
      encoding: 'windows-1252',
      notes: [],
    });
    expect(await refusalOf(bytes, 'a.csv', { encoding: 'utf-9' })).toEqual({
      ...{ status: 400, path: 'encoding', message: 'there is no encoding "utf-9"' },
    });
  });
});

describe('the delimiter', () => {
  it.each([
    ['Task,Hours\na,1', ','],
    ['Task;Hours\na;1,5\nb;2,5', ';'],
    ['Task\tHours\na, b\t1\n', '\t'],
    ['Task|Hours\na|1', '|'],
    ['a,b;c\n1,2;3', ','],
    ['"a;b";c,d\n"1;2";3,4\n"5;6";7', ';'],
    ['\n\r\n ;\nTask;Hours\na;1', ';'],
    ['Task;Hours\n"a;1', ';'],
    ['Task,Hours\n"Line one\nline two; x; y",1\nB,2', ','],
    ['Time report, March 2026\nTask;Hours\na;1,5\nb;2,5', ';'],
    ['Task;Hours, decimal\nA;1,50\nB;0,75', ';'],
    ['Task\tHours, decimal\nA\t1,50\nB\t0,75', '\t'],
    ['Description;Dauer\nA, B, C;1,5\nD, E;2\n', ';'],
    ['Report\nTask,Hours\nA,1\nB,2', ','],
    ['# comment\n# another, one\nid;task;minutes\n1;A;5\n2;B;6', ';'],
    ['Zeitbericht;;\nAbteilung: IT, Nord;;\n;;\nTask;Kategorie;Stunden\nA, b;c;1,5\nD, e;f;2,0', ';'],
    ['EXTF;700;21;"Buchungsstapel";7;2020\nUmsatz;S/H;Konto;Text\n1,50;S;4400;a\n2,50;H;4400;b\n', ';'],
    ['Task;Hours\nA;1\nB;2\nSumme\n', ';'],
  ])('of %j is %j', (text, delimiter) => {
    expect(chooseDelimiter(text, null)).toBe(delimiter);
  });

  it.each([
    [''],
    ['Task\nBuy milk, eggs\nCall Bob'],
    ['Task\nBuy milk, eggs\nCall Bob, Ann\nWalk, run'],
    ['Task\n"Review, a"\n"b, c"'],
  ])('of %j is none: the file has one column', (text) => {
    expect(chooseDelimiter(text, null)).toBe('');
  });

  it('is the one that a first line names, which is no row', async () => {
    const tables = await readTables('sep=|\r\nTask, or so|Hours, decimal\r\na|1,5\r\n', 'a.csv');
    expect(tables.delimiter).toBe('|');
    expect(tables.sheets[0]?.rows).toEqual([
      { number: 2, hidden: false, cells: ['Task, or so', 'Hours, decimal'] },
      { number: 3, hidden: false, cells: ['a', '1,5'] },
    ]);
  });

  it('is a tab in a .tsv file whose commas would do as well', async () => {
    expect((await readTables('a,b\tc\n1,2\t3\n', 'x.tsv')).delimiter).toBe('\t');
    expect((await readTables('a,b\tc\n1,2\t3\n', 'x.csv')).delimiter).toBe(',');
  });
});

describe('the rows of a text file', () => {
  it('are numbered as spreadsheets show them, blank ones left out', async () => {
    const { sheets } = await readTables('\nTask,Hours\n"two\nlines",1\n  ,\n\n,\nb,2\n', 'a.csv');
    expect(sheets[0]?.rows.map(({ number, cells }) => [number, ...cells])).toEqual([
      [2, 'Task', 'Hours'],
      [3, 'two\nlines', '1'],
      [7, 'b', '2'],
    ]);
  });

  it('lose trailing empty cells and keep leading ones', async () => {
    expect(await cellsOf(',Task,Hours,,\n1,A b,1,,,,\n', 'a.csv')).toEqual([
      ['', 'Task', 'Hours'],
      ['1', 'A b', '1'],
    ]);
  });

  it('are not the lines that are drawn between them', async () => {
    const rule = '-'.repeat(30);
    const list = `02.03.2026     List Display     1\n${rule}\n|Date      |Text, long|Hours|\n${rule}\n|02.03.2026|A, b      | 1,50|\n${rule}\n`;
    expect(await cellsOf(list, 'a.txt')).toEqual([
      ['02.03.2026     List Display     1'],
      ['', 'Date      ', 'Text, long', 'Hours'],
      ['', '02.03.2026', 'A, b      ', ' 1,50'],
    ]);
  });

  it('have what a formula of nothing but a text says', async () => {
    expect(await cellsOf('Task,No\n"=""Invoice check""",="0012"\n', 'a.csv')).toEqual([
      ['Task', 'No'],
      ['Invoice check', '0012'],
    ]);
  });

  it('go on after a quote that is not closed, with a note', async () => {
    const tables = await readTables('Task,Hours\n"Fix rack,1\nB,2\n"Fix 19" rack,3\n', 'a.csv');
    expect(tables.sheets[0]?.rows.map(({ cells }) => cells)).toEqual([
      ['Task', 'Hours'],
      ['"Fix rack', '1'],
      ['B', '2'],
      ['Fix 19 rack', '3'],
    ]);
    expect(tables.notes).toEqual([
      { sentence: expect.stringMatching(/^2 cells have quotation marks .* \(first: row 2, column 1\)/) },
    ]);
  });

  it('have cells of at most 10,000 characters', async () => {
    const [, row] = await cellsOf(`Task,Text\na,${'😀'.repeat(10_001)}\n`, 'a.csv');
    expect(row).toEqual(['a', `text ${'😀'.repeat(10_000)}`]);
    expect(await cellsOf(`Task,Text\na,${'é'.repeat(10_000)}\n`, 'a.csv')).toEqual([
      ['Task', 'Text'],
      ['a', 'é'.repeat(10_000)],
    ]);
  });

  it('are refused beyond the limits, with the place', async () => {
    expect(await refusalOf(`a\n${'x\n'.repeat(1_013)}`, 'a.csv', { maxRows: 10 })).toMatchObject({
      ...{ status: 400, path: 'file:1012:1', message: 'the file has more than 10 rows' },
    });
    expect(await refusalOf(`a\n${'x\n'.repeat(1_000)}`, 'a.csv', { maxRows: 10 })).toBeNull();
    expect(await refusalOf(`Task${',x'.repeat(2_000)}\n`, 'a.csv')).toMatchObject({ status: 400, path: 'file:1:2001' });
    expect(await refusalOf(`Task${',x'.repeat(1_999)}${','.repeat(14_000)}\na,b\n`, 'a.csv')).toBeNull();
  });
});

describe('a file that is no table', () => {
  it.each([
    ['a.png', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), /png/i],
    ['a.pdf', '%PDF-1.7\n', /PDF/],
    ['a.md', '# Title\n\nText, with commas\n', /md/],
    ['a.rtf', '{\\rtf1\\ansi text}', /RTF/],
    ['a.mht', 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\n', /MHTML/],
    ['a.xlsx', 'no workbook\n', /./],
    ['a.xml', '<?xml version="1.0"?><feed><entry/></feed>', /XML/],
  ])('such as %s is refused with what is accepted', async (name, content, what) => {
    const refusal = await refusalOf(content, name);
    expect(refusal).toMatchObject({ status: 415, path: 'file' });
    expect(refusal?.message).toMatch(what);
    expect(refusal?.message).toContain(
      'send CSV, TSV or TXT, an XLSX, XLSM, XLS or ODS workbook, HTML tables, or JSON',
    );
  });

  it('has no sheet to choose', async () => {
    expect(await refusalOf('a,b\n1,2\n', 'a.csv', { sheet: 'March' })).toMatchObject({ status: 400, path: 'sheet' });
  });

  it('is read for what it is if its name says workbook', async () => {
    expect(await readTables('Task\tHours\na\t1\n', 'export.xls')).toMatchObject({ kind: 'csv', delimiter: '\t' });
  });
});
