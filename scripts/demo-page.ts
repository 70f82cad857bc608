/** How the demos look: titles, headings, texts from outside, what to do next. */
import { plain, type Terminal } from '../src/cli/terminal.ts';

const MAX_COLUMNS = 100;

export function demoPage({ print, style, columns }: Terminal) {
  const title = (text: string): void => print(`\n${style('bold', text)}`);
  return {
    title,

    heading(text: string, about = ''): void {
      print(`${style('cyan', text)}${about === '' ? '' : `  ${style('dim', plain(about))}`}`);
    },

    /** Lines of a text from outside, without what could move the cursor, wrapped. */
    quote(text: string): void {
      const width = Math.min(MAX_COLUMNS, (columns ?? MAX_COLUMNS + 2) - 2);
      for (const line of text.split('\n')) {
        let row = '';
        for (const word of plain(line).split(' ')) {
          if (row !== '' && row.length + word.length + 1 > width) {
            print(`  ${row}`);
            row = '';
          }
          row += row === '' ? word : ` ${word}`;
        }
        print(row === '' ? '' : `  ${row}`);
      }
    },

    /** Commands to go on with, each under what it is for. */
    next(commands: readonly (readonly [about: string, command: string])[]): void {
      title('Next');
      for (const [about, command] of commands) print(`  ${style('dim', `# ${about}`)}\n  ${command}`);
    },
  };
}
