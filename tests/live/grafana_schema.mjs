// node grafana_schema.mjs DASHBOARDS OUT: each board as a TypeScript file whose parts must have the types of @grafana/schema. grafana_schema.sh
// compiles them against several releases of it.
//
// Every field may be missing (Grafana fills defaults in), none may be unknown, and none may have another type. What the published types
// do not have, and Grafana and its Prometheus data source read all the same, is taken out first and named here:
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const notInTypes = {
  // Written by Grafana's own variable editor beside `query`.
  variable: ['definition'],
  // Read by the Prometheus data source (AnnotationQuery of @grafana/data has them by an index signature).
  annotation: ['builtIn', 'titleFormat', 'textFormat', 'tagKeys', 'useValueForTime'],
};

const optionsOf = {
  stat: ['StatOptions', 'Options', 'stat', 'StatPanelCfg'],
  timeseries: ['TimeSeriesOptions', 'Options', 'timeseries', 'TimeSeriesPanelCfg'],
  'state-timeline': ['StateTimelineOptions', 'Options', 'statetimeline', 'StateTimelinePanelCfg'],
  bargauge: ['BarGaugeOptions', 'Options', 'bargauge', 'BarGaugePanelCfg'],
  table: ['TableOptions', 'Options', 'table', 'TablePanelCfg'],
};
const customOf = {
  timeseries: ['TimeSeriesCustom', 'FieldConfig', 'timeseries', 'TimeSeriesPanelCfg'],
  'state-timeline': ['StateTimelineCustom', 'FieldConfig', 'statetimeline', 'StateTimelinePanelCfg'],
};

const head = `import type { Dashboard, DataQuery, Panel, RowPanel, VariableModel, AnnotationQuery, DashboardLink, TableFieldOptions, GraphFieldConfig } from '@grafana/schema';
${Object.values(optionsOf).concat(Object.values(customOf).filter(([name]) => name !== 'TimeSeriesCustom'))
  .map(([name, type, folder, file]) =>
    `import type { ${type} as ${name} } from '@grafana/schema/dist/esm/raw/composable/${folder}/panelcfg/x/${file}_types.gen';`).join('\n')}

type IsAny<T> = 0 extends 1 & T ? true : false;
// Enums as the values that stand in JSON; everything optional.
type Plain<T> = IsAny<T> extends true ? any
  : T extends string ? (string extends T ? string : \`\${T}\`)
  : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]?: Plain<T[K]> }
  : T;

type PrometheusQuery = DataQuery & { expr: string; interval: string };

`;

function without(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
function value(name, object, type) {
  return `export const ${name} = ${JSON.stringify(object, null, 1)} satisfies Plain<${type}>;\n\n`;
}

function typed(board) {
  const { panels, annotations, templating, links, ...rest } = board;
  let out = head + value('board', rest, 'Dashboard');
  annotations.list.forEach((one, i) => { out += value(`annotation${i}`, without(one, notInTypes.annotation), 'AnnotationQuery<PrometheusQuery>'); });
  templating.list.forEach((one, i) => {
    out += value(`variable${i}`, without(one, notInTypes.variable), 'VariableModel');
  });
  links.forEach((one, i) => { out += value(`link${i}`, one, 'DashboardLink'); });
  for (const panel of panels) {
    if (panel.type === 'row') {
      out += value(`row${panel.id}`, panel, 'RowPanel');
      continue;
    }
    const { options, fieldConfig, ...frame } = panel;
    const { custom, ...defaults } = fieldConfig.defaults;
    out += value(`panel${panel.id}`, { ...frame, fieldConfig: { ...fieldConfig, defaults } }, 'Panel');
    out += value(`options${panel.id}`, options, optionsOf[panel.type][0]);
    const customType = { timeseries: 'GraphFieldConfig', table: 'TableFieldOptions & { filterable: boolean }', 'state-timeline': 'StateTimelineCustom' }[panel.type];
    out += value(`custom${panel.id}`, custom, customType ?? '{}');
  }
  return out;
}

const [dashboards, to] = process.argv.slice(2);
for (const file of readdirSync(dashboards).filter((name) => name.endsWith('.json'))) {
  writeFileSync(join(to, file.replace('.json', '.ts')), typed(JSON.parse(readFileSync(join(dashboards, file), 'utf8'))));
}
