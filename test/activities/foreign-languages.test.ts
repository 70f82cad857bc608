/** Files whose headers are in a language that we do not know. */
import { describe, expect, test } from 'vitest';
import { csv, readFile } from '../fixtures/activity-files.ts';

describe('a list of texts and figures under unknown headers', () => {
  test.each([
    ['Russian', ['Задача', 'Исполнитель', 'Часы'], ['Подготовка отчёта', 'Иван Петров', '2.5']],
    ['Chinese', ['任务', '负责人', '小时'], ['编写需求文档', '王伟', '2.5']],
    ['Korean', ['작업', '담당자', '시간'], ['보고서 작성', '김민수', '2.5']],
    ['Turkish', ['Görev', 'Kişi', 'Saat'], ['Rapor yazmak', 'Ayşe Yılmaz', '2.5']],
    ['Swedish', ['Aktivitet', 'Medarbetare', 'Timmar'], ['Skriva rapport', 'Anna Svensson', '2.5']],
    ['Finnish', ['Tehtävä', 'Työntekijä', 'Tunnit'], ['Kirjoita raportti', 'Matti Virtanen', '2.5']],
    ['Arabic', ['المهمة', 'الموظف', 'الساعات'], ['كتابة تقرير', 'أحمد علي', '2.5']],
    ['Hebrew', ['משימה', 'עובד', 'שעות'], ['כתיבת דוח', 'דוד כהן', '2.5']],
  ])('is asked for its time in %s', async (_, header, first) => {
    const second = [`${first[0]} ${first[0]}`, first[1] as string, '1'];
    const { input } = await readFile(csv([header, first, second]));
    expect(input.question).toEqual({ about: 'time column', options: [header[2]] });
  });

  test.each([
    ['customers', ['Name', 'City', 'Phone'], ['Ann Lee', 'Berlin', '030 1234']],
    ['prices', ['Artikel', 'Preis', 'Lager'], ['Großer Tisch', '20', '4']],
    ['weather', ['Stadt', 'Temperatur', 'Wetterlage'], ['Bonn', '20', 'viel Regen heute']],
  ])('is asked what it is where it is a list of %s', async (_, header, first) => {
    const { input } = await readFile(csv([header, first, first]));
    expect(input.question).toEqual({ about: 'activities' });
  });
});
