// node chart.mjs FOLDER FILE: draws the figures of a folder as one SVG: our server beside Janus, and how the cost grows. Needs no browser.
// What has not been measured is said in its place. The same figures make the same picture.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as echarts from 'echarts';

const width = 960, height = 860, ours = '#1b6ca8', theirs = '#b0b0b0', rooms = '#2e8b57', ink = '#222';
const text = { color: ink, fontFamily: 'Helvetica, Arial, sans-serif', fontSize: 13 };
const round = value => Math.round(value * 100) / 100;

/** Of the rows of peers.json: one bar each, in their order. */
export const bars = rows => rows.filter(row => row.point?.ours > 0)
  .map(({ line, point }) => ({ name: line.replace(', ', '\n'), ours: round(point.ours), theirs: point.theirs > 0 ? round(point.theirs) : null, peer: point.peer }));

/** Of the rows of growth.json: the points of one line. */
export const points = (rows, name) => rows.filter(row => row.point?.name === name && row.point.us > 0).map(({ point }) => ({ count: point.count, us: round(point.us) }));

/** What echarts draws. */
export function options(peers, growth) {
  const pairs = bars(peers), viewers = points(growth, 'viewers'), calls = points(growth, 'rooms');
  const axis = (gridIndex, name, data) => ({
    type: 'category', gridIndex, name, nameLocation: 'middle', nameGap: gridIndex === 0 ? 44 : 30, data, nameTextStyle: text,
    axisLabel: { ...text, interval: 0 }, axisLine: { lineStyle: { color: ink } }, axisTick: { show: false },
  });
  // Growth goes over two orders of magnitude: what is far below the first point must not vanish.
  const value = gridIndex => ({
    type: gridIndex === 0 ? 'value' : 'log', gridIndex, min: gridIndex === 0 ? 0 : 1, name: `µs of CPU per forwarded packet${gridIndex === 0 ? '' : ' (log)'}`, nameLocation: 'end', nameTextStyle: { ...text, align: 'left', padding: [0, 0, 0, -40] },
    axisLabel: text, splitLine: { lineStyle: { color: '#e4e4e4' } },
  });
  const title = (words, left, top, isMissing) => ({ text: isMissing ? `${words}: not measured` : words, left, top, textStyle: { ...text, fontSize: 16, fontWeight: 'bold' } });
  const line = (name, grid, list, color) => ({
    type: 'line', name, xAxisIndex: grid, yAxisIndex: grid, data: list.map(point => point.us), color, symbolSize: 8, lineStyle: { width: 2 },
    label: { show: true, position: 'top', align: 'left', offset: [6, 2], ...text },
  });
  const bar = (name, data, color) => ({ type: 'bar', name, data, color, barMaxWidth: 46, label: { show: true, position: 'top', ...text } });
  return {
    animation: false, backgroundColor: '#fff', textStyle: text,
    title: [
      title('Server CPU per forwarded packet, medians', 30, 12, pairs.length === 0),
      title('1 publisher, more viewers', 30, 470, viewers.length === 0), title('More rooms of 1 to 5', 510, 470, calls.length === 0),
    ],
    legend: { top: 14, right: 30, data: ['Sfu', 'Janus at its best'], textStyle: text },
    grid: [{ left: 70, right: 30, top: 84, height: 290 }, { left: 70, width: 370, top: 536, height: 240 }, { left: 550, width: 370, top: 536, height: 240 }],
    xAxis: [axis(0, 'scenario', pairs.map(pair => pair.name)), axis(1, 'viewers', viewers.map(point => String(point.count))), axis(2, 'rooms', calls.map(point => String(point.count)))],
    yAxis: [value(0), value(1), value(2)],
    series: [
      bar('Sfu', pairs.map(pair => pair.ours), ours), bar('Janus at its best', pairs.map(pair => pair.theirs), theirs),
      line('viewers', 1, viewers, ours), line('rooms', 2, calls, rooms),
    ],
  };
}

/** The picture as SVG. */
export function draw(peers, growth) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(options(peers, growth));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, file] = process.argv.slice(2);
  if (!file) throw new Error('usage: node chart.mjs FOLDER FILE');
  const rows = name => (existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), 'utf8')).rows : []);
  writeFileSync(file, draw(rows('peers.json'), rows('growth.json')));
}
