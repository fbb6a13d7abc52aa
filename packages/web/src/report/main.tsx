import { createRoot } from 'react-dom/client';
import { readReportData } from './report-data.js';
import { ReportPage } from './report-page.js';
import '../styles/base.css';
import '../styles/report.css';
import '../styles/flame.css';
import '../styles/table.css';

const root = createRoot(document.getElementById('root')!);
try {
  const data = readReportData(document.getElementById('tidemark-data')?.textContent ?? 'null');
  root.render(data ? <ReportPage data={data} /> : <p className="empty">This is the empty template of a report.</p>);
} catch (error) {
  root.render(
    <p className="empty" role="alert">
      The data of this report cannot be read: {error instanceof Error ? error.message : String(error)}
    </p>,
  );
}
